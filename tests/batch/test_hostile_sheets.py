"""What breaks other readers gets a clear answer on the command line: no traceback, and nothing outside."""

from __future__ import annotations

import csv
import gc
import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from itdose import Formulary
from itdose.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HEADER = "row_id,drug,dose,route\n"
GOOD = "a1,morphine,200 mcg,intrathecal\n"
NEEDED = ["row_id", "drug", "dose", "route"]
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><worksheet>&j;</worksheet>"
)


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def run(*arguments: str) -> int:
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", *arguments])
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def text(folder: Path, content: str | bytes) -> Path:
    path = folder / "sheet.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, *rows: Sequence[object], code: str | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    if code:
        book.worksheets[0].cell(2, len(rows[0])).number_format = code
    path = folder / "sheet.xlsx"
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """Replace one part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {part: old.read(part) for part in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, kept in (parts | {name: content}).items():
            new.writestr(part, kept)
    return path


def a_gigabyte(folder: Path) -> Path:
    """A cell of a gigabyte, which takes no room on the disk."""
    path = text(folder, HEADER)
    with path.open("r+b") as file:
        file.truncate(1_000_000_000)
    return path


def bomb(folder: Path) -> Path:
    path = workbook(folder, NEEDED, ["a", "morphine", "1 mg", "it"])
    return with_part(path, "xl/worksheets/sheet1.xml", b" " * 50_000_000)


def entities(folder: Path) -> Path:
    path = workbook(folder, NEEDED, ["a", "morphine", "1 mg", "it"])
    return with_part(path, "xl/worksheets/sheet1.xml", ENTITIES.encode())


def columns(folder: Path) -> Path:
    return text(folder, "row_id,drug,dose,route," + ",".join(f"c{n}" for n in range(1_000_000)) + "\n" + GOOD)


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a gigabyte in one cell": (a_gigabyte, "a row is longer than 10000000 characters"),
    "a zip bomb": (bomb, "sheet.xlsx"),
    "an entity bomb": (entities, "sheet.xlsx"),
    "a million columns": (columns, "a sheet has at most 16384 columns"),
    "nothing": (lambda folder: text(folder, ""), "it is empty"),
    "a header alone": (lambda folder: text(folder, HEADER), "it has a header and no rows"),
    "a header twice": (
        lambda folder: text(folder, HEADER.strip() + ",dose\na,b,c,d,e\n"),
        "names 'dose' more than once",
    ),
    "no text": (
        lambda folder: text(folder, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50),
        "it is not UTF-8",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_sheet_ends_with_a_message_and_writes_nothing(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = REFUSED[kind]
    path, output = make(tmp_path), tmp_path / "reports.csv"
    assert run(str(path), "--output", str(output)) == 5
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"itdose: {path}: ")
    assert said in told.err
    assert "Traceback" not in told.err
    assert [kept.name for kept in tmp_path.iterdir()] == [path.name]


def test_a_folder_is_no_sheet_and_may_be_watched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path)) == 5
    assert f"{tmp_path}: it is a folder; name a sheet in it, or check them all with --watch" in (
        capsys.readouterr().err
    )


ROWS = {
    "too few cells": ("a1,morphine,200 mcg\n", "row 2: it has 3 cells and the header 4"),
    "too many cells": ("a1,morphine,0,2 mg,it\n", "row 2: it has 5 cells and the header 4"),
    "a NUL character": ("a1,morphine,2\x0000 mcg,it\n", "holds a NUL character"),
    "a decimal comma": ('a1,morphine,"0,2 mg",it\n', "--decimal comma"),
    "markup in a name": ("a1,[bold]x[/bold],1 mg,it\n", "[bold]x[/bold]"),
    "an escape in a name": ("a1,\x1b[31mmorphine,1 mg,it\n", r"\x1b[31mmorphine"),
    "a turned line": ("a1,morphine,\u202e1 mg,it\n", r"\u202e1 mg"),
    "a formula": ("a1,=1+1,1 mg,it\n", "'=1+1' is not known"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_an_odd_row_is_a_report_that_says_why(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    row, said = ROWS[kind]
    assert run(str(text(tmp_path, HEADER + row + GOOD))) == 4
    told = capsys.readouterr().out
    assert told.startswith("2 rows: 1 checked, 1 not\n")
    assert said in told
    assert not {"\x1b", "\x00", "\u202e"} & set(told)


@pytest.mark.parametrize(
    ("code", "verdict", "said"),
    [("General", "CANNOT CHECK", "0.05"), ("0%", "NEEDS REVIEW", None)],
)
def test_five_percent_stored_as_a_number_is_read_by_its_format_alone(
    code: str, verdict: str, said: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = [*NEEDED, "final_concentration"]
    path = workbook(tmp_path, header, ["a1", "magnesium sulfate", "4 g", "iv", 0.05], code=code)
    assert run(str(path)) in {1, 4}
    told = capsys.readouterr().out
    assert verdict in told
    assert said is None or said in told


def test_a_formula_in_a_cell_is_text_in_every_table_that_is_written(tmp_path: Path) -> None:
    path = text(tmp_path, HEADER.strip() + ",note\n" + GOOD.strip() + ",=HYPERLINK(1)\n")
    run(str(path), "--output", str(tmp_path / "r.csv"), "--output", str(tmp_path / "r.xlsx"))
    [row] = csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text("utf-8-sig")))
    assert row["note"] == "'=HYPERLINK(1)"
    cells = [cell for line in openpyxl.load_workbook(tmp_path / "r.xlsx")["Rows"] for cell in line]
    [note] = [cell for cell in cells if cell.value == "=HYPERLINK(1)"]
    assert note.data_type == "s"
