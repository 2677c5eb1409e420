from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import preparation

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "preparation-consistent": {"concentration": "50 mg/mL", "volume": "1 mL"},
    "preparation-contradiction": {"concentration": "500 mg/mL", "volume": "1 mL"},
    "preparation-odd-cell": {"concentration": "500 mg/mL", "volume": "1 mL"},
    "preparation-not-stated": {"concentration": "50 mg/mL"},
    "preparation-not-compared": {"dose": "1 mg/m2", "concentration": "50 mg/mL", "volume": "1 mL"},
    "preparation-worked-out": {"dose": "50 mg/h", "concentration": "50 mg/mL", "volume": "1 mL"},
    "preparation-rows-differ": {"conflicts": ("final volume 10 mL in row 3",)},
    "preparation-rows-not-checked": {"not_beside": ("unreadable row 3",)},
    "stated-but-not-checked": {"not_read": ("height",)},
    "row-hidden": {"in_hidden_row": True},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(preparation.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(preparation.CODES)


@pytest.mark.parametrize(
    ("dose", "concentration", "volume", "agrees"),
    [
        ("50 mg", "500 mg/mL", "0.1 mL", True),
        ("50 mg", "50 %", "0.1 mL", True),
        ("50 mg", "50 %", "1 mL", False),
        ("0.05 g", "50 mg/mL", "1 mL", True),
        ("50000 mcg", "50 g/L", "0.001 L", True),
        ("50 mg", "50 mg/mL", "1.0001 mL", False),
        ("50 mg", "49.9999 mg/mL", "1 mL", False),
        # 4.06 mmol are 1 g of the heptahydrate.
        ("1 g", "4.06 mmol/mL", "1 mL", True),
        ("4.06 mmol", "500 mg/mL", "2 mL", True),
        ("8.12 mEq", "500 mg/mL", "2 mL", True),
        ("8.12 mEq", "500 mg/mL", "1 mL", False),
    ],
)
def test_dose_concentration_and_volume_agree_exactly_or_contradict_each_other(
    formulary: Formulary, dose: str, concentration: str, volume: str, agrees: bool
) -> None:
    found = check(formulary, dose=dose, concentration=concentration, volume=volume)
    assert [(finding.code, finding.verdict) for finding in found] == (
        [("preparation-consistent", Verdict.WITHIN_LIMITS)]
        if agrees
        else [("preparation-contradiction", Verdict.STOP), ("preparation-odd-cell", Verdict.STOP)]
    )


def contradiction(formulary: Formulary, **said: Any) -> tuple[Finding, Finding]:
    """Return what can't be true, and the odd cell."""
    first, second = check(formulary, **said)
    assert (first.code, second.code) == ("preparation-contradiction", "preparation-odd-cell")
    return first, second


def test_a_contradiction_says_what_the_volume_holds(formulary: Formulary) -> None:
    found, _ = contradiction(formulary, concentration="500 mg/mL", volume="1 mL")
    assert found.message == "1 mL of 500 mg/mL holds 500 mg, and the stated dose is 50 mg"
    assert found.ratio == 10


# The case of seeds/000: the volume of the whole dose in milligrams, drawn from the 50 % ampoule.
@pytest.mark.parametrize(
    "said",
    [
        {"product": "magnesium sulfate 50%", "volume": "1mL"},
        {"product": "magnesium sulfate 50 %", "volume": "0.001 L"},
        {"product": "50 %", "volume": "1 mL"},
        {"strength": "500 mg/mL", "volume": "1 mL"},
        {"strength": "0.5 g/mL", "volume": "1 mL", "diluent": "none"},
        {"strength": "50 %", "volume": "1 mL", "diluent_volume": "0 mL"},
    ],
)
def test_one_milliliter_of_the_ampoule_for_fifty_milligrams_is_the_odd_volume(
    formulary: Formulary, said: dict[str, str]
) -> None:
    found, odd = contradiction(formulary, dose="50mg", **said)
    assert found.message == "1 mL of 500 mg/mL holds 500 mg, and the stated dose is 50 mg"
    assert found.detail == "If the product was diluted, state the diluent or the final concentration."
    assert found.ratio == 10
    assert (odd.measure, odd.mechanism, odd.ratio) == ("volume", "tenfold", Fraction(10))
    assert "the other cells make it 0.1 mL, and it is 10 times that" in odd.message.replace(
        "0.0001 L", "0.1 mL"
    )


@pytest.mark.parametrize(
    ("said", "worked_out"),
    [
        ({"product": "magnesium sulfate 50%"}, "drawn volume 0.1 mL, diluent volume 0.9 mL"),
        ({"strength": "500 mg/mL"}, "drawn volume 0.1 mL, diluent volume 0.9 mL"),
        ({}, None),
    ],
)
def test_diluted_to_its_concentration_it_agrees(
    formulary: Formulary, said: dict[str, str], worked_out: str | None
) -> None:
    found = check(formulary, dose="50mg", concentration="50mg/mL", volume="1mL", **said)
    assert [finding.code for finding in found] == (
        ["preparation-consistent", "preparation-worked-out"] if worked_out else ["preparation-consistent"]
    )
    assert {finding.verdict for finding in found} == {Verdict.WITHIN_LIMITS}
    if worked_out:
        assert found[1].message == f"from the stated cells: {worked_out}"


@pytest.mark.parametrize(
    ("drug", "flow_rate", "expected"),
    [
        ("baclofen", "2.88 mL/day", "0.12 mL/day"),
        ("baclofen", "0.12 mL/h", "0.005 mL/h"),
    ],
)
def test_a_daily_rate_run_every_hour_is_named_as_that_slip(
    formulary: Formulary, drug: str, flow_rate: str, expected: str
) -> None:
    # 500 mcg/mL at 0.12 mL/h are 60 mcg/h, which is 1440 mcg/day.
    found, odd = contradiction(
        formulary, drug=drug, dose="60 mcg/day", concentration="500 mcg/mL", flow_rate=flow_rate
    )
    assert found.message == (
        f"{flow_rate} of 500 mcg/mL gives 1440 mcg/day, and the stated rate is 60 mcg/day"
    )
    assert (odd.measure, odd.mechanism, odd.ratio) == ("flow_rate", "hour_day", Fraction(24))
    assert odd.message == (
        f"the flow rate, {flow_rate}, is the odd one: the other cells make it {expected}, and it is "
        "24 times that; the dose is an ordinary one and a known slip explains it"
    )


def test_the_slip_is_named_also_where_two_cells_may_hold_it(formulary: Formulary) -> None:
    # 60 mcg/day of morphine is below the usual range, so that the dose may be the wrong one too.
    _, odd = contradiction(
        formulary, drug="morphine", dose="60 mcg/day", concentration="500 mcg/mL", flow_rate="0.12 mL/h"
    )
    assert (odd.measure, odd.mechanism) == (None, "hour_day")
    assert odd.message == (
        "one of these is wrong: the concentration (about 20.83 mcg/mL would agree) or the flow rate "
        "(0.005 mL/h would agree) or the dose (1440 mcg/day would agree)"
    )


@pytest.mark.parametrize(
    ("said", "message", "measure", "mechanism"),
    [
        (
            {"dose": "500 mg", "product": "magnesium sulfate 50 %", "strength": "50 mg/mL"},
            "the product holds 500 mg/mL, and the stated strength is 50 mg/mL",
            "strength",
            "ampoule_strength",
        ),
        (
            {"strength": "500 mg/mL", "draw_volume": "0.1 mL", "diluent_volume": "9 mL", "volume": "1 mL"},
            "0.1 mL drawn and 9 mL of diluent do not make 1 mL",
            "diluent_volume",
            "tenfold",
        ),
        (
            {"draw_volume": "3 mL", "volume": "1 mL", "strength": "500 mg/mL"},
            "3 mL drawn is more than the final volume, 1 mL",
            "draw_volume",
            None,
        ),
        (
            {"diluent_volume": "10 mL", "volume": "10 mL", "concentration": "5 mg/mL"},
            "10 mL of diluent leaves nothing to be drawn in 10 mL",
            None,
            None,
        ),
        (
            # 0.2 mL of 500 mg/mL is 100 mg, and the dose agrees with the other pair.
            {
                "strength": "500 mg/mL",
                "draw_volume": "0.2 mL",
                "concentration": "50 mg/mL",
                "volume": "1 mL",
            },
            "0.2 mL of 500 mg/mL holds 100 mg, and the stated dose is 50 mg",
            "draw_volume",
            None,
        ),
        (
            # 100 mL/h for an hour, and a bag of 50 mL.
            {
                "dose": "1 g",
                "route": "intravenous",
                "concentration": "20 mg/mL",
                "volume": "50 mL",
                "flow_rate": "100 mL/h",
                "over": "1 h",
            },
            "100 mL/h for 1 h is 100 mL, and the volume is 50 mL",
            None,
            None,
        ),
        (
            {"dose": "1 g/h", "strength": "50 mg/mL", "diluent_volume": "10 mL", "concentration": "50 mg/mL"},
            (
                "these can't all be true: strength 50 mg/mL, diluent volume 10 mL, concentration 50 mg/mL, "
                "dose 1 g/h"
            ),
            None,
            None,
        ),
        (
            {"dose": "2 g", "product": "magnesium sulfate 50 %", "draw_volume": "2 mL"},
            "2 mL of 500 mg/mL holds 1 g, and the stated dose is 2 g",
            None,
            None,
        ),
        (
            # The whole ampoule of 2 mL for a dose of 1 mL.
            {
                "dose": "0.5 g",
                "route": "intravenous",
                "product": "magnesium sulfate 50 %",
                "draw_volume": "2 mL",
                "concentration": "10 mg/mL",
                "volume": "50 mL",
            },
            "2 mL of 500 mg/mL holds 1 g, and the stated dose is 500 mg",
            "draw_volume",
            "whole_ampoule",
        ),
    ],
)
def test_what_cannot_be_true_is_said_in_figures(
    formulary: Formulary, said: dict[str, str], message: str, measure: str | None, mechanism: str | None
) -> None:
    found, odd = contradiction(formulary, **said)
    assert found.message == message
    assert (odd.measure, odd.mechanism) == (measure, mechanism)
    assert found.verdict is odd.verdict is Verdict.STOP


def test_a_wrong_cell_that_no_other_one_fixes_is_not_guessed(formulary: Formulary) -> None:
    _, odd = contradiction(formulary, diluent_volume="12 mL", volume="10 mL")
    assert odd.message == "which of them is wrong does not follow from the others, and two or more may be"


@pytest.mark.parametrize(
    ("concentration", "agrees"),
    [
        # 50 mg in 3 mL is 16.666... mg/mL.
        ("16.7 mg/mL", True),
        ("16.67 mg/mL", True),
        ("16.6667 mg/mL", True),
        ("16.6 mg/mL", False),
        ("17 mg/mL", False),
        ("16.8 mg/mL", False),
        ("167 mg/mL", False),
    ],
)
def test_a_figure_without_an_end_may_be_rounded_to_three_digits(
    formulary: Formulary, concentration: str, agrees: bool
) -> None:
    found = check(formulary, volume="3 mL", concentration=concentration)
    assert found[0].code == ("preparation-consistent" if agrees else "preparation-contradiction")
    if agrees:
        assert found[0].message.startswith("the cells agree (concentration rounded): volume 3 mL")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"dose": "50 mg/h", "concentration": "50 mg/mL", "volume": "1 mL"}, "flow rate 1 mL/h"),
        (
            {"strength": "500 mg/mL", "volume": "0.1 mL"},
            "drawn volume 0.1 mL, concentration 500 mg/mL, given undiluted, as no diluent is stated",
        ),
        (
            {"strength": "500 mg/mL", "volume": "1 mL", "diluent": "sodium chloride 0.9 %"},
            "drawn volume 0.1 mL, diluent volume 0.9 mL, concentration 50 mg/mL",
        ),
        (
            {"dose": "1 mg/kg", "weight": "50 kg", "concentration": "50 mg/mL"},
            "volume 1 mL",
        ),
    ],
)
def test_what_follows_from_the_cells_is_said(
    formulary: Formulary, said: dict[str, str], expected: str
) -> None:
    [found] = [one for one in check(formulary, **said) if one.code == "preparation-worked-out"]
    assert found.message == f"from the stated cells: {expected}"
    assert found.verdict is Verdict.WITHIN_LIMITS


