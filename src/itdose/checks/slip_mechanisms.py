"""Undo each known slip, and see whether what is left is an ordinary dose."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import convert
from itdose.case.matching import match_rules
from itdose.case.measures import has_base, whole_dose
from itdose.checks.limit_texts import usual_range
from itdose.dose_text import Reading
from itdose.errors import QuantityError
from itdose.plain_text import beside, number, plain, shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.case import Case
    from itdose.case.matching import RuleMatch
    from itdose.findings import Comparison
    from itdose.formulary import Slip

# Where a usual range has no lower end, a tenth of its top is inside it too; only a
# dose that comes close to the top is taken for what was meant.
_CLOSE_TO_THE_TOP = Fraction(1, 4)
_MILLIGRAMS = ("mg", "g")


class Explanation(NamedTuple):
    """One slip that leads from an ordinary dose to the written one."""

    slip: Slip
    explains: Quantity
    arithmetic: str
    """``500 mg / 10 = 50 mg``."""
    usual: str
    label: str
    rule: str


def explanations(case: Case) -> list[Explanation]:
    """Return every slip that explains the dose, most common first."""
    dose = case.quantity("dose")
    if dose is None or case.drug is None:
        return []
    found = []
    for slip in case.formulary.slips:
        fitting = (
            explanation
            for undone in _WAYS[slip.works_by](case, dose, slip)
            if (explanation := _explain(slip, undone)) is not None
        )
        first = next(fitting, None)
        if first is not None:
            found.append(first)
    return found


def _explain(slip: Slip, undone: Case) -> Explanation | None:
    reading = undone.readings["dose"]
    for match in match_rules(undone):
        if match.contains and _is_close(match):
            _, comparison = match.comparisons[0]
            usual = usual_range(comparison.guardrail)
            if usual is not None:
                more = _in_the_limit_s_unit(reading.quantity, comparison)
                words = reading.text.removesuffix(more) + more
                return Explanation(slip, reading.quantity, words, usual, comparison.label, match.rule.id)
    return None


def _in_the_limit_s_unit(dose: Quantity, comparison: Comparison) -> str:
    """Say the dose once more where the limit is per day, or of the salt, so that the two compare at sight."""
    limit = comparison.guardrail.upper_soft
    if limit is None:
        return ""
    same_kind = dose.unit.dimension == limit.unit.dimension
    same_time = dose.unit.symbol.rpartition("/")[2] == limit.unit.symbol.rpartition("/")[2]
    comparable = same_kind and (same_time or not has_base(dose, "time"))
    return "" if comparable else f", which is {beside(comparison.observed, limit)}"


def _is_close(match: RuleMatch) -> bool:
    _, comparison = match.comparisons[0]
    bounds = comparison.guardrail
    if bounds.upper_soft is None:
        return False
    return bounds.lower_soft is not None or bounds.upper_soft.times(_CLOSE_TO_THE_TOP) <= comparison.observed


def with_dose(case: Case, dose: Quantity, arithmetic: str) -> Case:
    """Return the case with another dose, the arithmetic as its text, and nothing of what was drawn up."""
    readings = {**case.readings, "dose": Reading(arithmetic, dose)}
    for field in ("volume", "concentration"):
        readings.pop(field, None)
    return replace(case, readings=readings)


def _by_factor(case: Case, dose: Quantity, slip: Slip) -> Iterator[Case]:
    factor = slip.factor or Fraction(1)
    yield _scaled(case, dose, 1 / factor, f"{shown(dose)} / {number(factor)}")
    yield _scaled(case, dose, factor, f"{shown(dose)} x {number(factor)}")


def _scaled(case: Case, dose: Quantity, factor: Fraction, words: str) -> Case:
    meant = dose.times(factor)
    return with_dose(case, meant, f"{words} = {shown(meant)}")


def _by_rate_factor(case: Case, dose: Quantity, slip: Slip) -> Iterator[Case]:
    """Undo a confused unit of time, showing the meant rate in the longer unit: 60 mcg/h for 60 mcg/day."""
    if not has_base(dose, "time") or slip.factor is None:
        return
    longer = dose.unit.symbol.rpartition("/")[0].replace(" ", "_") + f"/{slip.unit}"
    for factor, sign in ((1 / slip.factor, "/"), (slip.factor, "x")):
        meant = dose.times(factor).to(case.formulary.units[longer])
        words = f"{shown(dose)} {sign} {number(slip.factor)} = {shown(meant)}"
        yield with_dose(case, meant, words)


def _by_unit_number(case: Case, dose: Quantity, slip: Slip) -> Iterator[Case]:
    """Keep the number and exchange the unit: 16 g for 16 mEq, 10 mmol for 10 mg."""
    units = case.formulary.units
    unit, _, below = dose.unit.symbol.partition("/")
    if case.drug is None or slip.unit is None or slip.unit not in case.drug.conversions:
        return
    others = (slip.unit,) if unit in _MILLIGRAMS else _MILLIGRAMS if unit == slip.unit else ()
    for other in others:
        meant = Quantity(dose.amount, units[f"{other}/{below}" if below else other])
        same = convert(meant, dose.unit, case.drug)
        yield with_dose(case, meant, f"{plain(dose)} for {plain(meant)}, which is {beside(same, dose)}")


def _by_salt(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Case]:
    drug = case.drug
    if drug is None or "mg_elemental" not in drug.conversions:
        return
    if has_base(dose, "elemental_mass"):
        salt = Quantity(dose.amount, case.formulary.units[dose.unit.symbol.replace(" elemental", "", 1)])
        yield with_dose(case, salt, f"{shown(dose)} for {shown(salt)} of the salt")
    if not has_base(dose, "mass"):
        return
    share = drug.conversions["mg_elemental"] / 1000
    yield _scaled(case, dose, share, f"{shown(dose)} of salt x {number(share)} of element")
    yield _scaled(case, dose, 1 / share, f"{shown(dose)} of element / {number(share)}")


def _by_body_weight(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Case]:
    units = case.formulary.units
    weight = case.patient.weight
    symbol = dose.unit.symbol.replace(" ", "_")
    if has_base(dose, "bodyweight"):
        meant = Quantity(dose.amount, units[symbol.replace("/kg", "", 1)])
        yield with_dose(case, meant, f"{shown(dose)} for {shown(meant)}")
    elif weight is not None and not has_base(dose, "body_surface"):
        kilograms = weight.to(units["kg"]).amount
        yield _scaled(case, dose, 1 / kilograms, f"{shown(dose)} / {number(kilograms)} kg")
        first, slash, below = symbol.partition("/")
        per_kg = Quantity(dose.amount, units[f"{first}/kg{slash}{below}"])
        whole = whole_dose(per_kg, weight, case)
        words = f"{shown(dose)} for {number(per_kg.amount)} {per_kg.unit.symbol}, which is {shown(whole)}"
        yield with_dose(case, whole, words)


def _by_daily_dose(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Case]:
    if has_base(dose, "time"):
        return
    daily = Quantity(dose.amount, case.formulary.units[f"{dose.unit.symbol.replace(' ', '_')}/day"])
    undone = with_dose(case, daily, f"{shown(dose)} at once for {shown(daily)}")
    yield replace(undone, mode=None)


def _by_other_route(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Case]:
    for route, entry in case.drug.routes.items() if case.drug else ():
        if route != case.route and entry.rules:
            undone = with_dose(case, dose, f"{shown(dose)} is an ordinary {route} dose")
            yield replace(undone, route=route, mode=None, indication=None)


_WAYS: dict[str, Callable[[Case, Quantity, Slip], Iterator[Case]]] = {
    "factor": _by_factor,
    "rate_factor": _by_rate_factor,
    "unit_number": _by_unit_number,
    "salt": _by_salt,
    "body_weight": _by_body_weight,
    "daily_dose": _by_daily_dose,
    "other_route": _by_other_route,
}


def volume_of(dose: Quantity, strength: Quantity, case: Case) -> Quantity | None:
    """Return the volume of a product that holds a dose, or None where the units don't allow it."""
    if case.drug is None:
        return None
    units = case.formulary.units
    unit = strength.unit.symbol.partition("/")[0].replace(" ", "_")
    try:
        mass = convert(dose, units[unit], case.drug).to(units[unit])
    except QuantityError:
        return None
    per_milliliter = strength.to(units[f"{unit}/mL"]).amount
    return Quantity(mass.amount / per_milliliter, units["mL"])
