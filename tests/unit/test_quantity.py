from __future__ import annotations

import json
import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from itdose.errors import QuantityError
from itdose.quantity import Quantity, Unit, UnitTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose import Formulary


@pytest.fixture(scope="module")
def units(formulary: Formulary) -> UnitTable:
    return formulary.units


@pytest.mark.parametrize(
    ("amount", "unit", "other", "expected"),
    [
        ("500", "mcg", "mg", "1/2"),
        ("0.1", "mg", "mcg", "100"),
        ("1", "g", "mcg", "1000000"),
        ("1", "mg/day", "mcg/h", "125/3"),
        ("0.1", "mcg/kg/min", "mcg/kg/h", "6"),
        ("24", "mg/day", "mg/h", "1"),
        ("3200", "g_bodyweight", "kg", "16/5"),
        ("1.7", "m", "cm", "170"),
        ("2", "million_units", "units", "2000000"),
        ("5", "mg/mL", "g/L", "5"),
        ("1", "year", "day", "1461/4"),
    ],
)
def test_a_conversion_is_exact_and_comes_back_unchanged(
    amount: str, unit: str, other: str, expected: str, units: UnitTable
) -> None:
    given = Quantity(Fraction(amount), units[unit])
    converted = given.to(units[other])
    assert converted == Quantity(Fraction(expected), units[other])
    assert converted.to(units[unit]) == given


@pytest.mark.parametrize(
    ("left", "right", "compare", "expected"),
    [
        (("0.3", "mg"), ("300", "mcg"), operator.le, True),
        (("0.3", "mg"), ("300", "mcg"), operator.lt, False),
        (("300", "mcg"), ("0.3", "mg"), operator.ge, True),
        (("1/3", "mg"), ("333.3333333333333333", "mcg"), operator.gt, True),
        (("1/3", "mg"), ("333.3333333333333334", "mcg"), operator.lt, True),
        (("1", "mg/day"), ("125/3", "mcg/h"), operator.le, True),
        (("1", "mg/day"), ("125/3", "mcg/h"), operator.gt, False),
        (("0.1", "mcg/kg/min"), ("6", "mcg/kg/h"), operator.ge, True),
        (("0", "mg"), ("0", "mcg"), operator.le, True),
    ],
)
def test_a_comparison_across_units_is_exact(
    left: tuple[str, str],
    right: tuple[str, str],
    compare: Callable[[Quantity, Quantity], bool],
    expected: bool,
    units: UnitTable,
) -> None:
    one = Quantity(Fraction(left[0]), units[left[1]])
    other = Quantity(Fraction(right[0]), units[right[1]])
    assert compare(one, other) is expected


def test_a_comparison_never_divides(monkeypatch: pytest.MonkeyPatch, units: UnitTable) -> None:
    third, less = Quantity(Fraction(1, 3), units["mg"]), Quantity(Fraction(333), units["mcg"])

    def refuse(*_: object) -> Fraction:
        raise AssertionError("divided")

    with monkeypatch.context() as patch:
        patch.setattr(Fraction, "__truediv__", refuse)
        assert less < third
        assert not third <= less


# What a body-weight, activity, amount, charge, element or surface unit must never be taken for.
OTHER_DIMENSIONS = [
    ("mg", "mg/kg"),
    ("mg", "mg/m2"),
    ("mg/kg", "mg/m2"),
    ("mg", "kg"),
    ("g", "g_bodyweight"),
    ("mg", "units"),
    ("mg", "mmol"),
    ("mg", "mEq"),
    ("mmol", "mEq"),
    ("mg", "mg_elemental"),
    ("units", "mmol"),
    ("mg", "mL"),
    ("mg/h", "mL/h"),
    ("mg", "mg/h"),
    ("mg/mL", "mg"),
    ("mg/kg/h", "mg/h"),
    ("m", "m2"),
    ("cm", "kg"),
]


@pytest.mark.parametrize(("unit", "other"), OTHER_DIMENSIONS)
def test_another_dimension_is_refused_in_both_directions(unit: str, other: str, units: UnitTable) -> None:
    for one, two in ((unit, other), (other, unit)):
        left, right = Quantity(Fraction(5), units[one]), Quantity(Fraction(5), units[two])
        for refused in (operator.lt, operator.le, operator.gt, operator.ge, Quantity.ratio):
            with pytest.raises(QuantityError, match="can't be compared"):
                refused(left, right)
        with pytest.raises(QuantityError) as caught:
            left.to(units[two])
        assert str(caught.value) == f"{left.unit.symbol} can't be compared with {right.unit.symbol}"