@pytest.mark.parametrize(
    ("dose", "weight", "code"),
    [
        ("1 mg/kg", "50 kg", "preparation-consistent"),
        ("1 mg/kg", "50000 g", "preparation-consistent"),
        ("1 mg/kg", "51 kg", "preparation-contradiction"),
        ("1 mg/kg", None, "preparation-not-compared"),
        ("1 mg/m2", "50 kg", "preparation-not-compared"),
        ("1 mg/h", "50 kg", "preparation-not-stated"),
        ("fifty", "50 kg", "preparation-not-compared"),
        ("50 units", "50 kg", "preparation-not-compared"),
    ],
)
def test_a_dose_per_kg_is_recomputed_with_the_weight(
    formulary: Formulary, dose: str, weight: str | None, code: str
) -> None:
    finding = check(formulary, dose=dose, weight=weight, concentration="50 mg/mL", volume="1 mL")[0]
    assert finding.code == code
    assert (finding.verdict is Verdict.CANNOT_CHECK) == (code == "preparation-not-compared")


def test_what_is_stated_and_not_checked_is_named(formulary: Formulary) -> None:
    said = check(formulary, not_read=("height", "lot number"))[-1]
    assert said.message == "stated, and not checked by this version: height, lot number"
    assert said.verdict is Verdict.NEEDS_REVIEW


