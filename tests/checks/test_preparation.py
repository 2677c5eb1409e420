from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict
from itdose.case.reading import read_order
from itdose.checks import preparation

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "preparation-consistent": {"concentration": "50 mg/mL", "volume": "1 mL"},
    "preparation-contradiction": {"concentration": "500 mg/mL", "volume": "1 mL"},
    "preparation-not-stated": {"concentration": "50 mg/mL"},
    "preparation-not-compared": {"dose": "50 mg/h", "concentration": "50 mg/mL", "volume": "1 mL"},
    "stated-but-not-checked": {"not_read": ("height",)},
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
    [finding] = check(formulary, dose=dose, concentration=concentration, volume=volume)
    assert (finding.code, finding.verdict) == (
        ("preparation-consistent", Verdict.WITHIN_LIMITS)
        if agrees
        else ("preparation-contradiction", Verdict.STOP)
    )


def test_a_contradiction_says_what_the_volume_holds(formulary: Formulary) -> None:
    [finding] = check(formulary, concentration="500 mg/mL", volume="1 mL")
    assert finding.message == "1 mL of 500 mg/mL holds 500 mg, and the stated dose is 50 mg"
    assert finding.ratio == 10


@pytest.mark.parametrize(
    ("dose", "weight", "code"),
    [
        ("1 mg/kg", "50 kg", "preparation-consistent"),
        ("1 mg/kg", "50000 g", "preparation-consistent"),
        ("1 mg/kg", "51 kg", "preparation-contradiction"),
        ("1 mg/kg", None, "preparation-not-compared"),
        ("1 mg/m2", "50 kg", "preparation-not-compared"),
        ("1 mg/h", "50 kg", "preparation-not-compared"),
        ("fifty", "50 kg", "preparation-not-compared"),
        ("50 units", "50 kg", "preparation-not-compared"),
    ],
)
def test_a_dose_per_kg_is_recomputed_with_the_weight(
    formulary: Formulary, dose: str, weight: str | None, code: str
) -> None:
    [finding] = check(formulary, dose=dose, weight=weight, concentration="50 mg/mL", volume="1 mL")
    assert finding.code == code
    assert (finding.verdict is Verdict.CANNOT_CHECK) == (code == "preparation-not-compared")


def test_what_is_stated_and_not_checked_is_named(formulary: Formulary) -> None:
    _, said = check(formulary, not_read=("height", "lot number"))
    assert said.message == "stated, and not checked by this version: height, lot number"
    assert said.verdict is Verdict.NEEDS_REVIEW
