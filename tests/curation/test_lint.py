"""Lint names each planted fault with its file and line, and says nothing of a clean formulary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose.curation.lint import lint
from itdose.curation.remarks import RULES, Level
from itdose.formulary.files import read_files
from itdose.formulary.load import load_models, load_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.curation.lint import Lint

    Edit = Callable[[str, str, str], None]
    Linted = Callable[..., Lint]
    AddRules = Callable[..., None]
    Place = tuple[str, int, str, str]

FIRST, SECOND, SOURCES = "drugs/first.yaml", "drugs/second.yaml", "sources.yaml"
STRENGTH = "strength: 50 mg/mL"
LAST_OF_BETA = "    form: beta base\n    stated_by: {source: label, where: description}\n"
DOCUMENT = Path(__file__).parents[2] / "docs" / "formulary-tools.md"


def rule(name: str, category: str, keys: str = "indication: [pain], ", usual: str = "1 mg") -> str:
    """Return one more dose rule of alpha as one line of its file."""
    return (
        f"        - {{id: alpha.intrathecal.single_dose.{name}, mode: single_dose, "
        f"category: [{category}], {keys}"
        f'limits: {{dose: {{lower_hard: "none, weak", usual: {usual}, upper_hard: "none, unknown", '
        'toxic_from: "none, unknown"}}, '
        "evidence: [{source: label, where: table 2, supports: [dose.usual]}], "
        'review: {state: drafted, on: "2026-01-01", due: "2027-01-01"}}\n'
    )


def places(found: Lint) -> list[Place]:
    return [(remark.file, remark.line, remark.rule, str(remark.level)) for remark in found.remarks]


def message(found: Lint) -> str:
    [remark] = found.remarks
    return remark.message


def test_a_clean_formulary_has_no_remark(linted: Linted) -> None:
    found = linted()
    assert places(found) == []
    assert (found.drugs, found.rules, found.version) == (2, 1, "2026.1.0")


PLANTED: list[tuple[str, str, str, Place]] = [
    (FIRST, "upper_hard: 200 mg\n", "upper_hard: 1000 mg\n", (FIRST, 28, "hard-limit-far-above", "warning")),
    (FIRST, "upper_hard: 200 mg\n", "upper_hard: 1 g\n", (FIRST, 28, "hard-limit-far-above", "warning")),
    (FIRST, "usual: 50 mg to", "usual: 0.05 g to", (FIRST, 27, "unit-needs-decimals", "note")),
    (FIRST, "upper_hard: 200 mg\n", "upper_hard: 0.2 g\n", (FIRST, 28, "unit-needs-decimals", "note")),
    (FIRST, "toxic_from: 500 mg", "toxic_from: 0.5 g", (FIRST, 30, "unit-needs-decimals", "note")),
    (FIRST, STRENGTH, "strength: 0.5 mg/mL", (FIRST, 13, "unit-needs-decimals", "note")),
    (
        SOURCES, "case: {", 'general: {title: T, authors: A, year: "2020", kind: trial, pmid: "1"}\ncase: {',
        (SOURCES, 2, "source-unused", "warning"),
    ),
    (
        SOURCES, "doi: 10.1000/case", 'doi: 10.1000/case, url: "https://EXAMPLE.org/label"',
        (SOURCES, 2, "same-source-twice", "warning"),
    ),
    (
        SECOND, LAST_OF_BETA, f"{LAST_OF_BETA}  look_alikes: [gamma]\n",
        (SECOND, 7, "look-alike-unknown", "note"),
    ),
    (
        SECOND, LAST_OF_BETA, f"{LAST_OF_BETA}  look_alikes: [AlphaDrug]\n",
        (SECOND, 7, "look-alike-one-sided", "note"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=[f"{place[2]}-{place[1]}" for *_, place in PLANTED])
def test_a_planted_fault_is_named_with_its_file_and_line(
    planted: tuple[str, str, str, Place], linted: Linted, edit: Edit
) -> None:
    file, old, new, place = planted
    edit(file, old, new)
    assert places(linted()) == [place]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("upper_hard: 200 mg\n", "upper_hard: 999 mg\n"),
        ("upper_hard: 200 mg\n", "upper_hard: 1000 mg\n              note: No trial went between them.\n"),
        ("usual: 50 mg to 100 mg", "usual: 1.5 mg to 100 mg"),
        ("usual: 50 mg to", "usual: 0.0505 mg to"),
        ("usual: 50 mg to", "usual: 0.5 mcg to"),
    ],
    ids=["below ten times", "with a note", "a decimal above 1", "a decimal anyway", "no smaller unit"],
)
def test_what_has_no_fault_gets_no_remark(old: str, new: str, linted: Linted, edit: Edit) -> None:
    edit(FIRST, old, new)
    assert places(linted()) == []


def test_both_ends_of_a_usual_range_stand_in_one_remark(linted: Linted, edit: Edit) -> None:
    edit(FIRST, "usual: 50 mg to 100 mg", "usual: 0.05 g to 0.1 g")
    assert message(linted()) == (
        "dose.usual of alpha.intrathecal.single_dose.adult is written 0.05 g and 0.1 g; "
        "write 50 mg and 100 mg"
    )


def test_a_stated_limit_without_evidence_is_a_warning(small_folder: Path, edit: Edit) -> None:
    edit(FIRST, "supports: [dose.usual, dose.upper_hard]", "supports: [dose.upper_hard]")
    files = read_files(small_folder)
    # Such a formulary is not valid, and lint does not rely on that.
    found = lint(load_models(files, load_units(files)), "2026-06-01")
    assert places(found) == [(FIRST, 27, "limit-without-source", "warning")]


def test_a_judgement_is_a_note(linted: Linted, edit: Edit) -> None:
    edit(FIRST, "upper_hard_is: edge_of_evidence", "upper_hard_is: judgement")
    edit(FIRST, "state: cross_checked", "state: drafted")
    edit(FIRST, "supports: [dose.usual, dose.upper_hard]", "supports: [dose.usual]")
    assert places(linted()) == [(FIRST, 28, "limit-without-source", "note")]


@pytest.mark.parametrize(
    ("today", "names"),
    [
        ("2026-11-01", []),
        ("2026-11-02", ["review-due-soon"]),
        ("2027-01-01", ["review-due-soon"]),
        ("2027-01-02", ["review-overdue"]),
    ],
)
def test_a_review_falls_due_sixty_days_ahead_and_is_overdue_the_day_after(
    today: str, names: list[str], linted: Linted
) -> None:
    assert places(linted(today)) == [(FIRST, 33, name, "warning") for name in names]


@pytest.mark.parametrize(
    ("other", "is_named"),
    [
        ("5 mg/mL", True),
        ("500 mg/mL", True),
        ("5000 mcg/mL", True),
        ("50 mcg/mL", True),
        ("5 g/mL", True),
        ("50 mg/mL", False),
        ("100 mg/mL", False),
        ("5 mcg/mL", False),
        ("5 units/mL", False),
    ],
)
def test_strengths_are_named_where_they_are_a_power_of_ten_apart(
    other: str, is_named: bool, linted: Linted, edit: Edit
) -> None:
    product = (
        f"  products:\n    - {{name: other, strength: {other}, preservative: none, "
        "labelled_routes: [intravenous], source: label, where: supply}\n"
    )
    edit(FIRST, "  products:\n", product)
    assert places(linted()) == ([(FIRST, 14, "strengths-tenfold-apart", "warning")] if is_named else [])


def test_a_note_on_one_product_is_enough(linted: Linted, edit: Edit) -> None:
    product = (
        "  products:\n    - {name: other, strength: 5 mg/mL, preservative: none, "
        "labelled_routes: [intravenous], note: Its label is red., source: label, where: supply}\n"
    )
    edit(FIRST, "  products:\n", product)
    assert places(linted()) == []


def test_look_alikes_that_name_each_other_get_no_remark(linted: Linted, edit: Edit) -> None:
    edit(SECOND, LAST_OF_BETA, f"{LAST_OF_BETA}  look_alikes: [Alphadrug]\n")
    edit(FIRST, "  rescue: [general]\n", "  rescue: [general]\n  look_alikes: [BETA]\n")
    assert places(linted()) == []


def test_a_category_between_two_that_are_covered_is_a_gap(
    linted: Linted, edit: Edit, add_rules: AddRules
) -> None:
    edit(FIRST, "category: [adult]", "category: [elderly]")
    add_rules(rule("child", "child"))
    found = linted()
    assert places(found) == [(FIRST, 34, "category-gap", "warning")]
    assert message(found) == (
        "single_dose for pain: no rule covers adult, from 18 years to below 60 years, between patients with "
        "a rule; add one, or widen a neighbour"
    )


def test_a_rule_for_any_indication_fills_a_gap(linted: Linted, edit: Edit, add_rules: AddRules) -> None:
    edit(FIRST, "category: [adult]", "category: [elderly]")
    add_rules(rule("child", "child"), rule("any", "adult", keys=""))
    assert "category-gap" not in {remark.rule for remark in linted().remarks}


@pytest.mark.parametrize(("own", "any_use"), [("child", "elderly"), ("elderly", "child")])
def test_a_rule_for_any_indication_beyond_the_others_makes_no_gap(
    own: str, any_use: str, linted: Linted, edit: Edit, add_rules: AddRules
) -> None:
    edit(FIRST, "category: [adult]", f"category: [{own}]")
    add_rules(rule("any", any_use, keys=""))
    assert places(linted()) == [(FIRST, 34, "rule-without-indication", "note")]


def test_ages_outside_those_that_are_covered_are_no_gap(linted: Linted, edit: Edit) -> None:
    edit(FIRST, "category: [adult]", "category: [child]")
    assert places(linted()) == []


@pytest.mark.parametrize(
    ("bands", "gap"),
    [
        (("weight: from 10 kg to below 20 kg", "weight: from 30 kg"), "child, from 20 kg to below 30 kg"),
        (("weight: below 20 kg", "weight: from 20.5 kg"), "child, from 20 kg to below 20.5 kg"),
        (("weight: below 20 kg", "weight: from 20 kg"), None),
        (("age: below 2 years", "age: from 24 months"), None),
        (("age: below 3 months", "age: from 2 years"), "child, from 3 months to below 2 years"),
        (("age: below 2 years, weight: below 20 kg", "age: from 2 years, weight: from 30 kg"), None),
    ],
)
def test_bands_that_do_not_meet_leave_a_gap(
    bands: tuple[str, str], gap: str | None, linted: Linted, edit: Edit, add_rules: AddRules
) -> None:
    edit(FIRST, "indication: [pain]\n", "indication: [labour]\n")
    edit(FIRST, "    pain: pain\n", "    pain: pain\n    labour: labour pain\n")
    pain = "indication: [pain], "
    add_rules(rule("low", "child", f"{pain}{bands[0]}, "), rule("high", "child", f"{pain}{bands[1]}, "))
    found = linted()
    assert places(found) == ([(FIRST, 35, "category-gap", "warning")] if gap else [])
    assert gap is None or f"no rule covers {gap}, between" in message(found)


def test_a_rule_that_more_specific_ones_replace_everywhere_is_named(
    linted: Linted, edit: Edit, add_rules: AddRules
) -> None:
    edit("categories.yaml", "child: {", "naive: {name: naive, axis: opioids, assumed: not stated}\nchild: {")
    edit("categories.yaml", "\nchild: {", "\ntolerant: {name: tolerant, axis: opioids}\nchild: {")
    add_rules(rule("naive", "adult, naive"), rule("tolerant", "adult, tolerant"))
    found = linted()
    assert places(found) == [(FIRST, 20, "category-overlap", "warning")]
    assert message(found).startswith(
        "alpha.intrathecal.single_dose.adult is never chosen: alpha.intrathecal.single_dose.naive and "
        "alpha.intrathecal.single_dose.tolerant cover every patient"
    )


def test_a_more_specific_rule_for_some_patients_is_fine(linted: Linted, add_rules: AddRules) -> None:
    add_rules(rule("elderly", "elderly"))
    assert places(linted()) == []


def test_a_rule_without_indication_beside_one_with_is_named(linted: Linted, add_rules: AddRules) -> None:
    add_rules(rule("any", "adult", keys=""))
    assert places(linted()) == [(FIRST, 34, "rule-without-indication", "note")]


def test_rules_without_any_indication_are_fine(linted: Linted, edit: Edit, add_rules: AddRules) -> None:
    edit(FIRST, "          indication: [pain]\n", "")
    add_rules(rule("child", "child", keys=""))
    assert places(linted()) == []


def test_every_rule_of_lint_is_documented_with_its_level() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (warning|note) \|", text, re.MULTILINE))
    assert documented == {name: str(level) for name, level in RULES.items()}


def test_every_rule_of_lint_is_planted_in_a_test() -> None:
    tested = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', Path(__file__).read_text(encoding="utf-8")))
    assert [name for name in RULES if name not in tested] == []


def test_remarks_stand_in_the_order_of_files_and_lines(linted: Linted, edit: Edit) -> None:
    edit(SECOND, LAST_OF_BETA, f"{LAST_OF_BETA}  look_alikes: [gamma]\n")
    edit(FIRST, "upper_hard: 200 mg\n", "upper_hard: 1000 mg\n")
    edit(FIRST, STRENGTH, "strength: 0.5 mg/mL")
    found = linted()
    assert [(file, line) for file, line, *_ in places(found)] == [(FIRST, 13), (FIRST, 28), (SECOND, 7)]
    assert (found.count(Level.WARNING), found.count(Level.NOTE)) == (1, 2)
