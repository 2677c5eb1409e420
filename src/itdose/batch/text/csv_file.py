"""Read CSV and TSV: rows under a header, whose delimiter ``csv_header`` finds."""

from __future__ import annotations

import csv
from itertools import chain
from typing import TYPE_CHECKING

from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.text.csv_header import DELIMITERS, MOST_COLUMNS, header_of
from itdose.batch.text.text_file import line_ends, nul_fault, opened
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.options import SheetOptions
    from itdose.batch.text.csv_header import Header
    from itdose.batch.text.text_file import TextFile

_LARGEST_CELL = 1_000_000


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a file."""
    csv.field_size_limit(_LARGEST_CELL)
    with opened(sheet, options) as file:
        header = header_of(sheet, file.lines(), options)

    def rows() -> Iterator[SheetRow]:
        with opened(sheet, options) as file:
            yield from sheet_of(sheet, file.readline(), file, options).rows

    def count() -> int | None:
        ends = line_ends(sheet)
        return max(ends - header.number, 1) if ends else None

    return Sheet(sheet, rows(), header.columns.headers, count)


def sheet_of(sheet: str, first: str, file: TextFile, options: SheetOptions) -> Sheet:
    """Return the sheet whose first line was read, and whose others follow in the file."""
    csv.field_size_limit(_LARGEST_CELL)
    lines = chain((first,), file.lines())
    header = header_of(sheet, lines, options)
    file.row_length = 0
    return Sheet(sheet, _rows(sheet, file, lines, header), header.columns.headers)


def _rows(sheet: str, file: TextFile, lines: Iterator[str], header: Header) -> Iterator[SheetRow]:
    reader = csv.reader(chain(header.ahead, lines), delimiter=header.delimiter, strict=True)
    columns, first = header.columns, header.number + 1
    number, found, width = header.number, False, len(columns.headers)
    try:
        # A million rows come through here, so a good one meets three tests.
        for number, texts in enumerate(reader, start=first):
            file.row_length = 0
            if not texts:
                continue
            found = True
            if len(texts) == width and not file.may_hold_nul:
                yield SheetRow(number, texts, columns)
            else:
                yield SheetRow(number, texts, columns, _fault(sheet, number, texts, header))
    except csv.Error as error:
        raise SheetError(
            f"{sheet}: it can't be read after row {number} ({error}); is a quote open, or a cell too long?"
        ) from error
    if not found:
        raise SheetError(f"{sheet}: it has a header and no rows; nothing was checked")


def _fault(sheet: str, number: int, texts: list[str], header: Header) -> str | None:
    columns = header.columns
    if len(texts) > MOST_COLUMNS:
        raise SheetError(
            f"{sheet}: row {number} has {len(texts)} cells; no sheet has more than {MOST_COLUMNS}"
        )
    if len(texts) != len(columns.headers):
        return (
            f"it has {len(texts)} cells and the header {len(columns.headers)}; a "
            f"{DELIMITERS[header.delimiter]} may stand in a cell without quotes"
        )
    return nul_fault(columns.cells(texts)) if any("\0" in text for text in texts) else None
