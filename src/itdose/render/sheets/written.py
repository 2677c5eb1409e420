"""Quantities of a report, read back for drawing and sorting; the report's own text stays what is read."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.plain_text import shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from itdose.quantity import UnitTable

# As plain_text writes it; the grammar of doses refuses some of it, such as three decimals.
_WRITTEN = re.compile(r"(?:about )?(?P<number>[0-9]+(?:\.[0-9]+)?)(?: (?P<unit>\S.*))?", re.ASCII)
_SMALLEST = Fraction(1, 10**12)


def quantity_of(text: str, units: UnitTable) -> Quantity | None:
    """Return a quantity as a report writes it, or None for a unit that is not in the table."""
    match = _WRITTEN.fullmatch(text)
    if match is None or match["unit"] is None:
        return None
    spelling = match["unit"].replace(" ", "_")
    return Quantity(Fraction(match["number"]), units[spelling]) if spelling in units else None


def number_of(text: str) -> Fraction | None:
    """Return a number without a unit, as a report writes it."""
    match = _WRITTEN.fullmatch(text)
    return Fraction(match["number"]) if match is not None and match["unit"] is None else None


def shown_text(text: str, units: UnitTable) -> str:
    """Return a quantity in the unit that a person would write it in; as it stands where it was rounded."""
    quantity = None if text.startswith("about") else quantity_of(text, units)
    return text if quantity is None else shown(quantity)


def times(quantity: Quantity | None, other: Quantity | None) -> Fraction | None:
    """Return how many times the other goes into a quantity; None where that has no answer to draw."""
    if quantity is None or other is None or quantity.unit.dimension != other.unit.dimension:
        return None
    if not quantity.amount or not other.amount:
        return None
    ratio = quantity.ratio(other)
    return ratio if ratio >= _SMALLEST else None
