"""The kinds of quantity that a text can state, by the dimensions that each may have."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from itdose.quantity import Dimension

SUBSTANCE = frozenset({"mass", "elemental_mass", "amount", "equivalents", "activity"})
"""The dimensions in which a drug is measured."""
_VOLUME = frozenset({"volume"})


class Kind(Enum):
    """What a text is expected to say, with an example for messages."""

    DOSE = ("a dose", "50 mg")
    VOLUME_DOSE = ("a dose by volume", "100 mL")
    CONCENTRATION = ("a concentration", "50 mg/mL")
    VOLUME = ("a volume", "10 mL")
    FLOW_RATE = ("a flow rate", "2 mL/h")
    WEIGHT = ("a body weight", "70 kg")
    HEIGHT = ("a body height", "170 cm")
    DURATION = ("a duration", "30 min")
    AGE = ("an age", "54 years")

    def __init__(self, noun: str, example: str) -> None:
        self.noun = noun
        self.example = example

    def accepts(self, dimension: Dimension) -> bool:
        """Return whether a unit of this dimension can say this kind of thing."""
        if self is Kind.DOSE:
            return is_dose(dimension)
        if self is Kind.VOLUME_DOSE:
            return is_dose(dimension, of=_VOLUME)
        if self is Kind.CONCENTRATION:
            return _is_concentration(dimension)
        return dimension == _DIMENSIONS[self]


_DIMENSIONS: dict[Kind, Dimension] = {
    Kind.VOLUME: (("volume", 1),),
    Kind.FLOW_RATE: (("time", -1), ("volume", 1)),
    Kind.WEIGHT: (("bodyweight", 1),),
    Kind.HEIGHT: (("length", 1),),
    Kind.DURATION: (("time", 1),),
    Kind.AGE: (("time", 1),),
}
_DOSE_DIVISORS = (
    {"bodyweight"},
    {"body_surface"},
    {"time"},
    {"bodyweight", "time"},
    {"body_surface", "time"},
)


def is_dose(dimension: Dimension, of: frozenset[str] = SUBSTANCE) -> bool:
    """Return whether this is drug, perhaps per body weight or surface, perhaps per time."""
    above = [base for base, exponent in dimension if exponent == 1]
    below = {base for base, exponent in dimension if exponent == -1}
    plain = len(above) + len(below) == len(dimension)
    return plain and len(above) == 1 and above[0] in of and (not below or below in _DOSE_DIVISORS)


def _is_concentration(dimension: Dimension) -> bool:
    powers = dict(dimension)
    return powers.pop("volume", 0) == -1 and is_dose(tuple(powers.items())) and len(powers) == 1
