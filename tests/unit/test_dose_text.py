from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from itdose.dose_kind import Kind, is_dose
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError

if TYPE_CHECKING:
    from itdose import Formulary

D, C, V, F = Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.FLOW_RATE
W, H, T, A = Kind.WEIGHT, Kind.HEIGHT, Kind.DURATION, Kind.AGE


def refused(text: str, kind: Kind, dialect: Dialect) -> DoseTextError:
    """Return the refusal of a text, once its message is seen to be complete."""
    with pytest.raises(DoseTextError) as caught:
        read(text, kind, dialect)
    error = caught.value
    assert str(error) == f"'{text.strip()}': {error.problem}; {error.remedy}"
    assert error.text == text.strip()
    assert error.problem
    assert error.remedy
    return error


@pytest.mark.parametrize(
    ("text", "kind", "amount", "unit"),
    [
        ("50 mg", D, "50", "mg"),
        ("  50 mg\t", D, "50", "mg"),
        ("50\u00a0mg", D, "50", "mg"),
        ("2.5 mg", D, "5/2", "mg"),
        ("9999999 units", D, "9999999", "units"),
        ("12.3456 mg", D, "123456/10000", "mg"),
        ("1000 mg", D, "1000", "mg"),
        ("5 micrograms", D, "5", "mcg"),
        ("5 Milligrams", D, "5", "mg"),
        ("1 gram", D, "1", "g"),
        ("5 nanograms", D, "5", "nanograms"),
        ("5 milliunits", D, "5", "milliunits"),
        ("2 million units", D, "2", "million_units"),
        ("49.3 mg elemental", D, "49.3", "mg_elemental"),
        ("5 mg/m2", D, "5", "mg/m2"),
        ("1 mg/kg/day", D, "1", "mg/kg/day"),
        ("5 units/kg/h", D, "5", "units/kg/h"),
        ("1.5 mEq/kg", D, "3/2", "mEq/kg"),
        ("2 mmol/L", C, "2", "mmol/L"),
        ("5 units/mL", C, "5", "units/mL"),
        ("0.05 mg/mL", C, "1/20", "mg/mL"),
        ("0.5 L", V, "1/2", "L"),
        ("5 millilitres", V, "5", "mL"),
        ("1.5 L/day", F, "3/2", "L/day"),
        ("3.2 kg", W, "16/5", "kg"),
        ("3200 g", W, "3200", "g_bodyweight"),
        ("170 cm", H, "170", "cm"),
        ("1.7 m", H, "17/10", "m"),
        ("30 min", T, "30", "min"),
        ("24 hours", T, "24", "h"),
        ("54 y", A, "54", "year"),
        ("6 months", A, "6", "month"),
    ],
)
def test_a_plain_text_is_read_exactly_and_without_a_remark(
    text: str, kind: Kind, amount: str, unit: str, dialect: Dialect
) -> None:
    reading = read(text, kind, dialect)
    assert (reading.quantity.amount, reading.quantity.unit) == (Fraction(amount), dialect.units[unit])
    assert reading.remarks == ()
    assert reading.text == text.strip()


