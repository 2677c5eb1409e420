from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from itdose.errors import SheetError
from itdose.render.sheets import batch_parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

parquet = pytest.importorskip("pyarrow.parquet")
ORDERS = (Path(__file__).parents[3] / "docs" / "examples" / "orders.csv").read_text("utf-8")
OWN = ["row", "worksheet", "row_id", "verdict", "code", "headline", "report"]


def table_of(content: bytes) -> Any:
    return parquet.read_table(io.BytesIO(content))


def test_a_row_holds_what_decided_the_report_and_the_cells(written: Written) -> None:
    table = table_of(written("parquet", ORDERS))
    of_the_sheet = ["row_id (sheet)", "drug", "dose", "route", "mode", "over", "weight", "category", "ward"]
    assert table.column_names == [*OWN, *of_the_sheet, "other_cells"]
    assert {str(kind) for kind in table.schema.types} == {"int64", "string"}
    rows = table.to_pylist()
    assert [(row["row"], row["row_id"], row["verdict"]) for row in rows][:2] == [
        (2, "a1", "within_limits"),
        (3, "a2", "stop"),
    ]
    assert len(rows) == 8
    assert rows[1]["code"] == "dose-at-toxic-level"
    assert json.loads(rows[1]["report"])["headline"] == rows[1]["headline"]
    assert rows[1]["headline"] == "500 mg is the toxic level, a dose that has harmed"
    assert rows[4]["dose"] == "12,5 mg"
    assert rows[0]["worksheet"] is None


def test_the_file_tells_the_whole_sheet(written: Written) -> None:
    file = parquet.ParquetFile(io.BytesIO(written("parquet", ORDERS, remarks=["x"])))
    told = json.loads(file.metadata.metadata[b"itdose"])
    assert told["schema"] == "itdose.sheet/1"
    assert told["counts"] == {"stop": 2, "cannot_check": 2, "needs_review": 0, "within_limits": 4}
    assert told["coverage"] == {"rows": 8, "checked": 6, "not_checked": 2}
    assert told["remarks"] == ["x"]


def test_a_cell_that_a_row_does_not_have_is_null(written: Written) -> None:
    sheet = "row_id,drug,dose,route,note\na1,morphine,200 mcg\na2,morphine,200 mcg,it,,more\n"
    short, long = table_of(written("parquet", sheet)).to_pylist()
    assert (short["route"], short["note"], short["other_cells"]) == (None, None, None)
    assert (long["note"], json.loads(long["other_cells"])) == ("", {"column 6": "more"})


def test_hostile_text_is_kept_as_it_stands(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    rows = table_of(written("parquet", hostile_sheet, worksheet="\ud800")).to_pylist()
    is_csv = hostile_sheet.startswith('"row_id')
    notes = [row["note"] if is_csv else json.loads(row["other_cells"])["note"] for row in rows]
    assert notes[: 2 * len(hostile)] == [text for text in hostile for _ in range(2)]
    assert len(rows) == 2 * len(hostile)
    assert rows[0]["worksheet"] == r"\ud800"


@pytest.mark.parametrize(("rows", "characters", "groups"), [(3, 10**9, [3, 3, 2]), (99, 0, [1] * 8)])
def test_rows_are_written_in_groups(
    written: Written, monkeypatch: pytest.MonkeyPatch, rows: int, characters: int, groups: list[int]
) -> None:
    monkeypatch.setattr(batch_parquet, "_ROWS_OF_A_GROUP", rows)
    monkeypatch.setattr(batch_parquet, "_TEXT_OF_A_GROUP", characters)
    told = parquet.ParquetFile(io.BytesIO(written("parquet", ORDERS))).metadata
    assert [told.row_group(place).num_rows for place in range(told.num_row_groups)] == groups


def test_a_missing_library_is_named_with_how_to_install_it(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SheetError, match=r"needs pyarrow; pip install 'itdose\[audit\]'"):
        written("parquet", ORDERS)