FIELDS = (
    *("concentration", "volume", "product", "strength", "units_used", "draw_volume", "diluent"),
    *("diluent_volume", "flow_rate", "reservoir_volume", "label_text", "expiry", "prepared_by", "over"),
)
HOSTILE = (
    *("", " ", "5", "mL", "nan mL", "inf mL", "1e5 mL", "0 mL", "-1 mL", "- 1 mL", "1,5 mL", "1 000 mL"),
    *(
        "0 mg/mL",
        "-5 mg/mL",
        "1e5 mg/mL",
        "0 %",
        "1000 %",
        "1:0",
        "1:200000",
        "0 mL/h",
        "-2 mL/h",
        "0 x 0 mL",
    ),
    *("[bold]5 mL[/bold]", "\x1b[31m5 mL\x1b[0m", "\u202e5 mL", "5\u00a0mL", "5 mL\n", "\x00", "\u0665 mL"),
    *("5 mL" * 5000, "9" * 5000 + " mL", "1" * 40_000, "(" * 2000, "2 x " * 2000, "0000-00-00", "2026-02-31"),
    *("magnesium sulfate 50 %", "50 %", "2 x 2 mL", "9999999 mL", "0.0001 mL", "9999999 mg/mL", "none"),
)


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_in_a_field_of_the_preparation_breaks_the_report(formulary: Formulary, field: str) -> None:
    whole = {"strength": "500 mg/mL", "draw_volume": "0.1 mL", "volume": "1 mL", "concentration": "50 mg/mL"}
    for text in HOSTILE:
        for cells in ({}, whole, {"volume": "1 mL", "diluent_volume": "1 mL", "units_used": "1"}):
            fields: dict[str, Any] = {"drug": "magnesium", "dose": "50 mg", "route": "it", **cells}
            fields[field] = text
            report = assess(Order(**fields), formulary)
            assert report.findings, (field, text)
            assert all("\x1b" not in finding.message for finding in report.findings), (field, text)


