"""A sheet's reports as CSV for a spreadsheet program: one line a row, the sheet's own columns last."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

from itdose.render.sheets.sheet_brief import brief
from itdose.render.sheets.sheet_columns import SheetColumns
from itdose.render.sheets.spelling import is_computed, unicode_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itdose.sheet_report import SheetFacts, SheetReport

COLUMNS = (
    "row", "worksheet", "row_id", "verdict", "code", "headline", "order", "explanation", "also_found",
    "evidence", "rules", "assumptions", "formulary",
)  # fmt: skip
BETWEEN = " | "
"""Between several statements in one cell."""
# Without it Excel reads UTF-8 as the machine's old code page, and shows other letters.
_BYTE_ORDER_MARK = "\ufeff"


class Csv:
    """Writes one line a row."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._columns = SheetColumns(facts)
        self._write([*COLUMNS, *self._columns.names(COLUMNS)], _BYTE_ORDER_MARK)

    def add(self, report: SheetReport) -> None:
        """Write one line."""
        said = brief(report)
        texts = (
            report.worksheet or "", report.row_id, said.verdict, said.code, said.headline, said.title,
            BETWEEN.join(said.slips), BETWEEN.join(said.also), BETWEEN.join(said.evidence),
            BETWEEN.join(said.rules), BETWEEN.join(said.assumptions), said.formulary,
        )  # fmt: skip
        self._write([str(report.row), *texts, *(cell or "" for cell in self._columns.cells(report))])

    def finish(self) -> None:
        """Write nothing: every line stands for itself."""

    def _write(self, texts: Iterable[str], before: str = "") -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(
            [f"'{text}" if is_computed(text) else text for text in texts]
        )
        self._file.write(f"{before}{unicode_text(line.getvalue())}".encode())
