from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import patient

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "patient-described": {},
    "patient-contradiction": {"age": "5 years", "categories": ("adult",)},
    "category-unknown": {"categories": ("martian",)},
    "weight-implausible": {"age": "17 months", "weight": "25 kg"},
    "category-would-change": {"drug": "morphine", "dose": "25 mg/day"},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(patient.check(read_order(Order(**fields), formulary)))


def described(formulary: Formulary, **said: Any) -> str:
    [finding] = [f for f in check(formulary, **said) if f.code == "patient-described"]
    return finding.message


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(patient.CODES)


@pytest.mark.parametrize(
    ("said", "contradiction"),
    [
        ({"weight": "650 kg"}, None),
        ({"weight": "650.0001 kg"}, "a body weight that nobody has"),
        ({"weight": "300 g"}, None),
        ({"weight": "299.9999 g"}, "a body weight that nobody has"),
        ({"weight": "0.3 kg"}, None),
        ({"weight": "7000 kg"}, "a body weight that nobody has"),
        ({"age": "125 years"}, None),
        ({"age": "126 years"}, "an age that nobody reaches"),
        ({"age": "5 years", "categories": ("adult",)}, "child and adult"),
        ({"age": "54 years", "categories": ("adult",)}, None),
        ({"categories": ("opioid_naive", "opioid_tolerant")}, "opioid-naive and opioid-tolerant"),
        ({"categories": ("ventilated", "breathing")}, "ventilated and spontaneously breathing"),
        ({"categories": ("child", "neonate")}, "child and neonate"),
    ],
)
def test_facts_that_cannot_all_be_true_are_named(
    formulary: Formulary, said: dict[str, Any], contradiction: str | None
) -> None:
    found = [f for f in check(formulary, **said) if f.code == "patient-contradiction"]
    expected = [f"the order says {contradiction}; correct it"] if contradiction else []
    assert [finding.message for finding in found] == expected
    assert all(finding.verdict is Verdict.CANNOT_CHECK for finding in found)


@pytest.mark.parametrize(
    ("age", "category"),
    [
        ("1 day", "neonate"),
        ("27 days", "neonate"),
        ("28 days", "infant"),
        ("23 months", "infant"),
        ("24 months", "child"),
        ("17 years", "child"),
        ("18 years", "adult"),
        ("59 years", "adult"),
        ("60 years", "elderly"),
        ("100 years", "elderly"),
    ],
)
def test_an_age_belongs_to_the_oldest_category_that_it_has_reached(
    formulary: Formulary, age: str, category: str
) -> None:
    assert described(formulary, age=age).startswith("taken as ")
    assert category in described(formulary, age=age).removeprefix("taken as ").split(", ")


def test_the_patient_is_described_as_taken(formulary: Formulary) -> None:
    assert described(formulary) == (
        "taken as adult, not pregnant, opioid-naive, spontaneously breathing, weight not stated"
    )
    whole = described(formulary, age="30 years", weight="70 kg", categories=("pregnant", "intubated"))
    assert set(whole.removeprefix("taken as ").split(", ")) == {
        *("adult", "obstetric", "opioid-naive", "ventilated", "30 years", "70 kg")
    }


@pytest.mark.parametrize(
    ("said", "assumptions"),
    [
        (
            {},
            {
                "magnesium sulfate heptahydrate (basis not stated)",
                "adult: no age given",
                "single dose: no mode given",
            },
        ),
        ({"age": "54 years", "mode": "single_dose"}, {"magnesium sulfate heptahydrate (basis not stated)"}),
        ({"dose": "0.25 mmol", "age": "54 years", "mode": "single_dose"}, set()),
        ({"dose": "5 mg elemental", "age": "54 years", "mode": "single_dose"}, set()),
        (
            {"categories": ("adult",), "mode": "single_dose"},
            {"magnesium sulfate heptahydrate (basis not stated)"},
        ),
    ],
)
def test_what_was_taken_without_being_stated_is_listed(
    formulary: Formulary, said: dict[str, Any], assumptions: set[str]
) -> None:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    assert set(assess(Order(**fields), formulary).assumptions) == assumptions


