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

HYDROMORPHONE = {"drug": "hydromorphone", "route": "iv", "mode": "single_dose", "dose": "10 mg"}
SEDATION = {"drug": "midazolam", "route": "iv", "mode": "single_dose", "indication": "sedation"}
SPINAL = {"drug": "bupivacaine", "route": "it", "mode": "single_dose", "indication": "spinal_anaesthesia"}

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
    ("look_alike_drug", HYDROMORPHONE, "10 mg is an ordinary dose of morphine", "10 mg"),
    # 3 mL of the 50 % ampoule hold 1.5 g; 3 mL of bupivacaine 0.5 % hold 15 mg.
    (
        "look_alike_drug",
        {**MAGNESIUM, "dose": "1.5 g", "volume": "3 mL", "strength": "50 %"},
        "3 mL, which holds 1.5 g, is 15 mg of bupivacaine 0.5 % in dextrose (spinal)",
        "15 mg",
    ),
    # A pound is 0.45359237 kg: 220 mg x 0.45359237 = 99.7903214 mg.
    (
        "lb_kg",
        {**ANAESTHESIA, "indication": "maintenance", "dose": "220 mg", "weight": "100 kg"},
        "220 mg is 99.7903214 mg for 100 lb in place of 100 kg, which is 0.997903214 mg/kg",
        "99.7903214 mg",
    ),
    (
        "percent_strength",
        {**SPINAL, "dose": "100 mg", "concentration": "0.5 %"},
        "with 0.5 % reckoned tenfold wrong, 100 mg / 10 = 10 mg",
        "10 mg",
    ),
    (
        "volume_as_mass",
        {**SEDATION, "dose": "12.5 mg"},
        "2.5 mL of midazolam 5 mg/mL for 2.5 mg: it holds 12.5 mg",
        "2.5 mg",
    ),
    # 0.2 mL holds 2 mg of the 10 mg/mL and 100 mcg of the 0.5 mg/mL.
    (
        "ampoule_strength",
        {**MORPHINE, "dose": "2 mg"},
        (
            "0.2 mL holds 2 mg of morphine 10 mg/mL for pumps, "
            "and 100 mcg of morphine 0.5 mg/mL preservative-free"
        ),
        "100 mcg",
    ),
]
# One order for each code that names no slip.
OTHERS: dict[str, dict[str, str]] = {
    "slip-not-needed": {**MAGNESIUM, "dose": "50 mg"},
    "slip-not-found": {**MORPHINE, "dose": "33 mcg"},
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
    assert " How it happens: " in slip.detail
    assert slip.evidence
    assert slip.rule is not None


@pytest.mark.parametrize(("code", "said"), OTHERS.items())
def test_each_other_code_is_the_only_one(formulary: Formulary, code: str, said: dict[str, str]) -> None:
    assert [finding.code for finding in check(formulary, said)] == [code]


WHOLE = "whole_ampoule"


def test_every_code_has_an_order() -> None:
    assert {code_of(mechanism) for mechanism in (WHOLE, *(row[0] for row in SLIPS))} | set(OTHERS) == set(
        slips.CODES
    )


def test_every_mechanism_of_the_formulary_has_an_order(formulary: Formulary) -> None:
    assert {WHOLE, *(mechanism for mechanism, *_ in SLIPS)} == {slip.mechanism for slip in formulary.slips}


def test_a_whole_ampoule_is_named_and_explains_no_dose(formulary: Formulary) -> None:
    # 10 mL of 0.5 mg/mL; the usual range of one intrathecal dose is 100 mcg to 300 mcg.
    found = {finding.mechanism: finding for finding in check(formulary, {**MORPHINE, "dose": "5 mg"})}
    assert found[WHOLE].explains is None
    assert found[WHOLE].message.startswith("5 mg is the whole 10 mL ")
    assert ", above the usual 100 mcg to 300 mcg (single dose, adult)" in found[WHOLE].message


# drug, dose, what is named in which order: typed from the ranges of the formulary's sources.
RANKED: list[tuple[dict[str, str], list[str]]] = [
    # 60 mcg/h is 1440 mcg/day: the same figure by the day stands before the shifted decimal, 144 mcg/day.
    ({"drug": "baclofen", "route": "it", "dose": "60 mcg/h"}, ["hour_day", "tenfold"]),
    # An ordinary intravenous dose of the same mode, before 100 mcg by two decimals.
    ({**MORPHINE, "dose": "10 mg"}, ["route", "hundredfold"]),
    ({**MORPHINE, "dose": "2 mg"}, ["route", "tenfold"]),
    # 0.5 g is the lower end of one intravenous dose for pain, and 50 mg the intended one of the report.
    ({**MAGNESIUM, "dose": "500 mg"}, ["route", "tenfold"]),
    (HYDROMORPHONE, ["look_alike_drug", "tenfold"]),
    ({**SEIZURE, "dose": "16 g", "indication": "arrhythmia"}, ["mg_mEq", "tenfold"]),
]


@pytest.mark.parametrize(("said", "mechanisms"), RANKED)
def test_what_keeps_the_figure_stands_before_a_changed_figure(
    formulary: Formulary, said: dict[str, str], mechanisms: list[str]
) -> None:
    found = [finding for finding in check(formulary, said) if finding.mechanism in mechanisms]
    assert [finding.mechanism for finding in found] == mechanisms
    assert all("Ranked " in (finding.detail or "") for finding in found)


def test_the_rank_is_told_with_its_reason(formulary: Formulary) -> None:
    route, hundredfold = check(formulary, {**MORPHINE, "dose": "10 mg"})[:2]
    assert route.detail is not None
    assert "Ranked first: dose and unit stand as written, and only the route changes" in route.detail
    assert hundredfold.detail is not None
    assert "Ranked second: a changed figure lands inside the usual range of this rule" in hundredfold.detail


def test_two_slips_together_are_named_only_where_no_single_one_explains(formulary: Formulary) -> None:
    # Ten times an ordinary epidural dose; no single slip leads from 35 mg to a usual range.
    [both] = check(formulary, {**MORPHINE, "dose": "35 mg"})
    assert both.mechanism == "route"
    assert both.message.startswith(
        "35 mg / 10 = 3.5 mg, an ordinary epidural dose (with tenfold), inside 2 mg"
    )
    assert both.explains is not None
    assert shown(both.explains) == "3.5 mg"
    single = check(formulary, {**SPASTICITY, "dose": "300 mcg/h"})
    assert all("(with " not in finding.message for finding in single)


def test_a_forbidden_drug_names_the_one_that_it_is_taken_for(formulary: Formulary) -> None:
    [finding] = check(formulary, {"drug": "tranexamic acid", "dose": "300 mg", "route": "intrathecal"})
    assert (finding.mechanism, finding.verdict) == ("look_alike_drug", Verdict.STOP)
    assert finding.message.endswith("confused with tranexamic acid: bupivacaine")
    assert finding.explains is None


def test_the_product_that_made_a_shifted_decimal_easy_is_named(formulary: Formulary) -> None:
    [tenfold] = [f for f in check(formulary, {**MAGNESIUM, "dose": "500 mg"}) if f.mechanism == "tenfold"]
    assert tenfold.message == (
        "500 mg / 10 = 50 mg, inside 50 mg to 100 mg (single dose, adult); "
        "1 mL of magnesium sulfate 50 % is 500 mg"
    )


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
