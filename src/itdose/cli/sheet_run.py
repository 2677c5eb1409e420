"""Check a sheet from its first row to its last: count it, or write every report."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from itdose.batch.counting.screening import Screen
from itdose.batch.engine import sheet_reports
from itdose.batch.preparations import put_together
from itdose.batch.store import ReportStore
from itdose.cli.progress import counted
from itdose.cli.sheet_output import sheet_output
from itdose.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from itdose.batch.sheet import Sheet
    from itdose.formulary import Formulary
    from itdose.render.sheets.batch_text import Summary
    from itdose.sheet_report import SheetFacts

CHECKED = "rows checked"


class Written(NamedTuple):
    """Where the reports go, and how they are made."""

    outputs: Sequence[Path]
    screen: str
    """What goes to standard output: ``text`` is the summary."""
    jobs: int | None = None
    resume: Path | None = None
    """Where the work so far is kept."""


def check_rows(
    sheet: Sheet, formulary: Formulary, summary: Summary, facts: SheetFacts, written: Written
) -> None:
    """Check every row: count it, and write its report where somebody asked for reports."""
    if written.outputs or written.screen != "text":
        _report_rows(sheet, formulary, summary, facts, written)
    else:
        _count_rows(sheet, formulary, summary)


def _count_rows(sheet: Sheet, formulary: Formulary, summary: Summary) -> None:
    """Count every row, and write a report only for those that the summary shows."""
    screen, wanted = Screen(formulary), summary.wanted
    judged = sheet.each(lambda rows: screen.judged(put_together(rows, formulary)))
    tally: dict[int, list[Any]] = {}
    for row, found in counted(judged, lambda: sheet.expected, CHECKED):
        # Rows share what they come to, so that its identity is enough; it is kept, and no other takes it.
        try:
            tally[id(found)][1] += 1
        except KeyError:
            tally[id(found)] = [found, 1]
        if found.verdict in wanted:
            summary.show(screen.report(row))
            wanted = summary.wanted
    for found, rows in tally.values():
        summary.add(found, rows)


def _report_rows(
    sheet: Sheet, formulary: Formulary, summary: Summary, facts: SheetFacts, written: Written
) -> None:
    """Write the report on every row, and count it."""
    # A report is made of many objects; counting makes few, and is a quarter faster without.
    gc.enable()
    with (
        _store(formulary, written.resume) as store,
        sheet_output(written.outputs, written.screen, facts) as write,
    ):
        reports = sheet_reports(sheet, formulary, store, jobs=written.jobs or processors())
        for report in counted(reports, lambda: sheet.expected, CHECKED):
            if summary.add(report.judged):
                summary.show(report)
            write(report)


@contextmanager
def _store(formulary: Formulary, path: Path | None) -> Iterator[ReportStore]:
    """Open the store of a run; one with a name is removed only when everything was written."""
    store = ReportStore(formulary, path)
    is_whole = False
    try:
        yield store
        is_whole = True
    finally:
        store.close(is_whole=is_whole)
        if path is not None and not is_whole:
            click.echo(
                f"itdose: what was assessed is kept in {visible(str(path))}; run the command again to go on",
                err=True,
            )


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
