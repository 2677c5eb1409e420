"""Texts of doses, ages and weights as far as a verdict depends on them, each read once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError

if TYPE_CHECKING:
    from itdose.batch.counting.sides import Sides
    from itdose.formulary import Drug, Formulary
    from itdose.quantity import Quantity

_MOST_REMEMBERED = 50_000
"""Of each kind, so that memory stays flat in the number of rows."""
_ONE = Fraction(1)


class WrittenSize(NamedTuple):
    """One text as far as a verdict depends on it."""

    shape: int
    """One for each way of writing it: dimension and remarks, or nothing stated, or refused."""
    size: Fraction
    rounded: float
    quantity: Quantity | None
    is_per_kilogram: bool

    def place_in(self, sides: Sides) -> int:
        """Return where the size lies among limits."""
        place = sides.rounded_place(self.rounded)
        return sides.exact_place(self.size) if place < 0 else place


class WrittenSizes:
    """The texts of one kind in one dialect, by the cell as it stands in the sheet."""

    def __init__(self, kind: Kind, dialect: Dialect, shapes: dict[Any, int]) -> None:
        self._kind = kind
        self._dialect = dialect
        self._shapes = shapes
        self._known: dict[str, WrittenSize] = {}
        self.get = self._known.get
        """Return what is known of a cell, or None."""

    def learn(self, cell: str, text: str | None) -> WrittenSize:
        """Read the text that a cell stands for."""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[cell] = found = self._read(text)
        return found

    def _read(self, text: str | None) -> WrittenSize:
        if text is None:
            return WrittenSize(self._shape("unstated"), _ONE, 1.0, None, is_per_kilogram=False)
        try:
            reading = read(text, self._kind, self._dialect)
        except DoseTextError:
            return WrittenSize(self._shape("refused"), _ONE, 1.0, None, is_per_kilogram=False)
        quantity = reading.quantity
        shape = (quantity.unit.dimension, tuple(remark.code for remark in reading.remarks))
        rounded = float(quantity.size)
        return WrittenSize(self._shape(shape), quantity.size, rounded, quantity, is_per_kilogram(quantity))

    def _shape(self, said: Any) -> int:
        """Return a number for a shape: it is looked up for every row, and a number is looked up fastest."""
        return self._shapes.setdefault(said, len(self._shapes))


def is_per_kilogram(quantity: Quantity) -> bool:
    """Return whether a quantity is one per body weight."""
    return ("bodyweight", -1) in quantity.unit.dimension


class SizeReader:
    """Keeps the texts of a sheet by kind and decimal sign."""

    def __init__(self, formulary: Formulary) -> None:
        self._units = formulary.units
        self._kept: dict[tuple[Kind, bool], WrittenSizes] = {}
        self._shapes: dict[Any, int] = {}

    def doses(self, drug: Drug | None, *, decimal_comma: bool) -> WrittenSizes:
        """Return the texts of doses of a drug."""
        by_volume = drug is not None and drug.by_volume
        return self.sizes(Kind.VOLUME_DOSE if by_volume else Kind.DOSE, decimal_comma=decimal_comma)

    def sizes(self, kind: Kind, *, decimal_comma: bool) -> WrittenSizes:
        """Return the texts of one kind."""
        known = self._kept.get((kind, decimal_comma))
        if known is None:
            dialect = Dialect(self._units, decimal_comma=decimal_comma)
            known = self._kept[kind, decimal_comma] = WrittenSizes(kind, dialect, self._shapes)
        return known
