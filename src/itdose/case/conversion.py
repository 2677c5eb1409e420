"""Between mass, amount, charge and element of one drug, by the drug's own cited factors."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.dose_kind import SUBSTANCE
from itdose.errors import QuantityError
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.findings import Citation
    from itdose.formulary import Drug
    from itdose.quantity import Dimension, Unit

_FACTOR_UNITS = {"amount": "mmol", "equivalents": "mEq", "elemental_mass": "mg_elemental"}
# Factors are stated per gram in thousandths of the base unit: mmol, mEq, mg.
_THOUSANDTH = Fraction(1, 1000)


def substance(dimension: Dimension) -> str | None:
    """Return the dimension in which the drug itself is measured."""
    return next((base for base, exponent in dimension if exponent == 1 and base in SUBSTANCE), None)


def convert(quantity: Quantity, unit: Unit, drug: Drug) -> Quantity:
    """Return the same dose in ``unit``, or unchanged where no factor is needed.

    Only the drug's part of the dimension may differ, such as mmol/kg for
    mg/kg. Raises QuantityError where the drug has no cited factor.
    """
    given, dimension = quantity.unit.dimension, unit.dimension
    if given == dimension:
        return quantity
    have, want = substance(given), substance(dimension)
    if have is None or want is None or _without(given, have) != _without(dimension, want):
        raise QuantityError(f"{quantity.unit.symbol} does not say the same kind of thing")
    size = quantity.size * _per_gram(want, drug) / _per_gram(have, drug)
    return Quantity(size / unit.size, unit)


def factors_used(have: str | None, want: str | None, drug: Drug) -> Iterator[tuple[str, Citation]]:
    """Yield the units whose factors a conversion used, each with its citation."""
    for base in (have, want):
        unit = _FACTOR_UNITS.get(base or "", "")
        if unit in drug.conversion_citations:
            yield unit, drug.conversion_citations[unit]


def _per_gram(base: str, drug: Drug) -> Fraction:
    if base == "mass":
        return Fraction(1)
    unit = _FACTOR_UNITS.get(base, "")
    if unit not in drug.conversions:
        what = unit.replace("_", " ") or base.replace("_", " ")
        raise QuantityError(f"{drug.name} has no cited factor between mg and {what}")
    return drug.conversions[unit] * _THOUSANDTH


def _without(dimension: Dimension, base: str) -> Dimension:
    return tuple(item for item in dimension if item[0] != base)
