"""The rows of a sheet laid out in a DuckDB database, as they stand, so that memory stays flat."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from itdose.batch.distinct.row_texts import read_places
from itdose.batch.sheet import SheetRow
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import Sheet

AT_ONCE = 10_000
_OF_A_ROW = (
    "position BIGINT", "number BIGINT", "worksheet VARCHAR", "hidden BOOLEAN", "together BOOLEAN",
    "apart BOOLEAN", "fault VARCHAR", "whole VARCHAR",
)  # fmt: skip
"""Beside the cells; ``whole`` is every cell of a row with more or fewer than the header, as JSON."""


class SheetTables:
    """One sheet in the table ``sheet``; the cells stand in ``c0``, ``c1`` ..."""

    def __init__(self, sheet: Sheet, connection: Any) -> None:
        self.sql = connection
        self.headers = sheet.headers
        self.cells = tuple(f"c{place}" for place in range(len(sheet.headers)))
        self._names = [column.partition(" ")[0] for column in _OF_A_ROW]
        self._sheet = sheet
        self.columns = self._lay_out()
        self.read = read_places(self.columns)
        """The places of the cells that make an order."""

    def _lay_out(self) -> Columns:
        cells = ", ".join((*_OF_A_ROW, *(f"{cell} VARCHAR" for cell in self.cells)))
        self.sql.execute(f"CREATE TABLE sheet ({cells})")
        columns: Columns | None = None
        position = 0
        while some := list(islice(self._sheet.rows, AT_ONCE)):
            columns = columns or some[0].columns
            laid = [self._laid(place, row, columns) for place, row in enumerate(some, start=position)]
            position += len(some)
            self.insert("sheet", [*self._names, *self.cells], list(zip(*laid, strict=True)))
        if columns is None:
            raise SheetError(f"{self._sheet.name}: it has no rows; nothing was checked")
        return columns

    def _laid(self, position: int, row: SheetRow, columns: Columns) -> tuple[object, ...]:
        if row.columns is not columns:
            raise SheetError(f"{self._sheet.name}: {row.place} has other columns; use --engine python")
        width = len(self.cells)
        is_whole = len(row.texts) == width
        cells = row.texts if is_whole else [*row.texts, *[""] * width][:width]
        whole = None if is_whole else json.dumps(list(row.texts))
        together = row.preparation is not None
        apart = together or row.fault is not None or not is_whole
        return (
            position, row.number, row.worksheet, row.is_hidden, together, apart, row.fault, whole, *cells,
        )  # fmt: skip

    def insert(self, table: str, names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
        """Add rows, column by column, to a table."""
        import pyarrow as pa  # noqa: PLC0415 - an extra

        self.sql.register("batch", pa.table(dict(zip(names, map(list, columns), strict=True))))
        self.sql.execute(f"INSERT INTO {table} SELECT * FROM batch")  # noqa: S608 - a name of ours
        self.sql.unregister("batch")

    def count(self, tables: str) -> int:
        """Return how many rows there are in a table or join of tables."""
        [number] = self.sql.execute(f"SELECT count(*) FROM {tables}").fetchone()  # noqa: S608
        return int(number)

    def asked(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a query gives, through a cursor of its own."""
        cursor = self.sql.cursor().execute(sql)
        while some := cursor.fetchmany(AT_ONCE):
            yield from some

    def rows(self, rest: str, more: str = "NULL") -> Iterator[tuple[int, SheetRow, Any]]:
        """Yield rows with their position and one column more; ``rest`` names tables and chooses rows."""
        names = ", ".join(("position", "number", "worksheet", "hidden", "fault", "whole", more, *self.cells))
        for position, number, worksheet, hidden, fault, whole, one, *cells in self.asked(
            f"SELECT {names} FROM {rest} ORDER BY position"  # noqa: S608
        ):
            texts = json.loads(whole) if whole is not None else cells
            yield position, SheetRow(number, texts, self.columns, fault, worksheet, hidden), one

    def order_of(self, number: int, is_hidden: bool, read: Sequence[str]) -> SheetRow:  # noqa: FBT001
        """Return a row that holds the cells of an order, and no others."""
        texts = [""] * len(self.cells)
        for place, text in zip(self.read, read, strict=True):
            texts[place] = text
        return SheetRow(number, texts, self.columns, is_hidden=is_hidden)