@pytest.mark.parametrize(
    ("said", "assumption"),
    [
        ({"drug": "morphine", "dose": "1 mg/day"}, "opioid-naive: opioid tolerance not stated"),
        ({"drug": "morphine", "dose": "200 mcg"}, "not pregnant: pregnancy not stated"),
        (
            {"drug": "fentanyl", "dose": "50 mcg", "route": "iv"},
            "spontaneously breathing: ventilation not stated",
        ),
        ({"drug": "morphine", "dose": "3 mg", "route": "epidural"}, "one dose in 24 h: no interval given"),
    ],
)
def test_an_assumption_that_could_matter_for_this_drug_and_route_is_listed(
    formulary: Formulary, said: dict[str, Any], assumption: str
) -> None:
    fields = {"route": "intrathecal", **said}
    assert assumption in assess(Order(**fields), formulary).assumptions


def test_a_stated_interval_is_no_assumption(formulary: Formulary) -> None:
    order = Order(drug="morphine", dose="3 mg", route="epidural", every="12 h")
    assert not [text for text in assess(order, formulary).assumptions if "interval" in text]


def test_another_category_that_would_change_the_verdict_is_named(formulary: Formulary) -> None:
    found = check(formulary, drug="morphine", dose="25 mg/day")
    said = [finding.message for finding in found if finding.code == "category-would-change"]
    # 25 mg/day is above the 20 mg/day of the opioid-naive and below the 80 mg/day of the others.
    assert said == ["stated as opioid-tolerant, the limits would give: needs review"]
    stated = check(formulary, drug="morphine", dose="25 mg/day", categories=("opioid_naive",))
    assert "category-would-change" not in {finding.code for finding in stated}


def test_nothing_is_compared_with_a_weight_that_nobody_has(formulary: Formulary) -> None:
    order = Order(
        drug="ketamine", dose="100 mg", route="intravenous", indication="anaesthesia", weight="7000 kg"
    )
    report = assess(order, formulary)
    assert str(report.verdict) == "cannot_check"
    assert report.comparisons == ()
    assert "dose per kg not compared: nobody has the stated body weight" in {
        finding.message.partition(";")[0] for finding in report.findings
    }
    assert [finding for finding in report.findings if finding.explains is not None] == []


# 25 lb taken for 25 kg: the case of the source, a boy of 17 months.
def test_pounds_for_kilograms_are_noticed_by_the_age(formulary: Formulary) -> None:
    [found] = [one for one in check(formulary, age="17 months", weight="25 kg") if one.mechanism]
    assert (found.code, found.mechanism) == ("weight-implausible", "lb_kg")
    assert found.verdict is Verdict.NEEDS_REVIEW
    assert found.message == (
        "25 kg at 17 months is outside what nearly everybody of that age weighs, 6.3 kg to 15.3 kg; "
        "25 lb would be 11.33980925 kg"
    )
    assert found.evidence


@pytest.mark.parametrize(
    ("age", "weight", "mechanism"),
    [
        ("17 months", "15.3 kg", "none"),
        ("17 months", "15300 g", "none"),
        ("17 months", "15.3001 kg", "lb_kg"),
        ("17 months", "15301 g", "lb_kg"),
        ("17 months", "6.3 kg", "none"),
        ("17 months", "6.2999 kg", None),
        # 34 lb are 15.42 kg, too much as pounds too.
        ("17 months", "34 kg", None),
        # The next band begins at 18 months, with 7.2 kg to 17.8 kg.
        ("18 months", "15.3001 kg", "none"),
        ("18 months", "7.1 kg", None),
        ("1 day", "0.3 kg", "none"),
        ("1 day", "6.6 kg", "none"),
        ("1 day", "7 kg", "lb_kg"),
        ("5 years", "40.3 kg", "none"),
        ("5 years", "44 kg", "lb_kg"),
        ("17 years", "37.2 kg", "none"),
        ("17 years", "37.1 kg", None),
        # Of adults nothing is said.
        ("18 years", "37.1 kg", "none"),
        ("40 years", "200 kg", "none"),
        (None, "25 kg", "none"),
        ("17 months", None, "none"),
    ],
)
def test_a_weight_is_compared_with_those_of_its_age(
    formulary: Formulary, age: str | None, weight: str | None, mechanism: str | None
) -> None:
    found = [one for one in check(formulary, age=age, weight=weight) if one.code == "weight-implausible"]
    assert [one.mechanism for one in found] == ([] if mechanism == "none" else [mechanism])


def test_a_weight_in_grams_is_not_turned_into_pounds_by_its_figure(formulary: Formulary) -> None:
    [found] = [one for one in check(formulary, age="17 months", weight="25000 g") if one.mechanism]
    assert found.message.endswith("; 25 lb would be 11.33980925 kg")
