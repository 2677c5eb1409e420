"""How the order is written: what was refused, and what was read although it is risky.

Within limits: ``50 mg``.
Outside: ``1.0 mg`` is read, and a person must look; ``1,5 mg`` is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.dose_text import Remark

CODES = {
    "notation-plain": "every text was read, and none is written in a risky way",
    "notation-refused": "a text has no reading, or more than one",
    "notation-run-together": "number and unit stand without a space",
    "notation-trailing-zero": "a zero after the decimal point",
    "notation-micro-sign": "a microgram sign, which is misread as mg",
    "notation-lower-case-l": "a small l, which is misread as the digit 1",
    "notation-percent-strength": "a strength in percent",
    "notation-ratio-strength": "a strength as a ratio",
    "notation-decimal-below-one": "a decimal that a smaller unit would avoid",
    "notation-large-number": "a large number that a larger unit would avoid",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield every refusal and every risky notation, or that there is none."""
    spoken = False
    for field, error in case.refusals.items():
        spoken = True
        yield Finding(
            code="notation-refused",
            verdict=Verdict.CANNOT_CHECK,
            message=f"{field} {error}",
            measure=field,
        )
    for field, reading in case.readings.items():
        for remark in reading.remarks:
            spoken = True
            yield _remark(case, field, remark)
    if not spoken:
        yield Finding(
            code="notation-plain",
            verdict=Verdict.WITHIN_LIMITS,
            message="every text was read, and none is written in a risky way",
        )


def _remark(case: Case, field: str, remark: Remark) -> Finding:
    entry = case.formulary.notation(remark.code)
    if entry is None:
        return Finding(
            code=f"notation-{remark.code}",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{field} '{remark.fragment}' is written in a risky way; write '{remark.safe}'",
            measure=field,
        )
    return Finding(
        code=f"notation-{remark.code}",
        verdict=Verdict[entry["verdict"].upper()],
        message=f"{field} '{remark.fragment}' is safer as '{remark.safe}'",
        detail=f"It has been misread as {entry['misread_as']}. Write {entry['write']}.",
        measure=field,
        evidence=(case.formulary.citation(entry["source"], entry["where"]),),
    )
