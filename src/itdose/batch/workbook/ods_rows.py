"""The tables of an ODS file and their rows, from its XML as it streams in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.workbook.cell_places import MOST_COLUMNS, MOST_ROWS, whole
from itdose.batch.workbook.cell_texts import LARGEST_CELL
from itdose.batch.workbook.ods_cells import OFFICE, TABLE, cell_of
from itdose.batch.workbook.ods_text import Paragraphs
from itdose.batch.workbook.worksheet_heads import GridRow, Worksheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from itdose.batch.workbook.cell_texts import SheetCell

_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_ASIDE = frozenset({
    f"{OFFICE}annotation", f"{OFFICE}forms", f"{TABLE}shapes", f"{TABLE}dde-links",
    f"{TABLE}tracked-changes",
})  # fmt: skip
"""Elements that hold notes, drawings or other texts that stand in no cell."""
_UNSEEN = ("collapse", "filter")
_MOST_REPEATED = 20_000_000
"""A few bytes can stand for so many cells; more are refused."""


class _RowKind(NamedTuple):
    """What an element says of the rows that it stands for."""

    times: int
    is_hidden: bool


class TablesTarget:
    """Takes the XML of the content and gives tables, each followed by its rows."""

    def __init__(self) -> None:
        self._found: list[Worksheet | Iterator[GridRow]] = []
        self._aside = 0
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._worksheet: Worksheet | None = None
        self._columns = 0
        self._row = 0
        self._kind = _RowKind(1, is_hidden=False)
        self._place = 0
        self._cells: dict[int, SheetCell] = {}
        self._covered: set[int] = set()
        self._cell: Mapping[str, str] = {}
        self._is_in_row = self._is_in_cell = False
        self._text = Paragraphs()
        self._repeated = 0
        self._starts: dict[str, Callable[[Mapping[str, str]], None]] = {
            f"{_STYLE}style": self._start_style,
            f"{_STYLE}table-properties": self._take_table_properties,
            f"{TABLE}table": self._start_table,
            f"{TABLE}table-column": self._take_columns,
            f"{TABLE}table-row": self._start_row,
            f"{TABLE}table-cell": self._start_cell,
            f"{TABLE}covered-table-cell": self._start_covered_cell,
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{TABLE}table": self._end_table,
            f"{TABLE}table-row": self._end_row,
            f"{TABLE}table-cell": self._end_cell,
            f"{TABLE}covered-table-cell": self._end_cell,
        }

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        if self._aside or tag in _ASIDE or tag.startswith(_DRAW):
            self._aside += 1
        elif (begin := self._starts.get(tag)) is not None:
            begin(attributes)
        elif self._is_in_cell:
            self._text.start(tag, attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._aside:
            self._aside -= 1
        elif (finish := self._ends.get(tag)) is not None:
            finish()
        elif self._is_in_cell:
            self._text.end(tag)

    def data(self, text: str) -> None:
        """Take text within an element."""
        if self._is_in_cell and not self._aside:
            self._text.data(text)
            if self._text.length > LARGEST_CELL:
                raise ValueError(f"a cell of row {self._row + 1} has more than {LARGEST_CELL} characters")

    def taken(self) -> Iterator[Worksheet | GridRow]:
        """Yield the tables and rows that are complete, and forget them."""
        found, self._found = self._found, []
        for one in found:
            if isinstance(one, Worksheet):
                yield one
            else:
                yield from one

    def _start_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get(f"{_STYLE}name", "")

    def _take_table_properties(self, attributes: Mapping[str, str]) -> None:
        if attributes.get(f"{TABLE}display") == "false":
            self._hidden_styles.add(self._style)

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        if self._worksheet is not None:
            raise ValueError("a table stands within a table")
        is_hidden = attributes.get(f"{TABLE}style-name") in self._hidden_styles
        self._worksheet = Worksheet(attributes.get(f"{TABLE}name", ""), iter(()), is_hidden=is_hidden)
        self._columns = self._row = 0
        self._found.append(self._worksheet)

    def _end_table(self) -> None:
        self._worksheet = None

    def _take_columns(self, attributes: Mapping[str, str]) -> None:
        first = self._columns
        self._columns = min(first + _times(attributes, "columns"), MOST_COLUMNS)
        if self._worksheet is not None and attributes.get(f"{TABLE}visibility") in _UNSEEN:
            self._worksheet.hidden_columns.update(range(first, self._columns))

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        is_hidden = attributes.get(f"{TABLE}visibility") in _UNSEEN
        if self._is_in_row or self._worksheet is None:
            raise ValueError(f"row {self._row + 1} stands where none can")
        self._is_in_row = True
        self._kind = _RowKind(_times(attributes, "rows"), is_hidden)
        self._place, self._cells, self._covered = 0, {}, set()

    def _start_covered_cell(self, attributes: Mapping[str, str]) -> None:
        self._covered.update(
            range(self._place, min(self._place + _times(attributes, "columns"), MOST_COLUMNS))
        )
        self._start_cell(attributes)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        if self._is_in_cell or not self._is_in_row:
            raise ValueError(f"a cell of row {self._row + 1} stands where none can")
        self._is_in_cell, self._cell = True, attributes
        self._text = Paragraphs()

    def _end_cell(self) -> None:
        times = _times(self._cell, "columns")
        cell = cell_of(self._cell, self._text.shown)
        if cell is not None:
            if self._place + times > MOST_COLUMNS:
                raise ValueError(f"row {self._row + 1} has more than {MOST_COLUMNS} columns")
            self._cells.update(dict.fromkeys(range(self._place, self._place + times), cell))
        self._place += times
        self._is_in_cell = False

    def _end_row(self) -> None:
        self._is_in_row = False
        first, self._row = self._row + 1, self._row + self._kind.times
        if not self._cells:
            return
        self._repeated += len(self._cells) * self._kind.times
        if self._row > MOST_ROWS or self._repeated > _MOST_REPEATED:
            raise ValueError(f"row {first} stands for more rows than a table holds")
        cells, is_covered, is_hidden = self._cells, self._covered.__contains__, self._kind.is_hidden
        self._found.append(
            GridRow(number, cells, is_hidden, is_covered) for number in range(first, self._row + 1)
        )


def _times(attributes: Mapping[str, str], kind: str) -> int:
    """Return how many columns or rows an element stands for."""
    return whole(attributes.get(f"{TABLE}number-{kind}-repeated", "1"))
