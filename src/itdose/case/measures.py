"""What an order says in each measure that a limit may have: dose, rate, daily dose, concentration."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import convert
from itdose.errors import QuantityError

if TYPE_CHECKING:
    from itdose.case import Case
    from itdose.quantity import Quantity, Unit

NOT_OF_THE_DOSE = frozenset({"duration", "concentration", "volume"})
"""The measures that another dose would not change."""


class Missing(NamedTuple):
    """A measure that the order has and that could not be worked out, and what was missing."""

    code: str
    what: str


def observe(case: Case, measure: str, unit: Unit, window: Quantity | None) -> Quantity | Missing | None:
    """Return the order's quantity in one measure, in the kind of unit that the limit has.

    None means that the order says nothing of this measure.
    """
    if measure == "duration":
        return case.quantity("over")
    if measure == "volume":
        return case.quantity("volume") or _worked_out(case, "volume")
    quantity = _concentration(case) if measure == "concentration" else _drug_measure(case, measure, window)
    if quantity is None or isinstance(quantity, Missing):
        return quantity
    scaled = _for_this_body(quantity, unit, case)
    if isinstance(scaled, Missing) or case.drug is None:
        return scaled
    try:
        return convert(scaled, unit, case.drug)
    except QuantityError as error:
        return Missing("conversion-missing", str(error))


def whole_measure(measure: str) -> str:
    """Return what a measure per kg or per m2 is a share of: ``dose`` for ``dose_per_kg``."""
    return measure.removesuffix("_per_kg").removesuffix("_per_m2")


def _drug_measure(case: Case, measure: str, window: Quantity | None) -> Quantity | None:
    dose = case.quantity("dose")
    if dose is None:
        return None
    is_rate = has_base(dose, "time")
    base = whole_measure(measure)
    if base == "dose":
        return _whole_of_rate(case, dose) if is_rate else dose
    if base == "dose_rate":
        return dose if is_rate else _per_duration(case, dose)
    if base == "daily_dose":
        return dose if is_rate else _per_day(case, dose)
    return _in_window(case, dose, window) if window else None


def _whole_of_rate(case: Case, rate: Quantity) -> Quantity | None:
    over = case.quantity("over")
    return _run_for(case, rate, over) if over else None


def _per_duration(case: Case, dose: Quantity) -> Quantity | None:
    over = case.quantity("over")
    return dose.per(over) if over else None


def _per_day(case: Case, dose: Quantity) -> Quantity:
    """Return the day's total; without an interval, a dose is at least itself in a day."""
    return dose.per(case.quantity("every") or _one(case, "day"))


def _in_window(case: Case, dose: Quantity, window: Quantity) -> Quantity:
    """Return the most that can be given in any stretch of ``window``."""
    over, every = case.quantity("over"), case.quantity("every")
    if has_base(dose, "time"):
        return _run_for(case, dose, min(window, over or window))
    share = min(window.ratio(over), Fraction(1)) if over else Fraction(1)
    starts = window.ratio(every).__floor__() + 1 if every else 1
    return dose.times(share * starts)


def _run_for(case: Case, rate: Quantity, duration: Quantity) -> Quantity:
    """Return what a rate gives in a time: 2 g/h for 30 min is 1 g."""
    per_minute = rate.to(_in_minutes(rate.unit, case))
    whole = per_minute.amount * duration.to(case.formulary.units["min"]).amount
    symbol = rate.unit.symbol.rpartition("/")[0]
    return type(rate)(whole, case.formulary.units[symbol.replace(" ", "_")])


def _in_minutes(unit: Unit, case: Case) -> Unit:
    return case.formulary.units[unit.symbol.rpartition("/")[0].replace(" ", "_") + "/min"]


def _concentration(case: Case) -> Quantity | Missing | None:
    """Return the stated concentration, or the dose in its volume where none was stated."""
    if "concentration" in case.refusals:
        return Missing("concentration-not-read", "the stated concentration was refused")
    stated = case.quantity("concentration") or _worked_out(case, "concentration")
    dose, volume = case.quantity("dose"), case.quantity("volume")
    if stated is not None or dose is None or volume is None or has_base(dose, "time"):
        return stated
    whole = _for_this_body(dose, _without_kilogram(dose, case), case)
    return whole if isinstance(whole, Missing) else whole.per(volume)


def _worked_out(case: Case, cell: str) -> Quantity | None:
    """Return what the other cells of the preparation make of this one."""
    return case.preparation.computed.get(cell) if case.preparation else None


def _for_this_body(quantity: Quantity, unit: Unit, case: Case) -> Quantity | Missing:
    """Bring a dose to or from "per kg"; without the weight it can't be."""
    wanted = {base for base, _ in unit.dimension}
    if has_base(quantity, "body_surface") != ("body_surface" in wanted):
        return Missing("body-surface-missing", "a dose per m2 needs the body surface, which is not read yet")
    has_kg, wants_kg = has_base(quantity, "bodyweight"), "bodyweight" in wanted
    if has_kg == wants_kg:
        return quantity
    weight = case.patient.weight
    if weight is None:
        said = (
            "nobody has the stated body weight"
            if case.quantity("weight")
            else "the body weight is not stated"
        )
        return Missing("weight-missing", said)
    if wants_kg:
        return quantity.per(weight)
    return whole_dose(quantity, weight, case)


def whole_dose(per_kg: Quantity, weight: Quantity, case: Case) -> Quantity:
    """Return the dose for a whole body of ``weight`` from a dose per kg."""
    kilograms = weight.to(case.formulary.units["kg"]).amount
    return type(per_kg)(per_kg.amount * kilograms, _without_kilogram(per_kg, case))


def _without_kilogram(dose: Quantity, case: Case) -> Unit:
    return case.formulary.units[dose.unit.symbol.replace(" ", "_").replace("/kg", "", 1)]


def has_base(quantity: Quantity, base: str) -> bool:
    """Return whether a base dimension, such as time, is part of the quantity's unit."""
    return any(name == base for name, _ in quantity.unit.dimension)


def _one(case: Case, unit: str) -> Quantity:
    from itdose.quantity import Quantity  # noqa: PLC0415

    return Quantity(Fraction(1), case.formulary.units[unit])
