"""How much of a product holds a dose, and how much of the drug a volume holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.conversion import convert
from itdose.errors import QuantityError
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from itdose.case import Case
    from itdose.quantity import Unit


def volume_of(dose: Quantity, strength: Quantity, case: Case) -> Quantity | None:
    """Return the volume of a strength that holds a dose, or None where the units don't allow it."""
    if case.drug is None:
        return None
    try:
        mass = convert(dose, _drug_unit(strength, case), case.drug)
    except QuantityError:
        return None
    milliliter = case.formulary.units["mL"]
    return Quantity(mass.size / strength.size / milliliter.size, milliliter)


def content_of(strength: Quantity, volume: Quantity, unit: Unit, case: Case) -> Quantity | None:
    """Return how much drug a volume of a strength holds, in ``unit``, or None likewise."""
    if case.drug is None:
        return None
    drug_unit = _drug_unit(strength, case)
    content = Quantity(strength.size * volume.size / drug_unit.size, drug_unit)
    try:
        return convert(content, unit, case.drug)
    except QuantityError:
        return None


def _drug_unit(strength: Quantity, case: Case) -> Unit:
    return case.formulary.units[strength.unit.symbol.partition("/")[0].replace(" ", "_")]
