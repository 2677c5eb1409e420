"""Which changed limits no regression case noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.render.layout import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.curation.mutation import Trial


def mutation_text(trials: Sequence[Trial], *, width: int) -> str:
    """Return the survivors, hard limits first, and how many changes were tried."""
    lines: list[str] = []
    for title, is_hard in (("hard limits, toxic levels and forbidden routes", True), ("other limits", False)):
        tried = [trial for trial in trials if trial.mutant.is_hard is is_hard]
        survivors = [trial.mutant for trial in tried if not trial.is_noticed]
        share = f" ({100 * len(survivors) / len(tried):.1f} %)" if survivors else ""
        lines.append(f"{title}: {len(tried)} changes, {len(survivors)} not noticed{share}")
        for mutant in survivors:
            lines += wrap(str(mutant), width, "  ", "    ")
    return "\n".join(lines) + "\n"
