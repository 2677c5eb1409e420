"""Whether the concentration is a published standard one for this drug, route and way of giving it.

Standards are those of one country, hospital group or device. Another
concentration is named and never changes the verdict.

Within limits: morphine 1 mg/mL for an infusion into a vein.
Outside: morphine 3 mg/mL there, which no list has; it is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.conversion import convert
from itdose.errors import QuantityError
from itdose.findings import Finding, Verdict
from itdose.plain_text import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.quantity import Quantity

CODES = {
    "concentration-standard": "the concentration is a published standard one",
    "concentration-not-standard": "the concentration is none of the published standard ones",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield whether the concentration is a standard one; nothing where none is known or published."""
    concentration = case.preparation.quantity("concentration") if case.preparation else None
    if case.drug is None or concentration is None:
        return
    modes = {match.rule.mode for match in case.matches}
    found = [
        item
        for item in case.drug.standard_concentrations
        if item.route == case.route and (item.mode == case.mode or (case.mode is None and item.mode in modes))
    ]
    if not found:
        return
    standards = [strength for item in found for strength in item.concentrations]
    evidence = tuple(dict.fromkeys(place.citation for item in found for place in item.evidence))
    if any(_same(case, strength, concentration) for strength in standards):
        yield Finding(
            code="concentration-standard",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"{shown(concentration)} is a published standard concentration",
            observed=concentration,
            evidence=evidence,
        )
        return
    names = ", ".join(dict.fromkeys(plain(strength) for strength in standards))
    yield Finding(
        code="concentration-not-standard",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{shown(concentration)} is none of the published standard concentrations: {names}",
        observed=concentration,
        evidence=evidence,
    )


def _same(case: Case, standard: Quantity, concentration: Quantity) -> bool:
    if case.drug is None:
        return False
    try:
        return convert(standard, concentration.unit, case.drug).same_as(concentration)
    except QuantityError:
        return False
