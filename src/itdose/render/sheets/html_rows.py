"""The rows that a page shows: as many of each verdict as it has room for, and a count of all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.errors import visible
from itdose.render.sheets.html_article import VERDICT_WORDS, distance, place_of
from itdose.render.sheets.overview_counts import OverviewCounts
from itdose.render.sheets.written import number_of

if TYPE_CHECKING:
    from itdose.quantity import UnitTable
    from itdose.sheet_report import SheetReport

MOST_STOPS = 300
MOST_LISTED = 500
"""Of each other verdict."""
LONGEST_CELL = 1_000
_MOST_CELLS = 100
_MOST_REASONS = 4


class Listed(NamedTuple):
    """One row in a table."""

    place: str
    row_id: str
    title: str
    headline: str
    reasons: tuple[str, ...]


class Rules(NamedTuple):
    """How far the rules that were used have been reviewed."""

    used: int
    signed_off: int
    drafted: int


class KeptRows:
    """Takes every report into account; its memory does not grow with the number of rows."""

    def __init__(self, units: UnitTable, most_stops: int = MOST_STOPS) -> None:
        self.units = units
        self._most_stops = most_stops
        self.counts = Counter[str]()
        self.overview = OverviewCounts(units)
        self.listed: dict[str, list[Listed]] = {verdict: [] for verdict in VERDICT_WORDS}
        self._stops: list[tuple[bool, Fraction, int, SheetReport]] = []
        self._rules: dict[str, tuple[bool, str]] = {}

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self.counts.total()

    @property
    def stops(self) -> list[SheetReport]:
        """The kept stops: those without a figure first, then by the distance from the limit."""
        return [kept[-1] for kept in sorted(self._stops, key=lambda kept: kept[:3], reverse=True)]

    @property
    def rules(self) -> Rules:
        """The rules that were compared with in any row."""
        reviews = self._rules.values()
        return Rules(
            len(reviews), sum(signed for signed, _ in reviews), sum(s == "drafted" for _, s in reviews)
        )

    def hidden(self, verdict: str) -> int:
        """Return how many rows of a verdict are only counted."""
        kept = len(self._stops) if verdict == "stop" else len(self.listed[verdict])
        return self.counts[verdict] - kept

    def add(self, report: SheetReport) -> None:
        """Take the report on the next row into account."""
        body, verdict = report.body, report.verdict
        self.counts[verdict] += 1
        ratio = self.overview.add(body)
        for rule in body["rules"]:
            self._rules[rule["id"]] = rule["signed_off"], rule["review"]["state"]
        if verdict == "stop":
            self._keep_stop(report, ratio)
        elif len(self.listed[verdict]) < MOST_LISTED:
            self.listed[verdict].append(_listed(report, self.units))

    def _keep_stop(self, report: SheetReport, ratio: Fraction | None) -> None:
        by_figure = farthest(report.body, ratio)
        # The row's number alone decides between equals, the earlier row first.
        key = (by_figure is None, by_figure or Fraction(0), -self.counts["stop"])
        if len(self._stops) < self._most_stops:
            heappush(self._stops, (*key, _small(report)))
        elif key > self._stops[0][:3]:
            heappushpop(self._stops, (*key, _small(report)))


def farthest(body: dict[str, Any], ratio: Fraction | None) -> Fraction | None:
    """Return the factor by which a stop is out, in either direction; None where no figure made it one.

    A closed route or a product that must not go there has no figure, and
    nothing of it is ever near a limit.
    """
    stated = (number_of(f["ratio"]) for f in body["findings"] if f["verdict"] == "stop" and "ratio" in f)
    factors = [max(figure, 1 / figure) for figure in stated if figure]
    if not factors:
        return None
    return max(*factors, ratio or Fraction(0))


def _small(report: SheetReport) -> SheetReport:
    """Return the report with cells of bounded length, and without what was read of its text."""
    cells = list(report.cells.items())
    kept = {
        visible(header, LONGEST_CELL): visible(text, LONGEST_CELL) for header, text in cells[:_MOST_CELLS]
    }
    if len(cells) > _MOST_CELLS:
        kept["and more"] = f"{len(cells) - _MOST_CELLS} cells, which the JSON report has"
    return replace(report, cells=kept, row_id=visible(report.row_id))


def _listed(report: SheetReport, units: UnitTable) -> Listed:
    body = report.body
    others = [
        finding["message"]
        for finding in body["findings"]
        if finding["verdict"] == report.verdict != "within_limits" and finding["message"] != body["headline"]
    ]
    reasons = [*filter(None, [distance(body, units)]), *dict.fromkeys(others)]
    more = len(reasons) - _MOST_REASONS
    shown = [*reasons[:_MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]
    return Listed(
        place=place_of(report),
        row_id=visible(report.row_id),
        title=body["order"]["title"],
        headline=body["headline"],
        reasons=tuple(shown),
    )
