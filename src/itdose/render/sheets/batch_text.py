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
    from itdose.sheet_report import Judged, SheetFacts, SheetReport

MOST_SHOWN = 50
"""Rows, the worst first."""
_MOST_GROUPS = 10
_WORST_FIRST = (Verdict.STOP, Verdict.CANNOT_CHECK, Verdict.NEEDS_REVIEW, Verdict.WITHIN_LIMITS)
_SHORT = {
    Verdict.STOP: "stop",
    Verdict.CANNOT_CHECK: "can't",
    Verdict.NEEDS_REVIEW: "review",
    Verdict.WITHIN_LIMITS: "within",
}


class Summary:
    """Counts every row, and keeps the first rows of each verdict that a person must see."""

    def __init__(self) -> None:
        self._counts: Counter[Judged] = Counter()
        self._kept: dict[Verdict, list[tuple[str, str, str, str]]] = {verdict: [] for verdict in Verdict}

    def add(self, judged: Judged, rows: int = 1) -> bool:
        """Count a row or several, and return whether the next report of that verdict is to be shown."""
        self._counts[judged] += rows
        return self.shows(judged.verdict)

    @property
    def wanted(self) -> frozenset[Verdict]:
        """The verdicts of which the next report is to be shown."""
        return frozenset(verdict for verdict in Verdict if self.shows(verdict))

    def shows(self, verdict: Verdict) -> bool:
        """Return whether the next report of a verdict is to be shown."""
        return verdict is not Verdict.WITHIN_LIMITS and len(self._kept[verdict]) < MOST_SHOWN

    def show(self, report: SheetReport) -> None:
        """Show the report on a row that was counted."""
        body, verdict = report.body, report.judged.verdict
        place = f"{report.worksheet} {report.row}" if report.worksheet else str(report.row)
        said = f"{body['order']['title']}: {body['headline']}"
        self._kept[verdict].append((visible(place), visible(report.row_id), WORDS[verdict], said))

    @property
    def counts(self) -> Counter[Verdict]:
        """The rows of each verdict."""
        counts: Counter[Verdict] = Counter()
        for judged, rows in self._counts.items():
            counts[judged.verdict] += rows
        return counts

    @property
    def worst(self) -> Verdict:
        """The worst verdict of any row."""
        return max(self.counts, default=Verdict.CANNOT_CHECK)

    def text(self, facts: SheetFacts, *, width: int) -> str:
        """Return the summary, worst first."""
        lines = self._counted(width)
        for remark in facts.remarks:
            lines += wrap(f"Note: {visible(remark)}", width)
        lines.append("")
        lines += self._rows(width)
        if len(self._counts) > 1:
            lines += [*self._by_drug(width), *self._by_cause(width)]
        lines += [f"itdose {facts.itdose}, formulary {facts.formulary['version']}"]
        return "\n".join(lines) + "\n"

    def _counted(self, width: int) -> list[str]:
        counts = self.counts
        rows, unchecked = counts.total(), counts[Verdict.CANNOT_CHECK]
        counted = "; ".join(f"{counts[verdict]} {WORDS[verdict].lower()}" for verdict in _WORST_FIRST)
        coverage = f"{rows} rows: {rows - unchecked} checked, {unchecked} not"
        return [*wrap(coverage, width), *wrap(counted, width, "  ")]

    def _by_drug(self, width: int) -> list[str]:
        drugs: dict[str, Counter[Verdict]] = {}
        for judged, count in self._counts.items():
            drugs.setdefault(_drug(judged), Counter())[judged.verdict] += count
        ordered = sorted(drugs.items(), key=_worst_drugs_first)
        rows = [
            (name, *(str(counts[verdict] or "-") for verdict in _WORST_FIRST))
            for name, counts in ordered[:_MOST_GROUPS]
        ]
        drawn = table(("drug", *(_SHORT[verdict] for verdict in _WORST_FIRST)), rows, width=width)
        return [drawn.rstrip("\n"), *_more(len(ordered), "drugs", width), ""]

    def _by_cause(self, width: int) -> list[str]:
        causes: Counter[tuple[Verdict, str]] = Counter()
        for judged, count in self._counts.items():
            if judged.verdict is not Verdict.WITHIN_LIMITS:
                causes[judged.verdict, judged.cause] += count
        if not causes:
            return []
        ordered = sorted(causes.items(), key=lambda item: (-item[0][0], -item[1], item[0][1]))
        rows = [(cause, WORDS[verdict], str(count)) for (verdict, cause), count in ordered[:_MOST_GROUPS]]
        drawn = table(("cause", "verdict", "rows"), rows, width=width)
        return [drawn.rstrip("\n"), *_more(len(ordered), "causes", width), ""]

    def _rows(self, width: int) -> list[str]:
        shown = [row for verdict in _WORST_FIRST for row in self._kept[verdict]][:MOST_SHOWN]
        if not shown:
            return []
        lines = [table(("row", "id", "verdict", "order and reason"), shown, width=width).rstrip("\n")]
        hidden = self._counts.total() - self.counts[Verdict.WITHIN_LIMITS] - len(shown)
        if hidden:
            lines += wrap(f"and {hidden} more rows; --output reports.csv or .xlsx has every one", width)
        return [*lines, ""]


def _drug(judged: Judged) -> str:
    return judged.drug.replace("_", " ") if judged.drug else "(not known)"


def _worst_drugs_first(counted: tuple[str, Counter[Verdict]]) -> tuple[list[int], str]:
    drug, counts = counted
    return [-counts[verdict] for verdict in _WORST_FIRST], drug


def _more(groups: int, noun: str, width: int) -> list[str]:
    return wrap(f"and {groups - _MOST_GROUPS} more {noun}", width) if groups > _MOST_GROUPS else []
