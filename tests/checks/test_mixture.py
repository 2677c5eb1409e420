from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import mixture

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

EPIDURAL = {"dose": "100 mg", "route": "epidural", "weight": "70 kg"}
LOADING = {
    "drug": "magnesium sulfate",
    "route": "intravenous",
    "mode": "loading_dose",
    "indication": "pre_eclampsia",
    "categories": ("obstetric",),
}
# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "mixture-local-anaesthetics": {**EPIDURAL, "together_with": ("lidocaine 100 mg",)},
    "mixture-local-anaesthetics-above-limit": {**EPIDURAL, "together_with": ("lidocaine 300 mg",)},
    "mixture-local-anaesthetics-not-summed": {**EPIDURAL, "together_with": ("lidocaine",)},
    "mixture-opioids": {"together_with": ("fentanyl 15 mcg", "morphine 100 mcg")},
    "together-within-limits": {**LOADING, "dose": "4 g", "together_with": ("magnesium sulfate 1 g/h",)},
    "together-above-limit": {**LOADING, "dose": "6 g", "together_with": ("magnesium sulfate 1 g/h",)},
    "together-not-compared": {"together_with": ("bupivacaine 10 mg",)},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "bupivacaine", "dose": "10 mg", "route": "intrathecal", **said}
    return list(mixture.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(mixture.CODES)


def own(found: list[Finding]) -> list[tuple[str, Verdict]]:
    """Return what is said of the drugs together."""
    return [(one.code, one.verdict) for one in found if one.drug is None]


def test_one_drug_alone_is_no_mixture(formulary: Formulary) -> None:
    assert check(formulary) == []


def test_an_ordinary_dose_with_a_tenfold_partner_is_a_stop(formulary: Formulary) -> None:
    ordinary = Order(
        drug="bupivacaine", dose="10 mg", route="it", age="40 years", together_with=("fentanyl 15 mcg",)
    )
    assert assess(ordinary, formulary).verdict is Verdict.WITHIN_LIMITS
    tenfold = Order(
        drug="bupivacaine", dose="10 mg", route="it", age="40 years", together_with=("fentanyl 150 mcg",)
    )
    report = assess(tenfold, formulary)
    assert report.verdict is Verdict.STOP
    of_fentanyl = {one.code: one for one in report.findings if one.drug == "fentanyl"}
    # 30 mcg is the upper hard limit of intrathecal fentanyl, so 150 mcg are five times that.
    assert of_fentanyl["dose-above-hard-limit"].message == (
        "fentanyl: 150 mcg is 5 times the upper hard limit, 30 mcg"
    )
    assert of_fentanyl["slip-tenfold"].mechanism == "tenfold"
    assert of_fentanyl["slip-tenfold"].verdict is Verdict.STOP
    assert report.headline == "fentanyl: 150 mcg is 5 times the upper hard limit, 30 mcg"


@pytest.mark.parametrize("amount", ["150 mcg", "0.15 mg", "150mcg"])
@pytest.mark.parametrize("name", ["fentanyl", "Fentanyl", "fentanyl citrate"])
def test_the_partner_is_read_by_any_of_its_names_and_in_any_unit(
    formulary: Formulary, name: str, amount: str
) -> None:
    found = check(formulary, together_with=(f"{name} {amount}",))
    assert "dose-above-hard-limit" in {one.code for one in found if one.drug == "fentanyl"}


@pytest.mark.parametrize(
    "partner",
    ["unobtainium 5 mg", "", " ", "15 mcg", "fentanyl", "fentanyl 15", "fentanyl 1,5 mcg", "MSO4 1 mg"],
)
def test_a_partner_that_is_not_read_is_never_fine(formulary: Formulary, partner: str) -> None:
    order = Order(drug="bupivacaine", dose="10 mg", route="it", together_with=(partner,))
    assert assess(order, formulary).verdict is Verdict.CANNOT_CHECK


@pytest.mark.parametrize(
    "partner", ["vincristine 2 mg", "tranexamic acid 100 mg", "potassium chloride 1 mmol"]
)
def test_a_partner_that_must_never_go_there_is_a_stop(formulary: Formulary, partner: str) -> None:
    found = check(formulary, together_with=(partner,))
    assert [one.verdict for one in found if one.code == "route-forbidden"] == [Verdict.STOP]


def test_a_partner_cannot_turn_the_line_around(formulary: Formulary) -> None:
    found = check(formulary, together_with=("\x1b[31m\u202efentanil 15 mcg",))
    assert not any("\x1b" in one.message or "\u202e" in one.message for one in found)
    assert not any("\x1b" in (one.drug or "") for one in found)


@pytest.mark.parametrize(
    ("partner", "total", "is_above"),
    [
        # Bupivacaine: 100 mg of 3 mg/kg x 70 kg = 210 mg. Lidocaine, with epinephrine: of 7 x 70 = 490 mg.
        ("lidocaine 100 mg", Fraction(100, 210) + Fraction(100, 490), False),
        ("lidocaine 0.1 g", Fraction(100, 210) + Fraction(100, 490), False),
        ("lidocaine 256 mg", Fraction(100, 210) + Fraction(256, 490), False),
        ("lidocaine 257 mg", Fraction(100, 210) + Fraction(257, 490), True),
        ("lidocaine 300 mg", Fraction(100, 210) + Fraction(300, 490), True),
        # The same one twice adds up too.
        ("bupivacaine 100 mg", Fraction(200, 210), False),
        ("bupivacaine 110 mg", Fraction(210, 210), False),
        ("bupivacaine 111 mg", Fraction(211, 210), True),
    ],
)
def test_the_fractions_of_local_anaesthetics_are_summed(
    formulary: Formulary, partner: str, total: Fraction, is_above: bool
) -> None:
    found = check(formulary, **EPIDURAL, together_with=(partner,))
    [summed] = [one for one in found if one.code.startswith("mixture-local")]
    assert summed.ratio == total
    assert (summed.code, summed.verdict) == (
        ("mixture-local-anaesthetics-above-limit", Verdict.NEEDS_REVIEW)
        if is_above
        else ("mixture-local-anaesthetics", Verdict.WITHIN_LIMITS)
    )


def test_the_sum_of_fractions_is_said_with_its_parts(formulary: Formulary) -> None:
    found = check(formulary, **EPIDURAL, together_with=("lidocaine 300 mg",))
    [summed] = [one for one in found if one.code.startswith("mixture-local")]
    assert summed.message == (
        "the local anaesthetics together are about 1.088 of their upper limits: "
        "about 0.4762 (bupivacaine) + about 0.6122 (lidocaine)"
    )
    assert summed.detail is not None
    assert "inference" in summed.detail
    assert summed.evidence


@pytest.mark.parametrize("partner", ["lidocaine", "lidocaine 1,5 mg", "lidocaine 5 mL"])
def test_without_a_dose_no_sum_is_made(formulary: Formulary, partner: str) -> None:
    found = own(check(formulary, **EPIDURAL, together_with=(partner,)))
    assert ("mixture-local-anaesthetics-not-summed", Verdict.CANNOT_CHECK) in found


def test_opioids_are_named_together(formulary: Formulary) -> None:
    found = check(formulary, together_with=("fentanyl 15 mcg", "morphine 100 mcg"))
    [opioids] = [one for one in found if one.code == "mixture-opioids"]
    assert opioids.message.startswith("opioids together: fentanyl 15 mcg and morphine 100 mcg; ")
    assert own(check(formulary, together_with=("fentanyl 15 mcg",))) == []


@pytest.mark.parametrize(
    ("dose", "partner", "total", "verdict"),
    [
        # In 30 min: 4 g and half of 1 g/h; the limit is 6 g, and 8 g are toxic.
        ("4 g", "magnesium sulfate 1 g/h", "4.5 g", Verdict.WITHIN_LIMITS),
        ("4000 mg", "magnesium 1000 mg/h", "4500 mg", Verdict.WITHIN_LIMITS),
        ("5 g", "magnesium sulfate 2 g/h", "6 g", Verdict.WITHIN_LIMITS),
        ("5.1 g", "magnesium sulfate 2 g/h", "6.1 g", Verdict.STOP),
        ("6 g", "magnesium sulfate 2 g/h", "7 g", Verdict.STOP),
        ("4 g", "magnesium sulfate 2 g", "6 g", Verdict.WITHIN_LIMITS),
        ("4 g", "magnesium sulfate 4 g", "8 g", Verdict.STOP),
    ],
)
def test_a_loading_dose_and_its_infusion_are_summed_in_any_half_hour(
    formulary: Formulary, dose: str, partner: str, total: str, verdict: Verdict
) -> None:
    found = check(formulary, **LOADING, dose=dose, over="30 min", together_with=(partner,))
    [summed] = [one for one in found if one.code.startswith("together")]
    is_above = verdict is Verdict.STOP
    assert summed.code == ("together-above-limit" if is_above else "together-within-limits")
    assert summed.verdict is verdict
    limit = "toxic from 8 g" if total == "8 g" else "upper hard 6 g"
    assert summed.message == (
        f"all doses and infusions together give {total} in any 30 min; {limit} "
        "(loading dose, adult, pre-eclampsia and eclampsia)"
    )


def test_the_infusion_runs_on_after_a_loading_dose_of_fifteen_minutes(formulary: Formulary) -> None:
    said = {**LOADING, "dose": "4 g", "over": "15 min", "together_with": ("magnesium sulfate 1 g/h",)}
    found = check(formulary, **said)
    [summed] = [one for one in found if one.code.startswith("together")]
    assert summed.message.startswith("all doses and infusions together give 4.5 g in any 30 min")
    assert not [one for one in found if one.code.startswith("duration")]


@pytest.mark.parametrize(
    "said",
    [
        {"together_with": ("bupivacaine 10 mg",)},
        # Also where it is the other drug that is given twice.
        {"together_with": ("fentanyl 15 mcg", "fentanyl 15 mcg")},
        {**LOADING, "dose": "4 g", "together_with": ("magnesium sulfate 1,5 g",)},
    ],
)
def test_a_drug_that_is_given_twice_needs_a_look_where_no_sum_was_compared(
    formulary: Formulary, said: dict[str, Any]
) -> None:
    found = own(check(formulary, **said))
    assert ("together-not-compared", Verdict.NEEDS_REVIEW) in found
