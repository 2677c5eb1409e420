"""The sheet's own columns beside those of itdose, so that no cell is lost and no name stands twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itdose.sheet_report import SheetFacts, SheetReport

OTHER_CELLS = "other_cells"
"""Cells of a row beyond the header, or all of them where each row names its own; an object in JSON."""


class SheetColumns:
    """The columns of a sheet as they are written."""

    def __init__(self, facts: SheetFacts) -> None:
        self._headers = facts.headers
        self._known = frozenset(facts.headers)

    def names(self, taken: Iterable[str]) -> list[str]:
        """Return the names, none of them one of ``taken``."""
        used = {*taken, OTHER_CELLS}
        names = []
        for header in self._headers:
            name = header
            while name in used:
                name = f"{name} (sheet)"
            used.add(name)
            names.append(name)
        return [*names, OTHER_CELLS]

    def cells(self, report: SheetReport) -> list[str | None]:
        """Return the row's cells as they stood in the sheet; None for one that the row does not have."""
        others = {name: text for name, text in report.cells.items() if name not in self._known}
        rest = json.dumps(others, ensure_ascii=False) if others else None
        return [*(report.cells.get(header) for header in self._headers), rest]
