"""Merged cells of a worksheet: all but the first of them look filled and hold nothing."""

from __future__ import annotations

from typing import NamedTuple

MOST_MERGES = 100_000


class Area(NamedTuple):
    """A rectangle of merged cells; rows are numbered from 1, columns are places."""

    first_row: int
    last_row: int
    first_place: int
    last_place: int


class MergedCells:
    """Tells of a cell whether it lies under a merged one. Rows are asked for in their order."""

    def __init__(self, areas: list[Area]) -> None:
        self._areas = sorted(areas)
        self._covers: dict[int, _CoveredRows] = {}

    def covers(self, row: int, place: int) -> bool:
        """Return whether the cell lies under a merged one that begins elsewhere."""
        if not self._areas:
            return False
        if place not in self._covers:
            self._covers[place] = _CoveredRows(self._areas, place)
        return self._covers[place].has(row)


class _CoveredRows:
    """The rows of one column that lie under merged cells."""

    def __init__(self, areas: list[Area], place: int) -> None:
        # In its first column the first row of an area holds the text.
        self._spans = [
            (area.first_row + (place == area.first_place), area.last_row)
            for area in areas
            if area.first_place <= place <= area.last_place
        ]
        self._spans.sort(reverse=True)
        self._until = 0

    def has(self, row: int) -> bool:
        while self._spans and self._spans[-1][0] <= row:
            self._until = max(self._until, self._spans.pop()[1])
        return row <= self._until
