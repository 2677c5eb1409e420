"""Whether the free text of a dosage names another amount than its numbers: 500 mg beside 50 mg."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = r"micrograms?|mcg|ug|[\u00b5\u03bc]g|milligrams?|mg|grams?|g|mEq|mmol|units|IU"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<number>[0-9]{{1,7}}(?:[.,][0-9]{{1,4}})?) ?(?P<unit>{_UNITS})(?![^\W\d_])"
)
_MASSES = {"mcg": 1, "ug": 1, "\u00b5g": 1, "\u03bcg": 1, "microgram": 1, "mg": 1000, "milligram": 1000}
_MASSES |= {"g": 1_000_000, "gram": 1_000_000}
_Amount = tuple[str, Fraction]


def names_another_amount(text: str, dose: str) -> bool:
    """Return whether a text names amounts of drug, and none of them is the dose's."""
    named, stated = _amounts(text), _amounts(dose)
    return bool(named and stated) and not named & stated


def _amounts(text: str) -> set[_Amount]:
    return {_amount(match["number"], match["unit"]) for match in _AMOUNT.finditer(text)}


def _amount(number: str, unit: str) -> _Amount:
    """Return an amount in one unit, where it is a mass; it is only compared, never checked as a dose."""
    amount = Fraction(number.replace(",", "."))
    one = unit.removesuffix("s") if unit != "units" else unit
    if one in _MASSES:
        return "mass", amount * _MASSES[one]
    return unit.replace("IU", "units"), amount
