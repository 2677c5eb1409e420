from __future__ import annotations

from fractions import Fraction

import pytest

from itdose.errors import QuantityError
from itdose.guardrail import Guardrail, Zone
from itdose.quantity import Quantity, Unit

MASS = (("mass", 1),)
UNITS = {
    "g": Unit("g", MASS, Fraction(1)),
    "mg": Unit("mg", MASS, Fraction(1, 1000)),
    "mcg": Unit("mcg", MASS, Fraction(1, 1_000_000)),
    "mg/kg": Unit("mg/kg", (("bodyweight", -1), ("mass", 1)), Fraction(1, 1000)),
}


def quantity(text: str) -> Quantity:
    amount, unit = text.split()
    return Quantity(Fraction(amount), UNITS[unit])


def guardrail(**limits: str) -> Guardrail:
    return Guardrail(**{kind: quantity(text) for kind, text in limits.items()})


LIMITS = guardrail(
    lower_hard="5 mg", lower_soft="10 mg", upper_soft="100 mg", upper_hard="250 mg", toxic_from="500 mg"
)


@pytest.mark.parametrize(
    ("dose", "zone"),
    [
        ("4.999 mg", Zone.BELOW_HARD_LIMIT),
        ("4999 mcg", Zone.BELOW_HARD_LIMIT),
        ("5 mg", Zone.BELOW_SOFT_LIMIT),
        ("5000 mcg", Zone.BELOW_SOFT_LIMIT),
        ("5.001 mg", Zone.BELOW_SOFT_LIMIT),
        ("9.999 mg", Zone.BELOW_SOFT_LIMIT),
        ("9999 mcg", Zone.BELOW_SOFT_LIMIT),
        ("10 mg", Zone.WITHIN_LIMITS),
        ("10000 mcg", Zone.WITHIN_LIMITS),
        ("10.001 mg", Zone.WITHIN_LIMITS),
        ("99.999 mg", Zone.WITHIN_LIMITS),
        ("100 mg", Zone.WITHIN_LIMITS),
        ("0.1 g", Zone.WITHIN_LIMITS),
        ("100.001 mg", Zone.ABOVE_SOFT_LIMIT),
        ("100001 mcg", Zone.ABOVE_SOFT_LIMIT),
        ("250 mg", Zone.ABOVE_SOFT_LIMIT),
        ("0.25 g", Zone.ABOVE_SOFT_LIMIT),
        ("250.001 mg", Zone.ABOVE_HARD_LIMIT),
        ("250001 mcg", Zone.ABOVE_HARD_LIMIT),
        ("499.999 mg", Zone.ABOVE_HARD_LIMIT),
        ("499999 mcg", Zone.ABOVE_HARD_LIMIT),
        ("500 mg", Zone.AT_TOXIC_LEVEL),
        ("0.5 g", Zone.AT_TOXIC_LEVEL),
        ("500.001 mg", Zone.AT_TOXIC_LEVEL),
    ],
)
def test_a_value_equal_to_a_limit_is_inside_it_and_the_toxic_level_is_toxic(dose: str, zone: Zone) -> None:
    assert LIMITS.zone(quantity(dose)) is zone


def test_a_difference_beyond_any_float_still_counts() -> None:
    hair = Fraction(1, 10**30)
    assert LIMITS.zone(Quantity(100 + hair, UNITS["mg"])) is Zone.ABOVE_SOFT_LIMIT
    assert LIMITS.zone(Quantity(500 - hair, UNITS["mg"])) is Zone.ABOVE_HARD_LIMIT


@pytest.mark.parametrize(
    ("limits", "dose", "zone"),
    [
        ({"upper_soft": "100 mg"}, "1 mcg", Zone.WITHIN_LIMITS),
        ({"upper_soft": "100 mg"}, "101 mg", Zone.ABOVE_SOFT_LIMIT),
        ({"upper_hard": "100 mg"}, "100 mg", Zone.WITHIN_LIMITS),
        ({"upper_hard": "100 mg"}, "101 mg", Zone.ABOVE_HARD_LIMIT),
        ({"lower_hard": "5 mg"}, "4 mg", Zone.BELOW_HARD_LIMIT),
        ({"lower_soft": "5 mg"}, "4 mg", Zone.BELOW_SOFT_LIMIT),
        ({"toxic_from": "500 mg"}, "499 mg", Zone.WITHIN_LIMITS),
        ({"toxic_from": "500 mg"}, "500 mg", Zone.AT_TOXIC_LEVEL),
    ],
)
def test_a_limit_that_does_not_apply_bounds_nothing(limits: dict[str, str], dose: str, zone: Zone) -> None:
    assert guardrail(**limits).zone(quantity(dose)) is zone


def test_the_toxic_level_counts_also_below_the_upper_hard_limit() -> None:
    limits = guardrail(upper_soft="100 mg", upper_hard="250 mg", toxic_from="200 mg")
    assert limits.zone(quantity("199 mg")) is Zone.ABOVE_SOFT_LIMIT
    assert limits.zone(quantity("200 mg")) is Zone.AT_TOXIC_LEVEL


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"lower_hard": "11 mg", "lower_soft": "10 mg"}, "lower_hard lies above lower_soft"),
        ({"lower_soft": "101 mg", "upper_soft": "100 mg"}, "lower_soft lies above upper_soft"),
        ({"upper_soft": "251 mg", "upper_hard": "250 mg"}, "upper_soft lies above upper_hard"),
        ({"lower_hard": "11 mg", "upper_hard": "10000 mcg"}, "lower_hard lies above upper_hard"),
        ({"lower_soft": "1 g", "upper_soft": "999 mg"}, "lower_soft lies above upper_soft"),
        ({"upper_soft": "100 mg", "toxic_from": "99 mg"}, "toxic_from does not lie above upper_soft"),
        ({"upper_soft": "100 mg", "toxic_from": "0.1 g"}, "toxic_from does not lie above upper_soft"),
        ({"lower_soft": "1 mg/kg", "upper_soft": "100 mg"}, "can't be compared"),
        ({"upper_soft": "1 mg/kg", "toxic_from": "100 mg"}, "can't be compared"),
    ],
)
def test_limits_out_of_order_are_refused_when_built(limits: dict[str, str], message: str) -> None:
    with pytest.raises(QuantityError, match=message):
        guardrail(**limits)


def test_equal_neighbours_are_in_order() -> None:
    limits = guardrail(lower_hard="5 mg", lower_soft="5000 mcg", upper_soft="5 mg", upper_hard="0.005 g")
    assert limits.zone(quantity("5 mg")) is Zone.WITHIN_LIMITS


def test_the_stated_limits_come_from_lowest_to_highest_without_the_toxic_level() -> None:
    limits = guardrail(upper_hard="250 mg", lower_soft="10 mg", toxic_from="500 mg")
    assert list(limits.stated()) == [("lower_soft", quantity("10 mg")), ("upper_hard", quantity("250 mg"))]


@pytest.mark.parametrize("kind", ["lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from"])
def test_a_dose_of_another_dimension_has_no_zone(kind: str) -> None:
    with pytest.raises(QuantityError, match="can't be compared"):
        guardrail(**{kind: "10 mg"}).zone(quantity("10 mg/kg"))
