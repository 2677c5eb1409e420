"""How far the doses of a whole sheet lie from their limits, counted by drug."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.plain_text import number
from itdose.render.sheets.written import quantity_of, times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.quantity import UnitTable

BINS_PER_DECADE = 10
_MOST_MARKS = 2_000
_UPPER = ("upper_soft", "upper_hard", "toxic_from")
BANDS = (
    ("up to the limit", Fraction(1)),
    ("up to 2 times", Fraction(2)),
    ("up to 10 times", Fraction(10)),
    ("above 10 times", None),
)
"""The columns of the table, each with its highest ratio, which belongs to it."""


class Furthest(NamedTuple):
    """How many times its upper limit an order is, and which limit that is."""

    ratio: Fraction
    kind: str
    drug: str
    """Of a mixture, the drug whose limit it is."""


def furthest(body: Mapping[str, Any], units: UnitTable) -> Furthest | None:
    """Return how far an order is from its upper limit, in the measure furthest from it.

    The limit is the upper end of the usual range, or else the hard limit, or
    else the toxic level. None where nothing was compared with one of them.
    """
    return max(filter(None, (_furthest(item, units) for item in body["compared"])), default=None)


def _furthest(comparison: Mapping[str, Any], units: UnitTable) -> Furthest | None:
    limits = comparison["limits"]
    kind = next((kind for kind in _UPPER if kind in limits), None)
    if kind is None:
        return None
    ratio = times(quantity_of(comparison["observed"], units), quantity_of(limits[kind], units))
    return None if ratio is None else Furthest(ratio, kind, comparison["rule"].partition(".")[0])


class PlacedMark(NamedTuple):
    """One row on the scale."""

    ratio: Fraction
    verdict: str


class OfDrug:
    """What was counted of one drug."""

    def __init__(self, drug: str) -> None:
        self.drug = drug
        self.bands = [0] * len(BANDS)
        self.highest = Fraction(0)
        self.lowest: Fraction | None = None
        self.bins: Counter[tuple[int, str]] = Counter()
        """Rows by tenth of a decade and verdict; bin 0 ends at the limit itself."""
        self.marks: list[PlacedMark] = []

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(self.bands)

    @property
    def highest_text(self) -> str:
        """The highest ratio, as a number."""
        return number(self.highest)

    def add(self, mark: PlacedMark) -> None:
        """Count one row."""
        band = next(place for place, (_, top) in enumerate(BANDS) if top is None or mark.ratio <= top)
        self.bands[band] += 1
        self.highest = max(self.highest, mark.ratio)
        self.lowest = mark.ratio if self.lowest is None else min(self.lowest, mark.ratio)
        self.bins[bin_of(mark.ratio), mark.verdict] += 1


class OverviewCounts:
    """Counts rows by drug; keeps each row's own place only while there are few."""

    def __init__(self, units: UnitTable) -> None:
        self._units = units
        self._of_drug: dict[str, OfDrug] = {}
        self.not_placed = 0
        """Rows that were compared, but with no upper limit that can be drawn."""
        self.not_compared = 0
        self.each_row = True
        """Whether every row has a mark of its own."""

    @property
    def rows(self) -> int:
        """How many rows have a place on the scale."""
        return sum(counted.rows for counted in self._of_drug.values())

    @property
    def drugs(self) -> list[OfDrug]:
        """The drugs, the one furthest above its limit first."""
        return sorted(self._of_drug.values(), key=lambda counted: (-counted.highest, counted.drug))

    def add(self, body: Mapping[str, Any]) -> Fraction | None:
        """Count one row, and return how many times its limit it is."""
        found = furthest(body, self._units)
        if found is None:
            if body["compared"]:
                self.not_placed += 1
            else:
                self.not_compared += 1
            return None
        drug = found.drug.replace("_", " ")
        counted = self._of_drug.setdefault(drug, OfDrug(drug))
        mark = PlacedMark(found.ratio, body["verdict"])
        counted.add(mark)
        if self.each_row:
            counted.marks.append(mark)
            self._forget_marks_of_a_long_sheet()
        return found.ratio

    def _forget_marks_of_a_long_sheet(self) -> None:
        if sum(len(counted.marks) for counted in self._of_drug.values()) > _MOST_MARKS:
            self.each_row = False
            for counted in self._of_drug.values():
                counted.marks.clear()


def bin_of(ratio: Fraction) -> int:
    """Return the tenth of a decade that a ratio lies in; its upper end belongs to it, as a limit does."""
    return math.ceil(math.log10(float(ratio)) * BINS_PER_DECADE)
