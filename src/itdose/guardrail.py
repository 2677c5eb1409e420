"""Limits in one dimension, and the zone in which a quantity lies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from itdose.errors import QuantityError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.quantity import Quantity


class Zone(Enum):
    """Where a quantity lies among its limits. A value equal to a limit is inside it."""

    BELOW_HARD_LIMIT = "below-hard-limit"
    BELOW_SOFT_LIMIT = "below-soft-limit"
    WITHIN_LIMITS = "within-limits"
    ABOVE_SOFT_LIMIT = "above-soft-limit"
    ABOVE_HARD_LIMIT = "above-hard-limit"
    AT_TOXIC_LEVEL = "at-toxic-level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """Four limits and the toxic level, a dose that has harmed, ordered when built.

    ``None`` is a limit that does not apply; the formulary says why. The usual
    range is lower soft to upper soft. The toxic level itself is already toxic.
    """

    lower_hard: Quantity | None = None
    lower_soft: Quantity | None = None
    upper_soft: Quantity | None = None
    upper_hard: Quantity | None = None
    toxic_from: Quantity | None = None

    def __post_init__(self) -> None:
        stated = list(self.stated())
        for (low_kind, low), (high_kind, high) in pairwise(stated):
            if not low <= high:
                raise QuantityError(f"{low_kind} lies above {high_kind}")
        for kind, limit in stated:
            # The toxic level may lie below the upper hard limit, which a label may put too high.
            if self.toxic_from and self.toxic_from <= limit and kind != "upper_hard":
                raise QuantityError(f"toxic_from does not lie above {kind}")

    def stated(self) -> Iterator[tuple[str, Quantity]]:
        """Yield the four limits that apply, from lowest to highest."""
        for kind in ("lower_hard", "lower_soft", "upper_soft", "upper_hard"):
            limit = getattr(self, kind)
            if limit is not None:
                yield kind, limit

    def limits(self) -> Iterator[tuple[str, Quantity]]:
        """Yield the four limits that apply, and then the toxic level if there is one."""
        yield from self.stated()
        if self.toxic_from is not None:
            yield "toxic_from", self.toxic_from

    def zone(self, observed: Quantity) -> Zone:
        """Return the worst zone that holds ``observed``; refuse another dimension."""
        if self.toxic_from is not None and self.toxic_from <= observed:
            return Zone.AT_TOXIC_LEVEL
        if self.upper_hard is not None and self.upper_hard < observed:
            return Zone.ABOVE_HARD_LIMIT
        if self.lower_hard is not None and observed < self.lower_hard:
            return Zone.BELOW_HARD_LIMIT
        if self.upper_soft is not None and self.upper_soft < observed:
            return Zone.ABOVE_SOFT_LIMIT
        if self.lower_soft is not None and observed < self.lower_soft:
            return Zone.BELOW_SOFT_LIMIT
        return Zone.WITHIN_LIMITS
