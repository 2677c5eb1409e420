"""On which side of each limit a number lies: fast where it is plain, and exact where it is near."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

# Far more than what a double rounds away, and far less than two limits ever differ by.
_NEAR = 1e-9


class Sides:
    """Limits in one unit, in order. Two numbers at the same place are told apart by none of them.

    A place is even between two limits, and odd upon one.
    """

    def __init__(self, limits: Iterable[Fraction]) -> None:
        self._exact = sorted(set(limits))
        self.tells_apart = bool(self._exact)
        """Whether there is a limit at all."""
        # Between an even edge and the next one a rounded number is too near to a limit to be trusted.
        self._edges: list[float] = []
        self._places = [0]
        for count, limit in enumerate(self._exact, start=1):
            low, high = float(limit) * (1 - _NEAR), float(limit) * (1 + _NEAR)
            if self._edges and low <= self._edges[-1]:
                self._edges[-1], self._places[-1] = high, 2 * count
            else:
                self._edges += (low, high)
                self._places.append(2 * count)

    def rounded_place(self, rounded: float) -> int:
        """Return the place of a number by its rounding, or -1 where the rounding could hide it."""
        above = bisect_left(self._edges, rounded)
        return -1 if above & 1 else self._places[above >> 1]

    def exact_place(self, number: Fraction) -> int:
        """Return the place of a number."""
        below = bisect_left(self._exact, number)
        return 2 * below + (below < len(self._exact) and self._exact[below] == number)
