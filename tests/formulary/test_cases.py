"""The regression cases that ship with the formulary, and what must hold of them together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose.curation.cases import run_cases
from itdose.formulary.case_files import RegressionCase, read_cases

if TYPE_CHECKING:
    from itdose import Formulary

FOLDER = Path(__file__).resolve().parents[2] / "data" / "cases"
CASES = read_cases([FOLDER])


def _file(case: RegressionCase) -> str:
    return Path(case.file).resolve().relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("file", sorted({_file(case) for case in CASES}))
def test_an_order_has_the_typed_verdict_codes_and_slips(file: str, formulary: Formulary) -> None:
    outcomes = list(run_cases([case for case in CASES if _file(case) == file], formulary))
    assert outcomes
    assert [(out.case.line, out.case.title, out.differences) for out in outcomes if out.differences] == []


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


def test_every_rule_has_four_cases_or_more(formulary: Formulary) -> None:
    cases = Counter(case.rule for case in CASES)
    rules = [
        rule.id
        for key in formulary.drug_keys()
        for entry in formulary.drug(key).routes.values()
        for rule in entry.rules
    ]
    assert [rule for rule in rules if cases[rule] < 4] == []
