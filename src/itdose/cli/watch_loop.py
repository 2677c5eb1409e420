"""The loop of ``itdose batch --watch``: look, wait, look again, check what stood still."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import click

from itdose.batch.read import read_sheet
from itdose.batch.watch import Listing, due, list_folder, moving, outdated, remove_reports, report_path
from itdose.batch.write import whole_file
from itdose.cli import output as terminal
from itdose.cli.formulary_option import load
from itdose.cli.sheet_output import facts_of
from itdose.cli.sheet_run import Written, check_rows
from itdose.errors import ItdoseError, SheetError, visible
from itdose.findings import Verdict
from itdose.render.layout import for_encoding
from itdose.render.report_text import WORDS
from itdose.render.sheets.batch_text import Summary
from itdose.render.sheets.sheet_formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from itdose.batch.options import SheetOptions
    from itdose.batch.watch import Seen

TEXT = ".txt"
"""The report that every sheet gets: the summary, or why it could not be read."""
_WIDTH_OF_THE_TEXT = 110


class WatchPlan(NamedTuple):
    """What is watched, and what is written."""

    folder: Path
    endings: tuple[str, ...]
    """Of the reports beside the text."""
    options: SheetOptions
    formularies: tuple[str, ...]
    interval: float


@dataclass(slots=True)
class _Watch:
    """What a watch has done so far."""

    plan: WatchPlan
    done: dict[str, Seen] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """What was last said of each file, so that it is said once."""
    worst: Verdict | None = None
    has_failed: bool = False

    def pass_over(self, before: Listing) -> Listing:
        """Wait, list the folder once more, and check what stood still."""
        time.sleep(self.plan.interval)
        now = list_folder(self.plan.folder)
        self._tell_links(now.not_followed)
        for name in outdated(now, self.done):
            self._forget(name)
        for name in due(before, now, self.done):
            self._check(name, now.sheets[name])
        return now

    def tell(self, name: str, message: str) -> None:
        """Say something of a file on standard error, once."""
        if self.told.get(name) != message:
            self.told[name] = message
            _say(message)

    def _tell_links(self, names: Iterable[str]) -> None:
        for name in names:
            self.tell(name, f"{visible(name)}: it leads out of the folder and is not followed")

    def _forget(self, name: str) -> None:
        """Remove the reports on a sheet that has changed: beside it they would be taken for its own."""
        sheet = self.plan.folder / name
        try:
            remove_reports(sheet, (TEXT, *_every_ending()))
        except SheetError as error:
            self.tell(name, _named(error, sheet))
        else:
            del self.done[name]

    def _check(self, name: str, seen: Seen) -> None:
        sheet = self.plan.folder / name
        try:
            summary = _written(sheet, self.plan)
        except ItdoseError as error:
            self.has_failed = True
            # What a share or a program that holds the file open refuses now, it may give later.
            if self._write_failure(sheet, error) and not isinstance(error.__cause__, OSError):
                self.done[name] = seen
            self.tell(name, _named(error, sheet))
        else:
            self.done[name] = seen
            self.told.pop(name, None)
            self.worst = max(summary.worst, self.worst or Verdict.WITHIN_LIMITS)
            terminal.write(f"{visible(name)}: {_counts(summary)}\n")

    def _write_failure(self, sheet: Path, error: ItdoseError) -> bool:
        """Write beside the sheet why it was not checked; return whether that could be written."""
        try:
            remove_reports(sheet, _every_ending())
            _write_text(sheet, f"NOT CHECKED\n\n{_named(error, sheet)}\n")
        except SheetError as second:
            self.tell(f"{sheet.name} report", _named(second, sheet))
            return False
        return True


def watch_folder(plan: WatchPlan, *, once: bool) -> None:
    """Watch until somebody interrupts it; with ``once`` check every sheet that stands there, and end."""
    gc.enable()
    # A formulary that is not valid is told now, and not of every sheet.
    load(plan.formularies)
    watch = _Watch(plan)
    listing = list_folder(plan.folder)
    if once:
        raise SystemExit(_checked_once(watch, listing))
    _say(f"watching {visible(str(plan.folder))} every {plan.interval:g} s; Ctrl-C ends it")
    try:
        while True:
            listing = _next(watch, listing)
    except KeyboardInterrupt:
        raise SystemExit(0) from None


def _say(message: str) -> None:
    click.echo(for_encoding(f"itdose: {message}", getattr(sys.stderr, "encoding", None)), err=True)


def _next(watch: _Watch, before: Listing) -> Listing:
    """Pass over the folder; one that is away for a while, as a share may be, is asked again."""
    try:
        now = watch.pass_over(before)
    except SheetError as error:
        watch.tell("", str(error))
        return Listing({})
    watch.told.pop("", None)
    return now


def _checked_once(watch: _Watch, before: Listing) -> int:
    """Pass over the folder once; return the exit code of the worst that was found."""
    unfinished = moving(before, now := watch.pass_over(before))
    for name in unfinished:
        watch.tell(name, f"{visible(name)}: it is still being written; not checked")
    if not now.sheets:
        watch.tell("", f"{visible(str(watch.plan.folder))}: there is no sheet in it; nothing was checked")
    if watch.worst is Verdict.STOP:
        return terminal.exit_code(Verdict.STOP)
    if watch.has_failed:
        return terminal.EXIT_INVALID
    if unfinished or watch.worst is None:
        return terminal.exit_code(Verdict.CANNOT_CHECK)
    return terminal.exit_code(watch.worst)


def _every_ending() -> Iterator[str]:
    """Yield the endings of all formats: a report of an earlier watch goes out of date as well."""
    return (ending for one in FORMATS.values() for ending in one.endings)


def _written(sheet: Path, plan: WatchPlan) -> Summary:
    """Check a sheet, and write the reports beside it; they appear when all are whole."""
    opened = read_sheet(str(sheet), plan.options)
    # Loaded anew for each sheet: a watch runs for weeks, in which overlays change and reviews fall due.
    formulary = load(plan.formularies)
    facts = replace(facts_of(opened, plan.options, formulary), sheet=visible(sheet.name))
    summary = Summary()
    outputs = [report_path(sheet, ending) for ending in plan.endings]
    check_rows(opened, formulary, summary, facts, Written(outputs, "text"))
    _write_text(sheet, f"{visible(sheet.name)}\n\n{summary.text(facts, width=_WIDTH_OF_THE_TEXT)}")
    return summary


def _write_text(sheet: Path, text: str) -> None:
    with whole_file(report_path(sheet, TEXT)) as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def _counts(summary: Summary) -> str:
    """Return the counts of a sheet in one line, worst first."""
    order = (Verdict.STOP, Verdict.CANNOT_CHECK, Verdict.NEEDS_REVIEW, Verdict.WITHIN_LIMITS)
    return ", ".join(f"{summary.counts[verdict]} {WORDS[verdict].lower()}" for verdict in order)


def _named(error: ItdoseError, sheet: Path) -> str:
    """Return what an error says, with the sheet by its name and no control character in it."""
    return str(error).replace(str(sheet), visible(sheet.name))
