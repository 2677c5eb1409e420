"""Whole sheets of orders: one report for every row, in the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from itdose.batch.engine import sheet_reports
from itdose.batch.preparations import put_together
from itdose.batch.row_report import report_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from itdose.batch.sheet import SheetRow
    from itdose.findings import Report
    from itdose.formulary import Formulary

__all__ = ["RowReport", "assess_rows", "sheet_reports"]


@dataclass(frozen=True, slots=True)
class RowReport:
    """The report on one row, beside the row's own text."""

    row: int
    """The row's number in the sheet as a person counts; the header of a CSV is row 1."""
    row_id: str
    cells: Mapping[str, str]
    report: Report


def assess_rows(rows: Iterable[SheetRow], formulary: Formulary) -> Iterator[RowReport]:
    """Yield one report for each row. A row that can't be read is a report, never dropped."""
    for row in put_together(rows, formulary):
        yield RowReport(row.number, row.row_id, row.cells, report_of(row, formulary))
