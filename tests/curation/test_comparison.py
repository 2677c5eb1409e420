"""Two formularies side by side: what lets more through stands first, with the cases that change."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.curation.comparison import Comparison, compare
from itdose.formulary.case_files import read_cases
from itdose.render import difference_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str, str], None]
    Compared = Callable[[], Comparison]

DAY = date(2026, 6, 1)
FIRST = "drugs/first.yaml"
CASES = (
    "- says: s\n  source: label\n  order: {drug: alpha, route: it}\n  cases:\n"
    "    - {order: {dose: 60 mg}, verdict: within_limits}\n"
    "    - {order: {dose: 250 mg}, verdict: stop}\n"
)


@pytest.fixture
def compared(small_folder: Path, tmp_path: Path) -> Compared:
    """Compare the small formulary as it was with what the test made of it, and judge two cases."""
    before, path = tmp_path / "before", tmp_path / "cases.yaml"
    shutil.copytree(small_folder, before)
    path.write_text(CASES, encoding="utf-8")

    def found() -> Comparison:
        old, new = (Formulary.load(folder, as_of=DAY) for folder in (before, small_folder))
        return compare(old, new, read_cases([path]))

    return found


def test_a_formulary_lets_no_more_through_than_itself(compared: Compared) -> None:
    assert compared() == Comparison((), ())
    assert not compared().lets_more_through
    assert difference_text.text(compared(), width=80) == "no difference\n"


@pytest.mark.parametrize(
    ("old", "new", "verdicts", "lets_more_through"),
    [
        ("upper_hard: 200 mg", "upper_hard: 300 mg", [(6, "stop", "needs_review")], True),
        ("upper_hard: 200 mg", "upper_hard: 150 mg", [], False),
        ("usual: 50 mg to", "usual: 70 mg to", [(5, "within_limits", "needs_review")], False),
        ("state: cross_checked", "state: drafted", [(5, "within_limits", "needs_review")], False),
        ("usual: 50 mg to", "usual: 40 mg to", [], True),
        ("synonyms: [alphadrug]", "synonyms: []", [], False),
    ],
)
def test_a_case_that_is_judged_otherwise_is_named(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    old: str,
    new: str,
    verdicts: list[tuple[int, str, str]],
    lets_more_through: bool,
    compared: Compared,
    edit: Edit,
) -> None:
    edit(FIRST, old, new)
    found = compared()
    assert [(item.case.line, str(item.old), str(item.new)) for item in found.verdicts] == verdicts
    assert found.lets_more_through is lets_more_through


def test_what_lets_most_through_stands_first(compared: Compared, edit: Edit) -> None:
    edit(FIRST, "synonyms: [alphadrug]", "synonyms: []")
    edit(FIRST, "usual: 50 mg to 100 mg", "usual: 40 mg to 90 mg")
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 300 mg")
    found = compared().differences
    assert [(item.effect.value, item.what) for item in found] == [
        ("loosened", "dose.upper_hard"),
        ("loosened", "dose.lower_soft"),
        ("tightened", "dose.upper_soft"),
        ("changed", "synonyms"),
    ]


def test_text_shouts_what_lets_more_through(compared: Compared, edit: Edit, tmp_path: Path) -> None:
    edit(FIRST, "synonyms: [alphadrug]", "synonyms: []")
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 300 mg")
    assert difference_text.text(compared(), width=200).splitlines() == [
        "LOOSENED",
        "  alpha.intrathecal.single_dose.adult: dose.upper_hard 200 mg -> 300 mg",
        "changed",
        "  alpha: synonyms alphadrug -> none",
        "regression cases with another verdict",
        f"  alpha 250 mg it: stop -> needs_review ({tmp_path}/cases.yaml:6)",
    ]


def test_json_holds_every_difference_and_verdict(compared: Compared, edit: Edit, tmp_path: Path) -> None:
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 300 mg")
    assert json.loads(difference_text.to_json(compared())) == {
        "schema": "itdose.formulary-diff/1",
        "lets_more_through": True,
        "differences": [
            {
                "effect": "loosened",
                "where": "alpha.intrathecal.single_dose.adult",
                "what": "dose.upper_hard",
                "old": "200 mg",
                "new": "300 mg",
                "is_hard": True,
            }
        ],
        "verdicts": [
            {
                "case": "alpha 250 mg it",
                "file": f"{tmp_path}/cases.yaml",
                "line": 6,
                "old": "stop",
                "new": "needs_review",
            }
        ],
    }


def test_github_gets_a_warning_for_what_lets_more_through_alone(
    compared: Compared, edit: Edit, tmp_path: Path
) -> None:
    edit(FIRST, "synonyms: [alphadrug]", "synonyms: []")
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 300 mg")
    assert difference_text.github(compared(), "data").splitlines() == [
        (
            "::warning file=data,line=1,title=loosened::"
            "alpha.intrathecal.single_dose.adult: dose.upper_hard 200 mg -> 300 mg"
        ),
        f"::warning file={tmp_path}/cases.yaml,line=6,title=alpha 250 mg it::stop -> needs_review",
    ]
