"""Where a row stands in its file: a line of a text file, or a place that has only a name."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itdose.sheet_report import SheetFacts, SheetReport

_TABLES = frozenset({".csv", ".tsv", ".txt"})
_A_ROW_A_LINE = frozenset({".ndjson", ".jsonl"})
_LINE_END = re.compile("\r\n|\r|\n")
STANDARD_INPUT = "-"


class Places:
    """Follows the rows of one sheet in their order, since a cell may hold line ends."""

    def __init__(self, facts: SheetFacts) -> None:
        suffix = PurePath(facts.sheet).suffix.lower()
        self._is_table = suffix in _TABLES
        self.has_lines = self._is_table or suffix in _A_ROW_A_LINE
        self._further = _line_ends(facts.headers) if self._is_table else 0

    def line(self, report: SheetReport) -> int | None:
        """Return the first line of a row, to be asked of every row in turn; None where there are no lines."""
        if not self.has_lines:
            return None
        line = report.row + self._further
        if self._is_table:
            self._further += _line_ends(report.cells.values())
        return line


def place(report: SheetReport) -> str:
    """Return the row in words: ``row 5``, or ``row 5 of worksheet 'May'``."""
    return f"row {report.row}" + (f" of worksheet '{report.worksheet}'" if report.worksheet else "")


def uri(sheet: str) -> str:
    """Return the sheet's file as a reference that a program can follow."""
    path = PurePath(sheet)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode("utf-8", "surrogateescape"))


def _line_ends(texts: Iterable[str]) -> int:
    return sum(len(_LINE_END.findall(text)) for text in texts if "\n" in text or "\r" in text)
