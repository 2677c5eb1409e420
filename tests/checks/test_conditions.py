from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import conditions

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

INTRAVENOUS = {"dose": "1 g", "route": "intravenous"}
# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "condition-contraindicated": {**INTRAVENOUS, "conditions": ("myasthenia gravis",)},
    "condition-caution": {**INTRAVENOUS, "conditions": ("renal impairment",)},
    "condition-without-source": {"conditions": ("myasthenia gravis",)},
    "condition-unknown": {"conditions": ("dancing mania",)},
    "conditions-not-stated": {},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(conditions.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(conditions.CODES)


def said_of(formulary: Formulary, *conditions: str, **said: Any) -> list[tuple[str, Verdict]]:
    found = check(formulary, conditions=conditions, **said)
    return [(one.code, one.verdict) for one in found if one.code != "conditions-not-stated"]


@pytest.mark.parametrize(
    "text", ["myasthenia gravis", "Myasthenia Gravis", "myasthenia_gravis", "myasthenia-gravis"]
)
def test_intravenous_magnesium_in_myasthenia_needs_a_person(formulary: Formulary, text: str) -> None:
    found = check(formulary, **INTRAVENOUS, conditions=(text,))[0]
    assert (found.code, found.verdict) == ("condition-contraindicated", Verdict.NEEDS_REVIEW)
    assert found.message.startswith(
        "myasthenia gravis: magnesium sulfate by the intravenous route is contraindicated. "
        "Contraindicated: magnesium can bring on a myasthenic crisis"
    )
    assert found.evidence


@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        ((), Verdict.WITHIN_LIMITS),
        (("myasthenia gravis",), Verdict.NEEDS_REVIEW),
        (("dancing mania",), Verdict.CANNOT_CHECK),
        (("",), Verdict.CANNOT_CHECK),
        (("raised intracranial pressure",), Verdict.NEEDS_REVIEW),
    ],
)
def test_a_condition_never_stops_and_never_leaves_an_answer_fine(
    formulary: Formulary, conditions: tuple[str, ...], verdict: Verdict
) -> None:
    order = Order(drug="magnesium", dose="50 mg", route="it", age="40 years", conditions=conditions)
    assert assess(order, formulary).verdict is verdict


def test_a_condition_of_another_route_is_not_checked(formulary: Formulary) -> None:
    assert said_of(formulary, "myasthenia gravis") == [("condition-without-source", Verdict.NEEDS_REVIEW)]
    found = check(formulary, conditions=("myasthenia gravis",))[0]
    assert found.message == (
        "myasthenia gravis was stated, and nothing was read on it for magnesium sulfate by this route; "
        "it was not checked"
    )


@pytest.mark.parametrize("route", ["intrathecal", "epidural"])
def test_what_forbids_any_puncture_holds_for_every_drug(formulary: Formulary, route: str) -> None:
    for drug in ("magnesium sulfate", "morphine", "bupivacaine"):
        found = said_of(formulary, "raised intracranial pressure", drug=drug, route=route)
        assert ("condition-contraindicated", Verdict.NEEDS_REVIEW) in found
    found = said_of(formulary, "raised intracranial pressure", route="intravenous")
    assert ("condition-contraindicated", Verdict.NEEDS_REVIEW) not in found


def test_every_condition_is_reported_once(formulary: Formulary) -> None:
    said = ("myasthenia gravis", "Myasthenia gravis", "renal impairment", "dancing mania")
    assert said_of(formulary, *said, **INTRAVENOUS) == [
        ("condition-unknown", Verdict.CANNOT_CHECK),
        ("condition-contraindicated", Verdict.NEEDS_REVIEW),
        ("condition-caution", Verdict.NEEDS_REVIEW),
    ]


def test_the_other_drugs_of_a_mixture_are_looked_up_too(formulary: Formulary) -> None:
    said: dict[str, Any] = {
        "drug": "fentanyl",
        "dose": "50 mcg",
        "route": "intravenous",
        "together_with": ("magnesium sulfate 1 g",),
    }
    found = check(formulary, **said, conditions=("diabetic coma",))[0]
    assert (found.code, found.drug) == ("condition-contraindicated", "magnesium sulfate")
    assert found.message == (
        "diabetic coma: magnesium sulfate by the intravenous route is contraindicated. "
        "Contraindicated in diabetic coma."
    )
    assert "diabetic coma" in check(formulary, **said)[-1].message


def test_what_would_change_the_answer_is_named_until_it_is_stated(formulary: Formulary) -> None:
    [missing] = check(formulary, **INTRAVENOUS)
    assert missing.verdict is Verdict.WITHIN_LIMITS
    assert missing.message == (
        "not stated, and with any of them the answer would be needs review at best: myasthenia gravis, "
        "second- or third-degree heart block, myocardial damage, diabetic coma, severe hepatic impairment"
    )
    rest = check(formulary, **INTRAVENOUS, conditions=("myasthenia gravis",))[-1]
    assert rest.code == "conditions-not-stated"
    assert "myasthenia gravis" not in rest.message
    assert "diabetic coma" in rest.message


def test_without_a_drug_or_a_route_nothing_can_be_looked_up(formulary: Formulary) -> None:
    assert check(formulary, drug="unobtainium") == []
    assert check(formulary, route="sideways") == []
    assert said_of(formulary, "myasthenia gravis", route="sideways") == [
        ("condition-without-source", Verdict.NEEDS_REVIEW)
    ]


@pytest.mark.parametrize("text", ["", " ", "\x1b[31m", "\u202e", "[bold]x[/bold]", "x" * 50_000, "1e5"])
def test_no_text_is_taken_for_a_condition(formulary: Formulary, text: str) -> None:
    [found] = [one for one in check(formulary, conditions=(text,)) if one.code == "condition-unknown"]
    assert found.verdict is Verdict.CANNOT_CHECK
    assert len(found.message) < 600
    assert "\x1b" not in found.message
    assert "\u202e" not in found.message
