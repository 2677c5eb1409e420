"""Whole sheets of orders: one report for every row, in the order of the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from itdose.assessment import assess
from itdose.batch.preparations import put_together
from itdose.findings import Finding, OrderAsRead, Report, Verdict
from itdose.report_json import report_row
from itdose.sheet_report import SheetReport
from itdose.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from itdose.batch.sheet import Sheet, SheetRow
    from itdose.formulary import Formulary
    from itdose.order import Order

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
        report = assessed(order) if order else unreadable(row.problem or "the row can't be read", formulary)
        yield RowReport(row.number, row.row_id, row.cells, report)


def sheet_reports(sheet: Sheet, formulary: Formulary) -> Iterator[SheetReport]:
    """Yield one report for each row, as it is written."""

    @lru_cache(maxsize=_REMEMBERED_ORDERS)
    def assessed(order: Order) -> str:
        return _line(assess(order, formulary))

    for row in put_together(sheet.rows, formulary):
        order = row.order
        text = (
            assessed(order) if order else _line(unreadable(row.problem or "the row can't be read", formulary))
        )
        yield SheetReport(row.number, row.row_id, row.cells, text, row.columns.renamed, row.worksheet)


def _line(report: Report) -> str:
    return json.dumps(report_row(report), ensure_ascii=True, separators=(",", ":"))


def unreadable(problem: str, formulary: Formulary) -> Report:
    """Return the report on a row that holds no order."""
    finding = Finding(code="row-unreadable", verdict=Verdict.CANNOT_CHECK, message=problem)
    return Report(
        order=OrderAsRead(None, None, None, None, "", "unreadable row", ()),
        verdict=Verdict.CANNOT_CHECK,
        headline=problem,
        assumptions=(),
        findings=(finding,),
        comparisons=(),
        reviews=(),
        cells=(),
        formulary_version=formulary.version,
        formulary_digest=formulary.digest,
        layers=formulary.layers,
        itdose_version=__version__,
    )
