from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import slips
from itdose.plain_text import shown

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

MAGNESIUM = {"drug": "magnesium sulfate", "route": "intrathecal"}
MORPHINE = {"drug": "morphine", "route": "intrathecal", "mode": "single_dose"}
SEIZURE = {"drug": "magnesium sulfate", "route": "intravenous", "indication": "recurrent_seizure"}
ANAESTHESIA = {"drug": "ketamine", "route": "iv", "indication": "anaesthesia", "mode": "single_dose"}
SPASTICITY = {"drug": "baclofen", "route": "intrathecal", "indication": "spasticity_spinal"}

# mechanism, order, the arithmetic as worked out by hand, the dose that it explains
SLIPS: list[tuple[str, dict[str, str], str, str]] = [
    ("tenfold", {**MAGNESIUM, "dose": "500 mg"}, "500 mg / 10 = 50 mg", "50 mg"),
    ("tenfold", {**MAGNESIUM, "dose": "6 mg"}, "6 mg x 10 = 60 mg", "60 mg"),
    ("hundredfold", {**MORPHINE, "dose": "20 mg"}, "20 mg / 100 = 200 mcg", "200 mcg"),
    ("hundredfold", {**MORPHINE, "dose": "1.5 mcg"}, "1.5 mcg x 100 = 150 mcg", "150 mcg"),
    ("thousandfold", {**MORPHINE, "dose": "200 mg"}, "200 mg / 1000 = 200 mcg", "200 mcg"),
    ("thousandfold", {**MAGNESIUM, "dose": "50 mcg"}, "50 mcg x 1000 = 50 mg", "50 mg"),
    ("hour_day", {**SPASTICITY, "dose": "300 mcg/h"}, "300 mcg/h / 24 = 300 mcg/day", "300 mcg/day"),
    ("hour_day", {**SPASTICITY, "dose": "20 mcg/day"}, "20 mcg/day x 24 = 480 mcg/day", "480 mcg/day"),
    (
        "minute_hour",
        {**SEIZURE, "indication": "pre_eclampsia", "dose": "1 g/min"},
        "1 g/min / 60 = 1 g/h",
        "1 g/h",
    ),
    (
        "minute_hour",
        {**SEIZURE, "indication": "pre_eclampsia", "dose": "25 mg/h"},
        "25 mg/h x 60 = 1.5 g/h",
        "1.5 g/h",
    ),
    (
        "per_kg",
        {**ANAESTHESIA, "dose": "70 mg/kg", "weight": "70 kg"},
        "70 mg/kg for 70 mg, which is 1 mg/kg",
        "70 mg",
    ),
    (
        "per_kg",
        {**ANAESTHESIA, "dose": "1.5 mg", "weight": "70 kg"},
        "1.5 mg for 1.5 mg/kg, which is 105 mg",
        "105 mg",
    ),
    ("per_kg", {**ANAESTHESIA, "dose": "5600 mg", "weight": "70 kg"}, "5.6 g / 70 kg = 80 mg", "80 mg"),
    (
        "salt_elemental",
        {**MAGNESIUM, "dose": "50 mg elemental"},
        "50 mg elemental for 50 mg of the salt",
        "50 mg",
    ),
    # 1 g of the heptahydrate holds 98.6 mg of magnesium.
    (
        "salt_elemental",
        {**MAGNESIUM, "dose": "700 mg"},
        "700 mg of salt x 0.0986 of element = 69.02 mg",
        "69.02 mg",
    ),
    (
        "salt_elemental",
        {**MAGNESIUM, "dose": "4.93 mg"},
        "4.93 mg of element / 0.0986 = 50 mg",
        "50 mg",
    ),
    # 1 g of the heptahydrate is 4.06 mmol or 8.12 mEq: 10 / 4.06 = 20 / 8.12 = 2.463...
    ("mg_mmol", {**SEIZURE, "dose": "10 g"}, "10 g for 10 mmol, which is about 2.463 g", "10 mmol"),
    ("mg_mEq", {**SEIZURE, "dose": "20 g"}, "20 g for 20 mEq, which is about 2.463 g", "20 mEq"),
    # 4 mmol of 4 g: 4 g are 16.24 mmol.
    ("mg_mmol", {**SEIZURE, "dose": "4 mmol"}, "4 mmol for 4 g, which is 16.24 mmol", "4 g"),
    ("mg_mEq", {**SEIZURE, "dose": "2 mEq"}, "2 mEq for 2 g, which is 16.24 mEq", "2 g"),
    ("bolus_daily", {**SPASTICITY, "dose": "500 mcg"}, "500 mcg at once for 500 mcg/day", "500 mcg/day"),
    ("route", {**MORPHINE, "dose": "3 mg"}, "3 mg is an ordinary epidural dose", "3 mg"),
    (
        "route",
        {**MAGNESIUM, "dose": "2 g"},
        "2 g is an ordinary intravenous dose",
        "2 g",
    ),
]
# One order for each code that names no slip.
OTHERS: dict[str, dict[str, str]] = {
    "slip-not-needed": {**MAGNESIUM, "dose": "50 mg"},
    "slip-not-found": {**MAGNESIUM, "dose": "3 mg"},
    "slips-not-checked": {**MAGNESIUM, "drug": "unobtainium", "dose": "50 mg"},
}


