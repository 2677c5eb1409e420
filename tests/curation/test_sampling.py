"""Sample sheets: the same from the same seed, with slips exactly where the key says."""

from __future__ import annotations

import gc
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary, Verdict
from itdose.batch import assess_rows
from itdose.batch.columns import columns_of
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import SheetRow
from itdose.cli import main
from itdose.curation.sampling import SampleSheet, SampleWish, _chance

if TYPE_CHECKING:
    from pathlib import Path

    from itdose.batch import RowReport
    from itdose.curation.sampling import SampleRow

SPELLINGS = {"drug": ("drug", "medication"), "draw_volume": ("draw volume",), "row_id": ("row id",)}


def made(formulary: Formulary, *, rows: int = 30, slips: int = 4, is_tidy: bool = False) -> SampleSheet:
    return SampleSheet(formulary, SampleWish(rows=rows, slips=slips, seed=7, is_tidy=is_tidy), SPELLINGS)


def checked(sheet: SampleSheet, formulary: Formulary) -> list[tuple[SampleRow, RowReport]]:
    columns = columns_of("the sample", sheet.headers, SheetOptions())
    rows = list(sheet.rows())
    sheet_rows = [SheetRow(number, row.cells, columns) for number, row in enumerate(rows, start=2)]
    return list(zip(rows, assess_rows(sheet_rows, formulary), strict=True))


def test_the_same_seed_gives_the_same_sheet_whenever_it_is_asked(formulary: Formulary) -> None:
    one, other = made(formulary), made(formulary)
    assert one.headers == other.headers
    assert list(one.rows()) == list(other.rows()) == list(one.rows())


def test_what_was_drawn_before_does_not_change_a_row_of_a_rule(formulary: Formulary) -> None:
    once, again = (list(made(formulary, rows=rows).rows()) for rows in (500, 500))
    assert once == again


@pytest.mark.parametrize(("rows", "seed"), [(30, 8), (31, 7)])
def test_another_wish_gives_another_sheet(formulary: Formulary, rows: int, seed: int) -> None:
    other = SampleSheet(formulary, SampleWish(rows=rows, slips=4, seed=seed), SPELLINGS)
    assert list(other.rows())[:30] != list(made(formulary).rows())


def test_the_day_does_not_change_a_sheet(formulary: Formulary) -> None:
    later = formulary.on_day("2090-01-01")
    assert list(made(later).rows()) == list(made(formulary).rows())


@pytest.mark.parametrize(("rows", "slips"), [(1, 0), (1, 1), (30, 0), (30, 30), (200, 13)])
def test_there_are_as_many_rows_and_slips_as_were_wished_for(
    formulary: Formulary, rows: int, slips: int
) -> None:
    got = list(made(formulary, rows=rows, slips=slips).rows())
    assert len(got) == rows
    assert sum(row.planted is not None for row in got) == slips
    assert len({row.row_id for row in got}) == rows


@pytest.mark.parametrize(("rows", "slips"), [(0, 0), (5, 6), (5, -1)])
def test_a_wish_that_can_t_be_met_is_refused(rows: int, slips: int) -> None:
    with pytest.raises(ValueError, match=r"at least one row|don't fit"):
        SampleWish(rows=rows, slips=slips, seed=1)


@pytest.mark.parametrize("is_tidy", [False, True])
def test_a_planted_slip_is_never_within_limits_and_an_ordinary_row_never_stops(
    formulary: Formulary, is_tidy: bool
) -> None:
    for row, report in checked(made(formulary, rows=600, slips=300, is_tidy=is_tidy), formulary):
        verdict, told = report.report.verdict, (row.cells, report.report.headline)
        if row.planted:
            assert verdict in {Verdict.NEEDS_REVIEW, Verdict.STOP}, told
        else:
            assert verdict in {Verdict.WITHIN_LIMITS, Verdict.NEEDS_REVIEW}, told