@pytest.mark.parametrize(
    ("spelling", "dimension"),
    [
        ("mg/kg", (("bodyweight", -1), ("mass", 1))),
        ("mg/m2", (("body_surface", -1), ("mass", 1))),
        ("mcg/kg/min", (("bodyweight", -1), ("mass", 1), ("time", -1))),
        ("units/kg", (("activity", 1), ("bodyweight", -1))),
        ("mmol/kg", (("amount", 1), ("bodyweight", -1))),
        ("mEq/kg", (("bodyweight", -1), ("equivalents", 1))),
        ("mg_elemental/kg", (("bodyweight", -1), ("elemental_mass", 1))),
        ("mg/mL", (("mass", 1), ("volume", -1))),
        ("mg/mg", ()),
    ],
)
def test_only_equal_dimensions_cancel(
    spelling: str, dimension: tuple[tuple[str, int], ...], units: UnitTable
) -> None:
    assert units[spelling].dimension == dimension


def test_a_quantity_is_not_compared_with_a_bare_number(units: UnitTable) -> None:
    dose: Any = Quantity(Fraction(5), units["mg"])
    with pytest.raises((TypeError, AttributeError)):
        operator.gt(dose, 0)


def test_a_ratio_counts_how_often_the_other_goes_in(units: UnitTable) -> None:
    dose, limit = Quantity(Fraction(500), units["mg"]), Quantity(Fraction(50000), units["mcg"])
    assert dose.ratio(limit) == 10
    assert limit.ratio(dose) == Fraction(1, 10)


def test_a_ratio_to_zero_is_refused(units: UnitTable) -> None:
    dose, nothing = Quantity(Fraction(5), units["mg"]), Quantity(Fraction(0), units["mcg"])
    with pytest.raises(QuantityError, match="no ratio to a zero amount of mcg"):
        dose.ratio(nothing)


def test_a_dose_per_duration_is_a_dose_rate(units: UnitTable) -> None:
    rate = Quantity(Fraction(1), units["g"]).per(Quantity(Fraction(30), units["min"]))
    assert rate.to(units["mg/h"]) == Quantity(Fraction(2000), units["mg/h"])


def test_nothing_is_given_per_zero_time(units: UnitTable) -> None:
    with pytest.raises(QuantityError, match="per zero min"):
        Quantity(Fraction(1), units["g"]).per(Quantity(Fraction(0), units["min"]))


def test_a_multiple_stays_exact_in_the_same_unit(units: UnitTable) -> None:
    dose = Quantity(Fraction(1, 3), units["mg"])
    assert dose.times(Fraction(3)) == Quantity(Fraction(1), units["mg"])


def test_the_unit_table_survives_json(units: UnitTable) -> None:
    assert UnitTable.from_rows(json.loads(json.dumps(units.to_rows()))) == units


@pytest.mark.parametrize(
    ("spelling", "size"),
    [
        ("g", "1"),
        ("mg", "1/1000"),
        ("mcg", "1/1000000"),
        ("nanograms", "1/1000000000"),
        ("mEq", "1/1000"),
        ("milliunits", "1/1000"),
        ("day", "1440"),
        ("mcg/kg/min", "1/1000000"),
        ("mg/day", "1/1440000"),
        ("month", "43830"),
    ],
)
def test_the_size_of_a_unit_is_an_exact_fraction(spelling: str, size: str, units: UnitTable) -> None:
    assert units[spelling].size == Fraction(size)


@pytest.mark.parametrize(
    "spelling",
    [
        "Mg",
        "MG",
        "mG",
        "G",
        "U",
        "u",
        "IU",
        "ug",
        "µg",
        "cc",
        "ng",
        "kmg",
        "mmin",
        "kU",
        "%",
        "",
        "mg/",
        "mg/24h",
    ],
)
def test_there_are_no_prefixes_and_no_other_spellings(spelling: str, units: UnitTable) -> None:
    assert spelling not in units
    with pytest.raises(KeyError):
        units[spelling]


def test_definitions_are_read_into_exact_sizes() -> None:
    table = UnitTable.from_definitions("gram = [mass] = g\nthird = 0.1 * gram / 3 = third_of_a_bit")
    assert table["third"] == Unit("third of a bit", (("mass", 1),), Fraction(1, 30))
    assert set(table.spellings) == {"gram", "g", "third", "third_of_a_bit"}
