"""A sheet's reports as GitHub annotations: the worst rows beside their lines, then a summary."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from itdose.errors import visible
from itdose.findings import Verdict
from itdose.render.github import MOST_ANNOTATIONS, Annotation
from itdose.render.report_text import WORDS
from itdose.render.sheets.sheet_brief import Tally, brief
from itdose.render.sheets.sheet_places import Places, place
from itdose.render.sheets.spelling import one_line

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport

_LEVELS = {Verdict.STOP: "error", Verdict.CANNOT_CHECK: "warning", Verdict.NEEDS_REVIEW: "warning"}


class GitHub:
    """Keeps the first rows of each verdict, as many as can be shown, and counts the others."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._facts = facts
        self._places = Places(facts)
        self._tally = Tally()
        self._kept: dict[Verdict, list[Annotation]] = {verdict: [] for verdict in _LEVELS}

    def add(self, report: SheetReport) -> None:
        """Keep the annotation of one row, where it may be shown."""
        said = brief(report)
        line = self._places.line(report)
        verdict = Verdict[said.verdict.upper()]
        self._tally.add(said.verdict)
        kept = self._kept.get(verdict)
        if kept is not None and len(kept) < MOST_ANNOTATIONS:
            row_id = f" ({visible(report.row_id)})" if report.row_id else ""
            title = one_line(f"{WORDS[verdict]}: {place(report)}{row_id}")
            message = one_line(f"{said.title}: {said.headline}")
            kept.append(Annotation(_LEVELS[verdict], self._facts.sheet, line or 1, title, message))

    def finish(self) -> None:
        """Write the annotations, worst first, and what they leave out."""
        shown = [annotation for kept in self._kept.values() for annotation in kept][:MOST_ANNOTATIONS]
        lines = [str(annotation) for annotation in shown]
        more = sum(self._tally.counts[str(verdict)] for verdict in _LEVELS) - len(shown)
        if more:
            lines.append(f"and {more} more rows; --output reports.json writes every one")
        lines += [one_line(f"of the sheet: {remark}") for remark in self._facts.remarks]
        lines.append(self._tally.line)
        self._file.write("".join(f"{line}\n" for line in lines).encode())
