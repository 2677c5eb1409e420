"""Whether the stated dose, concentration and volume of the injection agree.

Within limits: 50 mg, 50 mg/mL and 1 mL.
Outside: 50 mg, 500 mg/mL and 1 mL; 1 mL of that holds 500 mg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.conversion import convert, substance
from itdose.case.measures import has_base, whole_dose
from itdose.errors import QuantityError
from itdose.findings import Finding, Verdict
from itdose.plain_text import beside, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.quantity import Quantity

CODES = {
    "preparation-consistent": "dose, concentration and volume agree",
    "preparation-contradiction": "dose, concentration and volume can't all be true",
    "preparation-not-stated": "concentration and volume were not both stated, so nothing was recomputed",
    "preparation-not-compared": "the dose could not be recomputed from concentration and volume",
    "stated-but-not-checked": "the order states facts that this version does not check",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield whether the dose is what the volume holds, and what was stated but not checked."""
    yield _recomputed(case)
    if case.order.not_read:
        yield Finding(
            code="stated-but-not-checked",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"stated, and not checked by this version: {', '.join(case.order.not_read)}",
        )


def _recomputed(case: Case) -> Finding:
    concentration, volume = case.quantity("concentration"), case.quantity("volume")
    dose = case.quantity("dose")
    if concentration is None or volume is None:
        return Finding(
            code="preparation-not-stated",
            verdict=Verdict.WITHIN_LIMITS,
            message="not recomputed: concentration and volume were not both stated",
        )
    absolute = _absolute(case, dose) if dose is not None else None
    if dose is None or absolute is None or case.drug is None:
        return _not_compared("the dose is not known as a mass")
    try:
        holds = convert(_content(case, concentration, volume), absolute.unit, case.drug)
    except QuantityError as error:
        return _not_compared(str(error))
    return _agreement(absolute, holds, concentration, volume)


def _agreement(dose: Quantity, holds: Quantity, concentration: Quantity, volume: Quantity) -> Finding:
    said = f"{shown(volume)} of {shown(concentration)} holds {beside(holds, dose)}"
    if holds.size == dose.size:
        return Finding(
            code="preparation-consistent",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"{said}, the stated dose",
            observed=holds,
        )
    return Finding(
        code="preparation-contradiction",
        verdict=Verdict.STOP,
        message=f"{said}, and the stated dose is {shown(dose)}",
        observed=holds,
        ratio=holds.ratio(dose),
    )


def _not_compared(why: str) -> Finding:
    return Finding(
        code="preparation-not-compared",
        verdict=Verdict.CANNOT_CHECK,
        message=f"dose, concentration and volume were not compared: {why}",
    )


def _absolute(case: Case, dose: Quantity) -> Quantity | None:
    if has_base(dose, "time") or has_base(dose, "body_surface"):
        return None
    if not has_base(dose, "bodyweight"):
        return dose
    return whole_dose(dose, case.patient.weight, case) if case.patient.weight else None


def _content(case: Case, concentration: Quantity, volume: Quantity) -> Quantity:
    """Return how much drug a volume holds."""
    per_milliliter = concentration.to(case.formulary.units[_drug_unit(concentration) + "/mL"])
    milliliters = volume.to(case.formulary.units["mL"]).amount
    unit = case.formulary.units[_drug_unit(concentration)]
    return type(volume)(per_milliliter.amount * milliliters, unit)


def _drug_unit(concentration: Quantity) -> str:
    if substance(concentration.unit.dimension) is None:
        raise QuantityError("the concentration is not one of a drug")
    return concentration.unit.symbol.partition("/")[0].replace(" ", "_")