def test_the_key_names_the_dose_that_stands_in_the_row(formulary: Formulary) -> None:
    sheet = made(formulary, rows=60, slips=60)
    place = [header.lower() for header in sheet.headers].index("dose")
    mechanisms = set()
    for row in sheet.rows():
        assert row.planted is not None
        assert row.planted.written == row.cells[place]
        assert row.planted.intended != row.planted.written
        mechanisms.add(row.planted.mechanism)
    assert {"tenfold", "hundredfold", "thousandfold"} <= mechanisms
    assert len(mechanisms) > 6


def test_a_tidy_sheet_has_the_canonical_columns_and_plain_doses(formulary: Formulary) -> None:
    sheet = made(formulary, rows=200, is_tidy=True)
    assert sheet.headers == (
        "row_id", "drug", "dose", "route", "mode", "over", "indication", "category", "age", "weight",
        "product", "draw_volume", "prepared_by",
    )  # fmt: skip
    for row in sheet.rows():
        number, blank, unit = row.cells[2].partition(" ")
        assert (blank, number.strip(), unit.strip()) == (" ", number, unit)
        assert "grams" not in unit
        assert row.cells[1] in {formulary.drug_name(key) for key in formulary.drug_keys()}


def test_a_messy_sheet_has_notations_that_people_use(formulary: Formulary) -> None:
    doses = [row.cells[2] for row in made(formulary, rows=300).rows()]
    assert any(dose[0] == " " for dose in doses)
    assert any("\u00a0" in dose for dose in doses)
    assert any("grams" in dose for dose in doses)
    assert any(dose.isalnum() for dose in doses)


def test_some_rows_have_a_product_and_the_volume_that_holds_the_dose(formulary: Formulary) -> None:
    sheet = made(formulary, rows=300, is_tidy=True)
    drawn = [row.cells for row in sheet.rows() if row.cells[10]]
    assert 10 < len(drawn) < 150
    assert all(cells[11].endswith(" mL") for cells in drawn)


def test_rows_come_one_by_one(formulary: Formulary) -> None:
    wish = SampleWish(rows=10**9, slips=10**6, seed=1)
    rows = list(islice(SampleSheet(formulary, wish, {}).rows(), 3))
    assert [row.row_id for row in rows] == ["R0000000001", "R0000000002", "R0000000003"]


def test_a_seed_gives_these_numbers_on_every_version_of_python() -> None:
    chance = _chance(SampleWish(rows=1, slips=0, seed=7), "rows")
    assert [chance.randrange(end) for end in (10, 1000, 7, 10**9, 40)] == [1, 100, 1, 125103552, 3]


def test_a_formulary_of_one_rule_gives_sheets_of_it(small_folder: Path) -> None:
    rows = list(made(Formulary.load(small_folder), rows=20, slips=5, is_tidy=True).rows())
    assert {(row.cells[1], row.cells[3]) for row in rows} == {("alpha", "intrathecal")}


def test_a_formulary_without_slips_can_t_give_one(small_folder: Path) -> None:
    formulary = Formulary.load(small_folder)
    bare = Formulary({**formulary.rows, "slips": []}, formulary.as_of)
    assert len(list(made(bare, slips=0).rows())) == 30
    with pytest.raises(ValueError, match="no slip of the formulary leads out of the usual range"):
        list(made(bare, slips=1).rows())


def test_a_formulary_without_a_usual_range_can_t_give_an_order(small_folder: Path) -> None:
    formulary = Formulary.load(small_folder)
    bare = Formulary({**formulary.rows, "drugs": {}}, formulary.as_of)
    with pytest.raises(ValueError, match="no rule of the formulary gives an ordinary dose"):
        list(made(bare, slips=0).rows())


def test_what_no_formulary_gives_is_a_usage_error(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    formulary = Formulary.load(small_folder)
    bare = Formulary({**formulary.rows, "slips": []}, formulary.as_of)
    monkeypatch.setattr("itdose.cli.sample.load", lambda _: bare)
    with pytest.raises(SystemExit) as ended:
        main(["sample", "--slips", "1"])
    gc.enable()
    assert ended.value.code == 2
    assert "no slip of the formulary" in " ".join(capsys.readouterr().err.split())
