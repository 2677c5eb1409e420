"""The report on one row of a sheet, also on one that holds no order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from itdose.assessment import assess
from itdose.findings import Finding, OrderAsRead, Report, Verdict
from itdose.report_json import report_row
from itdose.sheet_report import SheetReport
from itdose.version import __version__

if TYPE_CHECKING:
    from itdose.batch.sheet import SheetRow
    from itdose.formulary import Formulary


def report_of(row: SheetRow, formulary: Formulary) -> Report:
    """Assess the row's order, or say why it holds none."""
    order = row.order
    return assess(order, formulary) if order else unreadable(row, formulary)


def report_text(report: Report) -> str:
    """Return a report as one line of JSON."""
    return json.dumps(report_row(report), ensure_ascii=True, separators=(",", ":"))


def sheet_report(row: SheetRow, text: str) -> SheetReport:
    """Return a report as text beside the row that it is on."""
    return SheetReport(row.number, row.row_id, row.cells, text, row.columns.renamed, row.worksheet)


def unreadable(row: SheetRow, formulary: Formulary) -> Report:
    """Return the report on a row that holds no order."""
    problem = row.problem or f"{row.place}: it can't be read"
    finding = Finding(code="row-unreadable", verdict=Verdict.CANNOT_CHECK, message=problem)
    return Report(
        order=OrderAsRead(None, None, None, None, "", "unreadable row", ()),
        verdict=Verdict.CANNOT_CHECK,
        headline=problem,
        cause=finding.code,
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
