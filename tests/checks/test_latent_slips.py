from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import latent_slips

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check: drug, dose, route, mode.
REACHED: dict[str, tuple[str, str, str, str | None]] = {
    "latent-slip-found": ("magnesium sulfate", "50 mg", "intrathecal", None),
    "latent-slip-not-found": ("fentanyl", "10 mcg", "intravenous", "patient_controlled_dose"),
    "latent-slips-not-checked": ("magnesium sulfate", "500 mg", "intrathecal", None),
}


def check(formulary: Formulary, said: tuple[str, str, str, str | None]) -> list[Finding]:
    drug, dose, route, mode = said
    order = Order(drug=drug, dose=dose, route=route, mode=mode)
    return list(latent_slips.check(read_order(order, formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(
    formulary: Formulary, code: str, said: tuple[str, str, str, str | None]
) -> None:
    [finding] = check(formulary, said)
    assert finding.code == code
    assert finding.verdict is Verdict.WITHIN_LIMITS


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(latent_slips.CODES)


def test_one_milliliter_of_the_fifty_percent_ampoule_is_the_toxic_dose(formulary: Formulary) -> None:
    [finding] = check(formulary, REACHED["latent-slip-found"])
    assert finding.message == (
        "tenfold: 10 times this dose, 500 mg, is at or above the toxic level, 500 mg; "
        "0.1 mL of magnesium sulfate 50 % is this dose, and 1 mL holds 500 mg"
    )
    assert finding.mechanism == "tenfold"
    assert finding.limit is not None
    assert finding.limit.kind == "toxic_from"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        # 0.2 mg is 0.4 mL or 0.2 mL of the two for the spine, and less of the stronger ones.
        (
            ("morphine", "200 mcg", "intrathecal", "single_dose"),
            (
                "tenfold: 10 times this dose, 2 mg, is at or above the toxic level, 2 mg; "
                "0.2 mL of morphine 1 mg/mL preservative-free is this dose, and 2 mL holds 2 mg"
            ),
        ),
        (
            ("fentanyl", "25 mcg", "intrathecal", "single_dose"),
            (
                "tenfold: 10 times this dose, 250 mcg, is above the upper hard limit, 30 mcg; "
                "0.5 mL of fentanyl 50 mcg/mL is this dose, and 5 mL holds 250 mcg"
            ),
        ),
        (
            ("fentanyl", "50 mcg", "intravenous", "single_dose"),
            (
                "tenfold: 10 times this dose, 500 mcg, is above the upper hard limit, 200 mcg; "
                "1 mL of fentanyl 50 mcg/mL is this dose, and 10 mL holds 500 mcg"
            ),
        ),
    ],
)
def test_the_limit_and_the_product_are_named_with_their_volumes(
    formulary: Formulary, said: tuple[str, str, str, str | None], words: str
) -> None:
    [finding] = check(formulary, said)
    assert finding.message == words


def test_a_latent_slip_never_changes_the_verdict(formulary: Formulary) -> None:
    order = Order(drug="magnesium", dose="50 mg", route="intrathecal", mode="single_dose")
    report = assess(order, formulary)
    assert "latent-slip-found" in {finding.code for finding in report.findings}
    assert report.verdict is Verdict.WITHIN_LIMITS
