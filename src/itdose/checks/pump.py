"""What a pump or an infusion does over time: how long it runs, and what a changed drug leaves behind.

Whether concentration, flow rate and dose agree is the preparation's check;
this one says how long the reservoir lasts and what is still in the tubing.

Within limits: 20 mL at 0.5 mL/day lasts 40 days.
Outside: a fill of 25 mL for a reservoir of 20 mL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict
from itdose.plain_text import number, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.quantity import Quantity

CODES = {
    "pump-lasts": "how long the reservoir or the bag lasts at the flow rate",
    "pump-empties-early": "the reservoir is empty before the stated time is over",
    "pump-overfilled": "the fill is more than the reservoir holds",
    "pump-concentration-change": "a reminder: after a change the old drug in the tubing is given first",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield how long the pump runs; nothing where neither a flow rate nor a reservoir is stated."""
    reservoir, flow = case.quantity("reservoir_volume"), case.quantity("flow_rate")
    preparation = case.preparation
    fill = preparation.quantity("volume") if preparation else None
    if reservoir is not None and fill is not None and reservoir < fill:
        yield Finding(
            code="pump-overfilled",
            verdict=Verdict.STOP,
            message=f"the fill, {shown(fill)}, is more than the reservoir holds, {shown(reservoir)}",
            observed=fill,
        )
    content = fill or reservoir
    if flow is not None and content is not None:
        yield _lasts(case, content, flow)
    if flow is not None and reservoir is not None and case.formulary.is_neuraxial(case.route):
        yield _old_drug(case, flow)


def _lasts(case: Case, content: Quantity, flow: Quantity) -> Finding:
    minutes = content.size / flow.size
    over = case.quantity("over")
    units = case.formulary.units
    unit = units["day"] if minutes >= units["day"].size else units["h"]
    said = f"{shown(content)} at {plain(flow)} lasts {number(minutes / unit.size)} {unit.symbol}"
    said += "s" if unit.symbol == "day" and minutes != unit.size else ""
    if over is not None and minutes < over.size:
        return Finding(
            code="pump-empties-early",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{said}, which is less than the stated {plain(over)}",
        )
    evidence = case.formulary.reminder("refill_interval").evidence
    return Finding(
        code="pump-lasts",
        verdict=Verdict.WITHIN_LIMITS,
        message=said,
        evidence=tuple(item.citation for item in evidence),
    )


def _old_drug(case: Case, flow: Quantity) -> Finding:
    reminder = case.formulary.reminder("concentration_change")
    hours = case.formulary.units["h"]
    tenth = case.formulary.units["mL"].size / 10 / flow.size / hours.size
    return Finding(
        code="pump-concentration-change",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"if the drug or its concentration was changed: {reminder.says}; "
        f"at {plain(flow)} each 0.1 mL of the old one takes {number(tenth)} h",
        evidence=tuple(item.citation for item in reminder.evidence),
    )
