"""Rows that share a preparation_id are one syringe, bag or pump fill."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose import Verdict
from itdose.batch import assess_rows
from itdose.batch.columns import columns_of
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.sheet import SheetRow
from itdose.batch.spool import Spool

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.batch import RowReport

HEADER = "row_id,drug,dose,route,mode,category,final_volume,preparation_id\n"
BUPIVACAINE = "b,bupivacaine,2.5 mg,it,single_dose,obstetric,2.5 mL,P1\n"
FENTANYL = "f,fentanyl,15 mcg,it,single_dose,obstetric,2.5 mL,P1\n"
TENFOLD = FENTANYL.replace("15 mcg", "150 mcg")
ALONE = "m,magnesium sulfate,50 mg,it,single_dose,,,\n"


def assessed(tmp_path: Path, formulary: Formulary, *rows: str) -> list[RowReport]:
    path = tmp_path / "sheet.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return list(assess_rows(read_sheet(str(path)).rows, formulary))


def codes(row: RowReport) -> set[str]:
    return {finding.code for finding in row.report.findings}


def test_each_row_of_a_syringe_is_checked_beside_the_others(tmp_path: Path, formulary: Formulary) -> None:
    bupivacaine, fentanyl = assessed(tmp_path, formulary, BUPIVACAINE, TENFOLD)
    assert bupivacaine.report.verdict is fentanyl.report.verdict is Verdict.STOP
    assert bupivacaine.report.order.together_with == ("fentanyl 150 mcg",)
    assert fentanyl.report.order.together_with == ("bupivacaine 2.5 mg",)
    said = {finding.drug for finding in bupivacaine.report.findings if finding.mechanism == "tenfold"}
    assert "fentanyl" in said


def test_the_same_rows_without_a_shared_id_are_checked_alone(tmp_path: Path, formulary: Formulary) -> None:
    rows = assessed(tmp_path, formulary, BUPIVACAINE.replace(",P1", ","), TENFOLD.replace(",P1", ",P2"))
    assert [row.report.order.together_with for row in rows] == [(), ()]
    assert rows[0].report.verdict < Verdict.STOP


def test_rows_of_one_preparation_may_stand_apart_and_keep_their_places(
    tmp_path: Path, formulary: Formulary
) -> None:
    rows = assessed(tmp_path, formulary, ALONE, BUPIVACAINE, ALONE, TENFOLD, ALONE)
    assert [row.row_id for row in rows] == ["m", "b", "m", "f", "m"]
    assert [row.row for row in rows] == [2, 3, 4, 5, 6]
    assert [row.report.verdict is Verdict.STOP for row in rows] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",it,", ",epidural,", "route epidural in row 3"),
        (",2.5 mL,", ",3 mL,", "final volume 3 mL in row 3"),
    ],
)
def test_rows_that_say_different_things_of_one_syringe_are_a_stop(
    tmp_path: Path, formulary: Formulary, old: str, new: str, said: str
) -> None:
    first, _ = assessed(tmp_path, formulary, BUPIVACAINE, FENTANYL.replace(old, new))
    [finding] = [finding for finding in first.report.findings if finding.code == "preparation-rows-differ"]
    assert finding.verdict is Verdict.STOP
    assert said in finding.message


@pytest.mark.parametrize(("old", "new"), [(",it,", ",intrathecal,"), (",2.5 mL,", ",0.0025 L,")])
def test_another_spelling_of_the_same_is_no_difference(
    tmp_path: Path, formulary: Formulary, old: str, new: str
) -> None:
    first, second = assessed(tmp_path, formulary, BUPIVACAINE, FENTANYL.replace(old, new))
    assert "preparation-rows-differ" not in codes(first) | codes(second)


def test_a_row_that_can_t_be_read_leaves_the_others_unchecked(tmp_path: Path, formulary: Formulary) -> None:
    first, second = assessed(tmp_path, formulary, BUPIVACAINE, FENTANYL.replace("fentanyl", ""))
    assert second.report.verdict is Verdict.CANNOT_CHECK
    assert first.report.verdict is Verdict.CANNOT_CHECK
    assert any("unreadable row" in finding.message for finding in first.report.findings)
    [finding] = [found for found in first.report.findings if found.code == "preparation-rows-not-checked"]
    assert finding.message.endswith("were not checked beside this one: unreadable row 3")
    assert first.report.order.together_with == ()


def test_an_id_in_twenty_rows_is_one_preparation(tmp_path: Path, formulary: Formulary) -> None:
    first, *rest = assessed(tmp_path, formulary, BUPIVACAINE, *[FENTANYL] * 19)
    assert first.report.order.together_with == ("fentanyl 15 mcg",) * 19
    assert all("preparation-rows-not-checked" not in codes(row) for row in (first, *rest))


def test_an_id_in_more_rows_is_no_preparation_and_each_row_is_still_checked(
    tmp_path: Path, formulary: Formulary
) -> None:
    *ordinary, tenfold = assessed(tmp_path, formulary, BUPIVACAINE, *[FENTANYL] * 19, TENFOLD)
    assert tenfold.report.verdict is Verdict.STOP
    assert {row.report.verdict for row in ordinary} == {Verdict.CANNOT_CHECK}
    assert {row.report.order.together_with for row in (*ordinary, tenfold)} == {()}
    for row in (*ordinary, tenfold):
        [finding] = [found for found in row.report.findings if found.code == "preparation-rows-not-checked"]
        assert "the preparation_id stands in 21 rows" in finding.message
        assert "give each syringe, bag or pump an id of its own" in finding.message


SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "preparations.csv"


def test_the_sample_sheet_of_preparations_answers_as_its_rows_intend(formulary: Formulary) -> None:
    rows = {row.row_id: row for row in assess_rows(read_sheet(str(SAMPLE)).rows, formulary)}
    assert {row_id: str(row.report.verdict) for row_id, row in rows.items()} == {
        # 0.1 mL of 500 mg/mL and 0.9 mL of diluent are 50 mg in 1 mL.
        "p1": "within_limits",
        # 1 mL of 500 mg/mL is 500 mg.
        "p2": "stop",
        # 0.12 mL/h of 500 mcg/mL is 60 mcg/h, and 60 mcg/day is ordered.
        "p3": "stop",
        # Bupivacaine as usual in labor, and fentanyl ten times, in one syringe.
        "p4": "stop",
        "p5": "stop",
        # 0.01 mL can't be measured.
        "p6": "needs_review",
    }
    assert "hour_day" in {finding.mechanism for finding in rows["p3"].report.findings}


def test_cells_come_back_from_the_disk_as_they_were() -> None:
    odd = ["", " ", "\x00", "\ud800", "50 mg", "a\nb", "\U0001f489"]
    columns = columns_of("row 1", [f"c{place}" for place in range(len(odd))], SheetOptions())
    rows = [
        SheetRow(2, odd, columns, "a fault", "May", is_hidden=True),
        SheetRow(3, list(reversed(odd)), columns),
    ]
    with closing(Spool(rows, 20)) as spool:
        assert [row for _, row in spool] == rows


def test_an_id_that_is_no_text_for_a_database_still_puts_rows_together() -> None:
    columns = columns_of("row 1", ["preparation_id", "row_id"], SheetOptions())
    kept = [SheetRow(place, ["\ud800", str(place)], columns) for place in (2, 3)]
    with closing(Spool(kept, 20)) as spool:
        assert spool.group(kept[0]).members == ((0, kept[0]), (1, kept[1]))
