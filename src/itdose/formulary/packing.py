"""Quantities, ranges and evidence as plain rows: exact integers and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from itdose.band import Band
    from itdose.formulary.model import EvidenceModel
    from itdose.formulary.quantity_fields import Span
    from itdose.quantity import Quantity

Row = dict[str, Any]


def pack(quantity: Quantity) -> list[object]:
    """Return a quantity as two integers and its unit."""
    spelling = quantity.unit.symbol.replace(" ", "_")
    return [*pair(quantity.amount), spelling]


def pack_span(span: Span) -> list[object]:
    """Return both ends of a range."""
    return [pack(span.low) if span.low else None, pack(span.high)]


def pack_band(band: Band | None) -> list[object] | None:
    """Return both ends of a band, either of which may be open."""
    return [pack(end) if end else None for end in (band.low, band.high)] if band else None


def pair(number: Fraction) -> list[int]:
    """Return a number as two integers."""
    return [number.numerator, number.denominator]


def evidence_rows(evidence: tuple[EvidenceModel, ...]) -> list[Row]:
    """Return places in sources as rows."""
    return [
        {
            "stated_by": [item.source, item.where],
            "supports": list(item.supports),
            "differs": list(item.differs),
            "says": item.says,
        }
        for item in evidence
    ]
