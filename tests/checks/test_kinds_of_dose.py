"""Doses that are not plain milligrams: by volume, by body surface, and rates that run for a time."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary, Order, Verdict, assess
from itdose.checks import limits

if TYPE_CHECKING:
    from itdose.findings import Report

RESCUE = {"drug": "lipid emulsion", "route": "iv", "indication": "local_anaesthetic_toxicity"}
BOLUS = {**RESCUE, "mode": "loading_dose"}
INFUSION = {**RESCUE, "mode": "continuous_infusion"}
VINCRISTINE = {"drug": "vincristine", "route": "iv", "mode": "single_dose"}


def report_on(formulary: Formulary, said: dict[str, Any]) -> Report:
    return assess(Order(**said), formulary)


def by_measure(report: Report) -> dict[str | None, str]:
    return {f.measure: f.code for f in report.findings if f.measure and f.code.split("-")[0] in _MEASURED}


_MEASURED = {code.split("-")[0] for code in limits.CODES if code.endswith("within-limits")}


# The guideline's bolus is 1.5 mL/kg and none is larger: 105 mL at 70 kg.
@pytest.mark.parametrize(
    ("dose", "code", "verdict"),
    [
        ("1.49 mL/kg", "dose-within-limits", Verdict.WITHIN_LIMITS),
        ("1.5 mL/kg", "dose-within-limits", Verdict.WITHIN_LIMITS),
        ("0.0015 L/kg", "dose-within-limits", Verdict.WITHIN_LIMITS),
        ("105 mL", "dose-within-limits", Verdict.WITHIN_LIMITS),
        ("1.51 mL/kg", "dose-above-hard-limit", Verdict.STOP),
        ("105.1 mL", "dose-above-hard-limit", Verdict.STOP),
        ("0.106 L", "dose-above-hard-limit", Verdict.STOP),
    ],
)
def test_a_dose_by_volume_is_compared_in_milliliters(
    formulary: Formulary, dose: str, code: str, verdict: Verdict
) -> None:
    report = report_on(formulary, {**BOLUS, "dose": dose, "weight": "70 kg"})
    assert by_measure(report) == {"dose_per_kg": code}
    assert report.verdict is verdict


def test_a_volume_without_the_weight_says_from_which_weight_it_is_too_large(formulary: Formulary) -> None:
    report = report_on(formulary, {**BOLUS, "dose": "90 mL"})
    [missing] = [finding for finding in report.findings if finding.code == "weight-missing"]
    # 90 mL / 1.5 mL/kg = 60 kg.
    assert missing.message.endswith("the dose is above 1.5 mL/kg for a body weight below 60 kg")
    assert missing.verdict is report.verdict is Verdict.CANNOT_CHECK


@pytest.mark.parametrize("dose", ["100 mg", "1.5 mg/kg", "20 g", "1 mmol", "100 units", "100"])
def test_a_mass_of_what_is_dosed_by_volume_is_refused(formulary: Formulary, dose: str) -> None:
    report = report_on(formulary, {**BOLUS, "dose": dose, "weight": "70 kg"})
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.comparisons == ()
    [refused] = [finding for finding in report.findings if finding.code == "notation-refused"]
    assert refused.message.startswith(f"dose '{dose}'")
    assert "100 mL" in refused.message


@pytest.mark.parametrize("dose", ["10 mL", "1.5 mL/kg", "2 mL/h"])
def test_a_volume_of_what_is_dosed_by_mass_is_refused(formulary: Formulary, dose: str) -> None:
    report = report_on(formulary, {"drug": "morphine", "dose": dose, "route": "iv", "weight": "70 kg"})
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.comparisons == ()
    assert "notation-refused" in {finding.code for finding in report.findings}


# 15 mL/kg/h is the rate, 30 the most; 12 mL/kg in all, which 15 mL/kg/h reaches in 48 min and 30 in 24 min.
@pytest.mark.parametrize(
    ("dose", "over", "codes"),
    [
        ("15 mL/kg/h", "40 min", ("dose-rate-within-limits", "dose-within-limits")),
        ("0.25 mL/kg/min", "40 min", ("dose-rate-within-limits", "dose-within-limits")),
        ("15 mL/kg/h", "48 min", ("dose-rate-within-limits", "dose-within-limits")),
        ("15 mL/kg/h", "49 min", ("dose-rate-within-limits", "dose-above-hard-limit")),
        ("0.5 mL/kg/min", "24 min", ("dose-rate-above-soft-limit", "dose-within-limits")),
        ("0.5 mL/kg/min", "25 min", ("dose-rate-above-soft-limit", "dose-above-hard-limit")),
        ("30.1 mL/kg/h", "20 min", ("dose-rate-above-hard-limit", "dose-within-limits")),
        ("1050 mL/h", "0.8 h", ("dose-rate-within-limits", "dose-within-limits")),
        ("1050 mL/h", "0.81 h", ("dose-rate-within-limits", "dose-above-hard-limit")),
    ],
)
def test_a_rate_that_runs_for_a_time_is_compared_with_the_whole_dose(
    formulary: Formulary, dose: str, over: str, codes: tuple[str, str]
) -> None:
    report = report_on(formulary, {**INFUSION, "dose": dose, "over": over, "weight": "70 kg"})
    found = by_measure(report)
    assert (found["dose_rate_per_kg"], found["dose_per_kg"]) == codes


def test_a_rate_without_a_time_gives_no_whole_dose(formulary: Formulary) -> None:
    report = report_on(formulary, {**INFUSION, "dose": "15 mL/kg/h"})
    assert by_measure(report) == {"dose_rate_per_kg": "dose-rate-within-limits"}


def in_any_half_hour(formulary: Formulary) -> Formulary:
    """Return the formulary with invented limits on what runs in any 30 min: 10, 20, 40, 80 and 160 mg."""
    rows: dict[str, Any] = {**formulary._rows, "drugs": dict(formulary._rows["drugs"])}
    drug = deepcopy(rows["drugs"]["magnesium_sulfate"])
    [rule] = drug["routes"]["intrathecal"]["rules"]
    rule["mode"] = "continuous_infusion"
    kinds = ("lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from")
    rule["limits"] = [
        {
            "measure": "cumulative_dose",
            "stated": {
                kind: [amount, 1, "mg"] for kind, amount in zip(kinds, (10, 20, 40, 80, 160), strict=True)
            },
            "absent": {},
            "upper_hard_is": "label_maximum",
            "window": [30, 1, "min"],
            "note": None,
        }
    ]
    rows["drugs"]["magnesium_sulfate"] = drug
    return Formulary(rows, as_of=formulary.as_of)


@pytest.mark.parametrize(
    ("dose", "over", "zone"),
    [
        # It may run on for longer than the window: half of an hour's dose falls in any 30 min.
        ("80 mg/h", None, "within-limits"),
        ("80.1 mg/h", None, "above-soft-limit"),
        ("80 mg/h", "60 min", "within-limits"),
        ("81 mg/h", "60 min", "above-soft-limit"),
        ("160 mg/h", "1 day", "above-soft-limit"),
        ("161 mg/h", "1 day", "above-hard-limit"),
        ("2 mg/min", "30 min", "above-soft-limit"),
        # It ends before the window does: a quarter of an hour's dose.
        ("80 mg/h", "15 min", "within-limits"),
        ("79 mg/h", "15 min", "below-soft-limit"),
        ("160 mg/h", "15 min", "within-limits"),
        ("320 mg/h", "15 min", "above-soft-limit"),
        ("321 mg/h", "15 min", "above-hard-limit"),
        ("640 mg/h", "15 min", "at-toxic-level"),
    ],
)
def test_a_rate_is_compared_with_what_runs_in_a_window(
    formulary: Formulary, dose: str, over: str | None, zone: str
) -> None:
    said = {"drug": "magnesium sulfate", "route": "intrathecal", "dose": dose, "over": over}
    report = report_on(in_any_half_hour(formulary), said)
    assert by_measure(report) == {"cumulative_dose": f"cumulative-dose-{zone}"}


# The labels give adults 1.4 mg/m2, 1.5 at most, and children 2 mg/m2.
@pytest.mark.parametrize(
    ("dose", "age", "code", "verdict"),
    [
        ("1.4 mg/m2", "40 years", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("1400 mcg/m2", "40 years", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("1.41 mg/m2", "40 years", "dose-above-soft-limit", Verdict.NEEDS_REVIEW),
        ("1.5 mg/m2", "40 years", "dose-above-soft-limit", Verdict.NEEDS_REVIEW),
        ("1.51 mg/m2", "40 years", "dose-above-hard-limit", Verdict.STOP),
        ("1510 mcg/m2", "40 years", "dose-above-hard-limit", Verdict.STOP),
        ("2 mg/m2", "8 years", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("2.01 mg/m2", "8 years", "dose-above-hard-limit", Verdict.STOP),
    ],
)
def test_a_dose_per_m2_is_compared_with_the_limit_per_m2(
    formulary: Formulary, dose: str, age: str, code: str, verdict: Verdict
) -> None:
    weight = "70 kg" if age == "40 years" else "25 kg"
    report = report_on(formulary, {**VINCRISTINE, "dose": dose, "age": age, "weight": weight})
    assert by_measure(report) == {"dose_per_m2": code}
    assert report.verdict is verdict
    [missing] = [finding for finding in report.findings if finding.code == "body-surface-missing"]
    assert missing.measure == "dose"
    assert missing.message.startswith("dose not compared: a dose per m2 needs the body surface")


@pytest.mark.parametrize(
    ("dose", "code", "verdict"),
    [
        ("2 mg", "dose-within-limits", Verdict.NEEDS_REVIEW),
        ("2.01 mg", "dose-above-soft-limit", Verdict.NEEDS_REVIEW),
        ("3.51 mg", "dose-above-hard-limit", Verdict.STOP),
    ],
)
def test_a_whole_dose_asks_for_the_body_surface(
    formulary: Formulary, dose: str, code: str, verdict: Verdict
) -> None:
    report = report_on(formulary, {**VINCRISTINE, "dose": dose, "age": "40 years", "weight": "70 kg"})
    assert by_measure(report) == {"dose": code}
    assert report.verdict is verdict
    [missing] = [finding for finding in report.findings if finding.code == "body-surface-missing"]
    assert missing.measure == "dose_per_m2"
    assert missing.verdict is Verdict.NEEDS_REVIEW


def test_a_dose_per_m2_alone_that_cannot_be_compared_is_not_checked(formulary: Formulary) -> None:
    # Below 4 years cytarabine alone has a limit per m2 and no other.
    said = {"drug": "cytarabine", "route": "it", "indication": "single_agent", "age": "3 years"}
    report = report_on(formulary, {**said, "dose": "30 mg"})
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.comparisons == ()
    assert by_measure(report_on(formulary, {**said, "dose": "30 mg/m2"})).keys() == {"dose_per_m2"}
