from __future__ import annotations

import gc
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.write import whole_file
from itdose.cli import batch, main
from itdose.cli.sheet_output import facts_of
from itdose.render.sheets.sheet_formats import FORMATS, format_of, writer

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ROOT = Path(__file__).parents[3]
ORDERS = str(ROOT / "docs" / "examples" / "orders.csv")
DOCUMENT = (ROOT / "docs" / "report-formats.md").read_text("utf-8")
TEXT_FORMATS = ["ndjson", "json", "csv", "sarif", "junit", "github"]


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def run(*arguments: str) -> object:
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", *arguments])
    finally:
        gc.enable()
    return ended.value.code


def test_the_formats_of_the_screen_are_those_that_are_text() -> None:
    assert set(batch._ON_A_SCREEN) == {"text"} | {name for name, known in FORMATS.items() if known.is_text}


def test_no_two_formats_share_an_ending() -> None:
    endings = [ending for known in FORMATS.values() for ending in known.endings]
    assert len(endings) == len(set(endings))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.json", "json"),
        ("a.ndjson", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.sarif", "sarif"),
        ("a.sarif.json", "sarif"),
        ("a.junit.xml", "junit"),
        ("a.xml", "junit"),
        ("a.parquet", "parquet"),
        ("a.xlsx", "xlsx"),
        ("a.xlsx.json", "json"),
        ("json", None),
        ("a.github", None),
        ("a.xls", None),
    ],
)
def test_the_name_of_a_file_says_its_format(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


@pytest.mark.parametrize("name", [*TEXT_FORMATS, "parquet", "xlsx"])
def test_a_format_and_its_endings_are_documented(name: str) -> None:
    [line] = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{name}` |")]
    assert re.findall(r"`(\.[^`]+)`", line.split("|")[2]) == list(FORMATS[name].endings)


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_the_screen_shows_what_the_file_holds(
    written: Written, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = written(name, Path(ORDERS).read_text("utf-8"), sheet=ORDERS)
    assert run(ORDERS, "--format", name) == 3
    shown = capsys.readouterr()
    # In a pipe the mark would be part of the first column's name.
    assert shown.out == content.decode("utf-8-sig")
    assert shown.err == ""


def test_a_letter_that_the_screen_lacks_is_spelled_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("row_id,drug,dose,route,ward\na1,morphine,200 mcg,it,é½\n", encoding="utf-8")
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    monkeypatch.setattr(sys, "stdout", screen)
    assert run(str(sheet), "--format", "csv") == 0
    screen.seek(0)
    [_, row] = screen.read().splitlines()
    assert row.endswith(r",a1,morphine,200 mcg,it,\xe9\xbd,")


def test_one_run_writes_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["r.csv", "r.json", "r.ndjson", "r.sarif", "r.junit.xml", "r.parquet", "r.xlsx"]
    outputs = [part for name in names for part in ("--output", str(tmp_path / name))]
    assert run(ORDERS, *outputs) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert "8 rows: 6 checked, 2 not" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["csv", "json", "sarif", "junit", "parquet", "xlsx"])
@pytest.mark.parametrize("rows", [0, 2, 30_000])
def test_a_run_that_breaks_leaves_no_file_and_no_warning(
    formulary: Formulary, tmp_path: Path, name: str, rows: int
) -> None:
    opened = read_sheet(ORDERS)
    facts = facts_of(opened, SheetOptions(), formulary)
    report = next(iter(sheet_reports(opened, formulary)))

    def write_and_fail() -> None:
        with whole_file(tmp_path / "reports") as file:
            kept = writer(name, file, facts)
            for number in range(rows if name in {"sarif", "junit"} else min(rows, 2)):
                kept.add(replace(report, row=number + 2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_ends_the_run_before_a_row_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run(ORDERS, "--output", str(tmp_path / "r.parquet")) == 5
    said = capsys.readouterr()
    assert said.err == "itdose: writing .parquet needs pyarrow; pip install 'itdose[audit]'\n"
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_writer_needs_no_place_to_go_back_to(formulary: Formulary) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    opened = read_sheet(ORDERS)
    for name in TEXT_FORMATS:
        pipe = Pipe()
        kept = writer(name, pipe, facts_of(opened, SheetOptions(), formulary))
        for report in sheet_reports(read_sheet(ORDERS), formulary):
            kept.add(report)
        kept.finish()
        assert pipe.getvalue().endswith(b"\n"), name
