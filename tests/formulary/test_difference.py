"""What sets two formularies apart is named once, with its effect, and hard where it is about harm."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.formulary.difference import differences

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str, str], None]
    Told = tuple[str, str, str, str | None, str | None, bool]

DAY = date(2026, 6, 1)
FIRST, SECOND = "drugs/first.yaml", "drugs/second.yaml"
RULE, IT, IV = "alpha.intrathecal.single_dose.adult", "alpha.intrathecal", "alpha.intravenous"
FORBIDDEN = (
    "    intravenous:\n      status: forbidden\n      forbidden:\n        reason: It is for one route only.\n"
    "        evidence: [{source: label, where: warning}]\n"
)
CONVERSION = '    conversions:\n      - {unit: mmol, per_gram: "4.06", source: label, where: description}\n'


@pytest.fixture
def told(small_folder: Path, tmp_path: Path) -> Callable[[], list[Told]]:
    """Compare the small formulary as it was with what the test made of it."""
    before = tmp_path / "before"
    shutil.copytree(small_folder, before)

    def compared() -> list[Told]:
        old, new = (Formulary.load(folder, as_of=DAY) for folder in (before, small_folder))
        return [
            (item.effect.value, item.where, item.what, item.old, item.new, item.is_hard)
            for item in differences(old, new)
        ]

    return compared


def test_a_formulary_does_not_differ_from_itself(told: Callable[[], list[Told]]) -> None:
    assert told() == []


CHANGES: list[tuple[str, str, str, Told]] = [
    (FIRST, "upper_hard: 200 mg", "upper_hard: 300 mg",
     ("loosened", RULE, "dose.upper_hard", "200 mg", "300 mg", True)),
    (FIRST, "upper_hard: 200 mg", "upper_hard: 150 mg",
     ("tightened", RULE, "dose.upper_hard", "200 mg", "150 mg", True)),
    (FIRST, "toxic_from: 500 mg", "toxic_from: none, not believed",
     ("loosened", RULE, "dose.toxic_from", "500 mg", None, True)),
    (FIRST, "usual: 50 mg to 100 mg", "usual: 50 mg to 120 mg",
     ("loosened", RULE, "dose.upper_soft", "100 mg", "120 mg", False)),
    (FIRST, "usual: 50 mg to 100 mg", "usual: 40 mg to 100 mg",
     ("loosened", RULE, "dose.lower_soft", "50 mg", "40 mg", False)),
    (FIRST, "usual: 50 mg to 100 mg", "usual: 60 mg to 100 mg",
     ("tightened", RULE, "dose.lower_soft", "50 mg", "60 mg", False)),
    (FIRST, "usual: 50 mg to 100 mg", "usual: up to 100 mg",
     ("loosened", RULE, "dose.lower_soft", "50 mg", None, False)),
    (FIRST, "where: table 1", "where: table 2",
     ("changed", RULE, "evidence", "label (table 1)", "label (table 2)", False)),
    (FIRST, "state: cross_checked", "state: drafted",
     ("changed", RULE, "review", "cross_checked", "drafted", False)),
    (FIRST, 'due: "2027-01-01"', 'due: "2027-02-01"',
     ("changed", RULE, "review due", "2027-01-01", "2027-02-01", False)),
    (FIRST, "second_reading: the label again}", "second_reading: the label again}\n          note: Slowly.",
     ("changed", RULE, "note", None, "Slowly.", False)),
    (FIRST, 'per_gram: "4.06"', 'per_gram: "4.6"',
     ("changed", "alpha", "conversion mmol", "203/50", "23/5", True)),
    (FIRST, CONVERSION, "", ("changed", "alpha", "conversion mmol", "203/50", None, True)),
    (FIRST, "form: alpha sulfate", "form: alpha chloride",
     ("changed", "alpha", "form", "alpha sulfate", "alpha chloride", False)),
    (FIRST, "synonyms: [alphadrug]", "synonyms: [alphadrug, a1]",
     ("changed", "alpha", "synonyms", "alphadrug", "alphadrug, a1", False)),
    (FIRST, "strength: 50 mg/mL", "strength: 5 mg/mL",
     ("changed", "alpha", "products", "alpha 50 mg/mL 50 mg/mL", "alpha 50 mg/mL 5 mg/mL", False)),
    (FIRST, "status: off_label", "status: labelled",
     ("changed", IT, "route", "off_label", "labelled", False)),
    (FIRST, FORBIDDEN, "    intravenous:\n      status: off_label\n",
     ("loosened", IV, "route", "forbidden", "off_label", True)),
    (FIRST, FORBIDDEN, "", ("loosened", IV, "route", "forbidden", None, True)),
    (SECOND, "    stated_by: {source: label, where: description}\n",
     "    stated_by: {source: label, where: description}\n  routes: {intrathecal: {status: off_label}}\n",
     ("added", "beta.intrathecal", "route", None, "off_label", False)),
]  # fmt: skip


@pytest.mark.parametrize("planted", CHANGES, ids=[f"{told[2]} {told[0]}" for *_, told in CHANGES])
def test_each_difference_is_told_once_with_its_effect(
    planted: tuple[str, str, str, Told], told: Callable[[], list[Told]], edit: Edit
) -> None:
    file, old, new, expected = planted
    edit(file, old, new)
    assert told() == [expected]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("upper_hard: 200 mg", "upper_hard: 0.2 g"),
        ("usual: 50 mg to 100 mg", "usual: 50000 mcg to 0.1 g"),
        ("toxic_from: 500 mg", "toxic_from: 0.5 g"),
    ],
)
def test_the_same_limit_in_another_unit_is_no_difference(
    old: str, new: str, told: Callable[[], list[Told]], edit: Edit
) -> None:
    edit(FIRST, old, new)
    assert told() == []


def test_a_limit_that_turns_up_is_tightened(told: Callable[[], list[Told]], edit: Edit) -> None:
    edit(FIRST, "lower_hard: none, a low dose is only weak", "lower_hard: 20 mg")
    edit(FIRST, "[dose.usual, dose.upper_hard]", "[dose.lower_hard, dose.usual, dose.upper_hard]")
    assert told() == [("tightened", RULE, "dose.lower_hard", None, "20 mg", True)]


def test_a_withdrawn_drug_is_hard_and_an_added_one_is_not(
    told: Callable[[], list[Told]], small_folder: Path
) -> None:
    text = (small_folder / SECOND).read_text("utf-8")
    (small_folder / SECOND).write_text(text.replace("beta", "gamma"), encoding="utf-8")
    assert told() == [
        ("withdrawn", "beta", "drug", "beta", None, True),
        ("added", "gamma", "drug", None, "gamma", False),
    ]


def test_a_route_that_is_forbidden_is_tightened_and_its_rules_are_withdrawn(
    told: Callable[[], list[Told]], small_folder: Path
) -> None:
    path = small_folder / FIRST
    before, _, after = path.read_text("utf-8").partition("      rules:\n")
    forbidden = FORBIDDEN.partition("      status: forbidden\n")[2]
    text = before.replace("status: off_label", "status: forbidden") + forbidden
    path.write_text(text + after[after.index("    intravenous:") :], encoding="utf-8")
    assert told() == [
        ("tightened", IT, "route", "off_label", "forbidden", False),
        ("withdrawn", RULE, "rule", "single_dose", None, False),
    ]


NARROWER = (
    "        - {{id: alpha.intrathecal.single_dose.{whom}, mode: single_dose, category: [{whom}], "
    'limits: {{dose: {{lower_hard: "none, a", usual: 50 mg, upper_hard: {limit}, '
    "upper_hard_is: edge_of_evidence, toxic_from: 500 mg}}}}, "
    "evidence: [{{source: label, where: table 2, supports: [dose.usual, dose.upper_hard]}}], "
    'review: {{state: drafted, on: "2026-01-01", due: "2027-01-01"}}}}\n'
)


@pytest.mark.parametrize(
    ("whom", "limit", "loosened"),
    [("elderly", "201 mg", 1), ("elderly", "200 mg", 0), ("elderly", "0.15 g", 0), ("child", "900 mg", 0)],
)
def test_a_narrower_rule_is_compared_with_the_one_that_its_patients_met(
    whom: str, limit: str, loosened: int, told: Callable[[], list[Told]], edit: Edit
) -> None:
    edit(FIRST, "    intravenous:\n", NARROWER.format(whom=whom, limit=limit) + "    intravenous:\n")
    if limit == "900 mg":
        edit(FIRST, "toxic_from: 500 mg}", 'toxic_from: "none, nobody harmed"}')
    key = f"alpha.intrathecal.single_dose.{whom}"
    assert told() == [
        ("added", key, "rule", None, "single_dose", False),
        *[("loosened", key, "dose.upper_hard, for elderly,", "200 mg", limit, True)][:loosened],
    ]


def test_a_rule_for_fewer_patients_has_another_scope(told: Callable[[], list[Told]], edit: Edit) -> None:
    edit(FIRST, "category: [adult]", "category: [adult]\n          weight: from 50 kg")
    [(effect, where, what, old, new, is_hard)] = told()
    assert (effect, where, what, is_hard) == ("changed", RULE, "scope", False)
    assert old == "single_dose, adult, pain"
    assert (new or "").startswith("single_dose, adult, ")


WINDOWED = (
    '            cumulative_dose: {{lower_hard: "none, a", usual: up to 100 mg, upper_hard: "none, b", '
    'toxic_from: "none, c", window: {window}}}\n'
    "          evidence:\n"
    "            - {{source: label, where: table 3, supports: [cumulative_dose.usual]}}\n"
)


@pytest.mark.parametrize(("window", "effect"), [("12 h", "loosened"), ("48 h", "tightened")])
def test_a_shorter_window_lets_more_through(
    window: str, effect: str, small_folder: Path, tmp_path: Path, edit: Edit
) -> None:
    edit(FIRST, "          evidence:\n", WINDOWED.format(window="24 h"))
    before = tmp_path / "windowed"
    shutil.copytree(small_folder, before)
    edit(FIRST, "window: 24 h", f"window: {window}")
    old, new = (Formulary.load(folder, as_of=DAY) for folder in (before, small_folder))
    [found] = differences(old, new)
    assert (found.effect.value, found.what, found.is_hard) == (effect, "cumulative_dose.window", True)
