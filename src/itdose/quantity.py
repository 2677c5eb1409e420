"""Exact quantities: a rational amount and a unit from a closed list.

Body weight, drug activity, amount of substance, equivalents and elemental
mass are dimensions of their own, so ``mg/kg`` never cancels to a number and
nothing becomes a mass of drug without the drug's own factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from itdose.errors import QuantityError

if TYPE_CHECKING:
    from collections.abc import Iterator

Dimension = tuple[tuple[str, int], ...]
"""Base dimensions with their exponents, sorted by name: ``(("bodyweight", -1), ("mass", 1))``."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its symbol, its dimension and its exact size in the dimension's base unit."""

    symbol: str
    dimension: Dimension
    size: Fraction

    def __truediv__(self, other: Unit) -> Unit:
        """Return the unit "this per other"."""
        powers = dict(self.dimension)
        for base, exponent in other.dimension:
            powers[base] = powers.get(base, 0) - exponent
        dimension = tuple(sorted((base, n) for base, n in powers.items() if n))
        return Unit(f"{self.symbol}/{other.symbol}", dimension, self.size / other.size)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount of a unit. Comparison multiplies, and never divides or rounds.

    ``<`` and ``<=`` compare sizes across units; ``==`` asks whether two
    quantities are written alike.
    """

    amount: Fraction
    unit: Unit

    @property
    def size(self) -> Fraction:
        """Return the amount in the base unit of the dimension."""
        return self.amount * self.unit.size

    def to(self, unit: Unit) -> Quantity:
        """Return the same quantity in ``unit``; refuse a unit of another dimension."""
        self._same_dimension(unit)
        return Quantity(self.size / unit.size, unit)

    def ratio(self, other: Quantity) -> Fraction:
        """Return how many times ``other`` goes into this quantity; refuse a zero."""
        self._same_dimension(other.unit)
        if not other.amount:
            raise QuantityError(f"no ratio to a zero amount of {other.unit.symbol}")
        return self.size / other.size

    def times(self, factor: Fraction) -> Quantity:
        """Return ``factor`` times this quantity in the same unit."""
        return Quantity(self.amount * factor, self.unit)

    def per(self, other: Quantity) -> Quantity:
        """Return this quantity per ``other``, such as a dose per 30 min."""
        if not other.amount:
            raise QuantityError(f"nothing can be given per zero {other.unit.symbol}")
        return Quantity(self.amount / other.amount, self.unit / other.unit)

    def same_as(self, other: Quantity) -> bool:
        """Return whether both say the same, in whatever unit; never across dimensions."""
        return self.unit.dimension == other.unit.dimension and self.size == other.size

    def __lt__(self, other: Quantity) -> bool:
        own, theirs = self._multiplied_out(other)
        return own < theirs

    def __le__(self, other: Quantity) -> bool:
        own, theirs = self._multiplied_out(other)
        return own <= theirs

    def _multiplied_out(self, other: Quantity) -> tuple[int, int]:
        """Return both as whole numbers of one tiny unit.

        Comparing is most of a check, and reducing the fractions most of comparing.
        """
        self._same_dimension(other.unit)
        one, two = self.amount, other.amount
        size_one, size_two = self.unit.size, other.unit.size
        return (
            one.numerator * size_one.numerator * two.denominator * size_two.denominator,
            two.numerator * size_two.numerator * one.denominator * size_one.denominator,
        )

    def _same_dimension(self, unit: Unit) -> None:
        if self.unit.dimension != unit.dimension:
            raise QuantityError(f"{self.unit.symbol} can't be compared with {unit.symbol}")


class _UnitsOfRows(Mapping[str, Unit]):
    """The units of a compiled formulary by their spellings, each made once, when it is used."""

    def __init__(self, rows: Mapping[str, tuple[str, dict[str, int], int, int]]) -> None:
        self._rows = rows
        self._made: dict[str, Unit] = {}

    def __getitem__(self, spelling: str) -> Unit:
        if spelling not in self._made:
            symbol, dimension, numerator, denominator = self._rows[spelling]
            size = Fraction(numerator, denominator)
            self._made[spelling] = Unit(symbol, tuple(sorted(dimension.items())), size)
        return self._made[spelling]

    def __contains__(self, spelling: object) -> bool:
        return spelling in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Every accepted spelling of every unit, and nothing else."""

    spellings: Mapping[str, Unit]

    def __getitem__(self, spelling: str) -> Unit:
        """Return the unit so spelled; ``/`` reads as "per", from left to right."""
        first, *rest = (self.spellings[part] for part in spelling.split("/"))
        for unit in rest:
            first = first / unit
        return first

    def __contains__(self, spelling: str) -> bool:
        return all(part in self.spellings for part in spelling.split("/"))

    def to_rows(self) -> dict[str, list[object]]:
        """Return the table as plain JSON: sizes as pairs of integers."""
        return {
            spelling: [unit.symbol, dict(unit.dimension), unit.size.numerator, unit.size.denominator]
            for spelling, unit in self.spellings.items()
        }

    @classmethod
    def from_rows(cls, rows: Mapping[str, tuple[str, dict[str, int], int, int]]) -> UnitTable:
        """Return the table that ``to_rows`` wrote; a unit is made when it is first used."""
        return cls(_UnitsOfRows(rows))

    @classmethod
    def from_definitions(cls, definitions: str) -> UnitTable:
        """Read unit definitions with pint, in a registry that holds these and no default unit."""
        # Imported here: pint costs more than a whole check, and only the
        # compile step needs it.
        import pint  # noqa: PLC0415

        registry: Any = pint.UnitRegistry(None, non_int_type=Fraction, on_redefinition="raise")
        registry.load_definitions(definitions.splitlines())
        spellings = {}
        for spelling, definition in registry._units.items():  # noqa: SLF001
            root = registry.Quantity(Fraction(1), spelling).to_root_units()
            dimension = tuple(
                sorted((str(base)[1:-1], int(exponent)) for base, exponent in root.dimensionality.items())
            )
            symbol = str(definition.symbol).replace("_", " ")
            spellings[spelling] = Unit(symbol, dimension, _exact(root.magnitude, spelling))
        return cls(spellings)


def _exact(size: object, spelling: str) -> Fraction:
    # A float here would mean that a unit's size was rounded on its way through pint.
    if isinstance(size, bool) or not isinstance(size, int | Fraction):
        raise QuantityError(f"the size of {spelling} is not an exact number: {size!r}")
    return Fraction(size)
