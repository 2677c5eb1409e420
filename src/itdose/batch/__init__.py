"""Whole sheets of orders: one report for every row, in the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from itdose.assessment import assess
from itdose.batch.engine import sheet_reports
from itdose.batch.preparations import put_together
from itdose.batch.row_report import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from itdose.batch.sheet import SheetRow
    from itdose.findings import Report
    from itdose.formulary import Formulary
    from itdose.order import Order

__all__ = ["RowReport", "assess_rows", "sheet_reports"]

# Orders of a ward repeat. The bound keeps memory flat in the number of rows.
_REMEMBERED_ORDERS = 65_536


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

    @lru_cache(maxsize=_REMEMBERED_ORDERS)
    def assessed(order: Order) -> Report:
        return assess(order, formulary)

    for row in put_together(rows, formulary):
        order = row.order
        report = assessed(order) if order else unreadable(row, formulary)
        yield RowReport(row.number, row.row_id, row.cells, report)
