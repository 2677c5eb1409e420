from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict
from itdose.case.reading import read_order
from itdose.checks import standards

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

INFUSION = {"drug": "morphine", "dose": "2 mg/h", "route": "iv", "mode": "continuous_infusion"}
POTASSIUM = {"drug": "potassium chloride", "dose": "20 mEq", "route": "iv", "mode": "short_infusion"}


def check(formulary: Formulary, said: dict[str, str]) -> list[Finding]:
    return list(standards.check(read_order(Order(**said), formulary)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        # ics2016: 50 mg or 100 mg of morphine in 50 mL; iwk_morphine: 0.15 mg/mL.
        ({**INFUSION, "concentration": "1 mg/mL"}, "concentration-standard"),
        ({**INFUSION, "concentration": "2 g/L"}, "concentration-standard"),
        ({**INFUSION, "concentration": "0.2 %"}, "concentration-standard"),
        ({**INFUSION, "concentration": "150 mcg/mL"}, "concentration-standard"),
        ({**INFUSION, "concentration": "1.01 mg/mL"}, "concentration-not-standard"),
        ({**INFUSION, "concentration": "3 mg/mL"}, "concentration-not-standard"),
        # kcl_handbook: 0.1, 0.2 and 0.4 mEq/mL.
        ({**POTASSIUM, "concentration": "0.2 mEq/mL"}, "concentration-standard"),
        ({**POTASSIUM, "concentration": "0.3 mEq/mL"}, "concentration-not-standard"),
        # 20 mEq in 100 mL are 0.2 mEq/mL.
        ({**POTASSIUM, "volume": "100 mL"}, "concentration-standard"),
    ],
)
def test_a_standard_concentration_is_known_in_whatever_unit(
    formulary: Formulary, said: dict[str, str], code: str
) -> None:
    [finding] = check(formulary, said)
    assert finding.code == code
    assert finding.verdict is Verdict.WITHIN_LIMITS
    assert finding.evidence


@pytest.mark.parametrize(
    "said",
    [
        INFUSION,
        {**INFUSION, "concentration": "1,5 mg/mL"},
        {**INFUSION, "route": "epidural", "concentration": "1 mg/mL"},
        {**INFUSION, "drug": "unobtainium", "concentration": "1 mg/mL"},
    ],
)
def test_nothing_is_said_without_a_concentration_or_a_standard(
    formulary: Formulary, said: dict[str, str]
) -> None:
    assert check(formulary, said) == []


def test_what_is_not_standard_is_told_which_are(formulary: Formulary) -> None:
    [finding] = check(formulary, {**POTASSIUM, "concentration": "0.3 mEq/mL"})
    assert finding.message == (
        "0.3 mEq/mL is none of the published standard concentrations: 0.1 mEq/mL, 0.2 mEq/mL, 0.4 mEq/mL"
    )
