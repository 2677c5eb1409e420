"""Slips that stand in print, typed in as printed: each is refused or flagged by a finding that names it.

The seeds are the five founding documents; the other slips stand in published papers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict, assess

if TYPE_CHECKING:
    from itdose import Formulary

MAGNESIUM = Order(
    drug="magnesium sulfate",
    dose="1 g",
    route="intravenous",
    mode="short_infusion",
    indication="analgesia",
)


@pytest.mark.parametrize(
    ("order", "field", "names"),
    [
        pytest.param(
            replace(MAGNESIUM, dose="1mg /k", over="1 h", weight="70 kg"),
            "dose",
            "'1mg /k'",
            id="page on postherpetic neuralgia, heading: 1mg /k for 30 mg/kg",
        ),
        pytest.param(
            replace(MAGNESIUM, concentration="o.5 mmol/l"),
            "concentration",
            "letter O",
            id="page on postherpetic neuralgia, Tanaka: o.5 mmol/l",
        ),
        pytest.param(
            replace(MAGNESIUM, concentration="1.3 gm/liter"),
            "concentration",
            "write 'g'",
            id="page on postherpetic neuralgia, Tanaka: 1.3 gm/liter",
        ),
        pytest.param(
            replace(MAGNESIUM, dose="1200 mg", volume="50 cc", over="1 hours"),
            "volume",
            "cc is read as units",
            id="page on postherpetic neuralgia, Cheong: 50 cc",
        ),
        pytest.param(
            replace(MAGNESIUM, dose="30 mg/kg", volume="100 mls", over="1 hour", weight="70 kg"),
            "volume",
            "write 'mL'",
            id="page on postherpetic neuralgia, approach: 100 mls",
        ),
        pytest.param(
            Order(drug="baclofen", dose="> 1,000 μg/day", route="intrathecal"),
            "dose",
            "comma",
            id="baclofen cases, discussion: > 1,000 μg/day",
        ),
        pytest.param(
            Order(drug="baclofen", dose="1,000 μg/day", route="intrathecal"),
            "dose",
            "comma",
            id="baclofen cases, discussion: 1,000 μg/day",
        ),
        pytest.param(
            Order(drug="fentanyl", dose="300 mg/d", route="intrathecal"),
            "dose",
            "write 'day'",
            id="paper on high doses of intrathecal fentanyl: 300 mg/d for mcg",
        ),
        pytest.param(
            Order(drug="fentanyl", dose="1.100 mcg/day", route="intrathecal"),
            "dose",
            "group of thousands",
            id="paper on intrathecal fentanyl: 1.100 mcg/day for 1100",
        ),
        pytest.param(
            Order(drug="magnesium sulfate", dose="2gms", route="intravenous"),
            "dose",
            "write 'g'",
            id="order in a paper on magnesium: 2gms",
        ),
    ],
)
def test_a_printed_notation_slip_is_refused(
    order: Order, field: str, names: str, formulary: Formulary
) -> None:
    report = assess(order, formulary)
    [refused] = [finding for finding in report.findings if finding.code == "notation-refused"]
    assert report.verdict is Verdict.CANNOT_CHECK
    assert refused.measure == field
    assert names in refused.message


@pytest.mark.parametrize(
    ("order", "verdict", "code", "names"),
    [
        pytest.param(
            replace(MAGNESIUM, dose="1 mg/kg", over="1 h", weight="70 kg"),
            Verdict.NEEDS_REVIEW,
            "dose-below-soft-limit",
            "70 mg",
            id="page on postherpetic neuralgia, heading, unit mended: a thirtieth of its own method",
        ),
        pytest.param(
            replace(MAGNESIUM, dose="0.5 mmol", concentration="1.3 g/L", volume="1 L"),
            Verdict.STOP,
            "preparation-contradiction",
            "holds 5.278 mmol",
            id="page on postherpetic neuralgia, Tanaka: 0.5 mmol is not 1.3 g",
        ),
        pytest.param(
            Order(
                drug="midazolam", dose="0.1 mg/kg", route="intravenous", weight="70 kg", indication="sedation"
            ),
            Verdict.NEEDS_REVIEW,
            "dose-above-soft-limit",
            "7 mg",
            id="page on postherpetic neuralgia, approach: midazolam above every sedation label",
        ),
        pytest.param(
            replace(MAGNESIUM, dose="3g"),
            Verdict.NEEDS_REVIEW,
            "notation-run-together",
            "'3 g'",
            id="abstract on ketamine and magnesium: 3g",
        ),
        pytest.param(
            Order(drug="baclofen", dose="50 μg/day", route="intrathecal", indication="analgesia"),
            Verdict.NEEDS_REVIEW,
            "notation-micro-sign",
            "'mcg'",
            id="baclofen cases, case 1: 50 μg/day",
        ),
        pytest.param(
            Order(drug="morphine", dose="0.75 mg", route="intrathecal", categories=("obstetric",)),
            Verdict.STOP,
            "slip-tenfold",
            "75 mcg",
            id="trial of spinal morphine: 0.75 mg for the group of 0.075 mg",
        ),
        pytest.param(
            Order(drug="bupivacaine", dose="10 mg", route="intrathecal", concentration="25%", volume="2 mL"),
            Verdict.STOP,
            "preparation-contradiction",
            "500 mg",
            id="paper on caudal block: bupivacaine 25% for 0.25%",
        ),
    ],
)
def test_a_printed_slip_that_can_be_read_is_flagged(
    order: Order, verdict: Verdict, code: str, names: str, formulary: Formulary
) -> None:
    report = assess(order, formulary)
    assert report.verdict is verdict
    assert any(finding.code == code and names in finding.message for finding in report.findings)


@pytest.mark.parametrize(("dose", "over", "volume"), [("500 mg", "5 min", "1 mL"), ("1 g", "10 min", "2 mL")])
def test_undiluted_magnesium_into_a_vein_is_flagged_by_its_concentration(
    dose: str, over: str, volume: str, formulary: Formulary
) -> None:
    order = replace(MAGNESIUM, dose=dose, over=over, concentration="50%", volume=volume)
    [concentration] = [
        finding
        for finding in assess(order, formulary).findings
        if finding.measure == "concentration" and not finding.code.startswith("notation-")
    ]
    assert concentration.code.startswith("concentration-above-")
    assert concentration.verdict >= Verdict.NEEDS_REVIEW
    assert "500 mg/mL" in concentration.message


# The case report names the salt once and says "magnesium" everywhere else.
def test_magnesium_without_its_salt_is_read_as_the_salt_and_says_so(formulary: Formulary) -> None:
    report = assess(Order(drug="magnesium", dose="50 mg", route="intrathecal"), formulary)
    assert "magnesium sulfate heptahydrate (basis not stated)" in report.assumptions


@pytest.mark.parametrize("name", ["MgSO4", "MSO4", "MS"])
def test_a_chemical_symbol_is_no_drug_name(name: str, formulary: Formulary) -> None:
    report = assess(Order(drug=name, dose="50 mg", route="intrathecal"), formulary)
    [unknown] = [finding for finding in report.findings if finding.code == "drug-unknown"]
    assert report.verdict is Verdict.CANNOT_CHECK
    assert "confused" in unknown.message
