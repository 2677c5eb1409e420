"""The rows say what the formulary covers, and what it does not cover and why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.curation.coverage import CoverageRow, coverage
from itdose.render.coverage_tables import full_text, markdown, matrix, total

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str, str], None]

FIRST = "drugs/first.yaml"
FORBIDDEN = CoverageRow("alpha", "intravenous", "forbidden", reason="It is for one route only.")


def rows(folder: Path, day: date = date(2026, 6, 1)) -> tuple[CoverageRow, ...]:
    formulary = Formulary.load(folder, as_of=day)
    return coverage(formulary, formulary.drug_keys())


def test_every_rule_forbidden_route_and_conversion_has_a_row(small_folder: Path) -> None:
    assert rows(small_folder) == (
        CoverageRow(
            drug="alpha",
            route="intrathecal",
            status="off_label",
            mode="single_dose",
            categories=("adult",),
            indications=("pain",),
            review="cross_checked",
            due="2027-01-01",
            limits=4,
            rule="alpha.intrathecal.single_dose.adult",
        ),
        FORBIDDEN,
        CoverageRow("beta", "", "conversion_only", reason="only its name is known"),
    )


def test_a_route_without_a_figure_says_why(small_folder: Path, edit: Edit) -> None:
    edit(
        FIRST,
        "      status: forbidden\n      forbidden:\n        reason: It is for one route only.\n"
        "        evidence: [{source: label, where: warning}]\n",
        "      status: no_figure\n      note: No source gives a dose.\n",
    )
    _, row, _ = rows(small_folder)
    assert row == CoverageRow("alpha", "intravenous", "no_figure", reason="No source gives a dose.")


def test_a_drug_for_conversion_alone_names_its_units(small_folder: Path, edit: Edit) -> None:
    edit(
        "drugs/second.yaml",
        "    form: beta base\n",
        "    form: beta base\n    conversions:\n"
        '      - {unit: mg_elemental, per_gram: "98.6", source: label, where: description}\n',
    )
    assert rows(small_folder)[-1].reason == "for conversion to mg elemental"


def test_bands_stand_beside_the_categories(small_folder: Path, edit: Edit) -> None:
    edit(FIRST, "indication: [pain]", "weight: from 50 kg to below 90 kg\n          age: below 80 years")
    assert rows(small_folder)[0].bands == ("below 80 years", "from 50 kg to below 90 kg")


@pytest.mark.parametrize(("day", "is_overdue"), [(date(2027, 1, 1), False), (date(2027, 1, 2), True)])
def test_a_review_is_overdue_the_day_after(day: date, is_overdue: bool, small_folder: Path) -> None:
    assert rows(small_folder, day)[0].is_overdue is is_overdue


def test_the_matrix_has_one_line_for_every_drug_and_route(small_folder: Path) -> None:
    lines = matrix(rows(small_folder), width=60).splitlines()
    assert lines[:6] == [
        "  route       checked drafted  modes",
        "alpha",
        "  intrathecal       1       -  single",
        "  intravenous       -       -  forbidden",
        "beta",
        "                    -       -  conversion only",
    ]
    assert " ".join(line.strip() for line in lines[-2:]) == (
        "2 drugs with 2 routes; 1 dose rule (1 cross-checked, 0 drafted); 1 conversion only; 1 forbidden"
    )


def test_an_overdue_rule_gets_a_column_of_its_own(small_folder: Path) -> None:
    lines = matrix(rows(small_folder, date(2028, 1, 1)), width=60).splitlines()
    assert lines[0].split() == ["route", "checked", "drafted", "overdue", "modes"]
    assert lines[2].split() == ["intrathecal", "1", "-", "1", "single"]


def test_every_rule_of_a_drug_is_shown_in_full(small_folder: Path) -> None:
    shown = full_text(rows(small_folder)[:2], width=60).splitlines()
    assert shown[:6] == [
        "alpha, intrathecal, off label",
        "  single dose, adult, pain",
        "    cross-checked, due 2027-01-01; 4 limits",
        "",
        "alpha, intravenous, forbidden",
        "  It is for one route only.",
    ]


def test_markdown_is_a_table_in_which_no_bar_ends_a_cell(small_folder: Path) -> None:
    [line] = [
        line
        for line in markdown([FORBIDDEN._replace(reason="one | two")], full=True).splitlines()
        if "alpha" in line
    ]
    assert line == r"| alpha | intravenous | forbidden |  | one \| two |  |  |  |"
    assert markdown(rows(small_folder), full=False).splitlines()[:3] == [
        "| drug | route | checked | drafted | modes |",
        "| --- | --- | --- | --- | --- |",
        "| alpha | intrathecal | 1 | - | single |",
    ]


def test_the_shipped_rows_are_as_many_as_the_shipped_rules(formulary: Formulary) -> None:
    shipped = coverage(formulary, formulary.drug_keys())
    drugs = [formulary.drug(key) for key in formulary.drug_keys()]
    ids = [rule.id for drug in drugs for entry in drug.routes.values() for rule in entry.rules]
    assert [row.rule for row in shipped if row.rule] == ids
    assert {row.drug for row in shipped} == {drug.name for drug in drugs}
    assert all(row.rule or row.reason for row in shipped)
    assert f"; {len(ids)} dose rules (" in total(shipped)
