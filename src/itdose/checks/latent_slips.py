"""For a dose inside its limits: the nearest slip that would reach a hard limit or a toxic dose.

One line that never changes the verdict. A toxic level counts before a hard
limit, then the smallest step. The stocked product is named that makes the
slip easy.

Within limits: fentanyl 50 mcg intravenously has its hard limit at four times.
Outside: magnesium sulfate 50 mg is 0.1 mL of the 50 % ampoule, and 1 mL of it is the toxic dose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.case.measures import NOT_OF_THE_DOSE
from itdose.case.volumes import volume_of
from itdose.checks.judgement import judge
from itdose.checks.limit_texts import reached_limit
from itdose.checks.slip_ways import WAYS
from itdose.checks.stock import is_drawn, stocked, whole_contents
from itdose.findings import Finding, Limit, Verdict
from itdose.guardrail import Zone
from itdose.plain_text import number, plain, shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from itdose.case import Case
    from itdose.formulary import Slip
    from itdose.formulary.tables import Product

CODES = {
    "latent-slip-found": "a known slip of this dose would reach a hard limit or a toxic dose",
    "latent-slip-not-found": "no known slip of this dose would reach a hard limit",
    "latent-slips-not-checked": "latent slips are looked for only in a dose that a rule contains",
}
_WHOLE = "whole_container"
_FIGURE_AS_VOLUME = "volume_number"
# These leave the dose as it is, and change what it is compared with.
_ANOTHER_ORDER = frozenset({"other_route", "look_alike", "daily_dose"})


class _Step(NamedTuple):
    """What a slip would make of the dose, and the limit that it would reach."""

    slip: Slip
    factor: Fraction
    product: Product | None
    limit: Limit
    observed: Quantity


def check(case: Case) -> Iterator[Finding]:
    """Yield the nearest slip of an ordinary dose that would reach a hard limit."""
    dose = case.quantity("dose")
    if dose is None or not judge(case).contained:
        yield Finding(
            code="latent-slips-not-checked",
            verdict=Verdict.WITHIN_LIMITS,
            message="not looked for: no rule contains the dose",
        )
        return
    step = _nearest(case, dose)
    if step is None:
        yield Finding(
            code="latent-slip-not-found",
            verdict=Verdict.WITHIN_LIMITS,
            message="no known slip of this dose would reach a hard limit",
        )
        return
    slipped = dose.times(step.factor)
    words = step.slip.mechanism.replace("_", " ")
    yield Finding(
        code="latent-slip-found",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{words}: {number(step.factor)} times this dose, {shown(slipped)}, "
        f"is {reached_limit(step.limit)}{_easily(case, step.product, dose, slipped)}",
        detail=f"How it happens: {step.slip.why}.",
        mechanism=step.slip.mechanism,
        observed=step.observed,
        limit=step.limit,
        evidence=tuple(step.slip.citations),
    )


def _nearest(case: Case, dose: Quantity) -> _Step | None:
    """Return the smallest step that reaches a toxic level or, without one, a hard limit."""
    nearest = None
    larger = (item for item in _factors(case, dose) if item[1] > 1)
    for slip, factor, product in sorted(larger, key=lambda item: item[1]):
        reached = limit_reached(case, factor)
        if reached is not None:
            step = _Step(slip, factor, product, *reached)
            if step.limit.kind == "toxic_from":
                return step
            nearest = nearest or step
    return nearest


def _factors(case: Case, dose: Quantity) -> Iterator[tuple[Slip, Fraction, Product | None]]:
    """Yield how many times the dose each slip would make of it, with the product that it needs."""
    for slip in case.formulary.slips:
        if slip.works_by == _WHOLE:
            for product, _, content in whole_contents(case, dose.unit):
                yield slip, content.ratio(dose), product
            continue
        if slip.works_by in _ANOTHER_ORDER:
            continue
        if slip.works_by == _FIGURE_AS_VOLUME and not _is_injectable(case, dose):
            continue
        for undone in WAYS[slip.works_by](case, dose, slip):
            # Undoing and doing a slip are each other's inverse, and both directions are known.
            if undone.factor:
                yield slip, 1 / undone.factor, None


def _is_injectable(case: Case, dose: Quantity) -> bool:
    """Return whether the dose's figure, as milliliters, is a volume that this route takes."""
    return is_drawn(Quantity(dose.amount, case.formulary.units["mL"]), case)


def limit_reached(case: Case, factor: Fraction) -> tuple[Limit, Quantity] | None:
    """Return the worst limit that so many times the dose reaches by any rule."""
    hard = None
    for match in case.matches:
        for _, item in match.comparisons:
            if item.measure in NOT_OF_THE_DOSE:
                continue
            observed, bounds = item.observed.times(factor), item.guardrail
            zone = bounds.zone(observed)
            if zone is Zone.AT_TOXIC_LEVEL and bounds.toxic_from is not None:
                return Limit("toxic_from", bounds.toxic_from), observed
            if zone is Zone.ABOVE_HARD_LIMIT and bounds.upper_hard is not None:
                hard = hard or (Limit("upper_hard", bounds.upper_hard), observed)
    return hard


def _easily(case: Case, product: Product | None, dose: Quantity, slipped: Quantity) -> str:
    """Name the product of which the slipped dose is easily drawn up."""
    volumes = []
    for item in (product,) if product else stocked(case):
        small, large = (volume_of(quantity, item.strength, case) for quantity in (dose, slipped))
        if small is not None and large is not None:
            # The volume nearest to one milliliter is the one that is drawn without thinking.
            volumes.append((max(large.amount, 1 / large.amount), item.name, small, large))
    if not volumes:
        return ""
    _, name, small, large = min(volumes, key=lambda item: item[:2])
    return f"; {plain(small)} of {name} is this dose, and {plain(large)} holds {shown(slipped)}"
