"""The ruler of one comparison as geometry: zones, limits, the dose, and the dose before a slip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.render.sheets.label_rows import BOLD_LETTER, Label, Mark, staggered
from itdose.render.sheets.written import quantity_of, shown_text, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from fractions import Fraction

    from itdose.quantity import Quantity, UnitTable

WIDTH = 380.0
BAR = 22.0
ROW = 18.0
_FEWEST_DECADES = 1.0
_MARGIN = 0.12
_MOST_SLIPS = 2
_CONTRADICTION = "preparation-contradiction"
# The dose before these is one of another drug or route, whose limits this ruler does not show.
_OTHER_SCALES = frozenset({"look_alike_drug", "route"})
_HATCH = 7
_EDGE = 4.0
_SCALE_BAR = 24.0
_ABOVE = 14.0
_BELOW = 12.0


@dataclass(frozen=True, slots=True)
class LogScale:
    """Places on a log scale: a factor of ten is the same width everywhere."""

    low: float
    """Of the left end, as a power of ten."""
    decade: float
    """The width of a factor of ten."""

    def x(self, ratio: Fraction) -> float:
        """Return the place of a ratio. Floats are for drawing only."""
        return (math.log10(float(ratio)) - self.low) * self.decade


def scale_of(ratios: Sequence[Fraction], width: float) -> LogScale:
    """Return a scale that holds every ratio, with a margin, and at least one factor of ten."""
    places = [math.log10(float(ratio)) for ratio in ratios]
    span = max(places) - min(places)
    wanted = max(span, _FEWEST_DECADES) * (1 + 2 * _MARGIN)
    return LogScale(min(places) - (wanted - span) / 2, width / wanted)


class Zone(NamedTuple):
    """A part of the bar, with the hatching that tells it from the others without color."""

    kind: str
    left: float
    right: float

    @property
    def hatching(self) -> list[tuple[float, float]]:
        """Strokes within the zone: where each begins at the foot of the bar, and ends at its top."""
        places = range(math.ceil(self.left), math.floor(self.right - BAR) + 1, _HATCH)
        return [(place, place + BAR) for place in places]


class Slip(NamedTuple):
    """The dose that a slip would have started from."""

    x: float
    text: str
    mechanism: str


class _Other(NamedTuple):
    """A dose beside the stated one: before a slip, or what the other cells hold."""

    ratio: Fraction
    text: str
    mechanism: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """What is drawn of one comparison. The numbers stand in a table beside it."""

    zones: tuple[Zone, ...]
    limits: tuple[tuple[str, float], ...]
    """Kind and place of each limit that is a line: ``upper_hard``, ``toxic_from``, ``lower_hard``."""
    dose: float
    slips: tuple[Slip, ...]
    held: float | None
    """The dose that the cells of the preparation make, where it is another one."""
    above: tuple[Label, ...]
    below: tuple[Label, ...]
    decade: float
    says: str
    """The drawing in words."""

    @property
    def top(self) -> float:
        """The upper edge of the bar."""
        return _rows(self.above) * ROW + _ABOVE

    @property
    def foot(self) -> float:
        """The lower edge of the bar."""
        return self.top + BAR

    @property
    def height(self) -> float:
        """The height of the whole drawing."""
        return self.foot + _BELOW + _rows(self.below) * ROW + _SCALE_BAR

    def above_y(self, label: Label) -> float:
        """Return the base line of a label over the bar."""
        return self.top - _ABOVE - label.row * ROW

    def below_y(self, label: Label) -> float:
        """Return the base line of a label under the bar."""
        return self.foot + _BELOW + ROW - 5 + label.row * ROW


def ruler(
    comparison: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], units: UnitTable
) -> Ruler | None:
    """Return the ruler of a comparison as a report has it; None where its quantities can't be placed."""
    texts: dict[str, str] = dict(comparison["limits"])
    base = quantity_of(next(iter(texts.values())), units)
    ratios = {kind: times(quantity_of(text, units), base) for kind, text in texts.items()}
    limits = {kind: ratio for kind, ratio in ratios.items() if ratio is not None}
    dose = times(quantity_of(comparison["observed"], units), base)
    if base is None or dose is None or not limits:
        return None
    others = [other for other in _others(findings, base, units) if other.ratio != dose]
    before = [other for other in others if other.mechanism is not None][:_MOST_SLIPS]
    held = next((other for other in others if other.mechanism is None), None)
    drawn = [*limits.values(), dose, *(other.ratio for other in (*before, held) if other is not None)]
    scale = scale_of(drawn, WIDTH)
    places = {kind: scale.x(ratio) for kind, ratio in limits.items()}
    slips = tuple(Slip(scale.x(other.ratio), other.text, other.mechanism or "") for other in before)
    over = [Mark(scale.x(dose), f"this order {shown_text(comparison['observed'], units)}", BOLD_LETTER)]
    over += [Mark(slip.x, f"{slip.text}, {slip.mechanism}?") for slip in slips]
    over += [Mark(scale.x(held.ratio), f"the cells make {held.text}")] if held else []
    return Ruler(
        zones=tuple(_zones(places)),
        limits=tuple(
            (kind, places[kind]) for kind in ("lower_hard", "upper_hard", "toxic_from") if kind in places
        ),
        dose=scale.x(dose),
        slips=slips,
        held=scale.x(held.ratio) if held else None,
        above=staggered(over, WIDTH),
        below=staggered(list(_limit_marks(places, texts)), WIDTH),
        decade=scale.decade,
        says=_says(comparison, texts, slips, held),
    )


