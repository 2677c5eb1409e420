from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose.batch.counting.sides import Sides

THIRD = Fraction(1, 3)


def place(limits: list[Fraction], number: Fraction) -> int:
    sides = Sides(limits)
    rounded = sides.rounded_place(float(number))
    exact = sides.exact_place(number)
    assert rounded in {exact, -1}
    return exact


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Fraction(1), 0),
        (Fraction(10), 1),
        (Fraction(11), 2),
        (Fraction(50), 3),
        (Fraction(51), 4),
        # Nearer to the limit than a double can tell, and still on its own side.
        (Fraction(10) - Fraction(1, 10**30), 0),
        (Fraction(10) + Fraction(1, 10**30), 2),
    ],
)
def test_a_number_has_its_place_below_upon_or_above_each_limit(number: Fraction, expected: int) -> None:
    assert place([Fraction(50), Fraction(10), Fraction(10)], number) == expected


def test_a_limit_that_no_double_holds_is_met_exactly() -> None:
    assert place([THIRD], THIRD) == 1
    assert place([THIRD], THIRD + Fraction(1, 10**25)) == 2


def test_limits_closer_than_a_double_tells_are_told_apart() -> None:
    limits = [Fraction(1), Fraction(1) + Fraction(1, 10**20), Fraction(1) + Fraction(2, 10**20)]
    assert [place(limits, limit) for limit in limits] == [1, 3, 5]


@pytest.mark.parametrize(("number", "expected"), [(1, 0), (10, -1), (11, 2), (50, -1), (51, 4)])
def test_a_rounded_number_has_a_place_unless_it_is_near_a_limit(number: float, expected: int) -> None:
    assert Sides([Fraction(10), Fraction(50)]).rounded_place(number) == expected


def test_between_limits_that_are_near_each_other_only_the_exact_number_has_a_place() -> None:
    limits = [Fraction(1), Fraction(1) + Fraction(1, 10**12), Fraction(1) + Fraction(1, 10**10)]
    assert Sides(limits).rounded_place(1 + 5e-11) == -1
    assert Sides(limits).rounded_place(2.0) == 6


def test_without_limits_every_number_has_one_place() -> None:
    assert place([], Fraction(1)) == place([], Fraction(10**9)) == 0


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6), max_size=6),
    st.lists(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6), min_size=2, max_size=6),
)
def test_two_numbers_at_one_place_are_told_apart_by_no_limit(
    limits: list[Fraction], numbers: list[Fraction]
) -> None:
    for one, other in pairwise(sorted(numbers)):
        told_apart = any((one < limit, one == limit) != (other < limit, other == limit) for limit in limits)
        assert (place(limits, one) != place(limits, other)) == told_apart
