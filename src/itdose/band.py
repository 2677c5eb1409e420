"""A band of ages or body weights: what a dose rule may be narrowed to within its categories."""

from __future__ import annotations

from typing import NamedTuple

from itdose.plain_text import plain
from itdose.quantity import Quantity  # noqa: TC001 - pydantic reads the fields at run time


class Band(NamedTuple):
    """From ``low`` on and below ``high``; ``None`` is an open end."""

    low: Quantity | None
    high: Quantity | None

    def holds(self, observed: Quantity) -> bool:
        """Return whether ``observed`` lies in the band."""
        return (self.low is None or self.low <= observed) and (self.high is None or observed < self.high)

    def overlaps(self, other: Band) -> bool:
        """Return whether something lies in both bands."""
        return _starts_below(self, other.high) and _starts_below(other, self.high)

    def __str__(self) -> str:
        ends = [f"from {plain(self.low)}"] if self.low else []
        ends += [f"below {plain(self.high)}"] if self.high else []
        return " to ".join(ends)


def may_overlap(one: Band | None, other: Band | None) -> bool:
    """Return whether two bands leave something in common; no band leaves everything."""
    return one is None or other is None or one.overlaps(other)


def _starts_below(band: Band, high: Quantity | None) -> bool:
    return band.low is None or high is None or band.low < high
