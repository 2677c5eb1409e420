"""A sheet's reports as JSON Lines: one report a line, with the row's own text beside it."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport


class JsonLines:
    """Writes one line a row."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._decimal = {"decimal": "comma"} if facts.decimal_comma else {}

    def add(self, report: SheetReport) -> None:
        """Write one line."""
        self._file.write(row_line(report, self._decimal).encode())

    def finish(self) -> None:
        """Write nothing: every line stands for itself."""


def row_line(report: SheetReport, of_the_sheet: dict[str, str]) -> str:
    """Return the line, with its line end; the report's own text is not written anew."""
    row = {
        "row": report.row,
        **({"worksheet": report.worksheet} if report.worksheet else {}),
        "row_id": report.row_id,
        "cells": dict(report.cells),
        **({"read_as": dict(report.read_as)} if report.read_as else {}),
        **of_the_sheet,
    }
    head = json.dumps(row, ensure_ascii=True, separators=(",", ":"))
    return f"{head[:-1]},{report.text[1:]}\n"
