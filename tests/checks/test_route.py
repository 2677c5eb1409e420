from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import route

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One drug and route for every code of this check.
REACHED = {
    "route-known": ("magnesium sulfate", "intrathecal"),
    "route-unknown": ("magnesium sulfate", "oral"),
    "route-without-data": ("magnesium sulfate", "intraventricular"),
    "route-forbidden": ("vincristine", "intrathecal"),
    "route-not-checked": ("unobtainium", "intrathecal"),
    "overdose-text": ("bupivacaine", "intravenous"),
}


def check(drug: str, by: str, formulary: Formulary) -> list[Finding]:
    return list(route.check(read_order(Order(drug=drug, dose="1 mg", route=by), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: tuple[str, str]) -> None:
    assert code in {finding.code for finding in check(*said, formulary)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(route.CODES)


@pytest.mark.parametrize(
    ("drug", "by"),
    [
        ("vincristine", "it"),
        ("vincristine", "epidural"),
        ("vincristine", "icv"),
        ("tranexamic acid", "spinal"),
        ("potassium chloride", "intrathecal"),
        ("potassium chloride", "epidural"),
        ("ionic contrast", "intrathecal"),
        ("baclofen", "iv"),
        ("bupivacaine", "iv"),
        ("ziconotide", "epidural"),
    ],
)
@pytest.mark.parametrize("dose", ["0.0001 mg", "1 mg", "not a dose"])
def test_a_forbidden_route_is_a_stop_whatever_the_dose(
    formulary: Formulary, drug: str, by: str, dose: str
) -> None:
    report = assess(Order(drug=drug, dose=dose, route=by), formulary)
    [forbidden] = [finding for finding in report.findings if finding.code == "route-forbidden"]
    assert report.verdict is forbidden.verdict is Verdict.STOP
    assert report.headline == forbidden.message
    assert "must never be given by the" in forbidden.message
    assert forbidden.detail
    assert forbidden.evidence
    assert not report.comparisons


@pytest.mark.parametrize("code", ["route-unknown", "route-without-data", "route-not-checked"])
def test_a_route_that_is_not_known_is_never_fine(formulary: Formulary, code: str) -> None:
    [finding] = check(*REACHED[code], formulary)
    assert finding.verdict is Verdict.CANNOT_CHECK


def test_a_route_without_data_names_the_routes_that_have_some(formulary: Formulary) -> None:
    [finding] = check("magnesium sulfate", "intraventricular", formulary)
    assert finding.message == (
        "there are no published limits for magnesium sulfate by the intraventricular route; "
        "covered: intrathecal, epidural, caudal, transforaminal, intravenous"
    )


# Routes that were looked at and for which no usable figure was found: what the formulary says of each.
@pytest.mark.parametrize(
    ("drug", "by", "why"),
    [
        (
            "fentanyl",
            "caudal",
            "No source read gives a caudal dose of fentanyl as a single injection;",
        ),
        ("lipid emulsion", "it", "No source gives a dose by this route;"),
        ("benzylpenicillin", "it", "More than 100,000 units in adults and 10,000 units in children"),
    ],
)
def test_a_route_without_a_usable_figure_says_what_was_looked_for(
    formulary: Formulary, drug: str, by: str, why: str
) -> None:
    [finding] = check(drug, by, formulary)
    assert finding.code == "route-without-data"
    assert finding.verdict is Verdict.CANNOT_CHECK
    name = "lipid emulsion 20 %" if drug == "lipid emulsion" else drug
    route_name = "caudal" if by == "caudal" else "intrathecal"
    opening = f"no usable limit was found for {name} by the {route_name} route: {why}"
    assert finding.message.startswith(opening)
    assert "there are no published limits" not in finding.message


@pytest.mark.parametrize("dose", ["0.001 mcg", "50 mcg", "1 g", "50 mcg/kg", "50 mcg/h"])
def test_no_dose_is_compared_by_a_route_without_a_usable_figure(formulary: Formulary, dose: str) -> None:
    report = assess(Order(drug="fentanyl", dose=dose, route="caudal", weight="70 kg"), formulary)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.comparisons == ()
    assert not [finding for finding in report.findings if finding.explains is not None]


def test_a_route_without_a_usable_figure_names_the_routes_that_have_rules(formulary: Formulary) -> None:
    [finding] = check("fentanyl", "caudal", formulary)
    assert finding.message.endswith("covered: intrathecal, epidural, intravenous")


@pytest.mark.parametrize("by", ["intrathecal", "it", "I.T.", "SPINAL", "sub-arachnoid", "intra thecal"])
def test_a_route_is_known_by_its_listed_spellings_only(formulary: Formulary, by: str) -> None:
    known = by in {"intrathecal", "it", "I.T.", "SPINAL"}
    [finding] = check("magnesium sulfate", by, formulary)
    assert finding.code == ("route-known" if known else "route-unknown")


# A stop of each drug that has an antidote text, and how the text must begin.
STOPS = [
    (Order(drug="magnesium sulfate", dose="500 mg", route="intrathecal"), "Calcium gluconate"),
    (
        Order(drug="magnesium sulfate", dose="16 g", route="iv", indication="pre_eclampsia"),
        "Calcium gluconate",
    ),
    (Order(drug="morphine", dose="4 mg", route="intrathecal"), "Naloxone"),
    (Order(drug="morphine", dose="20 mg", route="epidural"), "Naloxone"),
    (Order(drug="fentanyl", dose="250 mcg", route="intrathecal"), "Naloxone"),
    (Order(drug="hydromorphone", dose="20 mg", route="iv", indication="pain"), "Naloxone"),
    (Order(drug="bupivacaine", dose="75 mg", route="intrathecal"), "Lipid emulsion"),
    (Order(drug="bupivacaine", dose="15 mg", route="intravenous"), "Lipid emulsion"),
]


@pytest.mark.parametrize(("order", "antidote"), STOPS)
def test_a_stop_shows_what_sources_say_about_an_overdose(
    formulary: Formulary, order: Order, antidote: str
) -> None:
    report = assess(order, formulary)
    assert report.verdict is Verdict.STOP
    [text] = [finding for finding in report.findings if finding.code == "overdose-text"]
    assert text.detail is not None
    assert text.detail.startswith(antidote)
    assert text.evidence
    assert text.explains is None
    assert text.observed is None


@pytest.mark.parametrize(("order", "antidote"), STOPS)
def test_an_overdose_text_never_proposes_a_dose_of_the_ordered_drug(
    formulary: Formulary, order: Order, antidote: str
) -> None:
    report = assess(order, formulary)
    [text] = [finding.detail for finding in report.findings if finding.code == "overdose-text"]
    assert text is not None
    assert antidote in text
    amount = r"[0-9.]+ (?:mg|mcg|g|mL)"
    name = order.drug.removesuffix(" sulfate")
    assert not re.search(rf"{name}(?: sulfate)? {amount}|{amount} (?:of )?{name}", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("drug", "dose", "by"),
    [
        ("magnesium sulfate", "50 mg", "intrathecal"),
        ("morphine", "400 mcg", "intrathecal"),
        ("morphine", "1 mg", "nowhere"),
        ("baclofen", "1 mg", "intrathecal"),
        ("vincristine", "1 mg", "intrathecal"),
    ],
)
def test_no_overdose_text_stands_where_there_is_no_stop_or_no_source(
    formulary: Formulary, drug: str, dose: str, by: str
) -> None:
    report = assess(Order(drug=drug, dose=dose, route=by), formulary)
    assert "overdose-text" not in {finding.code for finding in report.findings}
