"""The JSON Schema of each kind of formulary file, for editors: made from the models that read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from itdose.formulary.case_files import CASES
from itdose.formulary.layered import OVERLAY
from itdose.formulary.load import FILE_SHAPES
from itdose.formulary.sign_off_file import SIGN_OFFS

if TYPE_CHECKING:
    from pydantic_core import core_schema

_TITLES = {
    "drugs": "Drugs of a formulary",
    "sources": "Bibliography of a formulary",
    "routes": "Routes with their spellings",
    "categories": "Patient categories on their axes",
    "slips": "Known mechanisms of slips",
    "rescue": "What sources say about treating an overdose",
    "conditions": "Conditions of patients that may matter",
    "contraindications": "Conditions with which sources warn of a drug",
    "vehicles": "Preservatives and other excipients that must not go by some routes",
    "syringes": "Syringes and the smallest volume that each measures",
    "growth": "Between which weights people of an age are",
    "standard_concentrations": "Published standard concentrations",
    "reminders": "What sources say of mixtures, pumps and preparations in general",
    "notation": "Risky notations",
    "refused_names": "Names that are refused as drug names",
    "formulary": "Version and bounds of a formulary",
    "cases": "Regression cases",
    "overlay": "A site's overlay over a formulary",
    "sign_offs": "Sign-offs beside a site's overlay",
}
_SHAPES = {**FILE_SHAPES, "cases": CASES, "overlay": OVERLAY, "sign_offs": SIGN_OFFS}


class _AsWritten(GenerateJsonSchema):
    """The schema of what stands in a file: text without null, and closed mappings."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # A key may be left out; a key without a value is refused.
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        # A title made from a key says nothing that the key does not say.
        del schema
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        return made


def schema_names() -> tuple[str, ...]:
    """Return the kinds of files that have a schema."""
    return tuple(_TITLES)


def file_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema, draft 2020-12, of one kind of file such as ``drugs``."""
    made = _SHAPES[name].json_schema(schema_generator=_AsWritten, mode="validation")
    return {"$schema": _AsWritten.schema_dialect, **made, "title": _TITLES[name]}
