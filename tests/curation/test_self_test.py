"""The self-test sees a formulary or a checker with a planted blunder, and repeats itself exactly."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary, Report, Verdict, assess
from itdose.curation.bench import bench_of
from itdose.curation.self_test import ORDINARY, SelfTest, run_self_test
from itdose.render import self_test_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose import Order
    from itdose.curation.bench import Bench

    Edit = Callable[[str, str, str], None]

FIRST = "drugs/first.yaml"
RULE = "alpha.intrathecal.single_dose.adult"


def load(folder: Path) -> Formulary:
    formulary = Formulary.load(folder)
    return formulary.on_day(formulary.reviewed_on)


def outcome(folder: Path, seed: int = 1) -> SelfTest:
    formulary = load(folder)
    *_, last = run_self_test(formulary, seed, tuple(formulary.rules()))
    return last


def bench(folder: Path) -> Bench:
    formulary = load(folder)
    [at] = formulary.rules(["alpha"])
    found = bench_of(formulary, *at)
    assert found is not None
    return found


def doses(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def noted(order: Order, formulary: Formulary) -> Report:
        asked.append(order.dose)
        return assess(order, formulary)

    monkeypatch.setattr("itdose.curation.self_test.assess", noted)
    outcome(folder, seed)
    return asked


def test_the_small_formulary_is_as_it_should_be(small_folder: Path) -> None:
    found = outcome(small_folder)
    ordinary = found.sum(mechanism=ORDINARY)
    slips = found.sum(mechanism="tenfold")
    assert (found.failures, found.not_tested) == ((), {})
    assert ordinary.total > 10
    assert ordinary.verdicts == {Verdict.WITHIN_LIMITS: ordinary.total}
    assert slips.total >= 300
    assert slips.verdicts[Verdict.WITHIN_LIMITS] == 0


def test_one_seed_gives_one_matrix(small_folder: Path) -> None:
    formulary = load(small_folder)
    one, other = (self_test_text.to_json(outcome(small_folder, 7), formulary) for _ in range(2))
    assert one == other


def test_another_seed_gives_other_doses(small_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again, other = (doses(small_folder, seed, monkeypatch) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def all_well(order: Order, formulary: Formulary) -> Report:
    return assess(order, formulary)._replace(verdict=Verdict.WITHIN_LIMITS)


def all_doubted(order: Order, formulary: Formulary) -> Report:
    return assess(order, formulary)._replace(verdict=Verdict.NEEDS_REVIEW)


def never_checked(order: Order, formulary: Formulary) -> Report:
    return assess(order, formulary)._replace(verdict=Verdict.CANNOT_CHECK)


@pytest.mark.parametrize(
    ("blunder", "state", "said"),
    [
        (
            all_well,
            "cross_checked",
            ["slips outside the usual range that are within_limits", "decimal slips"],
        ),
        (all_doubted, "cross_checked", ["ordinary doses of reviewed rules that are not within_limits"]),
        (never_checked, "cross_checked", ["decimal slips", "ordinary doses of reviewed rules"]),
        (all_well, "drafted", ["slips outside", "decimal slips", "ordinary doses of drafted rules"]),
        (
            never_checked,
            "drafted",
            ["decimal slips", "ordinary doses of drafted rules that are not needs_review"],
        ),
        (all_doubted, "drafted", []),
    ],
)
def test_a_checker_with_a_blunder_fails_and_says_what(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    blunder: Callable[[Order, Formulary], Report],
    state: str,
    said: list[str],
    small_folder: Path,
    edit: Edit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(FIRST, "state: cross_checked", f"state: {state} ")
    monkeypatch.setattr("itdose.curation.self_test.assess", blunder)
    failures = outcome(small_folder).failures
    assert len(failures) == len(said)
    assert [
        failure.partition(" ")[2].startswith(words) for failure, words in zip(failures, said, strict=True)
    ] == ([True] * len(said))


def test_a_failure_stands_in_every_format(small_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itdose.curation.self_test.assess", all_doubted)
    result, formulary = outcome(small_folder), load(small_folder)
    [failure] = result.failures
    assert f"NOT AS IT SHOULD BE: {failure}" in self_test_text.text(result, formulary, width=200)
    assert f"NOT AS IT SHOULD BE: {failure}" in self_test_text.markdown(result, formulary)
    body: dict[str, Any] = json.loads(self_test_text.to_json(result, formulary))
    assert (body["failures"], body["seed"]) == ([failure], 1)


def test_ordinary_doses_are_worked_out_apart_from_the_checks(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Report:
        raise AssertionError("the checks were asked which doses are ordinary")

    monkeypatch.setattr("itdose.curation.self_test.assess", broken)
    monkeypatch.setattr("itdose.assessment.assess", broken)
    found = bench(small_folder)
    milligram = Fraction(1, 1000)
    low, high = found.ordinary
    gram = found.formulary.units["g"].size
    assert (low, high) == (50 * milligram * gram, 100 * milligram * gram)


@pytest.mark.parametrize(
    ("usual", "low", "high"),
    [
        ("50 mg to 100 mg", 50, 100),
        ("0.06 g to 0.09 g", 60, 90),
        ("up to 80 mg", None, 80),
        ("70 mg", 70, 70),
    ],
)
def test_the_ordinary_range_is_the_usual_one(
    usual: str, low: int | None, high: int, small_folder: Path, edit: Edit
) -> None:
    edit(FIRST, "usual: 50 mg to 100 mg", f"usual: {usual}")
    found = bench(small_folder)
    milligram = found.formulary.units["mg"].size
    assert found.ordinary == (None if low is None else low * milligram, high * milligram)


def test_a_rule_without_an_upper_end_is_named_as_not_tested(small_folder: Path, edit: Edit) -> None:
    edit(FIRST, "usual: 50 mg to 100 mg", "usual: none, one report only")
    edit(
        FIRST,
        "upper_hard: 200 mg\n              upper_hard_is: edge_of_evidence",
        "upper_hard: none, unknown",
    )
    edit(FIRST, "supports: [dose.usual, dose.upper_hard]", "supports: []")
    assert outcome(small_folder).not_tested == {
        RULE: "no usual range in whole doses or per kg, or none at an ordinary weight"
    }
