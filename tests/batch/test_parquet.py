from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.errors import SheetError

if TYPE_CHECKING:
    from pathlib import Path

    from itdose import Formulary
    from itdose.batch.sheet import SheetRow

some = settings(derandomize=True, deadline=None, max_examples=40)

GOOD = {"row_id": ["a1"], "drug": ["morphine"], "dose": ["200 mcg"], "route": ["intrathecal"]}


def saved(folder: Path, columns: dict[str, Any], **options: Any) -> str:
    path = folder / "sheet.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return str(path)


def rows(path: str, options: SheetOptions | None = None) -> list[SheetRow]:
    return list(read_sheet(path, options).rows)


def one_cell(folder: Path, field: str, column: Any, *, comma: bool = False) -> SheetRow:
    [row] = rows(saved(folder, {**GOOD, field: column}), SheetOptions(decimal_comma=comma))
    return row


MOMENT = dt.datetime(2026, 11, 30, 8, 5, 0, 500_000)  # noqa: DTZ001
MIDNIGHT = dt.datetime(2026, 11, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array(["50 mg"]), "50 mg"),
        (pa.array([" 0,5 mg\n"], pa.large_string()), " 0,5 mg\n"),
        (pa.array(["50 mg"]).dictionary_encode(), "50 mg"),
        (pa.array([12], pa.int8()), "12"),
        (pa.array([12345678901234567890], pa.uint64()), "12345678901234567890"),
        (pa.array([0.1]), "0.1"),
        (pa.array([0.1], pa.float32()), "0.1"),
        (pa.array([1e20]), "100000000000000000000"),
        (pa.array([1e-7]), "0.0000001"),
        (pa.array([7.0]), "7"),
        (pa.array([7.000000000000001]), "7.000000000000001"),
        (pa.array([Decimal("70.50")], pa.decimal128(10, 4)), "70.5"),
        (pa.array([Decimal("0.0000000001")], pa.decimal128(38, 10)), "0.0000000001"),
        (
            pa.array([Decimal("12345678901234567890123456.0123456789")], pa.decimal128(38, 10)),
            "12345678901234567890123456.0123456789",
        ),
        (pa.array([None], pa.string()), ""),
        (pa.nulls(1), ""),
        (pa.array([None], pa.float64()), ""),
        (pa.array([None], pa.date32()), ""),
        (pa.array([None], pa.list_(pa.int8())), ""),
    ],
)
def test_a_text_stays_as_it_is_and_a_number_is_written_with_all_its_digits(
    tmp_path: Path, column: Any, text: str
) -> None:
    row = one_cell(tmp_path, "weight", column)
    assert row.texts[4] == text
    assert row.fault is None


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        (pa.array([float("nan")]), "nan", "weight holds nan, which is no number"),
        (pa.array([float("-inf")]), "-inf", "weight holds -inf, which is no number"),
        (pa.array([True]), "true", "the column of weight is of the type bool; write it as text"),
        (pa.array([dt.date(2026, 11, 30)]), "2026-11-30", "the column of weight is of the type date32[day]"),
        (pa.array([MOMENT]), "2026-11-30 08:05:00.5", "the column of weight is of the type timestamp[us]"),
        (pa.array([dt.time(8, 15)]), "08:15:00", "the column of weight is of the type time64[us]"),
        (pa.array([dt.timedelta(days=1)]), "86400000000", "the column of weight is of the type duration[us]"),
        (pa.array([b"50 mg"]), "b'50 mg'", "the column of weight is of the type binary"),
        (pa.array([[1, 2]]), "[1, 2]", "the column of weight is of the type list<"),
        (
            pa.array([[2**60]], pa.list_(pa.timestamp("us"))),
            "a cell of the type list<element: timestamp[us]>",
            "list<",
        ),
        (pa.array([{"a": "x"}]), "{'a': 'x'}", "the column of weight is of the type struct<a: string>"),
    ],
)
def test_what_is_no_text_and_no_number_is_a_fault_in_a_column_with_a_meaning_and_kept_in_another(
    tmp_path: Path, column: Any, text: str, said: str
) -> None:
    faulty, kept = one_cell(tmp_path, "weight", column), one_cell(tmp_path, "note", column)
    assert faulty.texts[4] == kept.texts[4] == text
    assert kept.fault is None
    assert faulty.fault is not None
    assert said in faulty.fault
    assert faulty.order is None


@pytest.mark.parametrize(
    ("column", "text", "is_fault"),
    [
        (pa.array([dt.date(2026, 11, 30)]), "2026-11-30", False),
        (pa.array([dt.date(2026, 11, 30)], pa.date64()), "2026-11-30", False),
        (pa.array([MIDNIGHT], pa.timestamp("ns")), "2026-11-30", False),
        (pa.array([MIDNIGHT], pa.timestamp("us", "Europe/Berlin")), "2026-11-30 00:00:00Z", True),
        (pa.array(["2026-11"]), "2026-11", False),
    ],
)
def test_an_expiry_may_be_a_date_without_a_time_zone(
    tmp_path: Path, column: Any, text: str, is_fault: bool
) -> None:
    row = one_cell(tmp_path, "expiry", column)
    assert row.texts[4] == text
    assert (row.fault is not None) is is_fault


