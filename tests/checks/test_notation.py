from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict
from itdose.case.reading import read_order
from itdose.checks import notation

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check: what is written otherwise than "magnesium sulfate, 50 mg".
REACHED: dict[str, dict[str, Any]] = {
    "notation-plain": {},
    "notation-refused": {"dose": "1,5 mg"},
    "notation-run-together": {"dose": "50mg"},
    "notation-trailing-zero": {"dose": "1.0 mg"},
    "notation-micro-sign": {"dose": "50 µg"},
    "notation-lower-case-l": {"volume": "1 ml"},
    "notation-percent-strength": {"concentration": "50 %"},
    "notation-ratio-strength": {"drug": "epinephrine", "dose": "10 mcg", "concentration": "1:200000"},
    "notation-decimal-below-one": {"dose": "0.5 mg"},
    "notation-large-number": {"dose": "2000 mg"},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(notation.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert [finding.code for finding in check(formulary, **said)] == [code]


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(notation.CODES)


@pytest.mark.parametrize(
    ("said", "verdict", "safe"),
    [
        ({"dose": "50mg"}, Verdict.WITHIN_LIMITS, "50 mg"),
        ({"dose": "1.0 mg"}, Verdict.NEEDS_REVIEW, "1"),
        ({"dose": "50 µg"}, Verdict.NEEDS_REVIEW, "mcg"),
        ({"dose": "50 \u03bcg"}, Verdict.NEEDS_REVIEW, "mcg"),
        ({"volume": "1 ml"}, Verdict.WITHIN_LIMITS, "mL"),
        ({"concentration": "50 %"}, Verdict.WITHIN_LIMITS, "500 mg/mL"),
        ({"concentration": "0.5 %"}, Verdict.WITHIN_LIMITS, "5 mg/mL"),
        ({"dose": "0.5 mg"}, Verdict.WITHIN_LIMITS, "500 mcg"),
        ({"dose": "0.05 g"}, Verdict.WITHIN_LIMITS, "50 mg"),
        ({"dose": "2000 mg"}, Verdict.WITHIN_LIMITS, "2 g"),
        ({"drug": "epinephrine", "concentration": "1:200000"}, Verdict.NEEDS_REVIEW, "5 mcg/mL"),
    ],
)
def test_a_risky_way_of_writing_is_shown_beside_the_safe_one(
    formulary: Formulary, said: dict[str, Any], verdict: Verdict, safe: str
) -> None:
    [finding] = check(formulary, **said)
    assert finding.verdict is verdict
    assert finding.message.endswith(f"is safer as '{safe}'")
    assert finding.detail is not None
    assert finding.evidence


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("dose", "500"),
        ("over", "a while"),
        ("every", "1,5 h"),
        ("age", "54"),
        ("weight", "154 lb"),
        ("concentration", "1:1000"),
        ("volume", "1 cc"),
    ],
)
def test_a_refused_text_names_its_field_and_keeps_the_order_from_being_checked(
    formulary: Formulary, field: str, text: str
) -> None:
    [finding] = check(formulary, **{field: text})
    assert finding.code == "notation-refused"
    assert finding.verdict is Verdict.CANNOT_CHECK
    assert finding.measure == field
    assert finding.message.startswith(f"{field} '{text}': ")


def test_strict_reading_refuses_what_is_otherwise_remarked_on(formulary: Formulary) -> None:
    [finding] = check(formulary, dose="50mg", strict=True)
    assert finding.code == "notation-refused"
    assert finding.verdict is Verdict.CANNOT_CHECK


def test_every_risky_text_is_named(formulary: Formulary) -> None:
    found = check(formulary, dose="50.0mg", volume="1 ml", weight="x")
    assert [finding.code for finding in found] == [
        "notation-refused",
        "notation-trailing-zero",
        "notation-run-together",
        "notation-lower-case-l",
    ]
