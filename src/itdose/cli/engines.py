"""``itdose batch --engine``: who finds the distinct orders of a sheet; no engine changes a report."""

from __future__ import annotations

import gc
from contextlib import closing
from typing import TYPE_CHECKING

from itdose.batch.workers import Workers
from itdose.cli.progress import counted
from itdose.cli.sheet_output import sheet_output
from itdose.cli.sheet_run import CHECKED, processors
from itdose.render.sheets.batch_text import MOST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itdose.batch.sheet import Sheet
    from itdose.cli.sheet_run import Written
    from itdose.formulary import Formulary
    from itdose.render.sheets.batch_text import Summary
    from itdose.sheet_report import SheetFacts, SheetReport


def check_rows(  # noqa: PLR0913, PLR0917 - as sheet_run.check_rows, for an engine
    engine: str,
    sheet: Sheet,
    formulary: Formulary,
    summary: Summary,
    facts: SheetFacts,
    written: Written,
) -> None:
    """Check every row by DuckDB or Spark: count it, and write its report where somebody asked for reports."""
    gc.enable()
    if engine == "spark":
        from itdose.spark import local  # noqa: PLC0415 - an extra

        _write(local.sheet_reports(sheet, formulary), sheet, summary, facts, written)
        return
    from itdose.batch.distinct.distinct_reports import distinct_reports  # noqa: PLC0415 - an extra

    with (
        closing(Workers(formulary, written.jobs or processors())) as workers,
        distinct_reports(sheet, formulary, workers.texts) as found,
    ):
        if written.outputs or written.screen != "text":
            _write(found.reports(), sheet, summary, facts, written)
            return
        for judged, rows in found.counts():
            summary.add(judged, rows)
        for report in found.first_of_each(MOST_SHOWN):
            if summary.shows(report.judged.verdict):
                summary.show(report)


def _write(
    reports: Iterable[SheetReport], sheet: Sheet, summary: Summary, facts: SheetFacts, written: Written
) -> None:
    with sheet_output(written.outputs, written.screen, facts) as write:
        for report in counted(reports, lambda: sheet.expected, CHECKED):
            if summary.add(report.judged):
                summary.show(report)
            write(report)
