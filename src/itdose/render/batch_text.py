"""A sheet's reports as a summary: what was checked and what not, then the rows that need a person."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from itdose.errors import visible
from itdose.findings import Verdict
from itdose.render.layout import wrap
from itdose.render.report_text import WORDS
from itdose.render.tables import table

if TYPE_CHECKING:
    from itdose.sheet_report import SheetReport

_MOST_SHOWN = 50
_WORST_FIRST = (Verdict.STOP, Verdict.CANNOT_CHECK, Verdict.NEEDS_REVIEW, Verdict.WITHIN_LIMITS)


class Summary:
    """Counts every row, and keeps the first rows of each verdict that a person must see."""

    def __init__(self) -> None:
        self.counts: Counter[Verdict] = Counter()
        self._kept: dict[Verdict, list[tuple[str, str, str, str]]] = {verdict: [] for verdict in Verdict}
        self._source = ""

    def add(self, report: SheetReport) -> None:
        """Take one row's report into account."""
        body = report.body
        verdict = Verdict[report.verdict.upper()]
        self.counts[verdict] += 1
        self._source = f"itdose {body['itdose']}, formulary {body['formulary']['version']}"
        kept = self._kept[verdict]
        if verdict is not Verdict.WITHIN_LIMITS and len(kept) < _MOST_SHOWN:
            said = f"{body['order']['title']}: {body['headline']}"
            kept.append((str(report.row), visible(report.row_id), WORDS[verdict], said))

    @property
    def worst(self) -> Verdict:
        """The worst verdict of any row."""
        return max(self.counts, default=Verdict.CANNOT_CHECK)

    def text(self, *, width: int) -> str:
        """Return the summary, worst first."""
        rows = sum(self.counts.values())
        unchecked = self.counts[Verdict.CANNOT_CHECK]
        lines = wrap(f"{rows} rows: {rows - unchecked} checked, {unchecked} not", width)
        counted = "; ".join(f"{self.counts[verdict]} {WORDS[verdict].lower()}" for verdict in _WORST_FIRST)
        lines += [*wrap(counted, width, "  "), ""]
        shown = [row for verdict in _WORST_FIRST for row in self._kept[verdict]]
        if shown:
            lines.append(table(("row", "id", "verdict", "order and reason"), shown, width=width).rstrip("\n"))
        hidden = rows - self.counts[Verdict.WITHIN_LIMITS] - len(shown)
        if hidden:
            lines += wrap(f"and {hidden} more rows; --output reports.ndjson writes every one", width)
        lines += ["", self._source]
        return "\n".join(lines) + "\n"
