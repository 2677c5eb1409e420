"""What sets two formularies apart: tightened, loosened, added, withdrawn, or changed otherwise.

A limit is loosened where it lets more through: an upper limit or toxic level
that rises or goes away, a lower limit that falls or goes away, a route that is
no longer forbidden. Rules are compared by their ids and then, because a rule
can be loosened by adding a narrower one or by withdrawing it, by the rule that
each kind of patient meets.
"""

from __future__ import annotations

from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from itdose.band import may_overlap
from itdose.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.formulary import Drug, Formulary
    from itdose.formulary.coverage import Profile
    from itdose.formulary.tables import DoseRule, DrugByRoute, MeasureLimits
    from itdose.quantity import Quantity

LIMIT_KINDS = ("lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from")
HARD_KINDS = frozenset({"lower_hard", "upper_hard", "toxic_from"})


class Effect(Enum):
    """What a difference does to those who rely on the formulary."""

    LOOSENED = "loosened"
    WITHDRAWN = "withdrawn"
    TIGHTENED = "tightened"
    ADDED = "added"
    CHANGED = "changed"


class Difference(NamedTuple):
    """One difference, in the words of the formulary."""

    effect: Effect
    where: str
    """The id of a rule, or drug and route."""
    what: str
    """Which part: ``dose.upper_hard``, ``route``, ``conversion mmol`` …"""
    old: str | None
    new: str | None
    is_hard: bool = False
    """It concerns a hard limit, a toxic level or a forbidden route."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.effect.value}, {self.old or 'none'} -> {self.new or 'none'}"


def is_looser(kind: str, old: Quantity | None, new: Quantity | None) -> bool:
    """Return whether a limit of this kind lets more through than it did."""
    if old is None:
        return False
    if new is None or new.unit.dimension != old.unit.dimension:
        return True
    # A sum over a shorter time holds back less.
    return new < old if kind.startswith("lower") or kind == "window" else old < new


def differences(old: Formulary, new: Formulary) -> Iterator[Difference]:
    """Yield everything in which ``new`` differs from ``old``, drug by drug."""
    before, after = set(old.drug_keys()), set(new.drug_keys())
    for key in (*old.drug_keys(), *(key for key in new.drug_keys() if key not in before)):
        if key not in after:
            yield Difference(Effect.WITHDRAWN, key, "drug", old.drug(key).name, None, is_hard=True)
        elif key not in before:
            yield Difference(Effect.ADDED, key, "drug", None, new.drug(key).name)
        else:
            yield from _of_drug(old, new, old.drug(key), new.drug(key))


def _of_drug(old: Formulary, new: Formulary, was: Drug, now: Drug) -> Iterator[Difference]:
    yield from _of_facts(was, now)
    for route in dict.fromkeys((*was.routes, *now.routes)):
        where = f"{was.key}.{route}"
        entry, other = was.routes.get(route), now.routes.get(route)
        if entry is None:
            yield Difference(Effect.ADDED, where, "route", None, other.status if other else None)
        elif other is None:
            effect = Effect.LOOSENED if entry.forbidden else Effect.WITHDRAWN
            yield Difference(effect, where, "route", entry.status, None, is_hard=True)
        else:
            yield from _of_route(where, entry, other)
            yield from _met_by_patients(old, new, (entry, other))


def _of_facts(was: Drug, now: Drug) -> Iterator[Difference]:
    """Compare what holds for a drug by every route."""
    for unit in dict.fromkeys((*was.conversions, *now.conversions)):
        before, after = was.conversions.get(unit), now.conversions.get(unit)
        if before != after:
            texts = [None if factor is None else str(factor) for factor in (before, after)]
            yield Difference(Effect.CHANGED, was.key, f"conversion {unit}", texts[0], texts[1], is_hard=True)
    for what, one, other in (
        ("form", was.form, now.form),
        ("synonyms", ", ".join(was.synonyms), ", ".join(now.synonyms)),
        ("products", _products(was), _products(now)),
    ):
        if one != other:
            yield Difference(Effect.CHANGED, was.key, what, one or None, other or None)


def _products(drug: Drug) -> str:
    return "; ".join(f"{product.name} {plain(product.strength)}" for product in drug.products)


def _of_route(where: str, was: DrugByRoute, now: DrugByRoute) -> Iterator[Difference]:
    if was.status != now.status:
        effect = Effect.CHANGED
        if "forbidden" in {was.status, now.status}:
            effect = Effect.LOOSENED if was.forbidden else Effect.TIGHTENED
        yield Difference(effect, where, "route", was.status, now.status, effect is Effect.LOOSENED)
    rules, others = ({rule.id: rule for rule in entry.rules} for entry in (was, now))
    for key in dict.fromkeys((*rules, *others)):
        if key not in others:
            yield Difference(Effect.WITHDRAWN, key, "rule", rules[key].mode, None)
        elif key not in rules:
            yield Difference(Effect.ADDED, key, "rule", None, others[key].mode)
        else:
            yield from _of_rule(rules[key], others[key])


def _of_rule(was: DoseRule, now: DoseRule) -> Iterator[Difference]:
    for what, one, other in (
        ("scope", _scope(was), _scope(now)),
        ("review", was.review.state, now.review.state),
        ("review due", was.review.due, now.review.due),
        ("evidence", _evidence(was), _evidence(now)),
        ("note", was.note, now.note),
    ):
        if one != other:
            yield Difference(Effect.CHANGED, was.id, what, one, other)
    before, after = ({limits.measure: limits for limits in rule.limits} for rule in (was, now))
    for measure in dict.fromkeys((*before, *after)):
        yield from _of_limits(was.id, measure, before.get(measure), after.get(measure))


def _of_limits(
    rule: str, measure: str, was: MeasureLimits | None, now: MeasureLimits | None
) -> Iterator[Difference]:
    for kind in LIMIT_KINDS:
        one = getattr(was.guardrail, kind) if was else None
        other = getattr(now.guardrail, kind) if now else None
        if (one is None and other is None) or (one and other and one.same_as(other)):
            continue
        effect = Effect.LOOSENED if is_looser(kind, one, other) else Effect.TIGHTENED
        old, new = (plain(limit) if limit else None for limit in (one, other))
        yield Difference(effect, rule, f"{measure}.{kind}", old, new, kind in HARD_KINDS)
    windows = [limits.window for limits in (was, now) if limits and limits.window]
    if len(windows) > 1 and not windows[0].same_as(windows[1]):
        effect = Effect.LOOSENED if windows[1] < windows[0] else Effect.TIGHTENED
        yield Difference(
            effect, rule, f"{measure}.window", plain(windows[0]), plain(windows[1]), is_hard=True
        )


def _scope(rule: DoseRule) -> str:
    bands = [str(band) for band in (rule.age, rule.weight) if band]
    return ", ".join([rule.mode, *rule.categories, *bands, *rule.indications])


def _evidence(rule: DoseRule) -> str:
    return "; ".join(f"{item.citation.source} ({item.citation.where})" for item in rule.evidence)


def _met_by_patients(
    old: Formulary, new: Formulary, entries: tuple[DrugByRoute, DrugByRoute]
) -> Iterator[Difference]:
    """Compare hard limits by patient, where rules came, went, or changed whom they are for."""
    known = {(rule.id, _scope(rule)) for rule in entries[0].rules}
    if known == {(rule.id, _scope(rule)) for rule in entries[1].rules}:
        return
    seen: set[tuple[str, str]] = set()
    modes = dict.fromkeys(rule.mode for rule in entries[0].rules)
    indications = dict.fromkeys(key for entry in entries for rule in entry.rules for key in rule.indications)
    for mode, indication, profile in product(modes, ("", *indications), new.population.profiles):
        before = _governing(old, entries[0].rules, mode, indication, profile)
        after = _governing(new, entries[1].rules, mode, indication, profile)
        for found in _newly_met(before, after, known):
            if (found.where, found.what) not in seen:
                seen.add((found.where, found.what))
                patient = ", ".join(profile.values())
                yield found._replace(what=f"{found.what}, for {patient},")


def _newly_met(
    before: list[DoseRule], after: list[DoseRule], known: set[tuple[str, str]]
) -> Iterator[Difference]:
    """Yield where a rule that a patient did not meet before is looser than every rule that it did meet."""
    met, still_met = {rule.id for rule in before}, {rule.id for rule in after}
    gone = [rule for rule in before if rule.id not in still_met]
    for rule in after:
        if rule.id in met and (rule.id, _scope(rule)) in known:
            continue
        against = [one for one in gone or before if one.id != rule.id and _may_meet(one, rule)]
        looser = [{found.what: found for found in _looser_limits(one, rule)} for one in against]
        for what in looser[0] if looser else ():
            if all(what in others for others in looser):
                yield looser[0][what]


def _governing(
    formulary: Formulary, rules: Iterable[DoseRule], mode: str, indication: str, profile: Profile
) -> list[DoseRule]:
    """Return the rules that a patient meets; for a new indication, those of any indication."""
    of_mode = [rule for rule in rules if rule.mode == mode]
    named = [rule for rule in of_mode if indication in rule.indications]
    for_any = [rule for rule in of_mode if not rule.indications]
    for candidates in (named, for_any, of_mode):
        best = formulary.population.most_specific([rule.categories for rule in candidates], profile)
        if best:
            return [candidates[place] for place in best]
    return []


def _looser_limits(one: DoseRule, other: DoseRule) -> Iterator[Difference]:
    before, after = ({limits.measure: limits for limits in rule.limits} for rule in (one, other))
    for measure, limits in before.items():
        for found in _of_limits(other.id, measure, limits, after.get(measure)):
            if found.effect is Effect.LOOSENED and found.is_hard:
                yield found


def _may_meet(one: DoseRule, other: DoseRule) -> bool:
    return may_overlap(one.age, other.age) and may_overlap(one.weight, other.weight)
