from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import product

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "product-known": {"product": "magnesium sulfate 50 %"},
    "product-unknown": {"product": "magnesium sulfate 70 %, large"},
    "product-of-another-drug": {"product": "morphine 1 mg/mL preservative-free"},
    "product-not-single": {"drug": "methotrexate", "dose": "12 mg", "product": "25 mg/mL"},
    "product-forbidden": {
        "drug": "methotrexate",
        "dose": "12 mg",
        "product": "methotrexate 25 mg/mL with benzyl alcohol",
    },
    "product-vehicle-forbidden": {
        "drug": "methotrexate",
        "dose": "12 mg",
        "product": "methotrexate 25 mg/mL with benzyl alcohol",
    },
    "product-vehicle-caution": {
        "drug": "hydromorphone",
        "dose": "100 mcg",
        "product": "hydromorphone 0.2 mg/mL",
    },
    "product-vehicle-unknown": {
        "drug": "bupivacaine",
        "dose": "10 mg",
        "product": "bupivacaine 0.5 % in dextrose (spinal)",
    },
    "product-not-labelled": {
        "drug": "bupivacaine",
        "dose": "10 mg",
        "product": "bupivacaine 0.5 % with epinephrine 1:200000",
    },
    "product-off-label": {"product": "magnesium sulfate 50 %"},
    "product-needs-dilution": {
        "dose": "4 g",
        "route": "intravenous",
        "product": "magnesium sulfate 50 %",
        "diluent": "water",
    },
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(product.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(product.CODES)


def codes(found: list[Finding]) -> dict[str, Verdict]:
    return {finding.code: finding.verdict for finding in found}


def test_without_a_product_nothing_is_said(formulary: Formulary) -> None:
    assert check(formulary) == []


@pytest.mark.parametrize(
    "text",
    ["magnesium sulfate 50 %", "Magnesium Sulfate 50%", "magnesium 50 %", "50 %", "500 mg/mL", "0.5 g/mL"],
)
def test_a_product_is_found_by_name_and_by_strength(formulary: Formulary, text: str) -> None:
    found = check(formulary, product=text)
    assert codes(found) == {
        "product-known": Verdict.WITHIN_LIMITS,
        "product-off-label": Verdict.WITHIN_LIMITS,
    }
    assert found[0].message == "magnesium sulfate 50 % holds 500 mg/mL; preservative: none"
    assert found[0].evidence


@pytest.mark.parametrize("text", ["", "x", "0 %", "-50 %", "50", "50 mL", "[bold]50 %[/bold]", "50 %" * 3000])
def test_a_product_that_is_not_known_is_never_fine(formulary: Formulary, text: str) -> None:
    [found] = check(formulary, product=text)
    assert (found.code, found.verdict) == ("product-unknown", Verdict.CANNOT_CHECK)
    assert len(found.message) < 600
    assert "Products of magnesium sulfate: magnesium sulfate 50 %" in found.message


def test_the_product_of_another_drug_is_a_stop(formulary: Formulary) -> None:
    [found] = check(formulary, product="morphine 1 mg/mL preservative-free")
    assert found.verdict is Verdict.STOP
    assert found.message == (
        "'morphine 1 mg/mL preservative-free' is a product of morphine, and magnesium sulfate is ordered"
    )


def test_a_strength_that_several_products_have_names_none_of_them(formulary: Formulary) -> None:
    [found] = check(formulary, drug="methotrexate", dose="12 mg", product="25 mg/mL")
    assert found.verdict is Verdict.NEEDS_REVIEW
    assert "methotrexate 25 mg/mL without preservative" in found.message
    assert "methotrexate 25 mg/mL with benzyl alcohol" in found.message


@pytest.mark.parametrize(
    ("drug", "dose", "product"),
    [
        ("methotrexate", "12 mg", "methotrexate 25 mg/mL with benzyl alcohol"),
        ("cytarabine", "50 mg", "cytarabine 20 mg/mL with benzyl alcohol"),
        ("morphine", "100 mcg", "morphine 10 mg/mL preserved (UK ampoule)"),
        ("bupivacaine", "10 mg", "bupivacaine 0.5 % multiple-dose vial"),
        ("neostigmine", "10 mcg", "neostigmine 1 mg/mL (vial)"),
        ("ketamine", "10 mg", "ketamine 50 mg/mL"),
        ("remifentanil", "10 mcg", "remifentanil powder, 1 mg/mL once dissolved"),
    ],
)
def test_a_product_with_a_preservative_is_a_stop_intrathecally(
    formulary: Formulary, drug: str, dose: str, product: str
) -> None:
    found = codes(check(formulary, drug=drug, dose=dose, product=product))
    assert found["product-vehicle-forbidden"] is Verdict.STOP
    order = Order(drug=drug, dose=dose, route="intrathecal", product=product)
    assert assess(order, formulary).verdict is Verdict.STOP


@pytest.mark.parametrize(
    ("drug", "dose", "product"),
    [
        ("bupivacaine", "10 mg", "bupivacaine 0.5 % in dextrose (spinal)"),
        # "None stated in the text read", and "differs by product".
        ("pethidine", "25 mg", "pethidine 50 mg/mL"),
        ("hydromorphone", "100 mcg", "hydromorphone 1 mg/mL"),
    ],
)
@pytest.mark.parametrize("route", ["intrathecal", "epidural"])
def test_a_product_whose_preservative_is_not_known_needs_a_look(
    formulary: Formulary, drug: str, dose: str, product: str, route: str
) -> None:
    found = codes(check(formulary, drug=drug, dose=dose, product=product, route=route))
    assert found["product-vehicle-unknown"] is Verdict.NEEDS_REVIEW
    assert "product-vehicle-forbidden" not in found


@pytest.mark.parametrize(
    ("drug", "product", "route", "code"),
    [
        # "None, but contains sulfites": the antioxidant is surely in it, and only a caution.
        ("hydromorphone", "hydromorphone 0.2 mg/mL", "intrathecal", "product-vehicle-caution"),
        # "None in single-dose ampoules; parabens in multiple-dose vials": not sure.
        ("naloxone", "naloxone 400 mcg/mL", "intrathecal", "product-vehicle-caution"),
        # "Sodium metabisulfite and edetate, phenol in some": not sure of the phenol.
        ("tobramycin", "tobramycin 40 mg/mL solution", "intrathecal", "product-vehicle-caution"),
        # "Benzyl alcohol in US products".
        ("midazolam", "midazolam 1 mg/mL", "transforaminal", "product-vehicle-caution"),
        # "No antimicrobial in single-dose containers", and "none".
        ("bupivacaine", "bupivacaine 0.5 %", "epidural", None),
        ("morphine", "morphine 1 mg/mL preservative-free", "intrathecal", None),
        # Benzyl alcohol, by a route of which no source warns.
        ("methotrexate", "methotrexate 25 mg/mL with benzyl alcohol", "intravenous", None),
    ],
)
def test_only_what_the_product_surely_holds_is_a_stop(
    formulary: Formulary, drug: str, product: str, route: str, code: str | None
) -> None:
    found = check(formulary, drug=drug, dose="1 mg", product=product, route=route)
    said = {finding.code for finding in found if finding.code.startswith("product-vehicle")}
    assert said == ({code} if code else set())


def test_what_may_not_be_in_it_is_said_so(formulary: Formulary) -> None:
    found = check(formulary, drug="hydromorphone", dose="100 mcg", product="hydromorphone 0.2 mg/mL")
    [sure] = [finding for finding in found if finding.code == "product-vehicle-caution"]
    assert sure.message.startswith(
        "hydromorphone 0.2 mg/mL holds sodium metabisulfite (none, but contains sulfites). "
    )
    found = check(formulary, drug="tobramycin", dose="10 mg", product="tobramycin 40 mg/mL solution")
    [phenol] = [finding for finding in found if "holds phenol" in finding.message]
    assert phenol.message.startswith(
        "tobramycin 40 mg/mL solution holds phenol, depending on the container ("
    )


@pytest.mark.parametrize(
    ("age", "code"),
    [("27 days", "product-vehicle-forbidden"), ("28 days", None), ("40 years", None), (None, None)],
)
def test_benzyl_alcohol_is_forbidden_for_neonates_by_any_route(
    formulary: Formulary, age: str | None, code: str | None
) -> None:
    product = "methotrexate 25 mg/mL with benzyl alcohol"
    found = check(formulary, drug="methotrexate", dose="1 mg", route="iv", age=age, product=product)
    said = {finding.code for finding in found if finding.code.startswith("product-vehicle")}
    assert said == ({code} if code else set())


def test_a_product_without_the_route_on_its_label_is_a_question_where_another_one_has_it(
    formulary: Formulary,
) -> None:
    said = {"drug": "bupivacaine", "dose": "10 mg", "product": "bupivacaine 0.75 %"}
    found = {finding.code: finding for finding in check(formulary, **said)}
    assert found["product-not-labelled"].verdict is Verdict.NEEDS_REVIEW
    assert found["product-not-labelled"].message == (
        "bupivacaine 0.75 % is labelled for: epidural, and not for the intrathecal route; labelled for it: "
        "bupivacaine 0.75 % in dextrose (spinal), bupivacaine 0.5 % in dextrose (spinal), "
        "bupivacaine 0.5 % isobaric (spinal)"
    )
    assert "product-not-labelled" not in codes(check(formulary, **said, route="epidural"))


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ({"diluent": "water"}, True),
        ({"concentration": "40 mg/mL"}, False),
        ({"diluent": "water", "volume": "100 mL"}, False),
        ({"diluent": "water", "product": "magnesium sulfate 20 %"}, False),
    ],
)
def test_a_concentrate_must_be_diluted_unless_the_order_says_how_strong_it_becomes(
    formulary: Formulary, said: dict[str, str], needs: bool
) -> None:
    order = {"dose": "4 g", "route": "iv", "product": "magnesium sulfate 50 %", **said}
    found = [finding for finding in check(formulary, **order) if finding.code == "product-needs-dilution"]
    assert bool(found) is needs
    if needs:
        assert found[0].message == (
            "magnesium sulfate 50 % is stronger than the highest concentration, 200 mg/mL; "
            "state the concentration after dilution"
        )
        assert found[0].verdict is Verdict.NEEDS_REVIEW
