"""The regression cases that ship with the formulary, and what must hold of them together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose.curation.cases import run_cases
from itdose.formulary.case_files import RegressionCase, read_cases

if TYPE_CHECKING:
    from itdose import Formulary

CASES = read_cases([Path(__file__).resolve().parents[2] / "data" / "cases"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{Path(case.file).stem}:{case.line} {case.title}")
def test_an_order_has_the_typed_verdict_codes_and_slips(case: RegressionCase, formulary: Formulary) -> None:
    [outcome] = run_cases([case], formulary)
    assert outcome.differences == ()


def test_no_order_is_typed_twice() -> None:
    orders = [case.order for case in CASES]
    assert len(set(orders)) == len(orders)


def test_every_drug_of_the_formulary_has_a_case(formulary: Formulary) -> None:
    typed = {formulary.find_drug(case.order.drug) for case in CASES}
    assert typed == set(formulary.drug_keys())


def test_a_case_file_named_after_a_drug_holds_that_drug_only(formulary: Formulary) -> None:
    strays = [
        case.title
        for case in CASES
        if Path(case.file).stem in formulary.drug_keys()
        and formulary.find_drug(case.order.drug) != Path(case.file).stem
    ]
    assert strays == []


def test_a_case_about_a_rule_names_one_that_the_formulary_has(formulary: Formulary) -> None:
    rules = {
        rule.id
        for key in formulary.drug_keys()
        for entry in formulary.drug(key).routes.values()
        for rule in entry.rules
    }
    assert {case.rule for case in CASES if case.rule} <= rules
