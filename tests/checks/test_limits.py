from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from itdose import Formulary, Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import limits

# One order for every code that does not name a measure and a zone.
REACHED: dict[str, dict[str, Any]] = {
    "limits-not-compared": {"drug": "unobtainium"},
    "rule-missing": {"mode": "continuous_infusion"},
    "rules-disagree": {"dose": "6 g", "route": "intravenous"},
    "rule-thin": {"route": "epidural"},
    "rule-reviewed": {},
    "weight-missing": {"drug": "bupivacaine", "dose": "100 mg", "route": "epidural"},
    "body-surface-missing": {"dose": "50 mg/m2"},
    "concentration-not-read": {
        "dose": "4 g",
        "route": "iv",
        "concentration": "20",
        "indication": "recurrent_seizure",
    },
    "conversion-missing": {"drug": "morphine", "dose": "1 mmol"},
}
# Limits of 10, 20, 40, 80 and 160 in each measure; the amounts stand at them and beside them.
UNITS = {
    "dose": "mg",
    "daily_dose": "mg/day",
    "dose_rate": "mg/h",
    "concentration": "mg/mL",
    "volume": "mL",
    "duration": "min",
    "cumulative_dose": "mg",
}
ZONES = [
    ("9", "below-hard-limit", Verdict.STOP),
    ("9.9999", "below-hard-limit", Verdict.STOP),
    ("10", "below-soft-limit", Verdict.NEEDS_REVIEW),
    ("19.9999", "below-soft-limit", Verdict.NEEDS_REVIEW),
    ("20", "within-limits", Verdict.WITHIN_LIMITS),
    ("40", "within-limits", Verdict.WITHIN_LIMITS),
    ("40.0001", "above-soft-limit", Verdict.NEEDS_REVIEW),
    ("80", "above-soft-limit", Verdict.NEEDS_REVIEW),
    ("80.0001", "above-hard-limit", Verdict.STOP),
    ("159.9999", "above-hard-limit", Verdict.STOP),
    ("160", "at-toxic-level", Verdict.STOP),
    ("500", "at-toxic-level", Verdict.STOP),
]


def codes(formulary: Formulary, **said: Any) -> list[str]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return [finding.code for finding in limits.check(read_order(Order(**fields), formulary))]


def bounded(formulary: Formulary, measure: str, kinds: tuple[str, ...] = ()) -> Formulary:
    """Return the formulary with one invented set of limits for magnesium intrathecally."""
    unit = UNITS[measure]
    rows: dict[str, Any] = {**formulary._rows, "drugs": dict(formulary._rows["drugs"])}
    drug = deepcopy(rows["drugs"]["magnesium_sulfate"])
    [rule] = drug["routes"]["intrathecal"]["rules"]
    stated = {
        "lower_hard": [10, 1, unit],
        "lower_soft": [20, 1, unit],
        "upper_soft": [40, 1, unit],
        "upper_hard": [80, 1, unit],
        "toxic_from": [160, 1, unit],
    }
    rule["limits"] = [
        {
            "measure": measure,
            "stated": {kind: limit for kind, limit in stated.items() if kind in (kinds or stated)},
            "absent": {},
            "upper_hard_is": "label_maximum",
            "window": [30, 1, "min"] if measure == "cumulative_dose" else None,
            "note": None,
        }
    ]
    rows["drugs"]["magnesium_sulfate"] = drug
    return Formulary(rows, as_of=formulary.as_of)


def said_of(measure: str, amount: str) -> dict[str, str]:
    return {
        "dose": {"dose": f"{amount} mg"},
        "daily_dose": {"dose": f"{amount} mg", "every": "24 h"},
        "dose_rate": {"dose": f"{amount} mg", "over": "60 min"},
        "concentration": {"concentration": f"{amount} mg/mL"},
        "volume": {"volume": f"{amount} mL"},
        "duration": {"over": f"{amount} min"},
        "cumulative_dose": {"dose": f"{amount} mg"},
    }[measure]


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in codes(formulary, **said)


def test_every_code_has_an_order() -> None:
    by_measure = {f"{measure.replace('_', '-')}-{zone}" for measure in UNITS for _, zone, _ in ZONES}
    assert by_measure | set(REACHED) == set(limits.CODES)


@pytest.mark.parametrize(("amount", "zone", "verdict"), ZONES)
@pytest.mark.parametrize("measure", UNITS)
def test_each_measure_is_compared_with_each_limit(
    formulary: Formulary, measure: str, amount: str, zone: str, verdict: Verdict
) -> None:
    fields: dict[str, Any] = {"drug": "magnesium sulfate", "dose": "30 mg", "route": "intrathecal"}
    order = Order(**{**fields, **said_of(measure, amount)})
    found = limits.check(read_order(order, bounded(formulary, measure)))
    [compared] = [finding for finding in found if finding.observed is not None]
    assert compared.code == f"{measure.replace('_', '-')}-{zone}"
    assert compared.verdict is verdict
    assert compared.measure == measure
    assert compared.limit is not None


@pytest.mark.parametrize(
    ("kinds", "amount", "code"),
    [
        (("upper_hard",), "80", "dose-within-limits"),
        (("upper_hard",), "81", "dose-above-hard-limit"),
        (("toxic_from",), "159", "dose-within-limits"),
        (("toxic_from",), "160", "dose-at-toxic-level"),
        (("lower_soft",), "19", "dose-below-soft-limit"),
        (("lower_soft",), "9999", "dose-within-limits"),
        (("upper_soft",), "40", "dose-within-limits"),
        (("upper_soft",), "0.1", "dose-within-limits"),
    ],
)
def test_a_limit_that_does_not_apply_is_not_compared(
    formulary: Formulary, kinds: tuple[str, ...], amount: str, code: str
) -> None:
    assert code in codes(bounded(formulary, "dose", kinds), dose=f"{amount} mg")


