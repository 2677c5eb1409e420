"""The worksheets of a workbook as one sheet: every row below a header, with what can't be taken of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.workbook.cell_places import letters
from itdose.batch.workbook.cell_texts import fault_of, is_rounded
from itdose.batch.workbook.worksheet_heads import check_heads, head_of
from itdose.errors import SheetError, quote, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from itdose.batch.columns import Columns
    from itdose.batch.options import SheetOptions
    from itdose.batch.workbook.worksheet_heads import GridRow, Head, Worksheet

    Opening = Callable[[], AbstractContextManager[Iterator[Worksheet]]]

_MOST_NAMED = 10
_MOST_ASIDE = 1000
"""So many columns to the right of the last header a cell is kept beside its row."""


def sheet_of(sheet: str, opening: Opening, options: SheetOptions) -> Sheet:
    """Return the rows of every worksheet that names the needed columns.

    ``opening`` gives the worksheets one after the other; it is called once
    for their heads and once for their rows.
    """
    with opening() as worksheets:
        heads = [head_of(sheet, worksheet, options) for worksheet in worksheets]
    check_heads(sheet, heads, options)
    read = [head for head in heads if head.columns]
    headers = {head.columns.headers for head in read if head.columns}
    counts = [head.expected for head in read if head.expected is not None]
    remarks = [remark for head in heads for remark in head.remarks]
    return Sheet(
        sheet,
        _rows(sheet, opening, heads, remarks),
        headers=headers.pop() if len(headers) == 1 else (),
        count=lambda: sum(counts) if len(counts) == len(read) else None,
        remarks=remarks,
    )


def _rows(sheet: str, opening: Opening, heads: list[Head], remarks: list[str]) -> Iterator[SheetRow]:
    """Yield the rows, and say at the end what was odd about them."""
    several = sum(head.columns is not None for head in heads) > 1
    found = False
    with opening() as worksheets:
        for head, worksheet in zip(heads, worksheets, strict=True):
            if head.columns is None:
                continue
            rows = hidden = 0
            rounded: list[str] = []
            for row in _below(head, worksheet):
                rows += 1
                hidden += row.is_hidden
                rounded += _rounded(row, head.meant) if len(rounded) <= _MOST_NAMED else ()
                read = _sheet_row(sheet, row, head, head.columns)
                yield read._replace(worksheet=head.name) if several else read
            found = found or rows > 0
            remarks += _remarks(quote(worksheet.name), rows, hidden, rounded)
    if not found:
        raise SheetError(f"{sheet}: it has a header and no rows; nothing was checked")


def _below(head: Head, worksheet: Worksheet) -> Iterator[GridRow]:
    for row in worksheet.rows:
        if row.number > head.row:
            yield row._replace(is_hidden=True) if worksheet.is_hidden else row


def _rounded(row: GridRow, meant: Mapping[int, str]) -> Iterator[str]:
    """Yield the cells that show fewer digits than they hold; what they hold is checked."""
    for place, cell in row.cells.items():
        if cell.shown and is_rounded(cell, meant.get(place, "")):
            shown = visible(cell.shown)
            yield f"{letters(place)}{row.number} ({meant[place]}) shows {shown} and holds {cell.text}"


def _remarks(name: str, rows: int, hidden: int, rounded: list[str]) -> Iterator[str]:
    if not rows:
        yield f"worksheet {name} has a header and no rows"
    if hidden:
        yield f"worksheet {name}: {hidden} of {rows} rows are hidden; they were read"
    if rounded:
        more = "; and more" if len(rounded) > _MOST_NAMED else ""
        yield f"worksheet {name}: what cells hold was checked: {'; '.join(rounded[:_MOST_NAMED])}{more}"


def _sheet_row(sheet: str, row: GridRow, head: Head, columns: Columns) -> SheetRow:
    last = max(row.cells)
    if last >= len(columns.headers) + _MOST_ASIDE:
        raise SheetError(
            f"{sheet}: cell {letters(last)}{row.number} of worksheet {quote(head.name)} stands more than "
            f"{_MOST_ASIDE} columns to the right of the table; delete it"
        )
    texts = row.texts(len(columns.headers), decimal_comma=columns.options.decimal_comma)
    fault = "; ".join(_faults(row, head)) or None
    return SheetRow(row.number, texts, columns, fault, is_hidden=row.is_hidden)


def _faults(row: GridRow, head: Head) -> Iterator[str]:
    """Yield what is wrong with each cell of a column with a meaning, by its place in the worksheet."""
    for place, field in head.meant.items():
        cell = row.cells.get(place)
        fault = fault_of(cell, field) if cell else None
        if row.is_covered(place):
            fault = "lies under merged cells, which begin elsewhere; unmerge them and fill in every row"
        if fault:
            yield f"cell {letters(place)}{row.number} of {quote(head.name)} ({field}) {fault}"
