"""Plain tables as files: a header and rows of texts, as CSV, a workbook or JSON Lines."""

from __future__ import annotations

import csv
import json
from typing import IO, TYPE_CHECKING, Any, Protocol

from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_ROWS_OF_A_WORKSHEET = 1_048_575
"""Below the header."""
_DATA_FROM = 2
"""Of a table whose first row is the header."""


class TableWriter(Protocol):
    """Writes a table row by row, so that memory stays flat."""

    first_row: int
    """The number of the first row after the header, as a person counts in that file."""
    most_rows: int | None
    """How many rows the file can hold below its header, where there is an end."""

    def add(self, texts: Sequence[str]) -> None:
        """Write the next row."""

    def finish(self) -> None:
        """Write what stands after the last row."""


class _AsUtf8:
    """Takes texts for a file of bytes, which it never closes: that may be standard output."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text."""
        return self._file.write(text.encode())


class CsvTable:
    """A CSV in UTF-8."""

    first_row = _DATA_FROM
    most_rows: int | None = None

    def __init__(self, file: IO[bytes], headers: Sequence[str]) -> None:
        self._rows = csv.writer(_AsUtf8(file), lineterminator="\n")
        self._rows.writerow(headers)

    def add(self, texts: Sequence[str]) -> None:
        """Write one row."""
        self._rows.writerow(texts)

    def finish(self) -> None:
        """Write nothing: every row stands for itself."""


class JsonLinesTable:
    """An object of texts a line; an empty cell is left out."""

    first_row = 1
    most_rows: int | None = None

    def __init__(self, file: IO[bytes], headers: Sequence[str]) -> None:
        self._file, self._headers = file, tuple(headers)

    def add(self, texts: Sequence[str]) -> None:
        """Write one line."""
        row = {header: text for header, text in zip(self._headers, texts, strict=True) if text}
        self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")

    def finish(self) -> None:
        """Write nothing: every line stands for itself."""


class WorkbookTable:
    """A workbook with one worksheet, every cell a text."""

    first_row = _DATA_FROM
    most_rows: int | None = _MOST_ROWS_OF_A_WORKSHEET

    def __init__(self, file: IO[bytes], headers: Sequence[str]) -> None:
        try:
            from openpyxl import Workbook  # noqa: PLC0415
            from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        except ImportError as error:
            raise SheetError("a workbook is written by openpyxl; pip install 'itdose[xlsx]'") from error
        self._file, self._cell = file, WriteOnlyCell
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("orders")
        self.add(headers)

    def add(self, texts: Sequence[str]) -> None:
        """Write one row."""
        self._sheet.append([self._text(text) for text in texts])

    def finish(self) -> None:
        """Write the workbook."""
        self._book.save(self._file)

    def _text(self, text: str) -> Any:
        cell = self._cell(self._sheet, text or None)
        if text:
            # A text that starts with an equals sign would become a formula.
            cell.data_type = "s"
        return cell


TABLES: dict[str, type[CsvTable | JsonLinesTable | WorkbookTable]] = {
    ".csv": CsvTable,
    ".xlsx": WorkbookTable,
    ".ndjson": JsonLinesTable,
}
"""The kinds of file, by suffix."""
