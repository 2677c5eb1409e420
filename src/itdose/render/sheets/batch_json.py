"""A sheet's reports as JSON: one report a line with the row's own text beside it, or one object for all."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

from itdose.render.sheets.sheet_brief import Tally, end_of, head_of

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport

SCHEMA = "itdose.sheet/1"
"""Of the one object; a line is an object of schemas/report-1.schema.json."""


class JsonLines:
    """Writes one line a row."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._decimal = decimal_of(facts)

    def add(self, report: SheetReport) -> None:
        """Write one line."""
        self._file.write(row_line(report, self._decimal).encode())

    def finish(self) -> None:
        """Write nothing: every line stands for itself."""


def decimal_of(facts: SheetFacts) -> dict[str, str]:
    """Return what a line says of the sheet's decimal sign; a point is left out."""
    return {"decimal": "comma"} if facts.decimal_comma else {}


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


class JsonObject:
    """Writes one object for the whole sheet; its counts stand after the reports."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._facts = facts
        self._tally = Tally()
        self._decimal = decimal_of(facts)
        head = json.dumps({"schema": SCHEMA, **head_of(facts)}, ensure_ascii=True)
        self._file.write(f'{head[:-1]}, "reports": ['.encode())

    def add(self, report: SheetReport) -> None:
        """Write one report, with the row's own text."""
        line = row_line(report, self._decimal).rstrip("\n")
        self._file.write(f"{',' if self._tally.coverage['rows'] else ''}\n{line}".encode())
        self._tally.add(report.verdict)

    def finish(self) -> None:
        """Write what is known after the last row."""
        end = json.dumps(end_of(self._facts, self._tally), ensure_ascii=True)
        self._file.write(f"\n], {end[1:]}\n".encode())
