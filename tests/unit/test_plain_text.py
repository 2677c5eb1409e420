from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from itdose.plain_text import beside, number, plain, preferred, shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from itdose import Formulary


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("5", "5"),
        ("50", "50"),
        ("1000000", "1000000"),
        ("0.5", "0.5"),
        ("1.50", "1.5"),
        ("0.0001", "0.0001"),
        ("0.000001", "0.000001"),
        ("10.05", "10.05"),
        ("1/8", "0.125"),
        ("9999999.9999", "9999999.9999"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("-3/2", "-1.5"),
    ],
)
def test_a_number_is_written_in_full(amount: str, text: str) -> None:
    assert number(Fraction(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1/3", "about 0.3333"),
        ("2/3", "about 0.6667"),
        ("125/3", "about 41.67"),
        ("1000/3", "about 333.3"),
        ("10000/3", "about 3333.3"),
        ("1/30", "about 0.03333"),
        ("1/300", "about 0.003333"),
        ("-1/3", "about -0.3333"),
    ],
)
def test_only_a_number_without_an_end_is_rounded_and_says_so(amount: str, text: str) -> None:
    assert number(Fraction(amount)) == text


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("0.5", "mg", "0.5 mg"),
        ("1", "day", "1 day"),
        ("2", "day", "2 days"),
        ("0.5", "year", "0.5 years"),
        ("6", "month", "6 months"),
        ("2", "week", "2 weeks"),
        ("1", "units", "1 unit"),
        ("2", "units", "2 units"),
        ("1", "units/h", "1 unit/h"),
        ("2", "million_units", "2 million units"),
        ("49.3", "mg_elemental", "49.3 mg elemental"),
        ("0.1", "mcg/kg/min", "0.1 mcg/kg/min"),
        ("50", "mg/mL", "50 mg/mL"),
    ],
)
def test_a_quantity_is_written_in_its_own_unit(
    amount: str, unit: str, text: str, formulary: Formulary
) -> None:
    assert plain(Quantity(Fraction(amount), formulary.units[unit])) == text


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("0.5", "mg", "500 mcg"),
        ("0.0005", "g", "500 mcg"),
        ("1", "mg", "1 mg"),
        ("999", "mcg", "999 mcg"),
        ("1000", "mcg", "1 mg"),
        ("1500", "mg", "1.5 g"),
        ("1500000", "mcg", "1.5 g"),
        ("2000", "g", "2000 g"),
        ("0.5", "mcg", "0.5 mcg"),
        ("0.05", "mg/kg/h", "50 mcg/kg/h"),
        ("0.05", "mg/mL", "50 mcg/mL"),
        ("0.5", "L", "500 mL"),
        ("0.25", "mL", "0.25 mL"),
        ("0.002", "mol", "2 mmol"),
        ("1500", "mg_elemental", "1.5 g elemental"),
        ("5000", "units", "5000 units"),
        ("0.5", "mEq", "0.5 mEq"),
    ],
)
def test_the_unit_without_decimals_is_shown(amount: str, unit: str, text: str, formulary: Formulary) -> None:
    quantity = Quantity(Fraction(amount), formulary.units[unit])
    assert shown(quantity) == text
    assert preferred(quantity).size == quantity.size
    assert preferred(quantity).unit.dimension == quantity.unit.dimension


@pytest.mark.parametrize(
    ("amount", "unit", "other", "text"),
    [
        ("500", "mcg", "mg", "0.5 mg"),
        ("100", "mcg", "mg", "0.1 mg"),
        ("99", "mcg", "mg", "99 mcg"),
        ("1", "g", "mg", "1000 mg"),
        ("999", "g", "mg", "999000 mg"),
        ("1000", "g", "mg", "1000 g"),
        ("24", "mg/day", "mg/h", "1 mg/h"),
    ],
)
def test_two_quantities_are_shown_in_one_unit_where_few_digits_do(
    amount: str, unit: str, other: str, text: str, formulary: Formulary
) -> None:
    limit = Quantity(Fraction(1), formulary.units[other])
    assert beside(Quantity(Fraction(amount), formulary.units[unit]), limit) == text
