"""A log-scale ruler: usual range, hard limit, toxic level and the proposed dose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from itdose.checks.limit_texts import usual_range
from itdose.plain_text import beside, plain

if TYPE_CHECKING:
    from itdose.findings import Comparison
    from itdose.guardrail import Guardrail
    from itdose.quantity import Quantity

_MARGIN = 0.08
_FEWEST_COLUMNS = 20


def ruler(bounds: Guardrail, observed: Quantity | None, width: int) -> list[str]:
    """Draw limits on a log scale in plain characters, with a pointer to what was observed.

    The position is drawn with rounding; every number stands in the legend in full.
    """
    marks = {"|": bounds.upper_hard, "X": bounds.toxic_from, "L": bounds.lower_hard}
    stated = [q for q in (*marks.values(), bounds.lower_soft, bounds.upper_soft, observed) if q]
    scale = _Scale(stated, max(width, _FEWEST_COLUMNS))
    line = ["."] * scale.columns
    if bounds.upper_soft is not None:
        first = scale.column(bounds.lower_soft) if bounds.lower_soft is not None else 0
        last = scale.column(bounds.upper_soft)
        line[first : last + 1] = "=" * (last + 1 - first)
    for mark, quantity in marks.items():
        if quantity is not None:
            line[scale.column(quantity)] = mark
    drawn = "".join(line)
    return [drawn] if observed is None else [drawn, " " * scale.column(observed) + "^"]


def legend(bounds: Guardrail) -> list[str]:
    """Return what each mark of the ruler means, with its quantity."""
    usual = usual_range(bounds)
    entries = [f"= usual {usual}"] if usual else []
    entries += [f"| hard limit {plain(bounds.upper_hard)}"] if bounds.upper_hard else []
    entries += [f"X toxic level {plain(bounds.toxic_from)}"] if bounds.toxic_from else []
    entries += [f"L lower hard limit {plain(bounds.lower_hard)}"] if bounds.lower_hard else []
    return entries


def proposed(comparison: Comparison) -> str:
    """Return what the pointer of the ruler means."""
    return f"^ proposed {observed_text(comparison)}"


def observed_text(comparison: Comparison) -> str:
    """Write the observed quantity in the unit of the limits beside it."""
    bounds = comparison.guardrail
    limit = bounds.upper_soft or bounds.upper_hard or bounds.toxic_from or bounds.lower_soft
    return beside(comparison.observed, limit) if limit else plain(comparison.observed)


class _Scale:
    """Columns on a log scale that holds every mark."""

    def __init__(self, quantities: list[Quantity], columns: int) -> None:
        # Floats are for drawing only: no number that a person reads comes from here.
        places = [math.log10(float(quantity.size)) for quantity in quantities]
        span = max(places) - min(places) or 1.0
        self._low = min(places) - span * _MARGIN
        self._span = span * (1 + 2 * _MARGIN)
        self.columns = columns

    def column(self, quantity: Quantity) -> int:
        place = (math.log10(float(quantity.size)) - self._low) / self._span
        return min(self.columns - 1, max(0, round(place * (self.columns - 1))))
