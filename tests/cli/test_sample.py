"""``itdose sample``: files and standard output, and what is refused before anything is written."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import openpyxl
import pytest

from itdose.batch import header_names
from itdose.batch.columns import columns_of, missing_fields
from itdose.batch.options import SheetOptions
from itdose.cli import main
from itdose.render import sample_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def cells(path: Path) -> list[list[str]]:
    """Return all cells of a table, the header first."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        return [["" if text is None else str(text) for text in row] for row in sheet.values]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_csv_goes_to_standard_output_when_no_file_is_named(run: Run) -> None:
    done = run("sample", "--rows", "5", "--slips", "1", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert len(rows) == 6
    assert missing_fields(columns_of("it", rows[0], SheetOptions()).fields) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenPipeError(32, "Broken pipe"), ""),
        (
            OSError(28, "No space left on device"),
            "itdose: the output can't be written: No space left on device",
        ),
    ],
)
def test_an_output_that_takes_no_more_is_5_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError, said: str
) -> None:
    class Full(io.StringIO):
        def fileno(self) -> int:
            return os.open(os.devnull, os.O_WRONLY)

    def refuse(_: bytes) -> int:
        raise error

    full = Full()
    monkeypatch.setattr(full, "buffer", SimpleNamespace(write=refuse), raising=False)
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(SystemExit) as ended:
        main(["sample", "--rows", "3"])
    gc.enable()
    assert ended.value.code == 5
    assert capsys.readouterr().err.strip() == said


def test_every_format_holds_the_same_sheet_and_the_same_bytes_come_again(run: Run, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.xlsx", "d.ndjson"):
        assert run("sample", "--rows", "30", "--slips", "3", "--output", str(tmp_path / name)).returncode == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    table = cells(tmp_path / "a.csv")
    assert cells(tmp_path / "c.xlsx") == table
    lines = [json.loads(line) for line in (tmp_path / "d.ndjson").read_text("utf-8").splitlines()]
    assert lines == [
        {header: text for header, text in zip(table[0], row, strict=True) if text} for row in table[1:]
    ]


@pytest.mark.parametrize(("name", "first"), [("sheet.csv", 2), ("sheet.ndjson", 1)])
def test_the_key_names_each_row_as_the_report_numbers_it(
    run: Run, tmp_path: Path, name: str, first: int
) -> None:
    sheet, key, reports = tmp_path / name, tmp_path / "key.csv", tmp_path / "reports.ndjson"
    made = ("sample", "--rows", "40", "--slips", "7", "--output", str(sheet), "--key", str(key))
    assert run(*made).returncode == 0
    run("batch", str(sheet), "--output", str(reports))
    by_row = {row["row"]: row for row in map(json.loads, reports.read_text("utf-8").splitlines())}
    assert min(by_row) == first
    header, *slips = cells(key)
    assert header == ["row", "row_id", "mechanism", "intended_dose", "written_dose"]
    assert len(slips) == 7
    for number, row_id, _, _, written in slips:
        row = by_row.pop(int(number))
        assert row["row_id"] == row_id
        assert written in row["cells"].values()
        assert row["verdict"] in {"needs_review", "stop"}
    assert {row["verdict"] for row in by_row.values()} <= {"within_limits", "needs_review"}


def test_headers_are_those_of_the_language_that_was_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"row_id": ("Zeilen-ID",), "drug": ("Wirkstoff",), "dose": ("Dosis",), "route": ("Weg",)}
    monkeypatch.setattr(header_names, "LANGUAGES", {"English": {}, "German": german}, raising=False)
    [header] = run("sample", "--rows", "1", "--language", "german").stdout.splitlines()[:1]
    assert [name.casefold() for name in header.split(",")][:4] == ["zeilen-id", "wirkstoff", "dosis", "weg"]
    [header] = run("sample", "--rows", "1").stdout.splitlines()[:1]
    assert re.split(r"[ _-]", header.casefold())[0] == "row"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "0"], "0 is not in the range x>=1"),
        (["--rows", "3", "--slips", "4"], "4 slips don't fit into 3 rows"),
        (["--language", "Klingon"], "headers are known in English"),
        (["--output", "sheet.doc"], "sheet.doc ends with none of .csv, .xlsx, .ndjson"),
        (["--key", "key"], "key ends with none of .csv, .xlsx, .ndjson"),
        (["--output", "a.csv", "--key", "./a.csv"], "it is the sheet itself; choose another name"),
    ],
)
def test_what_is_not_possible_is_told_before_anything_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("sample", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    done = run("sample", "--output", str(tmp_path / "nowhere" / "a.csv"))
    assert done.returncode == 5
    assert "it can't be written: No such file or directory" in done.stderr


def test_without_openpyxl_the_extra_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    done = run("sample", "--output", str(tmp_path / "a.xlsx"))
    assert done.returncode == 5
    assert "pip install 'itdose[xlsx]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--output", "--key"])
def test_more_rows_than_a_worksheet_holds_are_refused(run: Run, tmp_path: Path, option: str) -> None:
    done = run("sample", "--rows", "1048576", "--slips", "1048576", option, str(tmp_path / "b.xlsx"))
    assert done.returncode == 2
    assert "a worksheet holds 1048575 rows below its header; write a .csv" in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        table = sample_files.WorkbookTable(file, ("drug", "note"))
        table.add(("=1+1", ""))
        table.finish()
    assert cells(tmp_path / "a.xlsx") == [["drug", "note"], ["=1+1", ""]]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"


def test_the_help_names_every_suffix(run: Run) -> None:
    said = " ".join(run("sample", "--help").stdout.split())
    assert [suffix for suffix in sample_files.TABLES if suffix not in said] == []


def test_the_examples_hold_the_same_orders() -> None:
    table = cells(EXAMPLES / "ward.csv")
    assert len(table) == 41
    assert cells(EXAMPLES / "ward.xlsx") == table


def test_the_slips_of_the_example_are_found_and_its_other_rows_never_stop(run: Run, tmp_path: Path) -> None:
    run("batch", str(EXAMPLES / "ward.csv"), "--output", str(tmp_path / "reports.ndjson"))
    reports = (tmp_path / "reports.ndjson").read_text("utf-8").splitlines()
    verdicts = {row["row_id"]: row["verdict"] for row in map(json.loads, reports)}
    assert len(verdicts) == 40
    key = cells(EXAMPLES / "ward.key.csv")[1:]
    slipped = {row_id for _, row_id, *_ in key}
    assert len(slipped) == 6
    assert {verdicts[row_id] for row_id in slipped} == {"stop", "needs_review"}
    assert {verdicts[row_id] for row_id in set(verdicts) - slipped} == {"within_limits", "needs_review"}
