"""Where the orders of a worksheet begin: the first of its rows that names the needed columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.columns import NEEDED, columns_of, field_of, missing_fields, named
from itdose.batch.workbook.cell_places import letters
from itdose.batch.workbook.cell_texts import as_text
from itdose.errors import SheetError, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from itdose.batch.columns import Columns
    from itdose.batch.options import SheetOptions
    from itdose.batch.workbook.cell_texts import SheetCell

LAST_HEADER_ROW = 20
_MOST_NAMED = 10


class GridRow(NamedTuple):
    """One row of a worksheet that is not blank."""

    number: int
    cells: Mapping[int, SheetCell]
    """Those that are not blank, by the place of their column."""
    is_hidden: bool
    is_covered: Callable[[int], bool]
    """Whether the cell at a place lies under a merged one that begins elsewhere."""

    def texts(self, width: int, *, decimal_comma: bool) -> list[str]:
        """Return the row's cells in order, at least so many."""
        texts = [""] * max(width, max(self.cells, default=-1) + 1)
        for place, cell in self.cells.items():
            texts[place] = as_text(cell, decimal_comma=decimal_comma)
        return texts


@dataclass(slots=True)
class Worksheet:
    """One worksheet while it is read."""

    name: str
    rows: Iterator[GridRow]
    is_hidden: bool = False
    hidden_columns: set[int] = field(default_factory=set)
    """Complete with the first row."""
    last_row: int | None = None
    """About; known with the first row."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first rows of a worksheet tell."""

    name: str
    columns: Columns | None = None
    """None for a worksheet that is not read."""
    meant: Mapping[int, str] = field(default_factory=dict)
    """The field that each column names, by its place."""
    row: int = 0
    """The number of the header's row."""
    remarks: tuple[str, ...] = ()
    expected: int | None = None
    """About how many rows follow."""


def head_of(sheet: str, worksheet: Worksheet, options: SheetOptions) -> Head:
    """Return where a worksheet's orders begin, or why it is not read."""
    name = quote(worksheet.name)
    if options.worksheet is not None and worksheet.name != options.worksheet:
        return Head(worksheet.name, remarks=(f"worksheet {name} was not read: --worksheet chose another",))
    nearest: tuple[int, str] = (len(NEEDED) + 1, "it is empty")
    skipped: list[GridRow] = []
    for row in takewhile(lambda row: row.number <= LAST_HEADER_ROW, worksheet.rows):
        headers = _headers(row)
        missing = missing_fields(
            {header: known for header in headers if (known := field_of(header, options))}
        )
        if not missing:
            columns = columns_of(f"{sheet}: row {row.number} of worksheet {name}", headers, options)
            return _found(worksheet, columns, row, skipped)
        nearest = min(nearest, (len(missing), f"row {row.number} lacks {', '.join(missing)}"))
        skipped.append(row)
    return Head(worksheet.name, remarks=(f"worksheet {name} was not read: {nearest[1]}",))


def check_heads(sheet: str, heads: Sequence[Head], options: SheetOptions) -> None:
    """Raise SheetError where no worksheet is read."""
    if any(head.columns for head in heads):
        return
    names = _few([quote(head.name) for head in heads])
    if options.worksheet is not None and options.worksheet not in {head.name for head in heads}:
        raise SheetError(f"{sheet}: it has no worksheet {quote(options.worksheet)}; it has {names or 'none'}")
    said = _few(
        [remark for head in heads for remark in head.remarks if options.worksheet in {None, head.name}]
    )
    raise SheetError(
        f"{sheet}: one of the first {LAST_HEADER_ROW} rows of a worksheet must name the columns "
        f"{', '.join(NEEDED)}; {said or 'it has no worksheets'}; --map HEADER=FIELD names a column otherwise"
    )


def _headers(row: GridRow) -> list[str]:
    return named(row.texts(0, decimal_comma=False))


def _found(worksheet: Worksheet, columns: Columns, row: GridRow, skipped: Sequence[GridRow]) -> Head:
    name = quote(worksheet.name)
    remarks = []
    if skipped:
        above = _few(
            [
                f"row {other.number} ({quote(' '.join(cell.text for cell in other.cells.values()))})"
                for other in skipped
            ]
        )
        remarks.append(f"worksheet {name}: the header stands in row {row.number}; not read above it: {above}")
    elif row.number > 1:
        remarks.append(f"worksheet {name}: the header stands in row {row.number}, below blank rows")
    if worksheet.is_hidden:
        remarks.append(f"worksheet {name} is hidden; its rows were read as hidden rows")
    meant = {
        place: columns.fields[header]
        for place, header in enumerate(columns.headers)
        if header in columns.fields
    }
    hidden = [f"{letters(place)} ({meant[place]})" for place in meant if place in worksheet.hidden_columns]
    if hidden:
        remarks.append(f"worksheet {name}: hidden columns were read: {', '.join(hidden)}")
    expected = max(worksheet.last_row - row.number, 0) if worksheet.last_row else None
    return Head(worksheet.name, columns, meant, row.number, tuple(remarks), expected)


def _few(parts: Sequence[str]) -> str:
    more = len(parts) - _MOST_NAMED
    return "; ".join(parts[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