@pytest.mark.parametrize(
    ("text", "kind", "amount", "unit", "remarks"),
    [
        ("500mg", D, "500", "mg", [("run-together", "500mg", "500 mg")]),
        ("54y", A, "54", "year", [("run-together", "54y", "54 years")]),
        ("5.0 mg", D, "5", "mg", [("trailing-zero", "5.0", "5")]),
        ("5 µg/mL", C, "5", "mcg/mL", [("micro-sign", "µg", "mcg")]),
        ("5 ml/h", F, "5", "mL/h", [("lower-case-l", "ml", "mL")]),
        ("50 % w/v", C, "500", "mg/mL", [("percent-strength", "50 % w/v", "500 mg/mL")]),
        ("0.75%", C, "15/2", "mg/mL", [("percent-strength", "0.75%", "7.5 mg/mL")]),
        ("0.5 mg", D, "1/2", "mg", [("decimal-below-one", "0.5 mg", "500 mcg")]),
        ("0.02 mg/kg/h", D, "1/50", "mg/kg/h", [("decimal-below-one", "0.02 mg/kg/h", "20 mcg/kg/h")]),
        ("1001 mcg", D, "1001", "mcg", [("large-number", "1001 mcg", "1.001 mg")]),
        (
            "0.10mg",
            D,
            "1/10",
            "mg",
            [
                ("trailing-zero", "0.10", "0.1"),
                ("run-together", "0.10mg", "0.1 mg"),
                ("decimal-below-one", "0.1 mg", "100 mcg"),
            ],
        ),
    ],
)
def test_a_risky_text_is_read_with_every_remark_and_a_safe_spelling(  # noqa: PLR0913, PLR0917
    text: str, kind: Kind, amount: str, unit: str, remarks: list[tuple[str, str, str]], dialect: Dialect
) -> None:
    reading = read(text, kind, dialect)
    assert (reading.quantity.amount, reading.quantity.unit) == (Fraction(amount), dialect.units[unit])
    assert [(remark.code, remark.fragment, remark.safe) for remark in reading.remarks] == remarks


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("", D, "empty"),
        ("5 \u200bmg", D, "invisible-character"),
        ("5 mg\u202e", D, "invisible-character"),
        ("5 \ufffdg", D, "invisible-character"),
        ("5\u2009mg", D, "other-digits"),
        ("1\u00a0000 mg", D, "grouped-number"),
    ],
)
def test_what_cannot_be_seen_is_refused_and_never_shown_raw(
    text: str, kind: Kind, code: str, dialect: Dialect
) -> None:
    with pytest.raises(DoseTextError) as caught:
        read(text, kind, dialect)
    assert caught.value.code == code
    assert str(caught.value).isprintable()
    assert caught.value.remedy in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("12345678 mg", D, "long-number"),
        ("0.00001 mg", D, "long-number"),
        ("10.00001 mg", D, "long-number"),
        ("1.125 mg", D, "three-decimals"),
        ("007 mg", D, "leading-zero"),
        ("+5 mg", D, "sign"),
        ("1'000 mg", D, "grouped-number"),
        ("1\u20132 mg", D, "range"),
        ("1 to 2 mg", D, "range"),
        ("five mg", D, "no-number"),
        ("5 mg IV", D, "text-after-unit"),
        ("5 mg /kg", D, "text-after-unit"),
        ("5 mg//kg", D, "unknown-unit"),
        ("5 mg/", D, "unknown-unit"),
        ("5  mg", D, "unknown-unit"),
        ("5 mg_elemental", D, "unknown-unit"),
        ("3 g_bodyweight", W, "unknown-unit"),
        ("5 kg", D, "other-kind"),
        ("5 mg/mL", D, "other-kind"),
        ("5 mg/h/h", D, "other-kind"),
        ("5 mg/mg", D, "other-kind"),
        ("5 h", D, "other-kind"),
        ("5 mg", C, "other-kind"),
        ("5 mL/mg", C, "other-kind"),
        ("5 mg/kg/mL", C, "other-kind"),
        ("5 mL", F, "other-kind"),
        ("70 mg", W, "other-kind"),
        ("70 kg/h", W, "other-kind"),
        ("54 kg", A, "other-kind"),
        ("54", A, "no-unit"),
        ("0%", C, "zero"),
        ("0 kg", W, "zero"),
    ],
)
def test_anything_outside_the_grammar_is_refused_by_name(
    text: str, kind: Kind, code: str, dialect: Dialect
) -> None:
    assert refused(text, kind, dialect).code == code


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        (".5 mg", ["0.5 mg"]),
        ("5. mg", ["5 mg"]),
        ("o.5 mg", ["0.5 mg"]),
        ("1o mg", ["10 mg"]),
        ("05 mg", ["5 mg", "0.5 mg"]),
        ("0,5 mg", ["0.5 mg"]),
        ("1,000 mg", ["1 mg", "1000 mg"]),
        ("1,500 mg", ["1.5 mg", "1500 mg"]),
        ("1.500 mg", ["1.5 mg", "1500 mg"]),
        ("1 000 mg", ["1000 mg"]),
        ("5_000 mg", ["5000 mg"]),
        ("10,000 units", ["10 units", "10000 units"]),
    ],
)
def test_the_remedy_offers_every_reading_and_never_picks_one(
    text: str, spellings: list[str], dialect: Dialect
) -> None:
    remedy = refused(text, D, dialect).remedy
    assert [spelling for spelling in spellings if f"'{spelling}'" not in remedy] == []
    assert ("whichever is meant" in remedy) is (len(spellings) == 2)


@pytest.mark.parametrize(
    ("text", "amount", "codes"),
    [
        ("5 mg", "5", []),
        ("1,5 mg", "3/2", []),
        ("12,25 mg", "49/4", []),
        ("0,5 mg", "1/2", ["decimal-below-one"]),
        ("0,125 mg", "1/8", ["decimal-below-one"]),
        ("1,0 mg", "1", ["trailing-zero"]),
    ],
)
def test_a_declared_decimal_comma_is_read(text: str, amount: str, codes: list[str], dialect: Dialect) -> None:
    reading = read(text, D, Dialect(dialect.units, decimal_comma=True))
    assert (reading.quantity.amount, reading.quantity.unit) == (Fraction(amount), dialect.units["mg"])
    assert [remark.code for remark in reading.remarks] == codes
    assert reading.text == text


