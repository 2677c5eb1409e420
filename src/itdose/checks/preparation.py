"""Whether the cells of a preparation agree: each is recomputed from the others, exactly.

Strength, drawn volume, diluent, final volume, concentration, flow rate and
dose are tied by arithmetic. Where they disagree, the cell is named whose
change alone makes the rest agree, with the slip that would explain it. A
figure without an end may be written rounded to three digits or more.

Within limits: 50 mg, 50 mg/mL and 1 mL.
Outside: 50 mg, 500 mg/mL and 1 mL; 1 mL of that holds 500 mg, and 50 mg is 0.1 mL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict
from itdose.order import CELL_NAMES
from itdose.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.case.preparation import Preparation

CODES = {
    "preparation-consistent": "the cells of the preparation that could be recomputed agree",
    "preparation-contradiction": "the cells of the preparation can't all be true",
    "preparation-odd-cell": "the cell whose change alone makes the others agree",
    "preparation-not-stated": "too few cells were stated to recompute one from the others",
    "preparation-not-compared": "cells were stated that could not be recomputed",
    "preparation-worked-out": "what follows from the stated cells",
    "preparation-rows-differ": "rows of one syringe, bag or pump say different things of it",
    "preparation-rows-not-checked": "other rows of the same preparation could not be checked beside it",
    "stated-but-not-checked": "the order states facts that this version does not check",
    "row-hidden": "the order stands in a hidden row of its sheet",
}
_SHOWN_COMPUTED = ("draw_volume", "diluent_volume", "volume", "concentration", "flow_rate")


def check(case: Case) -> Iterator[Finding]:
    """Yield whether the cells agree, what follows from them, and what was stated but not checked."""
    preparation = case.preparation
    if preparation is None:
        yield _not_stated()
    else:
        yield from _recomputed(case, preparation)
        yield from _worked_out(preparation)
    if case.order.conflicts:
        yield Finding(
            code="preparation-rows-differ",
            verdict=Verdict.STOP,
            message=f"other rows of the same preparation differ: {', '.join(case.order.conflicts)}",
        )
    if case.order.not_beside:
        yield Finding(
            code="preparation-rows-not-checked",
            verdict=Verdict.CANNOT_CHECK,
            message="other rows of the same preparation were not checked beside this one: "
            f"{', '.join(case.order.not_beside)}",
        )
    if case.order.not_read:
        yield Finding(
            code="stated-but-not-checked",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"stated, and not checked by this version: {', '.join(case.order.not_read)}",
        )
    if case.order.in_hidden_row:
        yield Finding(
            code="row-hidden",
            verdict=Verdict.NEEDS_REVIEW,
            message="the row is hidden in the sheet; whoever looks at the sheet does not see it",
        )


def _recomputed(case: Case, preparation: Preparation) -> Iterator[Finding]:
    if preparation.clash is not None:
        # Imported here: contradictions are rare, and their words are long.
        from itdose.checks.odd_cell import contradiction, odd_one  # noqa: PLC0415

        yield contradiction(preparation, preparation.clash.relation)
        yield odd_one(case, preparation)
    elif preparation.confirmed:
        yield _consistent(preparation)
    # Duration is a cell of the preparation only beside a flow rate.
    cells = set(preparation.stated) - {"dose", "over"}
    unread = sorted(set(CELL_NAMES) & set(case.refusals))
    if preparation.problem is not None and cells:
        yield _not_compared(preparation.problem)
    elif unread and cells:
        yield _not_compared(f"{', '.join(CELL_NAMES[cell] for cell in unread)} could not be read")
    elif preparation.clash is None and not preparation.confirmed:
        yield _not_stated()


def _not_stated() -> Finding:
    return Finding(
        code="preparation-not-stated",
        verdict=Verdict.WITHIN_LIMITS,
        message="not recomputed: too little was stated of strength, volumes and concentration",
    )


def _consistent(preparation: Preparation) -> Finding:
    cells = ", ".join(
        f"{CELL_NAMES[cell]} {shown(preparation.stated[cell])}"
        for cell in CELL_NAMES
        if cell in preparation.stated
    )
    rounded = ", ".join(CELL_NAMES[cell] for cell in preparation.rounded)
    return Finding(
        code="preparation-consistent",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"the cells agree{f' ({rounded} rounded)' if rounded else ''}: {cells}",
        observed=preparation.stated.get("dose"),
    )


def _not_compared(why: str) -> Finding:
    return Finding(
        code="preparation-not-compared",
        verdict=Verdict.CANNOT_CHECK,
        message=f"the preparation was not recomputed as a whole: {why}",
    )


def _worked_out(preparation: Preparation) -> Iterator[Finding]:
    said = [
        f"{CELL_NAMES[cell]} {shown(preparation.computed[cell])}"
        for cell in _SHOWN_COMPUTED
        if cell in preparation.computed and preparation.computed[cell].amount
    ]
    if preparation.undiluted and "volume" in preparation.stated and preparation.clash is None:
        said.append("given undiluted, as no diluent is stated")
    if said:
        yield Finding(
            code="preparation-worked-out",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"from the stated cells: {', '.join(said)}",
        )