def test_a_number_is_written_with_the_decimal_sign_that_was_declared_and_a_text_is_not(
    tmp_path: Path,
) -> None:
    assert one_cell(tmp_path, "weight (kg)", pa.array([70.5]), comma=True).texts[4] == "70,5"
    assert one_cell(tmp_path, "weight", pa.array(["70.5 kg"]), comma=True).texts[4] == "70.5 kg"


def test_a_bare_number_is_no_dose_and_takes_the_unit_of_its_header(
    formulary: Formulary, tmp_path: Path
) -> None:
    [bare] = sheet_reports(read_sheet(saved(tmp_path, {**GOOD, "dose": [200.0]})), formulary)
    assert bare.verdict == "cannot_check"
    columns = {"row_id": ["a1"], "drug": ["morphine"], "dose (mcg)": [200.0], "route": ["intrathecal"]}
    [row] = rows(saved(tmp_path, columns))
    assert row.order is not None
    assert row.order.dose == "200 mcg"


def test_a_null_in_a_needed_column_is_a_cell_that_was_not_filled_in(
    formulary: Formulary, tmp_path: Path
) -> None:
    path = saved(tmp_path, {**GOOD, "drug": pa.array([None], pa.string())})
    [report] = sheet_reports(read_sheet(path), formulary)
    assert report.body["headline"] == "row 1: drug not stated; fill in the cell"


def test_rows_are_numbered_from_one_through_all_batches(tmp_path: Path) -> None:
    count = 10_000
    columns = {name: [*texts * count] for name, texts in GOOD.items()}
    columns["row_id"] = [f"a{number}" for number in range(1, count + 1)]
    path = saved(tmp_path, columns, row_group_size=1000)
    sheet = read_sheet(path)
    assert sheet.expected == 10_000
    assert sheet.headers == ("row_id", "drug", "dose", "route")
    found = [(row.number, row.row_id) for row in sheet.rows]
    assert len(found) == 10_000
    assert found[0] == (1, "a1")
    assert found[4999] == (5000, "a5000")
    assert found[-1] == (10_000, "a10000")


cell = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["50 mg", "=1"])
)


@some
@given(st.lists(st.lists(cell, min_size=5, max_size=5), min_size=1, max_size=6), st.booleans())
def test_rows_of_a_file_in_are_reports_out(
    formulary: Formulary,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str | None]],
    by_dictionary: bool,
) -> None:
    names = [*GOOD, "note"]
    columns = {name: pa.array([row[place] for row in texts], pa.string()) for place, name in enumerate(names)}
    path = saved(tmp_path_factory.mktemp("sheet"), columns, use_dictionary=by_dictionary)
    reports = list(sheet_reports(read_sheet(path), formulary))
    assert [report.row for report in reports] == list(range(1, len(texts) + 1))
    assert [list(report.cells.values()) for report in reports] == [
        [text or "" for text in row] for row in texts
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"row_id": ["a1"], "drug": ["x"]}, "missing: dose, route; --map HEADER=FIELD"),
        (
            {name: pa.array([], pa.string()) for name in GOOD},
            "it has columns and no rows; nothing was checked",
        ),
        ({**GOOD, "Drug": ["x"]}, "both 'drug' and 'Drug' name drug"),
        ({**GOOD, "note": ["x" * 1_000_001]}, "a cell of the column 'note' has more than 1000000 characters"),
        (
            {**GOOD, "note": pa.array([b"5 \xb5g"]).view(pa.string())},
            "it can't be read: 'utf-8' codec can't decode byte 0xb5",
        ),
    ],
)
def test_what_is_no_sheet_is_an_error_that_says_what_to_do(
    tmp_path: Path, columns: dict[str, Any], said: str
) -> None:
    path = saved(tmp_path, columns)
    with pytest.raises(SheetError) as caught:
        rows(path)
    assert str(caught.value).startswith(path)
    assert said in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"abc", b"row_id,drug,dose,route\n", b"PAR1" + bytes(50) + b"PAR1"])
def test_a_damaged_file_is_an_error_with_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sheet.parquet"
    path.write_bytes(content)
    with pytest.raises(
        SheetError, match=r"it can't be read: .*; if the file is there, write it anew"
    ) as caught:
        read_sheet(str(path))
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_cut_short_is_an_error_and_not_a_shorter_sheet(tmp_path: Path) -> None:
    path = tmp_path / "sheet.parquet"
    saved(tmp_path, {name: [*texts * 5000] for name, texts in GOOD.items()})
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + bytes(400) + whole[600:])
    with pytest.raises(SheetError, match="it can't be read"):
        rows(str(path))


def test_a_library_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        SheetError, match=r"needs a library that is not installed; pip install 'itdose\[audit\]'"
    ):
        read_sheet(str(tmp_path / "sheet.parquet"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="it can't be read: No such file or directory"):
        read_sheet(str(tmp_path / "sheet.parquet"))
