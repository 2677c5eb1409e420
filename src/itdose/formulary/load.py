"""Read and validate formulary files, reporting every problem at once with file and line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from itdose.dose_text import Dialect
from itdose.errors import FormularyError, Problem, QuantityError
from itdose.formulary.layers import Layers
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
    "routes": TypeAdapter(dict[Key, RouteModel]),
    "categories": TypeAdapter(dict[Key, CategoryModel]),
    "notation": TypeAdapter(dict[str, NotationModel]),
    "refused_names": TypeAdapter(dict[Key, NameAdviceModel]),
    "slips": TypeAdapter(dict[str, SlipModel]),
    "rescue": TypeAdapter(dict[Key, RescueModel]),
}
Context = dict[str, Dialect]
_NEEDED_UNITS = ("g", "mg", "mcg", "mL", "kg", "min", "h", "day", "year")
"""The units that the checks calculate with."""
_IN_FOLDERS: dict[str, TypeAdapter[Any]] = {
    "drugs": TypeAdapter(dict[Key, DrugModel]),
    "sources": TypeAdapter(dict[Key, SourceModel]),
}
"""What may stand in several files of a folder; sources also in one file, sources.yaml."""

FILE_SHAPES: dict[str, TypeAdapter[Any]] = {**_IN_FOLDERS, **_FILES}
"""What each kind of file holds."""


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
    source_files: dict[str, str]
    """The file that holds each source."""
    units: UnitTable
    layers: Layers = field(default_factory=Layers)
    """What a site's overlays brought."""


def load_units(files: FormularyFiles) -> UnitTable:
    """Read the closed unit list through pint."""
    text = files.texts.get("units.txt")
    if text is None:
        raise FormularyError((Problem("units.txt", 1, "the file is missing; it lists the accepted units"),))
    try:
        units = UnitTable.from_definitions(text)
    except (QuantityError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise FormularyError((Problem("units.txt", 1, f"pint does not read it: {error}"),)) from error
    missing = ", ".join(name for name in _NEEDED_UNITS if name not in units)
    if missing:
        raise FormularyError((Problem("units.txt", 1, f"it needs these units too: {missing}"),))
    return units


def load_models(files: FormularyFiles, units: UnitTable) -> Models:
    """Validate every file; raise FormularyError with all problems of all files."""
    context: Context = {"dialect": Dialect(units)}
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    documents: dict[str, Document] = {}
    for name, adapter in _FILES.items():
        file = f"{name}.yaml"
        if file not in files.texts:
            problems.append(Problem(file, 1, "the file is missing"))
            continue
        documents[file] = Document(file, files.texts[file])
        parts[name] = validated(documents[file], adapter, context, problems)
    owners: dict[str, dict[str, str]] = {"drugs": {}, "sources": {}}
    for part, file, key, model in _of_folders(files, documents, context, problems):
        entries, owner = parts.setdefault(part, {}), owners[part]
        if key in entries:
            message = f"{key} is also in {owner[key]}; keep one of them"
            problems.append(documents[file].problem((key,), message))
        entries[key], owner[key] = model, file
    if not any(file.startswith("sources") for file in files.texts):
        problems.append(Problem("sources.yaml", 1, "the file is missing"))
    if problems:
        raise FormularyError(tuple(problems))
    return Models(
        **{"drugs": {}, "sources": {}, **parts},
        documents=documents,
        drug_files=owners["drugs"],
        source_files=owners["sources"],
        units=units,
    )


def _of_folders(
    files: FormularyFiles, documents: dict[str, Document], context: Context, problems: list[Problem]
) -> Iterator[tuple[str, str, str, Any]]:
    for file in files.texts:
        part = file.partition("/")[0].removesuffix(".yaml")
        if part in _IN_FOLDERS and ("/" in file or part == "sources"):
            documents[file] = Document(file, files.texts[file])
            for key, model in (
                validated(documents[file], _IN_FOLDERS[part], context, problems) or {}
            ).items():
                yield part, file, key, model
        elif part not in _FILES and file != "units.txt":
            problems.append(Problem(file, 1, "no such file is read; drugs stand in the folder drugs/"))


def validated(
    document: Document, adapter: TypeAdapter[Any], context: Context, problems: list[Problem]
) -> Any:
    """Return a document as the adapter's models; add its problems to the list, and return None."""
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
    "missing": "this key is missing; a limit that does not apply is written 'none, <reason>'",
    "too_short": "the list is empty; it needs at least one entry",
    "dict_type": "a mapping of keys to values is needed here",
    "tuple_type": "a list in square brackets is needed here",
    "string_pattern_mismatch": "the text does not have the needed form; see docs/formulary.md for this key",
}