@pytest.mark.parametrize("field", ["together_with", "conditions"])
def test_no_text_in_a_list_breaks_the_report(formulary: Formulary, field: str) -> None:
    for text in (*HOSTILE, "fentanyl", "15 mcg", "fentanyl 15 mcg", "fentanyl -15 mcg", "fentanyl " * 3000):
        fields: dict[str, Any] = {"drug": "bupivacaine", "dose": "10 mg", "route": "it", field: (text, text)}
        assert assess(Order(**fields), formulary).findings, text


@pytest.mark.parametrize("text", ["", "-1 mL", "nan mL", "1e5 mL", "1,5 mL", "1 000 mL", "5", "\u202e5 mL"])
@pytest.mark.parametrize("field", ["volume", "draw_volume", "diluent_volume", "reservoir_volume"])
def test_a_volume_that_is_not_read_is_never_fine(formulary: Formulary, field: str, text: str) -> None:
    fields: dict[str, Any] = {"drug": "magnesium", "dose": "50 mg", "route": "it", field: text}
    report = assess(Order(**fields), formulary)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert field in {finding.measure for finding in report.findings if finding.code == "notation-refused"}


def test_a_volume_of_nothing_is_refused_but_for_the_diluent(formulary: Formulary) -> None:
    for field in ("volume", "draw_volume", "reservoir_volume", "diluent_volume"):
        fields: dict[str, Any] = {"drug": "magnesium", "dose": "50 mg", "route": "it", field: "0 mL"}
        report = assess(Order(**fields), formulary)
        assert (report.verdict is Verdict.CANNOT_CHECK) == (field != "diluent_volume")
