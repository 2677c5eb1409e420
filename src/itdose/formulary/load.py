"""Read and validate formulary files, reporting every problem at once with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from itdose.dose_text import Dialect
from itdose.errors import FormularyError, Problem, QuantityError
from itdose.formulary.model import (
    CategoryModel,
    DrugModel,
    FormularyModel,
    Key,
    NameAdviceModel,
    NotationModel,
    RescueModel,
    RouteModel,
    SlipModel,
    SourceModel,
)
from itdose.formulary.strict_yaml import Document
from itdose.quantity import UnitTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.formulary.files import FormularyFiles

_FILES: dict[str, TypeAdapter[Any]] = {
    "formulary": TypeAdapter(FormularyModel),
    "sources": TypeAdapter(dict[Key, SourceModel]),
    "routes": TypeAdapter(dict[Key, RouteModel]),
    "categories": TypeAdapter(dict[Key, CategoryModel]),
    "notation": TypeAdapter(dict[str, NotationModel]),
    "refused_names": TypeAdapter(dict[Key, NameAdviceModel]),
    "slips": TypeAdapter(dict[str, SlipModel]),
    "rescue": TypeAdapter(dict[Key, RescueModel]),
}
_DRUG_FILE = TypeAdapter(dict[Key, DrugModel])


@dataclass(frozen=True, slots=True)
class Models:
    """Every file of a formulary, valid by itself; the files may still contradict each other."""

    formulary: FormularyModel
    sources: dict[str, SourceModel]
    routes: dict[str, RouteModel]
    categories: dict[str, CategoryModel]
    notation: dict[str, NotationModel]
    refused_names: dict[str, NameAdviceModel]
    slips: dict[str, SlipModel]
    rescue: dict[str, RescueModel]
    drugs: dict[str, DrugModel]
    documents: dict[str, Document]
    """The parsed files by name, for the line of a problem."""
    drug_files: dict[str, str]
    """The file that holds each drug."""


def load_units(files: FormularyFiles) -> UnitTable:
    """Read the closed unit list through pint."""
    text = files.texts.get("units.txt")
    if text is None:
        raise FormularyError((Problem("units.txt", 1, "the file is missing; it lists the accepted units"),))
    try:
        return UnitTable.from_definitions(text)
    except (QuantityError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise FormularyError((Problem("units.txt", 1, f"pint does not read it: {error}"),)) from error


def load_models(files: FormularyFiles, units: UnitTable) -> Models:
    """Validate every file; raise FormularyError with all problems of all files."""
    context = {"dialect": Dialect(units)}
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    documents: dict[str, Document] = {}
    for name, adapter in _FILES.items():
        file = f"{name}.yaml"
        if file not in files.texts:
            problems.append(Problem(file, 1, "the file is missing"))
            continue
        documents[file] = Document(file, files.texts[file])
        parts[name] = _validate(documents[file], adapter, context, problems)
    drugs: dict[str, DrugModel] = {}
    drug_files: dict[str, str] = {}
    for file in files.texts:
        if not file.startswith("drugs/"):
            continue
        documents[file] = Document(file, files.texts[file])
        for key, drug in (_validate(documents[file], _DRUG_FILE, context, problems) or {}).items():
            if key in drugs:
                problems.append(
                    documents[file].problem((key,), f"{key} is also in {drug_files[key]}; keep one of them")
                )
            drugs[key], drug_files[key] = drug, file
    if problems:
        raise FormularyError(tuple(problems))
    return Models(**parts, drugs=drugs, documents=documents, drug_files=drug_files)


def _validate(
    document: Document, adapter: TypeAdapter[Any], context: dict[str, Dialect], problems: list[Problem]
) -> Any:
    if document.problems:
        problems.extend(document.problems)
        return None
    try:
        return adapter.validate_python(document.data, context=context)
    except ValidationError as error:
        problems.extend(_problems_of(document, error))
        return None


def _problems_of(document: Document, error: ValidationError) -> Iterator[Problem]:
    for item in error.errors(include_url=False, include_context=False):
        path = item["loc"]
        at = ".".join(str(part) for part in path)
        yield document.problem(path, f"{at}: {_SAY.get(item['type'], item['msg'])}")


_SAY = {
    "extra_forbidden": "this key is not known; see docs/formulary.md for the keys",
    "missing": "this key is missing; write 'none, <reason>' where there is nothing to state",
}
