"""What valid files may still get wrong together. Each function yields problems of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.dose_text import REMARKS
from itdose.errors import FormularyError
from itdose.formulary.load import load_units, read_models
from itdose.formulary.names import normal_name
from itdose.formulary.references import dangling_references
from itdose.formulary.rule_consistency import entry_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.errors import Problem
    from itdose.formulary.files import FormularyFiles
    from itdose.formulary.load import Models
    from itdose.formulary.strict_yaml import Path

Found = tuple["Path", str]

_NEEDED_BY_SLIPS = {
    "factor": ("factor",),
    "rate_factor": ("factor", "unit"),
    "unit_number": ("unit",),
    "pounds": ("factor",),
    "strength_text": ("factor",),
}

NEEDED_REMINDERS = (
    "concentration_change", "refill_interval", "local_anaesthetics", "opioids", "many_containers",
    "independent_check",
)  # fmt: skip
"""What the checks and the worksheet show."""


def valid_models(files: FormularyFiles) -> Models:
    """Read and validate the files of a formulary; raise FormularyError with all problems."""
    models, problems = read_models(files, load_units(files))
    if models is not None:
        problems += find_problems(models)
    if models is None or problems:
        raise FormularyError(tuple(problems))
    return models


def find_problems(models: Models) -> Iterator[Problem]:
    """Yield every contradiction between the parts of a formulary."""
    for key, source in models.sources.items():
        if not (source.doi or source.pmid or source.url):
            message = f"{key} has no DOI, PMID or URL; a source that can't be found supports nothing"
            yield models.documents[models.source_files[key]].problem((key,), message)
    yield from dangling_references(models)
    yield from _name_collisions(models)
    for file, found in (
        ("categories.yaml", _category_problems(models)),
        ("slips.yaml", _slip_problems(models)),
        ("notation.yaml", _notation_problems(models)),
        ("reminders.yaml", _reminder_problems(models)),
        ("syringes.yaml", _syringe_problems(models)),
    ):
        for path, message in found:
            yield models.documents[file].problem(path, message)
    population = models.population()
    for key, drug in models.drugs.items():
        document = models.documents[models.drug_files[key]]
        for route, entry in drug.routes.items():
            for path, message in entry_problems(models, population, drug, entry, prefix=f"{key}.{route}"):
                yield document.problem((key, "routes", route, *path), message)


def _name_collisions(models: Models) -> Iterator[Problem]:
    refused = {normal_name(name) for item in models.refused_names.values() for name in item.refused}
    owners: dict[tuple[str, str], str] = {}
    for kind, file, key, names in _names(models):
        document = models.documents[file]
        for name in dict.fromkeys(normal_name(name) for name in (key, *names)):
            if kind == "drug" and name in refused:
                yield document.problem((key,), f"{name!r} is refused as a drug name in refused_names.yaml")
            owner = owners.setdefault((kind, name), key)
            if owner != key:
                yield document.problem((key,), f"{name!r} is also a name of {owner}; a name has one {kind}")


def _names(models: Models) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield kind, file, key and all names of whatever a user can name."""
    for key, drug in models.drugs.items():
        yield "drug", models.drug_files[key], key, (drug.name, *drug.synonyms)
    for key, route in models.routes.items():
        yield "route", "routes.yaml", key, (route.name, *route.spellings)
    for key, category in models.categories.items():
        yield "category", "categories.yaml", key, (category.name, *category.spellings)
    for key, condition in models.conditions.items():
        yield "condition", "conditions.yaml", key, (condition.name, *condition.spellings)
    for key, vehicle in models.vehicles.items():
        yield "vehicle", "vehicles.yaml", key, (vehicle.name, *vehicle.spellings)


def _category_problems(models: Models) -> Iterator[Found]:
    by_axis: dict[str, list[str]] = {"age": []}
    for key, category in models.categories.items():
        by_axis.setdefault(category.axis, []).append(key)
    for axis, keys in by_axis.items():
        if sum(models.categories[key].assumed is not None for key in keys) != 1:
            yield (), f"the axis {axis} needs exactly one category with 'assumed', taken when none is stated"
    ages = [models.categories[key].from_age for key in by_axis["age"]]
    starts = {age.size if age else 0 for age in ages}
    if len(starts) != len(ages):
        yield (), "each category of age starts at another from_age; only the youngest has none"


def _slip_problems(models: Models) -> Iterator[Found]:
    for key, slip in models.slips.items():
        for name in _NEEDED_BY_SLIPS.get(slip.works_by, ()):
            if getattr(slip, name) is None:
                yield (key,), f"a slip that works by {slip.works_by} needs the key {name}"
        if slip.unit is not None and slip.unit not in models.units:
            yield (key, "unit"), f"{slip.unit!r} is not in units.txt"


def _reminder_problems(models: Models) -> Iterator[Found]:
    missing = [key for key in NEEDED_REMINDERS if key not in models.reminders]
    if missing:
        yield (), f"the checks show these too: {', '.join(missing)}"


def _syringe_problems(models: Models) -> Iterator[Found]:
    for key, syringe in models.syringes.items():
        if not syringe.graduation <= syringe.measures_from <= syringe.volume:
            yield (key, "measures_from"), "it lies between one mark of the syringe and the whole of it"


def _notation_problems(models: Models) -> Iterator[Found]:
    for key in models.notation:
        if key not in REMARKS:
            yield (key,), f"the grammar has no remark {key!r}; it has {', '.join(sorted(REMARKS))}"
