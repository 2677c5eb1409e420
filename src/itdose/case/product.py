"""Which product an order names, how many units of it, and what one unit holds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.dose_kind import Kind
from itdose.dose_text import Reading, read
from itdose.errors import DoseTextError, UnknownNameError
from itdose.formulary.names import near_names, normal_name, product_name
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.dose_text import Dialect
    from itdose.formulary import Drug
    from itdose.formulary.tables import Product
    from itdose.quantity import UnitTable

# Not compiled here: a check of a dose alone needs neither.
_UNITS_USED = (
    r"(?P<count>[1-9][0-9]{0,2}|(?:0|[1-9][0-9]{0,2})\.[0-9]{1,2})"
    r"(?: ?(?:ampoules?|ampules?|amps?|vials?|syringes?|bags?|cartridges?|units?))?"
    r"(?: ?(?:x|of) ?(?P<size>[0-9].*))?"
)
UNITS_EXAMPLE = "'2', or '2 x 10 mL'"


class UnitsUsed(NamedTuple):
    """How many ampoules, vials or bags were used, and what one of them holds."""

    number: Fraction
    unit_volume: Quantity | None
    """None where the product comes in several sizes and the order does not say which."""


class Container(NamedTuple):
    """One size in which a product comes."""

    volume: Quantity
    kind: str
    """``ampoule``, ``vial`` …"""


def find_product(text: str, drug: Drug, dialect: Dialect) -> tuple[Product | None, Reading | None]:
    """Return the product of this name or strength, and the strength as it was read.

    A strength that several products share is read and names none of them.
    Raises UnknownNameError for what is neither a name nor a strength.
    """
    by_name = {product_name(product.name): product for product in drug.products}
    wanted = product_name(text)
    if wanted in by_name:
        product = by_name[wanted]
        return product, Reading(text, product.strength)
    strength = _strength_in(text, drug, dialect)
    if strength is None:
        near = tuple(by_name[name].name for name in near_names(wanted, by_name))
        known = ", ".join(product.name for product in drug.products) or "none"
        raise UnknownNameError("product", text, near, f"Products of {drug.name}: {known}.")
    same = [item for item in drug.products if item.strength.same_as(strength.quantity)]
    return (same[0] if len(same) == 1 else None), strength


def _strength_in(text: str, drug: Drug, dialect: Dialect) -> Reading | None:
    """Read ``magnesium 50 %`` or ``500 mg/mL`` as a strength of the drug."""
    for name in sorted((drug.name, *drug.synonyms, ""), key=len, reverse=True):
        if normal_name(text).startswith(normal_name(name)):
            rest = text.strip()[len(name) :].strip()
            try:
                return read(rest, Kind.CONCENTRATION, dialect)
            except DoseTextError:
                continue
    return None


def read_units_used(text: str, product: Product | None, dialect: Dialect) -> UnitsUsed:
    """Read a number of units, perhaps with their size; raise DoseTextError for anything else."""
    match = re.fullmatch(_UNITS_USED, text.strip(), re.IGNORECASE | re.ASCII)
    if match is None or not Fraction(match["count"]):
        raise DoseTextError(text, "units-used", "it is no number of ampoules", f"write {UNITS_EXAMPLE}")
    if match["size"]:
        return UnitsUsed(Fraction(match["count"]), read(match["size"], Kind.VOLUME, dialect).quantity)
    sizes = {item.volume.size: item.volume for item in containers(product, dialect.units)} if product else {}
    return UnitsUsed(Fraction(match["count"]), next(iter(sizes.values())) if len(sizes) == 1 else None)


def containers(product: Product, units: UnitTable) -> Iterator[Container]:
    """Yield the sizes in which a product comes, as far as the formulary gives their volume."""
    for text in product.containers:
        number, _, rest = text.partition(" ")
        unit, _, kind = rest.partition(" ")
        if unit == "mL" and number.replace(".", "", 1).isdecimal():
            yield Container(Quantity(Fraction(number), units[unit]), kind or "container")
