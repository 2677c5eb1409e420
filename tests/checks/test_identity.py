from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict
from itdose.case.reading import read_order
from itdose.checks import identity

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One drug name for every code of this check.
REACHED = {
    "drug-known": "ketamine",
    "drug-unknown": "unobtainium",
    "look-alike-named": "magnesium sulfate",
}


def check(drug: str, formulary: Formulary) -> list[Finding]:
    order = Order(drug=drug, dose="1 mg", route="intrathecal")
    return list(identity.check(read_order(order, formulary)))


@pytest.mark.parametrize(("code", "drug"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, drug: str) -> None:
    assert code in {finding.code for finding in check(drug, formulary)}


def test_every_code_has_an_order() -> None:
    # A row of a sheet that holds no order has no drug either; tests/batch reaches its code.
    assert set(REACHED) | {"row-unreadable"} == set(identity.CODES)


@pytest.mark.parametrize(
    "drug",
    ["magnesium sulfate", "magnesium", "Magnesium Sulphate", "MAGNESIUM-SULFATE", " magnesium  sulfate "],
)
def test_a_drug_is_known_by_its_name_or_a_synonym(formulary: Formulary, drug: str) -> None:
    known, look_alike = check(drug, formulary)
    assert known.message == ("magnesium sulfate; its doses are read as magnesium sulfate heptahydrate")
    assert known.evidence
    assert look_alike.message == "magnesium sulfate has been confused with morphine"
    assert known.verdict is look_alike.verdict is Verdict.WITHIN_LIMITS


@pytest.mark.parametrize(
    ("drug", "near"),
    [
        ("morphin", "morphine"),
        ("remifentanyl", "remifentanil"),
        ("bupivicaine", "bupivacaine"),
        ("baclophen", "baclofen"),
    ],
)
def test_a_near_name_is_offered_and_never_taken(formulary: Formulary, drug: str, near: str) -> None:
    [finding] = check(drug, formulary)
    assert finding.code == "drug-unknown"
    assert finding.verdict is Verdict.CANNOT_CHECK
    assert f"Did you mean {near}" in finding.message


def test_every_near_name_is_offered(formulary: Formulary) -> None:
    [finding] = check("fentanil", formulary)
    offered = finding.message.partition("Did you mean ")[2].partition("?")[0]
    assert set(offered.split(" or ")) == {"fentanyl", "remifentanil", "sufentanil"}


@pytest.mark.parametrize("drug", ["MS", "MSO4", "MgSO4", "mgso4", "KCl", "MTX", "TXA"])
def test_a_name_that_has_been_misread_is_refused(formulary: Formulary, drug: str) -> None:
    [finding] = check(drug, formulary)
    assert finding.code == "drug-unknown"
    assert finding.verdict is Verdict.CANNOT_CHECK
    assert "Did you mean" not in finding.message


@pytest.mark.parametrize(
    ("product", "drug"),
    [
        ("Infumorph", "morphine"),
        ("INFUMORPH", "morphine"),
        ("Mitigo", "morphine"),
        ("Kenalog", "triamcinolone"),
        ("kenalog-10", "triamcinolone"),
        ("Kenalog-40", "triamcinolone"),
        ("Kenalog 80", "triamcinolone"),
    ],
)
def test_the_name_of_a_product_is_refused_and_the_drug_to_write_is_named(
    formulary: Formulary, product: str, drug: str
) -> None:
    [finding] = check(product, formulary)
    assert finding.code == "drug-unknown"
    assert finding.verdict is Verdict.CANNOT_CHECK
    assert f"This names a product and not a drug: write '{drug}'." in finding.message
    assert "drug-known" in {other.code for other in check(drug, formulary)}


@pytest.mark.parametrize(
    ("drug", "other"),
    [
        ("morphine", "hydromorphone"),
        ("hydromorphone", "morphine"),
        ("fentanyl", "sufentanil"),
        ("bupivacaine", "ropivacaine"),
        ("bupivacaine", "tranexamic acid"),
        ("tranexamic acid", "bupivacaine"),
    ],
)
def test_look_alikes_are_named(formulary: Formulary, drug: str, other: str) -> None:
    [said] = [finding for finding in check(drug, formulary) if finding.code == "look-alike-named"]
    assert other in said.message
