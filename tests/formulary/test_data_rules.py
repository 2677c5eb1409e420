"""What must hold of every rule, report and product of the shipped formulary."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary, Order, Verdict, assess
from itdose.errors import UnknownNameError
from itdose.formulary.names import normal_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.findings import Citation, Report
    from itdose.formulary.tables import DoseRule, DrugByRoute, MeasureLimits
    from itdose.quantity import Quantity

    PatientOf = Callable[[DoseRule], dict[str, Any]]

# Drugs that are compounded or whose sources print no strength: nothing is on the shelf to be named.
WITHOUT_PRODUCT = {"prednisolone": "the protocols print the dose and no product"}


def _routes(formulary: Formulary) -> Iterator[tuple[str, str, DrugByRoute]]:
    for key in formulary.drug_keys():
        for route, entry in formulary.drug(key).routes.items():
            yield key, route, entry


def _rules(formulary: Formulary) -> Iterator[tuple[str, str, DoseRule]]:
    for key, route, entry in _routes(formulary):
        for rule in entry.rules:
            yield key, route, rule


def _written(quantity: Quantity) -> str:
    """Write an amount with up to four decimals, as a person would."""
    amount = f"{float(quantity.amount):.4f}".rstrip("0").rstrip(".")
    return f"{amount} {quantity.unit.symbol}"


def _dose(limits: MeasureLimits) -> Quantity | None:
    """Return an ordinary dose of this measure, or None for a measure that is no dose."""
    is_dose = "dose" in limits.measure and not limits.measure.startswith("cumulative")
    return limits.guardrail.upper_soft if is_dose else None


def _orders(formulary: Formulary, patient_of: PatientOf) -> Iterator[tuple[DoseRule, Report]]:
    """Assess an ordinary dose of every measure of every rule, for the patient of the rule."""
    for drug, route, rule in _rules(formulary):
        for dose in filter(None, (_dose(limits) for limits in rule.limits)):
            order = Order(
                drug=formulary.drug(drug).name,
                dose=_written(dose),
                route=route,
                mode=rule.mode,
                indication=rule.indications[0] if rule.indications else None,
                over="60 min",
                every="24 h",
                concentration="1 mcg/mL",
                **patient_of(rule),
            )
            yield rule, assess(order, formulary)


def test_the_order_for_a_rule_is_compared_with_that_rule(formulary: Formulary, patient_of: PatientOf) -> None:
    strays = [
        (rule.id, report.order.title)
        for rule, report in _orders(formulary, patient_of)
        if rule.id not in {finding.rule for finding in report.findings}
    ]
    assert strays == []


def test_no_rule_that_is_only_drafted_gives_within_limits(
    formulary: Formulary, patient_of: PatientOf
) -> None:
    drafted = [report for rule, report in _orders(formulary, patient_of) if rule.review.state == "drafted"]
    assert len(drafted) > 400
    assert [report.order.title for report in drafted if report.verdict is Verdict.WITHIN_LIMITS] == []


def test_ordinary_doses_of_cross_checked_rules_can_be_within_limits(
    formulary: Formulary, patient_of: PatientOf
) -> None:
    orders = _orders(formulary, patient_of)
    verdicts = {report.verdict for rule, report in orders if rule.review.state == "cross_checked"}
    assert Verdict.WITHIN_LIMITS in verdicts


def test_no_rule_gives_within_limits_once_its_review_is_overdue(patient_of: PatientOf) -> None:
    later = Formulary.load(as_of=date(2031, 1, 1))
    reports = [report for _, report in _orders(later, patient_of)]
    assert len(reports) > 500
    assert [report.order.title for report in reports if report.verdict is Verdict.WITHIN_LIMITS] == []


def test_every_limit_is_cited_or_is_a_judgement_that_keeps_its_rule_drafted(formulary: Formulary) -> None:
    for _, _, rule in _rules(formulary):
        assert rule.evidence, rule.id
        for limits in rule.limits:
            judged = limits.upper_hard_is == "judgement"
            assert not judged or rule.review.state == "drafted", rule.id
            cited = {"lower_hard": "lower_hard", "upper_soft": "usual"}
            cited |= {} if judged else {"upper_hard": "upper_hard"}
            for kind, supported in cited.items():
                if getattr(limits.guardrail, kind) is not None:
                    assert rule.citations(f"{limits.measure}.{supported}"), f"{rule.id} {kind}"


def _citations(formulary: Formulary) -> Iterator[Citation]:
    for key in formulary.drug_keys():
        drug = formulary.drug(key)
        yield drug.form_citation
        yield from drug.conversion_citations.values()
        yield from (product.citation for product in drug.products)
    for _, _, entry in _routes(formulary):
        yield from (report.citation for report in entry.reports)
        yield from (item.citation for item in (entry.forbidden.evidence if entry.forbidden else ()))
    for _, _, rule in _rules(formulary):
        yield from (item.citation for item in rule.evidence)


def test_every_citation_can_be_found_and_says_where_in_the_source(formulary: Formulary) -> None:
    citations = list(_citations(formulary))
    assert len(citations) > 200
    for citation in citations:
        assert citation.where.strip(), citation.source
        assert citation.doi or citation.pmid or (citation.url or "").startswith("http"), citation.source


def test_a_cross_checked_rule_rests_on_two_sources_or_on_a_label_or_guideline(formulary: Formulary) -> None:
    for _, _, rule in _rules(formulary):
        if rule.review.state == "cross_checked":
            sources = {item.citation.source for item in rule.evidence}
            kinds = {formulary._rows["sources"][source]["kind"] for source in sources}
            assert len(sources) > 1 or kinds & {"label", "label_copy", "guideline"}, rule.id


def test_no_rule_is_signed_off_and_reviews_are_of_this_release(formulary: Formulary) -> None:
    reviews = [rule.review for _, _, rule in _rules(formulary)]
    assert {review.state for review in reviews} == {"drafted", "cross_checked"}
    assert not any(review.is_signed_off for review in reviews)
    assert all(review.on <= "2026-11-22" < review.due <= "2027-11-22" for review in reviews)


@pytest.mark.parametrize("drug", ["vincristine", "tranexamic acid", "ionic contrast", "potassium chloride"])
def test_drugs_that_must_never_be_intrathecal_stop_at_any_dose(drug: str, formulary: Formulary) -> None:
    report = assess(Order(drug=drug, dose="0.001 mg", route="intrathecal"), formulary)
    assert report.verdict is Verdict.STOP
    [finding] = [finding for finding in report.findings if finding.code == "route-forbidden"]
    assert finding.evidence


@pytest.mark.parametrize("name", ["MS", "MSO4", "MgSO4", "KCl", "TXA"])
def test_abbreviations_on_do_not_use_lists_are_no_names(name: str, formulary: Formulary) -> None:
    with pytest.raises(UnknownNameError, match="in full"):
        formulary.find_drug(name)


def test_every_intrathecal_drug_with_rules_has_a_product_with_a_strength(formulary: Formulary) -> None:
    for key, route, entry in _routes(formulary):
        if route == "intrathecal" and entry.rules:
            products = formulary.drug(key).products
            assert bool(products) is (key not in WITHOUT_PRODUCT), key
            assert all(product.strength.size > 0 for product in products), key
            assert all(product.preservative for product in products), key


def test_no_spelling_belongs_to_two_routes(formulary: Formulary) -> None:
    owner: dict[str, str] = {}
    for key, route in formulary.routes().items():
        for name in {normal_name(name) for name in (key, route["name"], *route["spellings"])}:
            assert owner.setdefault(name, key) == key, name


def test_no_spelling_belongs_to_two_categories_and_one_is_assumed_on_each_axis(formulary: Formulary) -> None:
    owner: dict[str, str] = {}
    rows = formulary._rows["categories"]
    for key, row in rows.items():
        for name in {normal_name(name) for name in (key, row["name"], *row["spellings"])}:
            assert owner.setdefault(name, key) == key, name
        assert set(row["includes"]) <= set(rows), key
    assumed = sorted(row["axis"] for row in rows.values() if row["assumed"])
    assert assumed == ["age", "breathing", "opioids", "pregnancy"]


def test_the_magnesium_case_stands_in_the_formulary(formulary: Formulary) -> None:
    drug = formulary.drug("magnesium_sulfate")
    factors = {unit: float(per_gram) for unit, per_gram in drug.conversions.items()}
    assert factors == {"mmol": 4.06, "mEq": 8.12, "mg_elemental": 98.6}
    [limits] = drug.routes["intrathecal"].rules[0].limits
    bounds = limits.guardrail
    stated = [bounds.lower_soft, bounds.upper_soft, bounds.upper_hard, bounds.toxic_from]
    assert [_written(limit) for limit in stated if limit] == ["50 mg", "100 mg", "100 mg", "500 mg"]
    assert limits.upper_hard_is == "edge_of_evidence"
    assert "500 mg/mL" in [_written(product.strength) for product in drug.products]