def test_a_declared_decimal_comma_holds_for_percentages_too(dialect: Dialect) -> None:
    reading = read("0,75 %", C, Dialect(dialect.units, decimal_comma=True))
    assert reading.quantity.to(dialect.units["mg/mL"]).amount == Fraction("7.5")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("1.5 mg", D), ("1.500 mg", D), ("1.500,0 mg", D), ("1.000.000 units", D), ("0.75%", C)],
)
def test_a_point_beside_a_declared_comma_is_refused(text: str, kind: Kind, dialect: Dialect) -> None:
    assert refused(text, kind, Dialect(dialect.units, decimal_comma=True)).code == "point-beside-comma"


@pytest.mark.parametrize(
    ("text", "code"),
    [("1,500 mg", "three-decimals"), ("1 000 mg", "grouped-number"), (",5 mg", "naked-decimal")],
)
def test_a_declared_comma_repairs_nothing_else(text: str, code: str, dialect: Dialect) -> None:
    with pytest.raises(DoseTextError) as caught:
        read(text, D, Dialect(dialect.units, decimal_comma=True))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("500mg", D, "strict-run-together"),
        ("1.0 mg", D, "strict-trailing-zero"),
        ("500 µg", D, "strict-micro-sign"),
        ("5 ml", V, "strict-lower-case-l"),
        ("50%", C, "strict-percent-strength"),
        ("0.5 mg", D, "strict-decimal-below-one"),
        ("1500 mg", D, "strict-large-number"),
    ],
)
def test_strict_reading_refuses_what_is_otherwise_read_with_a_remark(
    text: str, kind: Kind, code: str, dialect: Dialect
) -> None:
    assert refused(text, kind, Dialect(dialect.units, strict=True)).code == code


def test_strict_reading_changes_nothing_about_a_plain_text(dialect: Dialect) -> None:
    assert read("50 mg", D, Dialect(dialect.units, strict=True)) == read("50 mg", D, dialect)


@pytest.mark.parametrize(
    ("text", "micrograms"),
    [
        ("1:1000", "1000"),
        ("1:10 000", "100"),
        ("1:10000", "100"),
        ("1:5000", "200"),
        ("1:400", "2500"),
        ("1:100000", "10"),
        ("1:200 000", "5"),
        ("1:200000", "5"),
    ],
)
def test_a_ratio_strength_of_epinephrine_is_read_as_mcg_per_ml(
    text: str, micrograms: str, formulary: Formulary
) -> None:
    dialect = Dialect(formulary.units, ratio_strength=formulary.drug("epinephrine").ratio_strength)
    reading = read(text, C, dialect)
    assert (reading.quantity.amount, reading.quantity.unit) == (
        Fraction(micrograms),
        formulary.units["mcg/mL"],
    )
    [remark] = reading.remarks
    assert (remark.code, remark.safe) == ("ratio-strength", f"{micrograms} mcg/mL")


def test_only_epinephrine_may_be_written_as_a_ratio(formulary: Formulary) -> None:
    assert [key for key in formulary.drug_keys() if formulary.drug(key).ratio_strength] == ["epinephrine"]


@pytest.mark.parametrize("text", ["1:200,000", "2:1000", "1:0", "1:100 00", "1:1.5", "1: 200000", "1:02000"])
def test_a_malformed_ratio_is_refused_also_for_epinephrine(text: str, dialect: Dialect) -> None:
    assert refused(text, C, Dialect(dialect.units, ratio_strength=True)).code == "ratio-strength"


def test_a_ratio_is_never_a_dose(dialect: Dialect) -> None:
    assert refused("1:200000", D, Dialect(dialect.units, ratio_strength=True)).code == "ratio-strength"


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ((("mass", 1),), True),
        ((("activity", 1), ("time", -1)), True),
        ((("bodyweight", -1), ("mass", 1), ("time", -1)), True),
        ((("body_surface", -1), ("equivalents", 1)), True),
        ((("mass", 2),), False),
        ((("mass", 1), ("time", -2)), False),
        ((("body_surface", -1), ("bodyweight", -1), ("mass", 1)), False),
        ((("mass", 1), ("volume", -1)), False),
        ((("amount", 1), ("mass", 1)), False),
        ((("time", 1),), False),
        ((), False),
    ],
)
def test_a_dose_is_drug_per_weight_or_surface_and_per_time(
    dimension: tuple[tuple[str, int], ...],
    expected: bool,
) -> None:
    assert is_dose(dimension) is expected


def test_a_ratio_without_an_exact_strength_is_refused(dialect: Dialect) -> None:
    with pytest.raises(DoseTextError) as caught:
        read("1:300000", C, Dialect(dialect.units, ratio_strength=True))
    assert caught.value.code == "ratio-strength"
