"""Each distinct order is assessed once, by one process or several, and a run that broke off goes on."""

from __future__ import annotations

import csv
import sqlite3
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, assess
from itdose.batch import workers
from itdose.batch.engine import sheet_reports
from itdose.batch.read import read_sheet
from itdose.batch.store import ReportStore, digest_of
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from itdose import Formulary
    from itdose.batch.sheet import Sheet
    from itdose.sheet_report import SheetReport


def sheet_of(folder: Path, doses: Iterable[str]) -> Sheet:
    path = folder / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row_id", "drug", "dose", "route"))
        writer.writerows((f"r{place}", "morphine", dose, "it") for place, dose in enumerate(doses))
    return read_sheet(str(path))


def reports(
    sheet: Sheet, formulary: Formulary, *, jobs: int = 1, store: ReportStore | None = None
) -> list[SheetReport]:
    return list(sheet_reports(sheet, formulary, store, jobs=jobs))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The doses that were assessed, in order."""
    doses: list[str] = []

    def counting(order: Order, formulary: Formulary) -> object:
        doses.append(order.dose)
        return assess(order, formulary)

    monkeypatch.setattr(workers, "assess", counting)
    return doses


def test_each_distinct_order_is_assessed_once(tmp_path: Path, formulary: Formulary, made: list[str]) -> None:
    found = reports(sheet_of(tmp_path, ["100 mcg", "200 mcg", "100 mcg", "40 mg"] * 700), formulary)
    assert made == ["100 mcg", "200 mcg", "40 mg"]
    assert [report.row for report in found] == list(range(2, 2802))
    assert [report.body["order"]["text"] for report in found[-4:]] == [
        *("morphine 100 mcg", "morphine 200 mcg", "morphine 100 mcg", "morphine 40 mg"),
    ]


def test_several_processes_report_as_one_does(tmp_path: Path, formulary: Formulary) -> None:
    # More distinct orders than one process takes on before the others start.
    doses = [f"{place % 900 + 1} mcg" for place in range(1800)]
    one = reports(sheet_of(tmp_path, doses), formulary)
    several = reports(sheet_of(tmp_path, doses), formulary, jobs=2)
    assert several == one
    assert len(one) == 1800


def broken_off(sheet: Sheet, formulary: Formulary, store: ReportStore, rows: int) -> Iterator[SheetReport]:
    for place, report in enumerate(sheet_reports(sheet, formulary, store)):
        if place == rows:
            raise KeyboardInterrupt
        yield report


def test_a_run_that_broke_off_goes_on_where_it_was(
    tmp_path: Path, formulary: Formulary, made: list[str]
) -> None:
    doses = [f"{place + 1} mcg" for place in range(2000)]
    path = tmp_path / "reports.ndjson.resume"
    store = ReportStore(formulary, path)
    with pytest.raises(KeyboardInterrupt):
        list(broken_off(sheet_of(tmp_path, doses), formulary, store, 1000))
    store.close(is_whole=False)
    before = len(made)
    assert before < 2000
    again = ReportStore(formulary, path)
    found = reports(sheet_of(tmp_path, doses), formulary, store=again)
    # What was written or about to be written is not assessed again.
    assert len(made) - before <= 2000 - 1000
    assert [report.body["order"]["text"] for report in found] == [f"morphine {dose}" for dose in doses]
    again.close(is_whole=True)
    assert not path.exists()


def test_a_store_of_another_formulary_or_day_is_not_trusted(
    tmp_path: Path, formulary: Formulary, made: list[str]
) -> None:
    path = tmp_path / "x.resume"
    for as_of in (formulary, formulary.on_day("2031-01-01")):
        store = ReportStore(as_of, path)
        reports(sheet_of(tmp_path, ["100 mcg"]), as_of, store=store)
        store.close(is_whole=False)
    assert made == ["100 mcg", "100 mcg"]


def test_a_store_that_is_no_database_is_made_anew(
    tmp_path: Path, formulary: Formulary, made: list[str]
) -> None:
    path = tmp_path / "x.resume"
    path.write_bytes(b"this is no database at all" * 100)
    store = ReportStore(formulary, path)
    [report] = reports(sheet_of(tmp_path, ["100 mcg"]), formulary, store=store)
    store.close(is_whole=True)
    assert made == ["100 mcg"]
    assert report.verdict == "within_limits"


def test_a_report_that_was_changed_in_the_store_is_assessed_again(
    tmp_path: Path, formulary: Formulary, made: list[str]
) -> None:
    path = tmp_path / "x.resume"
    store = ReportStore(formulary, path)
    [first] = reports(sheet_of(tmp_path, ["40 mg"]), formulary, store=store)
    store.close(is_whole=False)
    with sqlite3.connect(path) as database:
        [(packed,)] = database.execute("SELECT packed FROM report").fetchall()
        database.execute("UPDATE report SET packed = ?", (packed[:70] + b"\x00" + packed[71:],))
    database.close()
    again = ReportStore(formulary, path)
    [second] = reports(sheet_of(tmp_path, ["40 mg"]), formulary, store=again)
    again.close(is_whole=True)
    assert second == first
    assert made == ["40 mg", "40 mg"]


def test_a_store_that_can_t_be_made_is_an_error_that_names_it(tmp_path: Path, formulary: Formulary) -> None:
    path = tmp_path / "missing" / "x.resume"
    with pytest.raises(SheetError, match=r"x\.resume: the reports so far can't be kept there"):
        ReportStore(formulary, path)


def test_orders_that_differ_in_one_fact_have_different_digests() -> None:
    order = Order(drug="morphine", dose="1 mg", route="it")
    stated: dict[str, Any] = {
        field.name: ("x",) if str(field.type).startswith("tuple") else "x" for field in fields(order)
    }
    others = [replace(order, **{name: other}) for name, other in stated.items()]
    assert len({digest_of(one) for one in (order, *others)}) == len(others) + 1


def test_a_row_that_is_lost_on_the_way_is_noticed(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, ["1 mg", "2 mg", "3 mg"])
    with pytest.raises(SheetError, match="3 rows were read and 2 reported"):
        list(sheet.each(lambda rows: (row for row in rows if row.number != 3)))
