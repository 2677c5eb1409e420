"""On which side of each limit a number lies: fast where it is plain, and exact where it is near."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    from itdose.batch.counting.written_size import WrittenSize

# Far more than what a double rounds away, and far less than two limits ever differ by.
_NEAR = 1e-9


class Sides:
    """Limits in one unit, in order. Two numbers at the same place are told apart by none of them."""

    def __init__(self, limits: Iterable[Fraction]) -> None:
        self._exact = sorted(set(limits))
        self._rounded = [float(limit) for limit in self._exact]

    def place(self, written: WrittenSize) -> int:
        """Return the place of a written number."""
        return self.place_of(written.rounded, lambda: written.size)

    def place_of(self, rounded: float, exact: Callable[[], Fraction]) -> int:
        """Return where a number lies: even between two limits, odd upon one.

        ``exact`` is asked for only where rounding could hide the side.
        """
        limits = self._rounded
        below = bisect_left(limits, rounded)
        for near in limits[below - 1 if below else 0 : below + 1]:
            if abs(near - rounded) <= _NEAR * near:
                return self._exact_place(exact())
        return 2 * below

    def _exact_place(self, number: Fraction) -> int:
        below = bisect_left(self._exact, number)
        return 2 * below + (below < len(self._exact) and self._exact[below] == number)
