"""What valid files may still get wrong together. Each function yields problems of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.dose_kind import SUBSTANCE
from itdose.dose_text import REMARKS
from itdose.errors import QuantityError
from itdose.formulary.compile import limits_by_kind
from itdose.formulary.coverage import Population
from itdose.formulary.names import normal_name
from itdose.formulary.quantity_fields import Absent
from itdose.formulary.references import dangling_references
from itdose.guardrail import Guardrail
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.errors import Problem
    from itdose.formulary.load import Models
    from itdose.formulary.model import LimitsModel, RouteEntryModel, RuleModel
    from itdose.formulary.strict_yaml import Path
    from itdose.quantity import Dimension

Found = tuple["Path", str]

# The divisor and time of each measure; the rest of its dimension is the drug.
_BELOW: dict[str, dict[str, int]] = {
    "dose": {},
    "dose_per_kg": {"bodyweight": -1},
    "daily_dose": {"time": -1},
    "daily_dose_per_kg": {"bodyweight": -1, "time": -1},
    "dose_rate": {"time": -1},
    "dose_rate_per_kg": {"bodyweight": -1, "time": -1},
    "concentration": {"volume": -1},
    "cumulative_dose": {},
    "cumulative_dose_per_kg": {"bodyweight": -1},
}
_NEEDED_BY_SLIPS = {"factor": ("factor",), "rate_factor": ("factor", "unit"), "unit_number": ("unit",)}
# An unknown source is another problem, and said as such.
_PRIMARY = frozenset({"label", "guideline", None})
_WHOLE: dict[str, Dimension] = {"volume": (("volume", 1),), "duration": (("time", 1),)}


def find_problems(models: Models) -> Iterator[Problem]:
    """Yield every contradiction between the parts of a formulary."""
    for key, source in models.sources.items():
        if not (source.doi or source.pmid or source.url):
            message = f"{key} has no DOI, PMID or URL; a source that can't be found supports nothing"
            yield models.documents["sources.yaml"].problem((key,), message)
    yield from dangling_references(models)
    yield from _name_collisions(models)
    for file, found in (
        ("categories.yaml", _category_problems(models)),
        ("slips.yaml", _slip_problems(models)),
        ("notation.yaml", _notation_problems(models)),
    ):
        for path, message in found:
            yield models.documents[file].problem(path, message)
    population = Population(
        {key: category.model_dump(exclude={"from_age"}) for key, category in models.categories.items()}
    )
    for key, drug in models.drugs.items():
        document = models.documents[models.drug_files[key]]
        for route, entry in drug.routes.items():
            for path, message in _entry_problems(models, population, f"{key}.{route}", entry):
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


def _notation_problems(models: Models) -> Iterator[Found]:
    for key in models.notation:
        if key not in REMARKS:
            yield (key,), f"the grammar has no remark {key!r}; it has {', '.join(sorted(REMARKS))}"


def _entry_problems(
    models: Models, population: Population, prefix: str, entry: RouteEntryModel
) -> Iterator[Found]:
    if (entry.status == "forbidden") != (entry.forbidden is not None):
        yield (), "status 'forbidden' and the key 'forbidden' with its reason go together"
    if entry.forbidden and entry.rules:
        yield ("rules",), "a forbidden route has no dose rules"
    ids: set[str] = set()
    for place, rule in enumerate(entry.rules):
        if rule.id in ids or not rule.id.startswith(f"{prefix}.{rule.mode}"):
            yield ("rules", place), f"the id must be unique and start with {prefix}.{rule.mode}"
        ids.add(rule.id)
        for path, message in _rule_problems(entry, rule):
            yield ("rules", place, *path), message
        sources = {item.source for item in rule.evidence}
        kinds = {models.sources[key].kind if key in models.sources else None for key in sources}
        if rule.review.state == "cross_checked" and len(sources) == 1 and not kinds & _PRIMARY:
            message = "cross_checked rests on two sources, or on one label or guideline; make it drafted"
            yield ("rules", place, "review"), message
    if all(category in models.categories for rule in entry.rules for category in rule.category):
        yield from _double_cover(population, entry)


def _rule_problems(entry: RouteEntryModel, rule: RuleModel) -> Iterator[Found]:
    yield from _review_problems(rule)
    for measure, limits in rule.limits.items():
        for message in _limits_problems(entry, measure, limits):
            yield ("limits", measure), message
    yield from _support_problems(rule)


def _review_problems(rule: RuleModel) -> Iterator[Found]:
    try:
        on, due = rule.review.dates()
    except ValueError as error:
        yield ("review",), f"not a date: {error}"
        return
    if due <= on:
        yield ("review",), "the review must fall due after it was made"
    if rule.review.state == "signed_off":
        yield ("review",), "only a site's own formulary can be signed off"
    if rule.review.state == "cross_checked" and not rule.review.second_reading:
        yield ("review",), "a cross-checked rule says where its second reading is: second_reading"
    for measure, limits in rule.limits.items():
        if limits.upper_hard_is == "judgement" and rule.review.state != "drafted":
            yield ("limits", measure), "a limit that is a judgement keeps its rule drafted"


def _limits_problems(entry: RouteEntryModel, measure: str, limits: LimitsModel) -> Iterator[str]:
    kinds = limits_by_kind(limits)
    stated = {kind: value for kind, value in kinds.items() if isinstance(value, Quantity)}
    for kind, value in stated.items():
        if not _fits(measure, value.unit.dimension):
            yield f"{kind} is in {value.unit.symbol}, which is not a unit of {measure}"
            return
    try:
        Guardrail(**stated)
    except QuantityError as error:
        yield str(error)
    if ("upper_hard" in stated) != (limits.upper_hard_is is not None):
        yield "upper_hard and upper_hard_is, which says what kind of limit it is, go together"
    if measure.startswith("cumulative") != (limits.window is not None):
        yield "a cumulative dose, and only that, has a window such as '30 min'"
    toxic = stated.get("toxic_from")
    if toxic is not None and not _is_reported(entry, toxic):
        yield "toxic_from must be the dose of one of this route's reports"


def _fits(measure: str, dimension: Dimension) -> bool:
    if measure in _WHOLE:
        return dimension == _WHOLE[measure]
    powers = dict(dimension)
    for base, exponent in _BELOW[measure].items():
        if powers.pop(base, 0) != exponent:
            return False
    return len(powers) == 1 and set(powers) <= SUBSTANCE and set(powers.values()) == {1}


def _is_reported(entry: RouteEntryModel, toxic: Quantity) -> bool:
    return any(not isinstance(report.dose, Absent) and report.dose.same_as(toxic) for report in entry.reports)


def _support_problems(rule: RuleModel) -> Iterator[Found]:
    needed: set[str] = set()
    for measure, limits in rule.limits.items():
        for kind in ("lower_hard", "usual", "upper_hard"):
            if not isinstance(getattr(limits, kind), Absent) and not (
                kind == "upper_hard" and limits.upper_hard_is == "judgement"
            ):
                needed.add(f"{measure}.{kind}")
    given = {supported for item in rule.evidence for supported in item.supports}
    for limit in sorted(needed - given):
        yield ("evidence",), f"no evidence supports {limit}"
    judged = {f"{measure}.upper_hard" for measure in rule.limits}
    for limit in sorted(given - needed - judged):
        yield ("evidence",), f"evidence supports {limit}, which the rule does not state"


def _double_cover(population: Population, entry: RouteEntryModel) -> Iterator[Found]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, rule in enumerate(entry.rules):
        for indication in rule.indication or ("",):
            groups.setdefault((rule.mode, indication), []).append(place)
    for (mode, indication), places in groups.items():
        # A rule alone can't cover a patient twice.
        for profile in population.profiles if len(places) > 1 else ():
            best = population.most_specific([entry.rules[place].category for place in places], profile)
            if len(best) > 1:
                names = " and ".join(entry.rules[places[place]].id for place in best)
                patient = ", ".join(profile.values())
                yield (
                    ("rules", places[best[1]]),
                    f"{names} both cover {mode} {indication} for {patient}; one rule covers a patient",
                )
                break