def _others(findings: Sequence[Mapping[str, Any]], base: Quantity, units: UnitTable) -> Iterator[_Other]:
    """Yield the doses of findings that can stand on the same scale."""
    for finding in findings:
        is_held = finding["code"] == _CONTRADICTION
        text = finding.get("observed" if is_held else "explains")
        if not text or finding.get("mechanism") in _OTHER_SCALES or "drug" in finding:
            continue
        ratio = times(quantity_of(text, units), base)
        if ratio is not None:
            yield _Other(ratio, text, None if is_held else finding["mechanism"].replace("_", " "))


def usual(limits: Mapping[str, str]) -> str | None:
    """Return the usual range in words."""
    low, high = limits.get("lower_soft"), limits.get("upper_soft")
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"up to {high}" if high else f"from {low}" if low else None


def _zones(places: Mapping[str, float]) -> Iterator[Zone]:
    """Yield the parts of the bar from left to right; where no limit tells, nothing is said of a part."""
    lower_hard, lower_soft = places.get("lower_hard"), places.get("lower_soft")
    upper_soft, upper_hard = places.get("upper_soft"), places.get("upper_hard")
    toxic = places.get("toxic_from")
    if lower_hard is not None:
        yield Zone("beyond", 0.0, lower_hard)
    if upper_soft is not None:
        yield Zone("usual", lower_soft if lower_soft is not None else lower_hard or 0.0, upper_soft)
        stop = upper_hard if upper_hard is not None else toxic
        if stop is not None and stop > upper_soft:
            yield Zone("between", upper_soft, stop)
    if upper_hard is not None:
        yield Zone("beyond", upper_hard, toxic if toxic is not None else WIDTH)
    if toxic is not None:
        yield Zone("toxic", toxic, WIDTH)


def _limit_marks(places: Mapping[str, float], texts: Mapping[str, str]) -> Iterator[Mark]:
    if "lower_hard" in places:
        yield Mark(places["lower_hard"], f"lower hard limit {texts['lower_hard']}")
    band = next((zone for zone in _zones(places) if zone.kind == "usual"), None)
    if band is not None:
        yield Mark((band.left + band.right) / 2, f"usual {_short(usual(texts) or '')}")
    elif "lower_soft" in places:
        yield Mark(places["lower_soft"], f"usual {usual(texts)}")
    if "upper_hard" in places:
        yield Mark(places["upper_hard"], f"hard limit {texts['upper_hard']}")
    if "toxic_from" in places:
        yield Mark(places["toxic_from"], f"toxic level {texts['toxic_from']}")


def _short(span: str) -> str:
    """Return ``50 to 100 mg`` for a range whose ends have the same unit."""
    low, _, high = span.partition(" to ")
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if high and unit == high.partition(" ")[2] else span


def _says(
    comparison: Mapping[str, Any], texts: Mapping[str, str], slips: Sequence[Slip], held: _Other | None
) -> str:
    """Return the drawing as a sentence, for who does not see it."""
    parts = [f"This order: {comparison['observed']}, {comparison['zone'].replace('-', ' ')}"]
    span = usual(texts)
    parts += [f"usual range {span}"] if span else []
    parts += [f"lower hard limit {texts['lower_hard']}"] if "lower_hard" in texts else []
    parts += [f"hard limit {texts['upper_hard']}"] if "upper_hard" in texts else []
    parts += [f"toxic level {texts['toxic_from']}"] if "toxic_from" in texts else []
    parts += [f"possible slip, {slip.mechanism}: from {slip.text}" for slip in slips]
    parts += [f"the cells of the preparation make {held.text}"] if held else []
    return "; ".join(parts) + ". Log scale."


def _rows(labels: Sequence[Label]) -> int:
    return max((label.row for label in labels), default=-1) + 1
