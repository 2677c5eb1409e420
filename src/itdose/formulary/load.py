"""Read and validate formulary files, reporting every problem at once with file and line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from itdose.dose_text import Dialect
from itdose.errors import FormularyError, Problem, QuantityError
from itdose.formulary.coverage import Population
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
    SourceModel,
)
from itdose.formulary.side_model import (
    ConditionModel,
    ContraindicationModel,
    GrowthModel,
    ReminderModel,
    SlipModel,
    StandardModel,
    SyringeModel,
    VehicleModel,
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
    "conditions": TypeAdapter(dict[Key, ConditionModel]),
    "contraindications": TypeAdapter(dict[Key, ContraindicationModel]),
    "vehicles": TypeAdapter(dict[Key, VehicleModel]),
    "syringes": TypeAdapter(dict[Key, SyringeModel]),
    "growth": TypeAdapter(dict[Key, GrowthModel]),
    "standard_concentrations": TypeAdapter(dict[Key, StandardModel]),
    "reminders": TypeAdapter(dict[Key, ReminderModel]),
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
    conditions: dict[str, ConditionModel]
    contraindications: dict[str, ContraindicationModel]
    vehicles: dict[str, VehicleModel]
    syringes: dict[str, SyringeModel]
    growth: dict[str, GrowthModel]
    standard_concentrations: dict[str, StandardModel]
    reminders: dict[str, ReminderModel]
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

    def population(self) -> Population:
        """Return the patient categories on their axes."""
        return Population({key: row.model_dump(exclude={"from_age"}) for key, row in self.categories.items()})

    def defines(self, kind: str, key: str) -> bool:
        """Return whether a source, route, category or rescue text has this key, valid or not."""
        owners = {"sources": self.source_files, "drugs": self.drug_files}
        return key in owners.get(kind, getattr(self, kind))


def load_units(files: FormularyFiles) -> UnitTable:
    """Read the closed unit list through pint."""
    text = files.text("units.txt")
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
    """Validate every file by itself; raise FormularyError with all problems of all files."""
    models, problems = read_models(files, units)
    if models is None or problems:
        raise FormularyError(tuple(problems))
    return models


def read_models(files: FormularyFiles, units: UnitTable) -> tuple[Models | None, list[Problem]]:
    """Validate every file by itself; return what is valid, and all problems of all files.

    The models are None where a shared file is missing or unreadable. An entry
    with a problem is left out, and still counts as defined for those that point to it.
    """
    reading = _Reading(files.texts(), {"dialect": Dialect(units)})
    parts = {name: reading.shared_file(name) for name in _FILES}
    folders = {part: reading.folder(part) for part in _IN_FOLDERS}
    reading.refuse_strays()
    if None in parts.values() or not folders["sources"].owners:
        return None, reading.problems
    models = Models(
        **parts,
        drugs=folders["drugs"].entries,
        sources=folders["sources"].entries,
        documents=reading.documents,
        drug_files=folders["drugs"].owners,
        source_files=folders["sources"].owners,
        units=units,
    )
    return models, reading.problems


class _Folder(NamedTuple):
    """What the files of one folder hold, and the file of each entry, valid or not."""

    entries: dict[str, Any]
    owners: dict[str, str]


class _Reading:
    """Reads the files of one formulary, and collects their problems."""

    def __init__(self, texts: dict[str, str], context: Context) -> None:
        self.documents: dict[str, Document] = {}
        self.problems: list[Problem] = []
        self._texts = texts
        self._context = context

    def shared_file(self, name: str) -> Any:
        """Return the model of a file that every formulary has once, or None."""
        file = f"{name}.yaml"
        if file not in self._texts:
            self.problems.append(Problem(file, 1, "the file is missing"))
            return None
        return validated(self._document(file), _FILES[name], self._context, self.problems)

    def folder(self, part: str) -> _Folder:
        """Return the entries of all files of a folder; one key stands in one file."""
        found = _Folder({}, {})
        for file in self._texts:
            if _part(file) != part:
                continue
            document = self._document(file)
            valid = self._entries(document, _IN_FOLDERS[part])
            for key in document.data if isinstance(document.data, dict) else ():
                if key in found.owners:
                    message = f"{key} is also in {found.owners[key]}; keep one of them"
                    self.problems.append(document.problem((key,), message))
                found.owners[key] = file
            found.entries.update(valid)
        if part == "sources" and not any(_part(file) == part for file in self._texts):
            self.problems.append(Problem("sources.yaml", 1, "the file is missing"))
        return found

    def refuse_strays(self) -> None:
        """Report every file that nothing reads."""
        for file in self._texts:
            if _part(file) is None and file.removesuffix(".yaml") not in _FILES and file != "units.txt":
                message = "no such file is read; drugs stand in the folder drugs/"
                self.problems.append(Problem(file, 1, message))

    def _document(self, file: str) -> Document:
        self.documents[file] = Document(file, self._texts[file])
        return self.documents[file]

    def _entries(self, document: Document, adapter: TypeAdapter[Any]) -> dict[str, Any]:
        """Return the valid entries of a file; one that is not valid does not hide the others."""
        whole = validated(document, adapter, self._context, self.problems)
        if whole is not None or not isinstance(document.data, dict):
            return whole or {}
        valid: dict[str, Any] = {}
        for key, entry in document.data.items():
            try:
                valid |= adapter.validate_python({key: entry}, context=self._context)
            except ValidationError:
                continue
        return valid


def _part(file: str) -> str | None:
    """Return what a file holds entries of, or None for a file that stands alone."""
    part = file.partition("/")[0].removesuffix(".yaml")
    return part if part in _IN_FOLDERS and ("/" in file or part == "sources") else None


def validated(
    document: Document, adapter: TypeAdapter[Any], context: Context, problems: list[Problem]
) -> Any:
    """Return a document as the adapter's models; add its problems to the list, and return None."""
    problems.extend(document.problems)
    if document.is_unreadable:
        return None
    try:
        model = adapter.validate_python(document.data, context=context)
    except ValidationError as error:
        # A line that has a problem as YAML needs no second one.
        told = {problem.line for problem in document.problems}
        problems.extend(found for found in _problems_of(document, error) if found.line not in told)
        return None
    return None if document.problems else model


def _problems_of(document: Document, error: ValidationError) -> Iterator[Problem]:
    for item in error.errors(include_url=False, include_context=False):
        path = item["loc"]
        at = ".".join(str(part) for part in path)
        said = _SAY.get(item["type"], item["msg"].removeprefix("Value error, "))
        yield document.problem(path, f"{at}: {said}" if at else said)


_SAY = {
    "extra_forbidden": "this key is not known; see docs/formulary.md for the keys",
    "missing": "this key is missing; a limit that does not apply is written 'none, <reason>'",
    "too_short": "the list is empty; it needs at least one entry",
    "dict_type": "a mapping of keys to values is needed here",
    "model_type": "a mapping of keys to values is needed here",
    "tuple_type": "a list in square brackets is needed here",
    "string_pattern_mismatch": "the text does not have the needed form; see docs/formulary.md for this key",
}
