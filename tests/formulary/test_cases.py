"""Clinical cases typed from the documents: the verdict, every finding code and the slips of each order."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from itdose import Order, assess

if TYPE_CHECKING:
    from itdose import Formulary, Report

CASE_FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASE_FIELDS = {"says", "source", "order", "verdict", "codes", "mechanisms"}
ORDER_FIELDS = {field.name for field in fields(Order)}
VERDICTS = {"within_limits", "needs_review", "cannot_check", "stop"}


def read_cases(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return cases


def readable_id(path: Path, case: dict[str, Any]) -> str:
    order = case["order"]
    said = (order[field] for field in ("drug", "dose", "route", "mode", "indication") if field in order)
    return f"{path.stem}: {' '.join(said)}".replace("_", " ")


CASES = [(path, case) for path in CASE_FILES for case in read_cases(path)]
IDS = [readable_id(path, case) for path, case in CASES]


def order_of(case: dict[str, Any]) -> Order:
    stated = dict(case["order"])
    return Order(**stated | {"categories": tuple(stated.get("categories", ()))})


def mechanisms(report: Report) -> list[str]:
    """Return the slips that explain the dose; a latent slip explains nothing yet."""
    return [
        finding.mechanism
        for finding in report.findings
        if finding.mechanism is not None and finding.code.startswith("slip-")
    ]


@pytest.mark.parametrize(("_path", "case"), CASES, ids=IDS)
def test_an_order_from_the_documents_has_the_typed_verdict(
    _path: Path, case: dict[str, Any], formulary: Formulary
) -> None:
    report = assess(order_of(case), formulary)
    assert str(report.verdict) == case["verdict"]


@pytest.mark.parametrize(("_path", "case"), CASES, ids=IDS)
def test_an_order_from_the_documents_has_exactly_the_typed_codes(
    _path: Path, case: dict[str, Any], formulary: Formulary
) -> None:
    report = assess(order_of(case), formulary)
    assert sorted(finding.code for finding in report.findings) == case["codes"]


@pytest.mark.parametrize(("_path", "case"), CASES, ids=IDS)
def test_the_slips_that_explain_an_order_stand_in_the_typed_order(
    _path: Path, case: dict[str, Any], formulary: Formulary
) -> None:
    report = assess(order_of(case), formulary)
    assert mechanisms(report) == case["mechanisms"]


@pytest.mark.parametrize(("path", "case"), CASES, ids=IDS)
def test_every_field_of_a_case_is_known(path: Path, case: dict[str, Any]) -> None:
    assert set(case) == CASE_FIELDS, path.name
    assert {"drug", "dose", "route"} <= set(case["order"]) <= ORDER_FIELDS, path.name
    assert case["verdict"] in VERDICTS, path.name


# YAML reads an unquoted 50 as a number and "no" as a boolean; an order holds only text.
@pytest.mark.parametrize(("path", "case"), CASES, ids=IDS)
def test_every_value_of_a_case_is_text(path: Path, case: dict[str, Any]) -> None:
    order = case["order"]
    texts = [case["says"], case["source"], *case["codes"], *case["mechanisms"]]
    texts += [text for field, text in order.items() if field != "categories"]
    texts += order.get("categories", [])
    assert [text for text in texts if not isinstance(text, str) or not text] == [], path.name


def test_no_order_is_typed_twice() -> None:
    orders = [order_of(case) for _, case in CASES]
    assert len(set(orders)) == len(orders)


def test_every_drug_of_the_formulary_has_a_case(formulary: Formulary) -> None:
    typed = {formulary.find_drug(case["order"]["drug"]) for _, case in CASES}
    assert typed == set(formulary.drug_keys())


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
def test_a_case_file_named_after_a_drug_holds_that_drug_only(path: Path, formulary: Formulary) -> None:
    drugs = {formulary.find_drug(case["order"]["drug"]) for case in read_cases(path)}
    assert drugs
    assert drugs == {path.stem} or path.stem not in formulary.drug_keys()
