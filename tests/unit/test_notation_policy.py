"""Every error-prone notation that is on record, and what becomes of it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict, assess
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, Reading, read
from itdose.errors import DoseTextError, UnknownNameError, quote

if TYPE_CHECKING:
    from itdose import Formulary

D, C, V, F = Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.FLOW_RATE
W, T = Kind.WEIGHT, Kind.DURATION

# notation or policy row, text, kind, amount, unit, remark codes
READ = [
    ("policy-accept", "50 mg", D, "50", "mg", []),
    ("policy-accept", "50 mcg", D, "50", "mcg", []),
    ("policy-accept", "2.5 mg/mL", C, "5/2", "mg/mL", []),
    ("policy-accept", "4 mmol", D, "4", "mmol", []),
    ("policy-accept", "8 mEq", D, "8", "mEq", []),
    ("policy-accept", "0.1 mcg/kg/min", D, "1/10", "mcg/kg/min", []),
    ("policy-warning-large-number", "1500 mg", D, "1500", "mg", ["large-number"]),
    ("trailing-zero", "1.0 mg", D, "1", "mg", ["trailing-zero"]),
    ("trailing-zero", "50.0 mg", D, "50", "mg", ["trailing-zero"]),
    ("u-for-units", "10 units", D, "10", "units", []),
    ("iu", "1 unit", D, "1", "units", []),
    ("milli-units", "5 milliunits", D, "5", "milliunits", []),
    ("milli-units", "5 million units", D, "5000000", "units", []),
    ("micro-symbol", "500 \u00b5g", D, "500", "mcg", ["micro-sign"]),
    ("micro-symbol", "500 \u03bcg", D, "500", "mcg", ["micro-sign"]),
    ("lowercase-l", "5 ml", V, "5", "mL", ["lower-case-l"]),
    ("number-unit-run-together", "500mg", D, "500", "mg", ["run-together"]),
    ("number-unit-run-together", "10mg", D, "10", "mg", ["run-together"]),
    ("avoid-decimals-by-unit", "0.5 g", D, "500", "mg", ["decimal-below-one"]),
    ("avoid-decimals-by-unit", "0.1 mg", D, "100", "mcg", ["decimal-below-one"]),
    ("nanogram", "5 nanograms", D, "1/200", "mcg", []),
    ("slash", "0.1 mcg/kg/min", D, "6", "mcg/kg/h", []),
    ("percent-wv", "50%", C, "500", "mg/mL", ["percent-strength"]),
    ("percent-wv", "0.75%", C, "15/2", "mg/mL", ["percent-strength"]),
    ("percent-wv", "50% w/v", C, "500", "mg/mL", ["percent-strength"]),
    ("weight-units", "70 kg", W, "70", "kg", []),
    ("weight-units", "3200 g", W, "16/5", "kg", []),
    ("per-kg-vs-absolute", "5 mg/kg", D, "5", "mg/kg", []),
    ("rate-field-confusion", "41.7 mL/h", F, "417/10", "mL/h", []),
    ("concentration-entry", "10 mcg/mL", C, "10", "mcg/mL", []),
    ("trap", "0.10 mg", D, "1/10", "mg", ["trailing-zero", "decimal-below-one"]),
    ("trap", "5.0 mg", D, "5", "mg", ["trailing-zero"]),
]

# notation or policy row, text, kind, code of the refusal
REFUSED = [
    ("naked-decimal", ".5 mg", D, "naked-decimal"),
    *[("u-for-units", text, D, "unknown-unit") for text in ("10 U", "10U", "10 u", "1 U", "5 units/kg/U")],
    ("iu", "1 IU", D, "unknown-unit"),
    *[("milli-units", text, D, "unknown-unit") for text in ("1 mIU", "1 mU", "1 MIU", "1 MU")],
    *[("mgso4-mso4-ms", text, D, "unknown-unit") for text in ("5 MS", "5 MSO4", "5 MgSO4")],
    *[("qd-qod", text, T, "no-number") for text in ("QD", "QOD", "OD", "qd", "qod")],
    ("qd-qod", "q.d.", T, "unit-with-point"),
    ("qd-qod", "50 mg QD", D, "text-after-unit"),
    ("micro-symbol", "500 ug", D, "unknown-unit"),
    ("lost-micro-glyph", "150 \ufffdg", D, "invisible-character"),
    ("cc", "5 cc", V, "unknown-unit"),
    ("cc", "5 cm3", V, "unknown-unit"),
    ("lowercase-l", "5 l", V, "unknown-unit"),
    ("lowercase-l", "5l", V, "unknown-unit"),
    ("drug-dose-run-together", "Inderal40 mg", D, "no-number"),
    ("drug-dose-run-together", "Tegretol300 mg", D, "no-number"),
    ("unit-with-period", "50 mg.", D, "unit-with-point"),
    ("unit-with-period", "5 mL.", V, "unit-with-point"),
    *[("thousand-million-words", f"10 {word}", D, "unknown-unit") for word in ("K", "M", "MM")],
    *[("thousand-million-words", f"10{word} units", D, "text-after-unit") for word in ("K", "M", "MM")],
    *[("comma-as-decimal", text, D, "comma") for text in ("0,5 mg", "1,5 mg", "1,000 mg", "1.500,0 mg")],
    ("comma-as-decimal", "1.000 mg", D, "three-decimals"),
    ("comma-grouping-conflict", "10,000 units", D, "comma"),
    ("comma-grouping-conflict", "10 000 units", D, "grouped-number"),
    ("nanogram", "5 ng", D, "unknown-unit"),
    ("slash", "25 units/10 units", D, "number-below-the-line"),
    *[("comparison-and-at-symbols", f"{symbol}10 mg", D, "symbol") for symbol in "<>@&"],
    ("comparison-and-at-symbols", "5 mg + 5 mg", D, "symbol"),
    ("comparison-and-at-symbols", "5\u00b0 mg", D, "other-digits"),
    ("per-os-ss-other-latin", "5 mg per os", D, "text-after-unit"),
    ("roman-numerals-fractions", "V mg", D, "no-number"),
    ("roman-numerals-fractions", "1/2 mg", D, "fraction"),
    ("roman-numerals-fractions", "1/2 tablet", D, "fraction"),
    ("roman-numerals-fractions", "x3d", T, "no-number"),
    ("roman-numerals-fractions", "10^6 units", D, "calculation"),
    ("roman-numerals-fractions", "10\u2076 units", D, "other-digits"),
    *[("ratio-strength", text, C, "ratio-strength") for text in ("1:1000", "1:10 000", "1:200 000")],
    ("ratio-strength-fda", "1:2000", C, "ratio-strength"),
    ("percent-wv", "50%", D, "percent"),
    ("percent-wv", "50% w/v", D, "percent"),
    *[("weight-units", f"154 {unit}", W, "unknown-unit") for unit in ("lb", "lbs", "pounds")],
    ("weight-units", "70", W, "no-unit"),
    ("rate-field-confusion", "41.7 mg/h", F, "other-kind"),
    ("rate-field-confusion", "41.7 mL/h", D, "other-kind"),
    ("rate-field-confusion", "41.7 mL", F, "other-kind"),
    ("concentration-entry", "50", C, "no-unit"),
    *[("policy-letter", text, D, "letter-for-digit") for text in ("o.5 mg", "O.5 mg", "o.5", "O.5")],
    *[("policy-zero", text, D, "zero") for text in ("0 mg", "0.0 mg")],
    *[("policy-units", f"5 {unit}", D, "unknown-unit") for unit in ("Mg", "MG", "mG", "G", "gr")],
    *[("policy-units", f"5 {unit}", D, "unknown-unit") for unit in ("gm", "gms", "mgs", "MCG", "meq")],
    ("policy-units", "5 ML", V, "unknown-unit"),
    ("policy-bare", "50", D, "no-unit"),
    ("policy-bare", "%", D, "no-number"),
    ("policy-range", "50-100 mg", D, "range"),
    *[("policy-machine", text, D, "not-a-number") for text in ("nan mg", "inf mg", "NaN mg", "-inf mg")],
    *[("policy-machine", text, D, "other-digits") for text in ("\u0665 mg", "\uff15 mg", "\u00bd mg")],
    *[("policy-machine", text, D, "exponent") for text in ("1e3 mg", "1e400 mg")],
    ("policy-machine", "-5 mg", D, "sign"),
    ("policy-machine", "5 mg*10", D, "calculation"),
    ("policy-machine", "2**3 mg", D, "calculation"),
    *[("policy-group", text, D, "grouped-number") for text in ("1 000 mg", "1_000 mg")],
    *[("trap", text, D, "trailing-point") for text in ("5.", "5. mg")],
    ("trap", "2.5.1 mg", D, "two-points"),
    ("trap", "5 mg%", D, "unknown-unit"),
    ("trap", "5 gtt", V, "unknown-unit"),
    ("trap", "5 %", D, "percent"),
    *[("trap", text, D, "number-below-the-line") for text in ("5 mg/2 mL", "0.1 mg/24h", "0.1 mg/24 h")],
    ("trap", "50mg/1ml", C, "number-below-the-line"),
    ("trap", "1-2 mg", D, "range"),
    *[("trap", text, D, "text-after-unit") for text in ("5 mg 5", "5 mg # x")],
    ("trap", "mg", D, "no-number"),
    ("trap", "5 mcg/m", D, "other-kind"),
]


def attempt(text: str, kind: Kind, dialect: Dialect) -> Reading | DoseTextError:
    try:
        return read(text, kind, dialect)
    except DoseTextError as error:
        return error


@pytest.mark.parametrize(("row", "text", "kind", "amount", "unit", "codes"), READ)
def test_an_accepted_notation_is_read_exactly_and_named_if_it_is_risky(  # noqa: PLR0913, PLR0917
    row: str, text: str, kind: Kind, amount: str, unit: str, codes: list[str], dialect: Dialect
) -> None:
    reading = read(text, kind, dialect)
    assert reading.quantity.to(dialect.units[unit]).amount == Fraction(amount), row
    assert [remark.code for remark in reading.remarks] == codes


def test_a_large_number_of_units_is_read_in_full(dialect: Dialect) -> None:
    assert read("100000 units", D, dialect).quantity.amount == 100_000
    assert read("1000000 units", D, dialect).quantity.amount == 1_000_000


@pytest.mark.parametrize(("row", "text", "kind", "code"), REFUSED)
def test_a_refused_notation_is_shown_with_its_fault_and_its_remedy(
    row: str, text: str, kind: Kind, code: str, dialect: Dialect
) -> None:
    with pytest.raises(DoseTextError) as caught:
        read(text, kind, dialect)
    error = caught.value
    assert error.code == code, row
    assert error.text == text
    assert str(error).startswith(quote(text))
    assert len(error.remedy) > len("write ")
    assert str(error).endswith(f"{error.problem}; {error.remedy}")


# "0.5 mg" is itself the recommended way to write ".5 mg", so a decimal may stand in a remedy.
MAY_STAY = {"decimal-below-one"}


@pytest.mark.parametrize(("row", "text", "kind", "code"), REFUSED)
def test_a_spelling_quoted_by_a_remedy_can_be_typed_as_it_stands(
    row: str, text: str, kind: Kind, code: str, dialect: Dialect
) -> None:
    remedy = attempt(text, kind, dialect).remedy  # type: ignore[union-attr]
    for spelling in re.findall(r"(?<!not )'(\d[^']*)'", remedy):
        readings = [attempt(spelling, any_kind, dialect) for any_kind in Kind]
        remarks = [
            {remark.code for remark in reading.remarks}
            for reading in readings
            if isinstance(reading, Reading)
        ]
        assert any(codes <= MAY_STAY for codes in remarks), f"{row} ({code}): {remedy}"


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("10 U", D, "units"),
        ("1 IU", D, "units"),
        ("1 mIU", D, "milliunits"),
        ("1 MU", D, "million units"),
        ("500 ug", D, "mcg"),
        ("5 MCG", D, "mcg"),
        ("500 MG", D, "mg"),
        ("500 Mg", D, "mg"),
        ("1 G", D, "g"),
        ("1 gr", D, "g"),
        ("5 cc", V, "mL"),
        ("5 ML", V, "mL"),
        ("5 l", V, "mL"),
        ("5 ng", D, "nanograms"),
        ("154 lb", W, "70 kg"),
        ("50%", D, "--concentration 50%"),
        ("1:1000", C, "1 mg/mL"),
    ],
)
def test_the_remedy_names_what_to_write_instead(text: str, kind: Kind, advice: str, dialect: Dialect) -> None:
    error = attempt(text, kind, dialect)
    assert isinstance(error, DoseTextError)
    assert f"'{advice}'" in error.remedy


# Texts that a general unit parser reads, and what it makes of them.
MISREAD_ELSEWHERE = [
    ("1,5 mg", "15 mg"),
    ("0,5 mg", "0 mg"),
    ("1 000 mg", "0 mg"),
    ("1.500,0 mg", "1.5 mg"),
    ("50mg/1ml", "50 mg times mL"),
    ("1,000 mg", "1000 mg"),
    ("1:1000", "the number 1000"),
    (".5 mg", "0.5 mg, without a word"),
    ("1.000 mg", "1 mg, without a word"),
    ("500 Mg", "500 megagrams"),
    ("500 MG", "500 megagauss"),
    ("1 G", "1 gauss"),
    ("1 gr", "1 grain"),
    ("5 ML", "5 megaliters"),
    ("1 U", "1 enzyme unit"),
    ("1 IU", "an undefined unit"),
    ("1 mIU", "an undefined unit"),
    ("5 mcg/m", "5 micrograms per meter"),
    ("0.1 mg/24h", "0.00417 mg times hour"),
    ("5 mg*10", "50 mg"),
    ("2**3 mg", "8 mg"),
    ("1e3 mg", "1000 mg"),
    ("5_000 mg", "5000 mg"),
    ("nan mg", "nan mg"),
    ("inf mg", "infinitely many mg"),
    ("-5 mg", "-5 mg"),
    ("mg", "1 mg"),
    ("500 ug", "500 mcg, without a word"),
    ("5 cc", "5 mL, without a word"),
    ("2.5.1 mg", "0.25 mg"),
    ("5 mg/2 mL", "2.5 mg times mL"),
    ("5 mg 5", "25 mg"),
    ("5 mg # note", "5 mg"),
    ("5 mg!", "5 mg"),
    ("12,5 mg", "125 mg"),
]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("text", "elsewhere"), MISREAD_ELSEWHERE)
def test_what_a_general_unit_parser_misreads_has_no_reading_at_all(
    text: str, elsewhere: str, kind: Kind, dialect: Dialect
) -> None:
    assert isinstance(attempt(text, kind, dialect), DoseTextError), f"elsewhere read as {elsewhere}"


@pytest.mark.parametrize(
    ("text", "kind", "unit", "codes"),
    [
        # elsewhere a micro-nit, an undefined unit, a bare number, a bare number
        ("1 unit", D, "units", []),
        ("1 mEq", D, "mEq", []),
        ("5 mg/kg", D, "mg/kg", []),
        ("50%", C, "mg/mL", ["percent-strength"]),
        # read elsewhere without a warning
        ("500mg", D, "mg", ["run-together"]),
        ("500 mcg", D, "mcg", []),
        ("500 \u00b5g", D, "mcg", ["micro-sign"]),
        ("500 \u03bcg", D, "mcg", ["micro-sign"]),
        ("5 ml", V, "mL", ["lower-case-l"]),
    ],
)
def test_the_rest_is_read_in_its_own_dimension_and_with_its_remark(
    text: str, kind: Kind, unit: str, codes: list[str], dialect: Dialect
) -> None:
    reading = read(text, kind, dialect)
    assert reading.quantity.unit == dialect.units[unit]
    assert reading.quantity.unit.dimension
    assert [remark.code for remark in reading.remarks] == codes


@pytest.mark.parametrize("name", ["MS", "MSO4", "MgSO4", "KCl", "HCl", "MTX", "AZT", "HCT", "morphine10"])
def test_an_abbreviated_or_run_together_drug_name_is_refused(name: str, formulary: Formulary) -> None:
    with pytest.raises(UnknownNameError) as caught:
        formulary.find_drug(name)
    assert f"'{name}'" in str(caught.value)
    assert caught.value.advice


@pytest.mark.parametrize("name", ["per os", "ss", "IJ", "IN", "HS", "OD", "OS", "OU", "AD", "AS", "AU", "BT"])
def test_a_latin_or_misread_abbreviation_is_no_route(name: str, formulary: Formulary) -> None:
    with pytest.raises(UnknownNameError) as caught:
        formulary.find_route(name)
    assert f"'{name}'" in str(caught.value)
    assert caught.value.advice


def test_a_dose_per_kg_is_not_compared_without_a_weight(formulary: Formulary) -> None:
    order = Order(drug="morphine", dose="0.1 mg/kg", route="intrathecal")
    assert assess(order, formulary).verdict is Verdict.CANNOT_CHECK


def test_an_unstated_salt_is_an_assumption_of_the_report(formulary: Formulary) -> None:
    report = assess(Order(drug="magnesium", dose="50 mg", route="intrathecal"), formulary)
    assert "magnesium sulfate heptahydrate (basis not stated)" in report.assumptions


def test_the_warning_about_percentages_cites_how_often_they_are_misread(formulary: Formulary) -> None:
    notation = formulary.notation("percent-strength")
    assert notation is not None
    assert (notation["source"], "65.8 %" in notation["where"]) == ("wheeler2004", True)
