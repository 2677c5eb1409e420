"""What the dose rules of one drug by one route may get wrong together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from itdose.band import may_overlap
from itdose.dose_kind import SUBSTANCE
from itdose.errors import QuantityError
from itdose.formulary.compile import limits_by_kind
from itdose.formulary.quantity_fields import Absent
from itdose.guardrail import Guardrail
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.formulary.coverage import Population
    from itdose.formulary.layers import Layers
    from itdose.formulary.load import Models
    from itdose.formulary.model import DrugModel, LimitsModel, RouteEntryModel, RuleModel
    from itdose.formulary.strict_yaml import Path
    from itdose.quantity import Dimension

Found = tuple["Path", str]

# The divisor and time of each measure; the rest of its dimension is the drug.
_BELOW: dict[str, dict[str, int]] = {
    "dose": {},
    "dose_per_kg": {"bodyweight": -1},
    "dose_per_m2": {"body_surface": -1},
    "daily_dose": {"time": -1},
    "daily_dose_per_kg": {"bodyweight": -1, "time": -1},
    "dose_rate": {"time": -1},
    "dose_rate_per_kg": {"bodyweight": -1, "time": -1},
    "concentration": {"volume": -1},
    "cumulative_dose": {},
    "cumulative_dose_per_kg": {"bodyweight": -1},
}
# An unknown source is another problem, and said as such.
_PRIMARY = frozenset({"label", "guideline", None})
_WHOLE: dict[str, Dimension] = {"volume": (("volume", 1),), "duration": (("time", 1),)}
UNSUPPORTED = frozenset({"judgement", "site_decision"})
"""Kinds of hard limits that no source states."""
_VOLUME = frozenset({"volume"})


def entry_problems(
    models: Models, population: Population, drug: DrugModel, entry: RouteEntryModel, *, prefix: str
) -> Iterator[Found]:
    """Yield every contradiction in what a formulary says of one drug by one route."""
    bases = _VOLUME if drug.basis.measured_by == "volume" else SUBSTANCE
    yield from _status_problems(entry)
    ids: set[str] = set()
    for place, rule in enumerate(entry.rules):
        if rule.id in ids or not rule.id.startswith(f"{prefix}.{rule.mode}"):
            yield ("rules", place), f"the id must be unique and start with {prefix}.{rule.mode}"
        ids.add(rule.id)
        for path, message in _rule_problems(entry, rule, bases, models.layers):
            yield ("rules", place, *path), message
        sources = {item.source for item in rule.evidence}
        kinds = {models.sources[key].kind if key in models.sources else None for key in sources}
        if rule.review.state == "cross_checked" and len(sources) == 1 and not kinds & _PRIMARY:
            message = "cross_checked rests on two sources, or on one label or guideline; make it drafted"
            yield ("rules", place, "review"), message
    if all(category in models.categories for rule in entry.rules for category in rule.category):
        yield from _double_cover(population, entry)


def _status_problems(entry: RouteEntryModel) -> Iterator[Found]:
    if entry.status == "no_figure" and (entry.rules or not entry.note):
        yield (), "status 'no_figure' needs a note that says why, and has no dose rules"
    if (entry.status == "forbidden") != (entry.forbidden is not None):
        yield (), "status 'forbidden' and the key 'forbidden' with its reason go together"
    if entry.forbidden and entry.rules:
        yield ("rules",), "a forbidden route has no dose rules"


def _rule_problems(
    entry: RouteEntryModel, rule: RuleModel, bases: frozenset[str], layers: Layers
) -> Iterator[Found]:
    yield from _review_problems(rule)
    yield from _site_problems(rule, layers)
    for measure, limits in rule.limits.items():
        for message in _limits_problems(entry, measure, limits, bases):
            yield ("limits", measure), message
    yield from _support_problems(rule, layers)
    yield from _difference_problems(rule)


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


def _site_problems(rule: RuleModel, layers: Layers) -> Iterator[Found]:
    if rule.id in layers.site_of:
        return
    for measure, limits in rule.limits.items():
        if limits.upper_hard_is == "site_decision" and f"{measure}.upper_hard" not in layers.changed_limits(
            rule.id
        ):
            yield ("limits", measure), "a decision of a site stands in that site's overlay alone"


def _limits_problems(
    entry: RouteEntryModel, measure: str, limits: LimitsModel, bases: frozenset[str]
) -> Iterator[str]:
    kinds = limits_by_kind(limits)
    stated = {kind: value for kind, value in kinds.items() if isinstance(value, Quantity)}
    for kind, value in stated.items():
        if not _fits(measure, value.unit.dimension, bases):
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


def _fits(measure: str, dimension: Dimension, bases: frozenset[str]) -> bool:
    if measure in _WHOLE:
        return dimension == _WHOLE[measure]
    powers = dict(dimension)
    for base, exponent in _BELOW[measure].items():
        if powers.pop(base, 0) != exponent:
            return False
    return len(powers) == 1 and set(powers) <= bases and set(powers.values()) == {1}


def _is_reported(entry: RouteEntryModel, toxic: Quantity) -> bool:
    return any(not isinstance(report.dose, Absent) and report.dose.same_as(toxic) for report in entry.reports)


def _support_problems(rule: RuleModel, layers: Layers) -> Iterator[Found]:
    needed: set[str] = set()
    for measure, limits in rule.limits.items():
        for kind in ("lower_hard", "usual", "upper_hard"):
            if not isinstance(getattr(limits, kind), Absent) and not (
                kind == "upper_hard" and limits.upper_hard_is in UNSUPPORTED
            ):
                needed.add(f"{measure}.{kind}")
    # What a site sets stands on the reason that the site gives.
    changed = layers.changed_limits(rule.id)
    given = {supported for item in rule.evidence for supported in item.supports}
    for limit in sorted(needed - given - changed):
        yield ("evidence",), f"no evidence supports {limit}"
    judged = {f"{measure}.upper_hard" for measure in rule.limits}
    for limit in sorted(given - needed - judged - changed):
        yield ("evidence",), f"evidence supports {limit}, which the rule does not state"


def _difference_problems(rule: RuleModel) -> Iterator[Found]:
    for place, item in enumerate(rule.evidence):
        if item.differs and not item.says:
            yield ("evidence", place), "a source that differs on a limit needs the key says: what it says"
        for limit in sorted(set(item.differs) - _named_limits(rule)):
            yield ("evidence", place), f"differs on {limit}, which is no limit of this rule"


def _named_limits(rule: RuleModel) -> set[str]:
    kinds = ("lower_hard", "usual", "upper_hard", "toxic_from")
    return {f"{measure}.{kind}" for measure in rule.limits for kind in kinds}


def _double_cover(population: Population, entry: RouteEntryModel) -> Iterator[Found]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, rule in enumerate(entry.rules):
        for indication in rule.indication or ("",):
            groups.setdefault((rule.mode, indication), []).append(place)
    for (mode, indication), places in groups.items():
        # A rule alone can't cover a patient twice.
        for profile in population.profiles if len(places) > 1 else ():
            best = population.most_specific([entry.rules[place].category for place in places], profile)
            twice = [
                (one, other)
                for one, other in combinations([places[place] for place in best], 2)
                if _overlap(entry.rules[one], entry.rules[other])
            ]
            for one, other in twice[:1]:
                names = f"{entry.rules[one].id} and {entry.rules[other].id}"
                patient = ", ".join(profile.values())
                yield (
                    ("rules", other),
                    f"{names} both cover {mode} {indication} for {patient}; one rule covers a patient",
                )
            if twice:
                break


def _overlap(one: RuleModel, other: RuleModel) -> bool:
    """Return whether two rules leave an age and a weight that both are for."""
    return may_overlap(one.age, other.age) and may_overlap(one.weight, other.weight)
