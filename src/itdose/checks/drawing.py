"""Whether the volumes can be measured, and whether the number of ampoules fits what was drawn.

A volume below a fifth of a syringe's capacity is measured badly, and below
0.1 mL no syringe measures well. Many containers for one dose have been the
sign of a large error that nobody stopped at.

Within limits: 1 mL in a 1 mL syringe.
Outside: 0.05 mL, which a first dilution would avoid; 12 vials for one dose.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.case.measures import has_base
from itdose.case.product import containers
from itdose.findings import Finding, Verdict
from itdose.plain_text import number, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.case.preparation import Preparation
    from itdose.findings import Citation
    from itdose.formulary.tables import Syringe
    from itdose.quantity import Quantity

CODES = {
    "volume-measurable": "the smallest syringe that measures the volume",
    "volume-too-small": "no syringe measures the volume well",
    "volume-between-marks": "the volume lies between two marks of its syringe",
    "volume-unusual-for-route": "the volume is more than is usually injected at once by this route",
    "units-contradiction": "the containers used hold less than what was drawn",
    "units-more-than-needed": "more containers were used than what was drawn takes",
    "units-many": "one dose takes many containers",
}
_NOT_AT_ONCE = frozenset({"short_infusion", "continuous_infusion", "patient_controlled_dose"})
_TENFOLD_DILUTIONS = (10, 100)


def check(case: Case) -> Iterator[Finding]:
    """Yield whether what is drawn up can be measured; nothing where no volume is known."""
    preparation = case.preparation
    if preparation is None or preparation.clash is not None:
        return
    drawn = preparation.quantity("draw_volume") or preparation.quantity("volume")
    if drawn is not None:
        yield from _measured(case, preparation, drawn)
        yield from _units(case, drawn)
    elif case.units_used is not None:
        yield from _many(case, _whole(case.units_used.number), case.units_used.unit_volume)
    yield from _for_the_route(case, preparation)


def syringe_for(volume: Quantity, syringes: tuple[Syringe, ...]) -> Syringe | None:
    """Return the smallest syringe that takes a volume, or None above the largest."""
    return next((syringe for syringe in syringes if volume <= syringe.volume), None)


def is_measurable(volume: Quantity, syringes: tuple[Syringe, ...]) -> bool:
    """Return whether some syringe measures a volume well; above the largest it is drawn in parts."""
    syringe = syringe_for(volume, syringes)
    return syringe is None or syringe.measures_from <= volume


def dilution_for(volume: Quantity, case: Case) -> tuple[int, Quantity] | None:
    """Return the smallest tenfold dilution after which the dose is a measurable volume, and that volume."""
    for times in _TENFOLD_DILUTIONS:
        after = volume.times(Fraction(times))
        if is_measurable(after, case.formulary.syringes):
            return times, after
    return None


def _measured(case: Case, preparation: Preparation, drawn: Quantity) -> Iterator[Finding]:
    syringes = case.formulary.syringes
    syringe = syringe_for(drawn, syringes)
    if syringe is None:
        return
    evidence = tuple(item.citation for item in syringe.evidence)
    if drawn < syringe.measures_from:
        yield Finding(
            code="volume-too-small",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{shown(drawn)} is less than a {plain(syringe.volume)} syringe measures well, "
            f"{plain(syringe.measures_from)}{_avoided(case, preparation, drawn)}",
            measure="draw_volume",
            observed=drawn,
            evidence=evidence,
        )
        return
    yield _on_marks(drawn, syringe, evidence)


def _on_marks(drawn: Quantity, syringe: Syringe, evidence: tuple[Citation, ...]) -> Finding:
    marks = f"a {plain(syringe.volume)} syringe, marked every {plain(syringe.graduation)}"
    is_between = drawn.ratio(syringe.graduation).denominator != 1
    said = "lies between the marks of" if is_between else "can be measured with"
    return Finding(
        code="volume-between-marks" if is_between else "volume-measurable",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{shown(drawn)} {said} {marks}",
        measure="draw_volume",
        observed=drawn,
        evidence=evidence,
    )


def _avoided(case: Case, preparation: Preparation, drawn: Quantity) -> str:
    strength = preparation.quantity("strength")
    found = dilution_for(drawn, case)
    if strength is None or found is None:
        return ""
    times, after = found
    weaker = strength.times(Fraction(1, times))
    return (
        f"; 1 mL of {shown(strength)} made up to {times} mL is {shown(weaker)}, of which {shown(after)} "
        "holds the same, where it may be diluted"
    )


def _units(case: Case, drawn: Quantity) -> Iterator[Finding]:
    used = case.units_used
    sizes = _sizes(case)
    if used is not None and used.unit_volume is not None:
        yield from _against_drawn(used.number, used.unit_volume, drawn)
    if used is None and len(sizes) == 1:
        count = _whole(drawn.ratio(sizes[0]))
        yield from _many(case, count, sizes[0])
    elif used is not None:
        yield from _many(case, _whole(used.number), used.unit_volume)


def _for_the_route(case: Case, preparation: Preparation) -> Iterator[Finding]:
    """Yield a volume that is more than usual at once, where no rule of the drug speaks of volumes."""
    volume, dose = preparation.quantity("volume"), case.quantity("dose")
    found = case.formulary.route_volume(case.route) if case.route else None
    own = any(limits.measure == "volume" for match in case.matches for limits in match.rule.limits)
    is_rate = dose is None or has_base(dose, "time") or case.mode in _NOT_AT_ONCE
    if found is None or volume is None or own or is_rate:
        return
    usual, evidence = found
    if usual < volume:
        yield Finding(
            code="volume-unusual-for-route",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{shown(volume)} is more than is usually injected at once by the {case.route} route, "
            f"{plain(usual)}",
            measure="volume",
            observed=volume,
            evidence=tuple(item.citation for item in evidence),
        )


def _sizes(case: Case) -> tuple[Quantity, ...]:
    if case.product is None:
        return ()
    found = containers(case.product, case.formulary.units)
    return tuple({item.volume.size: item.volume for item in found}.values())


def _against_drawn(count: Fraction, size: Quantity, drawn: Quantity) -> Iterator[Finding]:
    hold = size.times(count)
    said = f"{number(count)} of {shown(size)} hold {shown(hold)}, and {shown(drawn)} was drawn"
    if hold < drawn:
        yield Finding(code="units-contradiction", verdict=Verdict.STOP, message=said, observed=hold)
    elif drawn <= size.times(count - 1):
        needed = _whole(drawn.ratio(size))
        yield Finding(
            code="units-more-than-needed",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{said}; {number(needed)} would do",
            observed=hold,
        )


def _whole(count: Fraction) -> Fraction:
    return Fraction(-(-count.numerator // count.denominator))


def _many(case: Case, count: Fraction, size: Quantity | None) -> Iterator[Finding]:
    reminder = case.formulary.reminder("many_containers")
    if reminder.more_than is not None and count > reminder.more_than:
        of = f" of {shown(size)}" if size is not None else ""
        yield Finding(
            code="units-many",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"one dose takes {number(count)} containers{of}; {reminder.says}",
            evidence=tuple(item.citation for item in reminder.evidence),
        )
