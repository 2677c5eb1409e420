"""The reports on a small sheet, written in one format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.cli.sheet_output import facts_of
from itdose.render.sheets.sheet_formats import writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose import Formulary

HOSTILE = (
    "[bold]x[/bold]",
    "[a](http://example.org)",
    "\x1b[31mred\x1b[0m",
    "a\u202eb\u200b",
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "\t=1",
    "\r=1",
    "'=1",
    "''",
    "\uff1d1",
    "5" * 40_000,
    "\U0001f600" * 20_000,
    "]]>",
    "</testcase><failure/>&amp;",
    "a\x00b",
    "\x07\x0c\x85\ufffe\uffff",
    "_x0041_",
    "line\nline",
    "one\r\ntwo\rthree",
    "%0A::error::x",
    "::error::x",
    '"quoted", cell',
    "{0}",
    "\ufeff",
    " blanks ",
    "µg ½ é",
)


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Texts that break or mislead one format or another."""
    return HOSTILE


@pytest.fixture
def written(formulary: Formulary, tmp_path: Path) -> Callable[..., bytes]:
    """Write with any format; changes are of the facts, and ``worksheet`` of every report."""

    def write(name: str, content: str, *, sheet: str = "sheet.csv", **changes: Any) -> bytes:
        kind = ".csv" if content.lstrip('"').startswith("row_id") else ".ndjson"
        path = tmp_path / f"as_read{kind}"
        path.write_bytes(content.encode())
        opened = read_sheet(str(path), SheetOptions())
        worksheet = changes.pop("worksheet", None)
        facts = replace(facts_of(opened, SheetOptions(), formulary), sheet=sheet, **changes)
        file = io.BytesIO()
        kept = writer(name, file, facts)
        for report in sheet_reports(opened, formulary):
            kept.add(replace(report, worksheet=worksheet))
        kept.finish()
        return file.getvalue()

    return write


@pytest.fixture(params=["csv", "ndjson"])
def hostile_sheet(request: pytest.FixtureRequest) -> str:
    """Two rows for each hostile text: in every cell, and beside a good order."""
    rows = [row for text in HOSTILE for row in ([text] * 5, [text, "morphine", "200 mcg", "it", text])]
    names = ["row_id", "drug", "dose", "route", "note"]
    if request.param == "csv":
        file = io.StringIO()
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([names, *rows])
        return file.getvalue()
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
