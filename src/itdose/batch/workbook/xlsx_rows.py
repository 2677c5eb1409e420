"""The rows of one XLSX worksheet, from its XML as it streams in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from itdose.batch.workbook.cell_places import MOST_COLUMNS, MOST_ROWS, place_of, whole
from itdose.batch.workbook.cell_texts import LARGEST_CELL
from itdose.batch.workbook.worksheet_heads import GridRow
from itdose.batch.workbook.xlsx_cells import StoredCell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from itdose.batch.workbook.cell_texts import SheetCell
    from itdose.batch.workbook.merged_cells import MergedCells
    from itdose.batch.workbook.worksheet_heads import Worksheet
    from itdose.batch.workbook.xlsx_cells import CellReader


class RowsTarget:
    """Takes the XML of a worksheet and gives its rows."""

    def __init__(self, worksheet: Worksheet, reader: CellReader, merged: Callable[[], MergedCells]) -> None:
        self._worksheet = worksheet
        self._reader = reader
        self._load_merged = merged
        self._merged: MergedCells | None = None
        self._rows: list[GridRow] = []
        self._starts: dict[str, Callable[[Mapping[str, str]], None]] | None = None
        self._ends: dict[str, Callable[[], None]] = {}
        self._row = 0
        self._is_hidden = False
        self._place = -1
        self._cells: dict[int, SheetCell] = {}
        self._cell: Mapping[str, str] = {}
        self._is_in_row = self._is_in_cell = False
        self._content: str | None = None
        self._formula: str | None = None
        self._pieces: list[str] | None = None
        self._length = 0
        self._is_reading_aid = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        if self._starts is None:
            self._starts = self._named_after(tag)
        elif (begin := self._starts.get(tag)) is not None:
            begin(attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if (finish := self._ends.get(tag)) is not None:
            finish()

    def data(self, text: str) -> None:
        """Take text within an element."""
        if self._pieces is None:
            return
        self._length += len(text)
        if self._length > LARGEST_CELL:
            raise ValueError(f"a cell of row {self._row} has more than {LARGEST_CELL} characters")
        self._pieces.append(text)

    def taken(self) -> Iterator[GridRow]:
        """Yield the rows that are complete, and forget them."""
        rows, self._rows = self._rows, []
        return iter(rows)

    def _named_after(self, root: str) -> dict[str, Callable[[Mapping[str, str]], None]]:
        """Return what begins with each element; their namespace is the root's, of which there are two."""
        space, brace, name = root.rpartition("}")
        if name != "worksheet":
            raise ValueError(f"a worksheet begins as {name}")
        within = f"{space}{brace}"
        self._ends = {
            f"{within}row": self._end_row,
            f"{within}c": self._end_cell,
            f"{within}v": self._end_stored,
            f"{within}t": self._end_content,
            f"{within}f": self._end_formula,
            f"{within}rPh": self._end_reading_aid,
        }
        return {
            f"{within}dimension": self._take_dimension,
            f"{within}col": self._take_column,
            f"{within}row": self._start_row,
            f"{within}c": self._start_cell,
            f"{within}v": self._start_text,
            f"{within}t": self._start_text,
            f"{within}f": self._start_text,
            f"{within}rPh": self._start_reading_aid,
        }

    def _take_dimension(self, attributes: Mapping[str, str]) -> None:
        _, colon, last = attributes.get("ref", "").partition(":")
        row = place_of(last)[0] if colon else 0
        self._worksheet.last_row = row if 0 < row <= MOST_ROWS else None

    def _take_column(self, attributes: Mapping[str, str]) -> None:
        if _is_set(attributes.get("hidden")) or _is_zero(attributes.get("width")):
            first, last = whole(attributes["min"]), whole(attributes["max"])
            self._worksheet.hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS)))

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = whole(attributes["r"]) if "r" in attributes else self._row + 1
        if not self._row < number <= MOST_ROWS:
            raise ValueError(f"row {number} stands below row {self._row}")
        if self._is_in_row:
            raise ValueError(f"row {number} stands within row {self._row}")
        self._is_in_row = True
        self._row, self._place, self._cells = number, -1, {}
        self._is_hidden = _is_set(attributes.get("hidden")) or _is_zero(attributes.get("ht"))

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = self._place + 1
        if "r" in attributes:
            row, place = place_of(attributes["r"])
            if row != self._row or place <= self._place:
                raise ValueError(f"cell {attributes['r']} stands in row {self._row} where it can't")
        if self._is_in_cell or not self._is_in_row:
            raise ValueError(f"a cell of row {self._row} stands where none can")
        if place >= MOST_COLUMNS:
            raise ValueError(f"row {self._row} has more than {MOST_COLUMNS} columns")
        self._place, self._cell, self._content, self._formula, self._length = place, attributes, None, None, 0
        self._is_in_cell = True

    def _start_text(self, _: Mapping[str, str]) -> None:
        if self._is_in_cell and not self._is_reading_aid:
            self._pieces = []

    def _start_reading_aid(self, _: Mapping[str, str]) -> None:
        self._is_reading_aid = True

    def _end_reading_aid(self) -> None:
        self._is_reading_aid = False

    def _end_stored(self) -> None:
        if self._pieces is not None and self._content is not None:
            raise ValueError(f"a cell of row {self._row} holds two things")
        self._end_content()

    def _end_content(self) -> None:
        if self._pieces is not None:
            self._content = (self._content or "") + "".join(self._pieces)
            self._pieces = None

    def _end_formula(self) -> None:
        if self._pieces is not None:
            self._formula, self._pieces = "".join(self._pieces), None

    def _end_cell(self) -> None:
        stored = StoredCell(
            self._cell.get("t", "n"), whole(self._cell.get("s", "0")), self._content, self._formula
        )
        cell = self._reader.read(stored)
        if cell is not None:
            self._cells[self._place] = cell
        self._is_in_cell = False

    def _end_row(self) -> None:
        self._is_in_row = False
        if self._cells:
            covered = partial(self._is_covered, self._row)
            self._rows.append(GridRow(self._row, self._cells, self._is_hidden, covered))
            self._cells = {}

    def _is_covered(self, row: int, place: int) -> bool:
        # Loaded when first asked for: looking for the header does not ask.
        if self._merged is None:
            self._merged = self._load_merged()
        return self._merged.covers(row, place)


def _is_set(text: str | None) -> bool:
    return text in {"1", "true"}


def _is_zero(text: str | None) -> bool:
    return bool(text) and not (text or "").strip("0.")
