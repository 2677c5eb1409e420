"""Texts of doses, ages and weights as far as a verdict depends on them, each read once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError

if TYPE_CHECKING:
    from itdose.formulary import Drug, Formulary
    from itdose.quantity import Quantity

_MOST_REMEMBERED = 50_000
"""Of each kind, so that memory stays flat in the number of rows."""
_ONE = Fraction(1)


class WrittenSize(NamedTuple):
    """One text as far as a verdict depends on it."""

    shape: Any
    """How it is written: its dimension and its remarks; None where nothing is stated."""
    size: Fraction
    rounded: float
    per_kilogram: bool = False


UNSTATED = WrittenSize(None, _ONE, 1.0)
_REFUSED = WrittenSize("refused", _ONE, 1.0)


class WrittenSizes:
    """The texts of one kind in one dialect, by the cell as it stands in the sheet."""

    def __init__(self, kind: Kind, dialect: Dialect) -> None:
        self._kind = kind
        self._dialect = dialect
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
            return UNSTATED
        try:
            reading = read(text, self._kind, self._dialect)
        except DoseTextError:
            return _REFUSED
        quantity = reading.quantity
        shape = (quantity.unit.dimension, tuple(remark.code for remark in reading.remarks))
        return WrittenSize(shape, quantity.size, float(quantity.size), is_per_kilogram(quantity))


def is_per_kilogram(quantity: Quantity) -> bool:
    """Return whether a quantity is one per body weight."""
    return ("bodyweight", -1) in quantity.unit.dimension


class SizeReader:
    """Keeps the texts of a sheet by kind and dialect."""

    def __init__(self, formulary: Formulary) -> None:
        self._units = formulary.units
        self._kept: dict[tuple[Kind, bool], WrittenSizes] = {}

    def doses(self, drug: Drug | None, *, decimal_comma: bool) -> WrittenSizes:
        """Return the texts of doses of a drug."""
        by_volume = drug is not None and drug.by_volume
        return self._sizes(Kind.VOLUME_DOSE if by_volume else Kind.DOSE, decimal_comma)

    def ages(self, *, decimal_comma: bool) -> WrittenSizes:
        """Return the texts of ages."""
        return self._sizes(Kind.AGE, decimal_comma)

    def weights(self, *, decimal_comma: bool) -> WrittenSizes:
        """Return the texts of body weights."""
        return self._sizes(Kind.WEIGHT, decimal_comma)

    def _sizes(self, kind: Kind, decimal_comma: bool) -> WrittenSizes:  # noqa: FBT001 - private
        known = self._kept.get((kind, decimal_comma))
        if known is None:
            known = WrittenSizes(kind, Dialect(self._units, decimal_comma=decimal_comma))
            self._kept[kind, decimal_comma] = known
        return known
