"""For a dose inside its limits: whether ten times as much would reach a hard limit or a toxic dose.

One line that never changes the verdict. It names the stocked product that
makes the slip easy.

Within limits: fentanyl 50 mcg intravenously has its hard limit at four times.
Outside: magnesium sulfate 50 mg is 0.1 mL of the 50 % ampoule, and 1 mL of it is the toxic dose.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.case.matching import match_rules
from itdose.checks.judgement import judge
from itdose.checks.slip_mechanisms import volume_of, with_dose
from itdose.findings import Finding, Limit, Verdict
from itdose.guardrail import Zone
from itdose.plain_text import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.findings import Comparison
    from itdose.quantity import Quantity

CODES = {
    "latent-slip-tenfold": "ten times this dose would reach a hard limit or a toxic dose",
    "latent-slip-not-found": "ten times this dose would reach no hard limit",
    "latent-slips-not-checked": "latent slips are looked for only in a dose that a rule contains",
}
_TENFOLD = Fraction(10)


def check(case: Case) -> Iterator[Finding]:
    """Yield what a tenfold slip of an ordinary dose would reach."""
    dose = case.quantity("dose")
    if dose is None or not judge(case).contained:
        yield Finding(
            code="latent-slips-not-checked",
            verdict=Verdict.WITHIN_LIMITS,
            message="not looked for: no rule contains the dose",
        )
        return
    tenfold = dose.times(_TENFOLD)
    reached = _reached(case, tenfold)
    if reached is None:
        yield Finding(
            code="latent-slip-not-found",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"ten times this dose, {shown(tenfold)}, reaches no hard limit",
        )
        return
    limit, observed = reached
    yield Finding(
        code="latent-slip-tenfold",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"ten times this dose, {shown(tenfold)}, {_words(limit)}{_product(case, dose, tenfold)}",
        mechanism="tenfold",
        observed=observed,
        limit=limit,
    )


def _reached(case: Case, tenfold: Quantity) -> tuple[Limit, Quantity] | None:
    """Return the worst limit that the tenfold dose reaches by any rule, and the dose in that measure."""
    reached = (
        (limit, comparison.observed)
        for match in match_rules(with_dose(case, tenfold, "tenfold"))
        for _, comparison in match.comparisons
        if (limit := _limit(comparison)) is not None
    )
    return min(reached, key=lambda pair: pair[0].kind != "toxic_from", default=None)


def _limit(comparison: Comparison) -> Limit | None:
    bounds = comparison.guardrail
    if comparison.zone is Zone.AT_TOXIC_LEVEL and bounds.toxic_from is not None:
        return Limit("toxic_from", bounds.toxic_from)
    if comparison.zone is Zone.ABOVE_HARD_LIMIT and bounds.upper_hard is not None:
        return Limit("upper_hard", bounds.upper_hard)
    return None


def _words(limit: Limit) -> str:
    if limit.kind == "toxic_from":
        return f"is at or above the toxic level, {plain(limit.value)}"
    return f"is above the upper hard limit, {plain(limit.value)}"


def _product(case: Case, dose: Quantity, tenfold: Quantity) -> str:
    """Name the product in which the tenfold dose is easily drawn up."""
    volumes = []
    products = case.drug.products if case.drug else ()
    by_this_route = tuple(product for product in products if case.route in product.labelled_routes)
    for product in by_this_route or products:
        small, large = (volume_of(quantity, product.strength, case) for quantity in (dose, tenfold))
        if small is not None and large is not None:
            # The volume nearest to one milliliter is the one that is drawn without thinking.
            volumes.append((max(large.amount, 1 / large.amount), product.name, small, large))
    if not volumes:
        return ""
    _, name, small, large = min(volumes, key=lambda item: item[:2])
    return f"; {plain(small)} of {name} is this dose, and {plain(large)} is ten times it"
