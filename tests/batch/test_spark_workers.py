"""What Spark's workers do, without Spark: batches of Arrow in, reports out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from itdose.batch import sheet_reports
from itdose.batch.columns import Columns, columns_of
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import Sheet, SheetRow
from itdose.spark import Text, _task, workers
from itdose.spark.workers import check_orders, check_together

if TYPE_CHECKING:
    from itdose import Formulary

HEADERS = ("ward", "drug", "dose", "route", "mode", "preparation_id")
READ = (1, 2, 3, 4, 5)


@pytest.fixture
def columns() -> Columns:
    return columns_of("rows", HEADERS, SheetOptions())


@pytest.fixture
def shared(columns: Columns, formulary: Formulary) -> Text:
    return Text(_task(columns, formulary))


def batch(rows: list[tuple[str | None, ...]]) -> pa.RecordBatch:
    arrays = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, [f"c{place}" for place in READ])


def ordinary(rows: list[tuple[str | None, ...]], columns: Columns, formulary: Formulary) -> list[str]:
    texts = [["", *(cell or "" for cell in row)] for row in rows]
    sheet = Sheet("rows", (SheetRow(n, row, columns) for n, row in enumerate(texts)), HEADERS)
    return [report.text for report in sheet_reports(sheet, formulary)]


def test_what_a_worker_needs_is_text_from_which_the_same_formulary_is_built(
    shared: Text, columns: Columns, formulary: Formulary
) -> None:
    task = workers._task(shared.value)
    assert workers._task(shared.value) is task
    assert (task.formulary.digest, task.formulary.as_of) == (formulary.digest, "2026-11-22")
    assert task.formulary.drug_keys() == formulary.drug_keys()
    assert dict(task.formulary.rows["sources"]) == dict(formulary.rows["sources"])
    assert (task.columns.headers, task.columns.fields) == (HEADERS, columns.fields)


def test_every_order_has_the_report_of_the_ordinary_way(
    shared: Text, columns: Columns, formulary: Formulary
) -> None:
    rows: list[tuple[str | None, ...]] = [
        ("morphine", "200 mcg", "it", "single_dose", None),
        ("magnesium sulfate", "500 mg", "it", "", ""),
        ("unobtainium", "1 mg", "it", None, ""),
    ]
    [found] = check_orders([batch(rows), batch(rows).slice(0, 0)], shared)
    assert found.schema.names == [
        "k_c1", "k_c2", "k_c3", "k_c4", "k_c5",
        "verdict", "code", "headline", "report", "fault", "fault_json",
    ]  # fmt: skip
    columns_found = found.to_pydict()
    assert columns_found["verdict"] == ["within_limits", "stop", "cannot_check"]
    assert columns_found["code"] == ["dose-within-limits", "dose-at-toxic-level", "drug-unknown"]
    assert columns_found["report"] == ordinary(rows, columns, formulary)
    assert columns_found["fault"] == [None, None, None]
    assert columns_found["k_c5"] == [None, "", ""]


def test_an_order_that_can_t_be_read_says_why_without_its_place(shared: Text) -> None:
    [found] = check_orders([batch([("morphine", '"', None, "", "")])], shared)
    [row] = found.to_pylist()
    assert row["fault"] == "route not stated; fill in the cell"
    assert row["headline"] == "row 0: route not stated; fill in the cell"
    assert json.loads(f'"{row["fault_json"]}"') == row["fault"]


def test_the_rows_of_a_preparation_are_checked_beside_each_other_by_their_numbers(
    shared: Text, columns: Columns, formulary: Formulary
) -> None:
    rows: list[tuple[str | None, ...]] = [
        ("morphine", "100 mcg", "intrathecal", "single_dose", "P1"),
        ("fentanyl", "15 mcg", "epidural", "single_dose", "P1"),
        ("", "15 mcg", "epidural", "single_dose", "P1"),
    ]
    given = pa.Table.from_batches([batch(rows)]).append_column("n", [[0, 1, 2]])
    found = check_together(given.take([2, 0, 1]), READ, "n", shared)
    assert found.schema.names == ["c1", "c2", "c3", "c4", "c5", "n", "verdict", "code", "headline", "report"]
    assert found["n"].to_pylist() == [0, 1, 2]
    assert found["report"].to_pylist() == ordinary(rows, columns, formulary)
    assert "row 1" in found["report"].to_pylist()[0]
    assert found["headline"].to_pylist()[2] == "row 2: drug not stated; fill in the cell"


def test_a_cell_without_a_text_is_an_order_that_is_not_checked(shared: Text) -> None:
    arrays = [pa.array([cell]) for cell in ("morphine", [1], True, None, "")]
    given = pa.RecordBatch.from_arrays(arrays, [f"c{place}" for place in READ])
    [found] = check_orders([given], shared)
    [row] = found.to_pylist()
    assert (row["verdict"], row["code"]) == ("cannot_check", "row-unreadable")
    assert row["fault"] == "the column dose holds a list; cast it to text in the query"
