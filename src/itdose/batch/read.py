"""Read a sheet of any kind. What can't be read as a file is an error; a bad row is a row."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from itdose.batch.options import SheetOptions
from itdose.batch.tables.query import is_query
from itdose.errors import SheetError

if TYPE_CHECKING:
    from itdose.batch.sheet import Sheet

_READERS = {
    ".csv": "text.csv_file",
    ".tsv": "text.csv_file",
    ".txt": "text.csv_file",
    ".ndjson": "text.json_lines",
    ".jsonl": "text.json_lines",
    ".json": "fhir.reader",
    ".xlsx": "workbook.xlsx_file",
    ".xlsm": "workbook.xlsx_file",
    ".ods": "workbook.ods_file",
    ".parquet": "tables.parquet_file",
}
"""The module of each kind of file, by its suffix; each has ``read(sheet, options) -> Sheet``."""
SUFFIXES = tuple(_READERS)
STANDARD_INPUT = "-"


def read_sheet(sheet: str, options: SheetOptions | None = None) -> Sheet:
    """Open a sheet: a path, a query, or ``-`` for standard input.

    Raises SheetError, with the file and how to mend it, for what is no sheet
    at all, now or when its rows are read.
    """
    opened: Sheet = import_module(f"itdose.batch.{_reader(sheet)}").read(sheet, options or SheetOptions())
    return opened


def _reader(sheet: str) -> str:
    if sheet == STANDARD_INPUT:
        return "text.standard_input"
    if is_query(sheet):
        return "tables.query"
    suffix = Path(sheet).suffix.lower()
    if os.path.isdir(sheet):  # noqa: PTH112 - Path raises for a name that is too long
        raise SheetError(f"{sheet}: it is a folder; name a sheet in it, or check them all with --watch")
    if suffix not in _READERS:
        kind = suffix or "a file without a suffix"
        raise SheetError(f"{sheet}: {kind} is not read; save it as one of {', '.join(_READERS)}")
    return _READERS[suffix]