@pytest.mark.parametrize(
    ("every", "over", "amount", "code"),
    [
        # 30 mg every 10 min: at 0, 10, 20 and 30 min of any 30 min.
        ("10 min", None, "10", "cumulative-dose-within-limits"),
        ("10 min", None, "11", "cumulative-dose-above-soft-limit"),
        ("10 min", None, "40", "cumulative-dose-at-toxic-level"),
        # Over 60 min, half of it falls in any 30 min.
        (None, "60 min", "80", "cumulative-dose-within-limits"),
        (None, "60 min", "81", "cumulative-dose-above-soft-limit"),
        (None, "15 min", "41", "cumulative-dose-above-soft-limit"),
    ],
)
def test_a_cumulative_dose_is_the_most_in_any_stretch_of_its_window(
    formulary: Formulary, every: str | None, over: str | None, amount: str, code: str
) -> None:
    assert code in codes(bounded(formulary, "cumulative_dose"), dose=f"{amount} mg", every=every, over=over)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"drug": "unobtainium"}, "the drug is not known"),
        ({"route": "oral"}, "there are no limits for this route"),
        ({"route": "intraventricular"}, "there are no limits for this route"),
        ({"drug": "fentanyl", "route": "caudal"}, "there are no limits for this route"),
        ({"drug": "vincristine"}, "no dose is allowed by this route"),
        ({"dose": "50"}, "the dose could not be read"),
        ({"mode": "bolus-ish"}, "mode 'bolus-ish' is not known"),
        ({"indication": "fun"}, "indication 'fun' is not known"),
    ],
)
def test_what_was_not_compared_says_why(formulary: Formulary, said: dict[str, Any], reason: str) -> None:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    [finding] = limits.check(read_order(Order(**fields), formulary))
    assert finding.code == "limits-not-compared"
    assert finding.verdict is Verdict.CANNOT_CHECK
    assert finding.message.startswith(f"no limit was compared: {reason}")


def test_a_toxic_dose_shows_the_report_that_it_comes_from(formulary: Formulary) -> None:
    report = assess(Order(drug="magnesium", dose="500 mg", route="intrathecal"), formulary)
    [toxic] = [finding for finding in report.findings if finding.code == "dose-at-toxic-level"]
    assert toxic.verdict is report.verdict is Verdict.STOP
    assert toxic.limit is not None
    assert toxic.limit.kind == "toxic_from"
    assert toxic.ratio == 1
    assert [citation.source for citation in toxic.evidence] == ["gil2021"]
    assert toxic.detail is not None
    assert toxic.detail.startswith("Reported at 500 mg: ")


def test_a_missing_weight_says_from_which_weight_the_dose_is_too_large(formulary: Formulary) -> None:
    order = Order(
        drug="bupivacaine",
        dose="100 mg",
        route="epidural",
        mode="single_dose",
        indication="epidural_anaesthesia",
    )
    [missing] = [
        finding for finding in limits.check(read_order(order, formulary)) if finding.code == "weight-missing"
    ]
    # 100 mg / 2 mg/kg = 50 kg.
    assert "above 2 mg/kg for a body weight below 50 kg" in missing.message
    assert missing.verdict is Verdict.NEEDS_REVIEW


def test_a_drafted_rule_never_gives_within_limits(formulary: Formulary) -> None:
    report = assess(Order(drug="magnesium", dose="50 mg", route="epidural", mode="single_dose"), formulary)
    found = {finding.code: finding.verdict for finding in report.findings}
    assert found["dose-within-limits"] is Verdict.WITHIN_LIMITS
    assert found["rule-thin"] is Verdict.NEEDS_REVIEW
    assert report.verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("as_of", "code"),
    [("2027-11-22", "rule-reviewed"), ("2027-11-23", "rule-thin")],
)
def test_a_rule_is_thin_from_the_day_after_its_review_was_due(
    formulary: Formulary, as_of: str, code: str
) -> None:
    later = Formulary(formulary._rows, as_of=as_of)
    assert code in codes(later)


def test_a_rule_for_the_stated_indication_stands_before_one_for_any(formulary: Formulary) -> None:
    # The rule for any indication allows an adult 1 mg; the one for heart surgery ends at 10 mcg/kg.
    order = Order(
        drug="morphine",
        dose="770 mcg",
        route="intrathecal",
        mode="single_dose",
        indication="cardiac_anaesthesia",
        categories=("ventilated",),
        weight="70 kg",
    )
    report = assess(order, formulary)
    assert report.verdict is Verdict.STOP
    assert {review.rule for review in report.reviews} == {"morphine.intrathecal.single_dose.cardiac"}
    unstated = assess(replace(order, indication=None), formulary)
    assert unstated.verdict is Verdict.NEEDS_REVIEW


def test_a_kind_of_dose_that_no_rule_bounds_is_named_as_the_cause(formulary: Formulary) -> None:
    # Adenosine for imaging is given as a rate, and an amount without a time says nothing of it.
    order = Order(drug="adenosine", dose="102 mcg", route="intravenous", mode="continuous_infusion")
    report = assess(order, formulary)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.cause == "limits-not-compared"
    assert "the dose is an amount, and the rules bound dose rate and duration" in report.headline
    timed = assess(replace(order, over="6 min"), formulary)
    assert "limits-not-compared" not in {finding.code for finding in timed.findings}
