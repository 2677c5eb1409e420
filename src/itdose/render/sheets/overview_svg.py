"""Every dose of a sheet against its limit as geometry: a lane for each drug, on one log scale."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.render.sheets.overview_counts import BINS_PER_DECADE
from itdose.render.sheets.ruler_svg import LogScale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.render.sheets.overview_counts import OfDrug, OverviewCounts, PlacedMark

WIDE, NARROW = 760.0, 340.0
VERDICTS = ("within_limits", "needs_review", "cannot_check", "stop")
MOST_LANES = 12
DOT = 9.0
_MOST_LEVELS = 8
_NAME = 22.0
_TALLEST_BAR = 46.0
_LEAST_BAR = 2.0
_AXIS = 34.0
_TOP = 4.0
_MARGIN = 0.15
_MOST_TICKS = 7


class Tick(NamedTuple):
    """A line of the scale."""

    x: float
    text: str
    is_limit: bool


class Bar(NamedTuple):
    """Rows of one verdict in a tenth of a decade."""

    verdict: str
    x: float
    y: float
    width: float
    height: float

    @property
    def stripes(self) -> list[float]:
        """The heights at which a stop is striped, so that color alone does not tell it."""
        return [self.y + step for step in range(2, int(self.height), 4)] if self.verdict == "stop" else []


class Lane(NamedTuple):
    """One drug: either a mark for each row, or bars where they would hide each other."""

    name: str
    top: float
    foot: float
    marks: dict[str, list[tuple[float, float]]]
    """The center of each mark, by verdict."""
    bars: tuple[Bar, ...]


class Overview(NamedTuple):
    """The whole drawing."""

    width: float
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    limit: float
    """Where a dose equal to its limit lies."""
    says: str
    """The drawing in words."""

    @property
    def has_bars(self) -> bool:
        """Whether some drug has bars in place of marks."""
        return any(lane.bars for lane in self.lanes)


def overview(counts: OverviewCounts, width: float) -> Overview | None:
    """Return the drawing, the drug furthest above its limit first; None where nothing has a place."""
    drugs = counts.drugs[:MOST_LANES]
    if not drugs:
        return None
    scale = overview_scale(drugs, width)
    lanes: list[Lane] = []
    for drug in drugs:
        lanes.append(_lane(drug, scale, lanes[-1].foot if lanes else _TOP))
    return Overview(
        width=width,
        height=lanes[-1].foot + _AXIS,
        lanes=tuple(lanes),
        ticks=tuple(_ticks(scale, width)),
        limit=scale.x(Fraction(1)),
        says=_says(counts),
    )


def overview_scale(drugs: Sequence[OfDrug], width: float) -> LogScale:
    """Return a scale that holds every ratio, and a factor of ten on either side of the limit."""
    low = min([math.log10(float(drug.lowest or 1)) for drug in drugs] + [-1.0]) - _MARGIN
    high = max([math.log10(float(drug.highest)) for drug in drugs] + [1.0]) + _MARGIN
    return LogScale(low, width / (high - low))


def _lane(drug: OfDrug, scale: LogScale, top: float) -> Lane:
    levels = _levels(drug.marks, scale)
    if levels is None:
        foot = top + _NAME + _TALLEST_BAR
        return Lane(drug.drug, top, foot, {}, tuple(_bars(drug, scale, foot)))
    foot = top + _NAME + (max((level for _, level in levels), default=0) + 1) * DOT
    marks: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for mark, level in levels:
        marks[mark.verdict].append((scale.x(mark.ratio), foot - level * DOT - DOT / 2))
    return Lane(drug.drug, top, foot, dict(marks), ())


def _levels(marks: Sequence[PlacedMark], scale: LogScale) -> list[tuple[PlacedMark, int]] | None:
    """Return the marks one over another where they would touch; None for too high a pile, or no marks."""
    last: list[float] = []
    found = []
    for mark in sorted(marks, key=lambda mark: (mark.ratio, mark.verdict)):
        x = scale.x(mark.ratio)
        level = next((place for place, taken in enumerate(last) if taken + DOT <= x), len(last))
        if level == _MOST_LEVELS:
            return None
        last[level : level + 1] = [x]
        found.append((mark, level))
    return found or None


def _bars(drug: OfDrug, scale: LogScale, foot: float) -> Iterator[Bar]:
    """Yield bars whose heights are the shares of the drug's fullest tenth of a decade."""
    by_bin: dict[int, dict[str, int]] = defaultdict(dict)
    for (place, verdict), rows in drug.bins.items():
        by_bin[place][verdict] = rows
    most = max(sum(rows.values()) for rows in by_bin.values())
    wide = scale.decade / BINS_PER_DECADE
    for place in sorted(by_bin):
        y = foot
        for verdict in VERDICTS:
            rows = by_bin[place].get(verdict, 0)
            if rows:
                height = max(_LEAST_BAR, _TALLEST_BAR * rows / most)
                y -= height
                x = ((place - 1) / BINS_PER_DECADE - scale.low) * scale.decade
                yield Bar(verdict, x, y, wide, height)


def _ticks(scale: LogScale, width: float) -> Iterator[Tick]:
    """Yield the powers of ten, some left out where there are many; the limit always has its line."""
    first, last = math.ceil(scale.low), math.floor(scale.low + width / scale.decade)
    step = math.ceil((last - first + 1) / _MOST_TICKS)
    for power in range(first, last + 1):
        if power % step == 0:
            text = "limit" if power == 0 else f"{10**power}\u00d7" if power > 0 else f"1/{10**-power}"
            yield Tick(scale.x(Fraction(10) ** power), text, power == 0)


def _says(counts: OverviewCounts) -> str:
    """Return the drawing as sentences, for who does not see it."""
    drugs = counts.drugs
    above = sum(sum(drug.bands[1:]) for drug in drugs)
    worst = drugs[0]
    return (
        f"{counts.rows} rows of {len(drugs)} drugs on a log scale; {above} lie above their upper limit. The "
        f"furthest is {worst.drug}, {worst.highest_text} times the limit. The table below has the counts."
    )
