"""Rules for some ages or body weights only: known, unknown, and at the ends of their bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Report

# Methotrexate into the spine goes by age: 7.5 mg below 1 year, then 8, 10 and 12 mg at 1, 2 and 3 to 8 years.
METHOTREXATE = {"drug": "methotrexate", "route": "intrathecal", "mode": "single_dose"}
# Adenosine goes by body weight: below 50 kg 50 to 100 mcg/kg, from 50 kg 6 to 12 mg, as in adults.
ADENOSINE = {
    "drug": "adenosine",
    "route": "intravenous",
    "mode": "single_dose",
    "indication": "supraventricular_tachycardia",
}


def report_on(formulary: Formulary, said: dict[str, Any]) -> Report:
    return assess(Order(**said), formulary)


def rules_of(report: Report) -> set[str]:
    """Return the last parts of the ids of the rules that the report names."""
    return {finding.rule.rpartition(".")[2] for finding in report.findings if finding.rule}


def compared(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.observed is not None and finding.rule]


@pytest.mark.parametrize(
    ("age", "rule", "usual"),
    [
        ("1 day", "below_1_year", "7.5 mg"),
        ("11.99 months", "below_1_year", "7.5 mg"),
        ("365 days", "below_1_year", "7.5 mg"),  # a year is 365.25 days
        ("366 days", "from_1_year", "8 mg"),
        ("12 months", "from_1_year", "8 mg"),
        ("1 year", "from_1_year", "8 mg"),
        ("1.99 years", "from_1_year", "8 mg"),
        ("24 months", "from_2_years", "10 mg"),
        ("2 years", "from_2_years", "10 mg"),
        ("35 months", "from_2_years", "10 mg"),
        ("36 months", "from_3_years", "12 mg"),
        ("3 years", "from_3_years", "12 mg"),
        ("8.99 years", "from_3_years", "12 mg"),
        ("107 months", "from_3_years", "12 mg"),
        ("108 months", "from_9_years", "12 mg"),
        ("9 years", "from_9_years", "12 mg"),
        ("17 years", "from_9_years", "12 mg"),
        ("18 years", "adult", "12.5 mg"),
    ],
)
def test_an_age_is_in_the_band_that_begins_with_it(
    formulary: Formulary, age: str, rule: str, usual: str
) -> None:
    report = report_on(formulary, {**METHOTREXATE, "dose": usual, "age": age})
    assert rules_of(report) == {rule}
    assert compared(report) == ["dose-within-limits"]


@pytest.mark.parametrize(
    ("age", "dose", "code", "verdict"),
    [
        ("2 years", "10 mg", "dose-within-limits", Verdict.NEEDS_REVIEW),  # the rule is drafted
        ("2 years", "10000 mcg", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("2 years", "10.01 mg", "dose-above-hard-limit", Verdict.STOP),
        ("2 years", "9.99 mg", "dose-below-soft-limit", Verdict.NEEDS_REVIEW),
        ("2 years", "12 mg", "dose-above-hard-limit", Verdict.STOP),
        ("3 years", "12 mg", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("3 years", "10 mg", "dose-below-soft-limit", Verdict.NEEDS_REVIEW),
    ],
)
def test_the_dose_of_a_neighboring_band_is_not_taken(
    formulary: Formulary, age: str, dose: str, code: str, verdict: Verdict
) -> None:
    report = report_on(formulary, {**METHOTREXATE, "dose": dose, "age": age})
    assert compared(report) == [code]
    assert report.verdict is verdict


def test_without_an_age_every_band_of_the_category_is_compared_and_the_age_is_named(
    formulary: Formulary,
) -> None:
    report = report_on(formulary, {**METHOTREXATE, "dose": "12 mg", "categories": ("child",)})
    assert rules_of(report) == {"from_2_years", "from_3_years", "from_9_years"}
    [disagreement] = [finding for finding in report.findings if finding.code == "rules-disagree"]
    assert disagreement.message == (
        "the age is not stated, and the rules disagree: "
        "ordinary for single dose, from 9 years, single dose, from 3 years to below 9 years"
    )
    assert disagreement.detail == "Not ordinary, or not compared: single dose, from 2 years to below 3 years."
    assert report.verdict is Verdict.NEEDS_REVIEW


def test_an_age_that_fits_one_band_leaves_no_disagreement(formulary: Formulary) -> None:
    report = report_on(formulary, {**METHOTREXATE, "dose": "12 mg", "age": "5 years"})
    assert "rules-disagree" not in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("weight", "rule", "codes", "verdict"),
    [
        # 6 mg at 49.99 kg is 120 mcg/kg, above 100 and below 300; from 50 kg on it is the adult's first dose.
        (
            "49.99 kg",
            "child",
            ["dose-above-soft-limit", "dose-within-limits"],
            Verdict.NEEDS_REVIEW,
        ),
        ("49990 g", "child", ["dose-above-soft-limit", "dose-within-limits"], Verdict.NEEDS_REVIEW),
        ("50 kg", "child_50kg", ["dose-within-limits"], Verdict.WITHIN_LIMITS),
        ("50000 g", "child_50kg", ["dose-within-limits"], Verdict.WITHIN_LIMITS),
        ("50.01 kg", "child_50kg", ["dose-within-limits"], Verdict.WITHIN_LIMITS),
    ],
)
def test_a_weight_is_in_the_band_that_begins_with_it(
    formulary: Formulary, weight: str, rule: str, codes: list[str], verdict: Verdict
) -> None:
    report = report_on(formulary, {**ADENOSINE, "dose": "6 mg", "age": "14 years", "weight": weight})
    assert rules_of(report) == {rule}
    assert compared(report) == codes
    assert report.verdict is verdict


# A usual range of 50 to 100 mcg/kg and a hard limit of 300 are 1 to 2 mg, and 6 mg, at 20 kg.
@pytest.mark.parametrize(
    ("dose", "code"),
    [
        ("100 mcg/kg", "dose-within-limits"),
        ("0.1 mg/kg", "dose-within-limits"),
        ("2 mg", "dose-within-limits"),
        ("100.1 mcg/kg", "dose-above-soft-limit"),
        ("2.01 mg", "dose-above-soft-limit"),
        ("6 mg", "dose-above-soft-limit"),
        ("6.01 mg", "dose-above-hard-limit"),
    ],
)
def test_a_dose_per_kg_is_compared_inside_a_band_of_weight(
    formulary: Formulary, dose: str, code: str
) -> None:
    report = report_on(formulary, {**ADENOSINE, "dose": dose, "age": "8 years", "weight": "20 kg"})
    assert rules_of(report) == {"child"}
    [per_kg] = [finding for finding in report.findings if finding.measure == "dose_per_kg"]
    assert per_kg.code == code


def test_without_a_weight_every_band_is_compared_and_the_weight_is_named(formulary: Formulary) -> None:
    # 1 g is the dose from 50 kg; below it 750 mg is the most.
    said = {"drug": "paracetamol", "dose": "1 g", "route": "iv", "mode": "short_infusion", "age": "40 years"}
    report = report_on(formulary, said)
    assert rules_of(report) == {"from_50kg", "10_to_50kg"}
    [disagreement] = [finding for finding in report.findings if finding.code == "rules-disagree"]
    assert disagreement.message == (
        "the body weight is not stated, and the rules disagree: ordinary for short infusion, from 50 kg"
    )
    assert disagreement.detail == (
        "Not ordinary, or not compared: short infusion, from 10 kg to below 50 kg."
    )
    assert report.verdict is Verdict.NEEDS_REVIEW
    for weight, verdict in (("50 kg", Verdict.WITHIN_LIMITS), ("49.9 kg", Verdict.STOP)):
        assert report_on(formulary, {**said, "weight": weight}).verdict is verdict


def test_a_weight_outside_every_band_has_no_rule(formulary: Formulary) -> None:
    said = {"drug": "paracetamol", "dose": "100 mg", "route": "iv", "age": "40 years", "weight": "9.99 kg"}
    report = report_on(formulary, said)
    assert "rule-missing" in {finding.code for finding in report.findings}
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.comparisons == ()
