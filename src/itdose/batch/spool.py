"""Rows of a sheet on disk, to be found again by their preparation, so that memory stays flat."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.sheet import SheetRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.columns import Columns

_TABLES = """
CREATE TABLE row (place INTEGER PRIMARY KEY, preparation TEXT, content TEXT NOT NULL);
CREATE TABLE size (preparation TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
"""
_SIZES = """
CREATE INDEX row_by_preparation ON row (preparation);
INSERT INTO size SELECT preparation, COUNT(*) FROM row WHERE preparation IS NOT NULL GROUP BY preparation;
"""
_KEPT_GROUPS = 200


class Group(NamedTuple):
    """The rows of one preparation."""

    size: int
    members: tuple[tuple[int, SheetRow], ...]
    """The first of them, each with its place."""


class Spool:
    """All rows of a sheet, in order, and those of each preparation."""

    def __init__(self, rows: Iterable[SheetRow], most_members: int) -> None:
        # SQLite removes a file without a name by itself.
        self._database = sqlite3.connect("")
        self._columns: list[Columns] = []
        self._places: dict[Columns, int] = {}
        self._database.executescript(_TABLES)
        self._database.executemany(
            "INSERT INTO row VALUES (?, ?, ?)",
            ((place, _key(row.preparation), self._packed(row)) for place, row in enumerate(rows)),
        )
        self._database.executescript(_SIZES)
        self._most = most_members
        self._group = lru_cache(maxsize=_KEPT_GROUPS)(self._read_group)

    def __iter__(self) -> Iterator[tuple[int, SheetRow]]:
        for place, content in self._database.execute("SELECT place, content FROM row ORDER BY place"):
            yield place, self._unpacked(content)

    def group(self, row: SheetRow) -> Group:
        """Return the rows of the same preparation, this one among them."""
        key = _key(row.preparation)
        return self._group(key) if key is not None else Group(0, ())

    def close(self) -> None:
        """Remove the rows from the disk."""
        self._database.close()

    def _read_group(self, preparation: str) -> Group:
        [(size,)] = self._database.execute("SELECT rows FROM size WHERE preparation = ?", (preparation,))
        found = self._database.execute(
            "SELECT place, content FROM row WHERE preparation = ? ORDER BY place LIMIT ?",
            (preparation, self._most),
        )
        return Group(size, tuple((place, self._unpacked(content)) for place, content in found))

    def _packed(self, row: SheetRow) -> str:
        if row.columns not in self._places:
            self._places[row.columns] = len(self._columns)
            self._columns.append(row.columns)
        number, texts, columns, *rest = row
        return json.dumps((number, texts, self._places[columns], *rest))

    def _unpacked(self, content: str) -> SheetRow:
        number, texts, columns, *rest = json.loads(content)
        return SheetRow(number, texts, self._columns[columns], *rest)


def _key(preparation: str | None) -> str | None:
    """Return an id as JSON, as every text here: a cell may hold what no database takes for text."""
    return json.dumps(preparation) if preparation is not None else None