def check(formulary: Formulary, said: dict[str, Any]) -> list[Finding]:
    return list(slips.check(read_order(Order(**said), formulary)))


def code_of(mechanism: str) -> str:
    return f"slip-{mechanism.replace('_', '-')}"


@pytest.mark.parametrize(("mechanism", "said", "arithmetic", "explained"), SLIPS)
def test_each_slip_is_found_with_its_arithmetic(
    formulary: Formulary, mechanism: str, said: dict[str, str], arithmetic: str, explained: str
) -> None:
    found = {finding.mechanism: finding for finding in check(formulary, said)}
    slip = found[mechanism]
    assert slip.code == code_of(mechanism)
    assert slip.message.startswith(f"{arithmetic}, ")
    assert ", inside " in slip.message
    assert slip.explains is not None
    assert shown(slip.explains) == explained
    assert slip.detail is not None
    assert slip.detail.startswith("How it happens: ")
    assert slip.evidence
    assert slip.rule is not None


@pytest.mark.parametrize(("code", "said"), OTHERS.items())
def test_each_other_code_is_the_only_one(formulary: Formulary, code: str, said: dict[str, str]) -> None:
    assert [finding.code for finding in check(formulary, said)] == [code]


def test_every_code_has_an_order() -> None:
    assert {code_of(mechanism) for mechanism, *_ in SLIPS} | set(OTHERS) == set(slips.CODES)


def test_every_mechanism_of_the_formulary_has_an_order(formulary: Formulary) -> None:
    assert {mechanism for mechanism, *_ in SLIPS} == {slip.mechanism for slip in formulary.slips}


@pytest.mark.parametrize(("mechanism", "said", "_arithmetic", "_explained"), SLIPS)
def test_at_most_three_slips_are_shown_and_none_is_milder_than_the_limits(
    formulary: Formulary, mechanism: str, said: dict[str, str], _arithmetic: str, _explained: str
) -> None:
    report = assess(Order(**said), formulary)  # type: ignore[arg-type]
    found = [finding for finding in report.findings if finding.explains is not None]
    assert 1 <= len(found) <= 3
    assert mechanism in {finding.mechanism for finding in found}
    assert {finding.verdict for finding in found} <= {report.verdict}
    assert report.verdict >= Verdict.NEEDS_REVIEW


def test_a_slip_that_was_found_is_not_the_reason_for_the_verdict(formulary: Formulary) -> None:
    report = assess(Order(drug="magnesium", dose="500 mg", route="intrathecal"), formulary)
    assert report.headline.startswith("500 mg is the toxic level, ")


def test_what_a_dose_is_in_the_limit_s_unit_is_said_once(formulary: Formulary) -> None:
    order = Order(drug="magnesium", dose="10 g", route="iv", indication="recurrent_seizure")
    [message] = [f.message for f in assess(order, formulary).findings if f.mechanism == "mg_mmol"]
    assert message.startswith("10 g for 10 mmol, which is about 2.463 g, inside 2 g to 4 g")
