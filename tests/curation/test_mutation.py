"""A changed limit is noticed by good cases, and survives by name where one case is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.curation.mutation import mutants, try_mutants
from itdose.formulary.case_files import read_cases
from itdose.render.mutation_text import mutation_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose.curation.mutation import Trial
    from itdose.formulary.case_files import RegressionCase

RULE = "alpha.intrathecal.single_dose.adult"
# One dose at each limit and one just beyond it; nothing else is needed to see a changed limit.
DOSES = ["49 mg", "50 mg", "100 mg", "101 mg", "200 mg", "201 mg", "499 mg", "500 mg"]


@pytest.fixture
def small(small_folder: Path) -> Formulary:
    formulary = Formulary.load(small_folder)
    return formulary.on_day(formulary.reviewed_on)


@pytest.fixture
def cases(tmp_path: Path, small: Formulary) -> Callable[[list[str]], tuple[RegressionCase, ...]]:
    """Write a case for each dose, and one for the forbidden route, with what the formulary says now."""
    from itdose import Order, assess  # noqa: PLC0415

    def case(dose: str, route: str) -> str:
        report = assess(Order(drug="alpha", dose=dose, route=route), small)
        codes = ", ".join(finding.code for finding in report.findings)
        slips = ", ".join(
            f.mechanism or "" for f in report.findings if f.code.startswith("slip-") and f.mechanism
        )
        order = f"{{drug: alpha, dose: {dose}, route: {route}}}"
        return (
            f"    - {{order: {order}, verdict: {report.verdict}, codes: [{codes}], mechanisms: [{slips}]}}\n"
        )

    def written(doses: list[str], *, forbidden: bool = True) -> tuple[RegressionCase, ...]:
        path = tmp_path / "cases.yaml"
        body = "".join(case(dose, "it") for dose in doses) + (case("1 mg", "iv") if forbidden else "")
        path.write_text(f"- says: all limits\n  source: label\n  cases:\n{body}", encoding="utf-8")
        return read_cases([path])

    return written


def survivors(trials: tuple[Trial, ...]) -> list[str]:
    return [str(trial.mutant) for trial in trials if not trial.is_noticed]


def test_every_limit_is_changed_in_every_way(small: Formulary) -> None:
    told = [(mutant.limit, mutant.change) for mutant in mutants(small, "alpha")]
    limits = ["dose.lower_soft", "dose.upper_soft", "dose.upper_hard", "dose.toxic_from"]
    changes = ["times ten", "divided by ten", "in mcg for mg"]
    assert sorted(told) == sorted(
        [*((limit, change) for limit in limits for change in changes), ("forbidden route", "dropped")]
    )


def test_hard_limits_toxic_levels_and_forbidden_routes_are_told_apart(small: Formulary) -> None:
    hard = {mutant.limit for mutant in mutants(small, "alpha") if mutant.is_hard}
    assert hard == {"dose.upper_hard", "dose.toxic_from", "forbidden route"}


def test_good_cases_leave_no_survivor(
    small: Formulary, cases: Callable[..., tuple[RegressionCase, ...]]
) -> None:
    trials = tuple(try_mutants(small, cases(DOSES), ["alpha"]))
    assert (len(trials), survivors(trials)) == (13, [])


def test_without_the_case_of_the_forbidden_route_exactly_that_survives(
    small: Formulary, cases: Callable[..., tuple[RegressionCase, ...]]
) -> None:
    trials = tuple(try_mutants(small, cases(DOSES, forbidden=False), ["alpha"]))
    assert survivors(trials) == ["alpha.intravenous: forbidden route dropped"]
    assert mutation_text(trials, width=100).splitlines() == [
        "hard limits, toxic levels and forbidden routes: 7 changes, 1 not noticed (14.3 %)",
        "  alpha.intravenous: forbidden route dropped",
        "other limits: 6 changes, 0 not noticed",
    ]


def test_one_ordinary_dose_guards_no_hard_limit(
    small: Formulary, cases: Callable[..., tuple[RegressionCase, ...]]
) -> None:
    trials = tuple(try_mutants(small, cases(["100 mg"]), ["alpha"]))
    assert survivors(trials) == [
        f"{RULE}: dose.lower_soft divided by ten",
        f"{RULE}: dose.lower_soft in mcg for mg",
        f"{RULE}: dose.upper_hard times ten",
        f"{RULE}: dose.toxic_from times ten",
    ]


def test_cases_of_another_drug_guard_nothing(small: Formulary, tmp_path: Path) -> None:
    path = tmp_path / "beta.yaml"
    path.write_text(
        "- says: s\n  source: s\n  cases:\n"
        "    - {order: {drug: beta, dose: 1 mg, route: it}, verdict: cannot_check}\n"
        "    - {order: {drug: nobody, dose: 1 mg, route: it}, verdict: cannot_check}\n",
        encoding="utf-8",
    )
    trials = tuple(try_mutants(small, read_cases([path]), ["alpha"]))
    noticed = [trial for trial in trials if trial.is_noticed]
    assert (len(trials), len(noticed)) == (13, 0)
