"""Which known slip would turn an ordinary dose into this one.

Asked only for a dose that no rule contains. A slip explains a dose when
undoing it lands inside a usual range. It explains; it never proposes a dose.
At most three are shown, most common first, each with its arithmetic.

Within limits: magnesium sulfate 50 mg intrathecally needs no explanation.
Outside: 500 mg is ten times 50 mg, which is inside the usual range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.checks.judgement import judge
from itdose.checks.slip_mechanisms import explanations
from itdose.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.checks.slip_mechanisms import Explanation

CODES = {
    "slip-not-needed": "a rule contains the dose, so no slip was looked for",
    "slip-not-found": "no known slip lands inside a usual range",
    "slips-not-checked": "slips were not looked for, because the order was not compared",
    "slip-tenfold": "ten times too much or too little: a decimal place",
    "slip-hundredfold": "a hundred times: two decimal places",
    "slip-thousandfold": "a thousand times: mg and mcg",
    "slip-hour-day": "an hourly rate for a daily one, or the reverse",
    "slip-minute-hour": "a rate per minute for one per hour, or the reverse",
    "slip-per-kg": "a dose per kg for a whole dose, or the reverse",
    "slip-salt-elemental": "a mass of the element for a mass of the salt, or the reverse",
    "slip-mg-mmol": "a number of millimoles written as a mass, or the reverse",
    "slip-mg-mEq": "a number of milliequivalents written as a mass, or the reverse",
    "slip-bolus-daily": "a daily dose written as one dose",
    "slip-route": "an ordinary dose of another route",
}
_MOST_SHOWN = 3


def check(case: Case) -> Iterator[Finding]:
    """Yield the slips that explain a dose outside its limits, or that none does."""
    judgement = judge(case)
    if not judgement.compared:
        yield Finding(
            code="slips-not-checked",
            verdict=Verdict.CANNOT_CHECK,
            message="no slip was looked for: the dose was not compared with any limit",
        )
        return
    if judgement.contained:
        yield Finding(
            code="slip-not-needed",
            verdict=Verdict.WITHIN_LIMITS,
            message="no slip was looked for: a rule contains the dose",
        )
        return
    found = explanations(case)
    for explanation in found[:_MOST_SHOWN]:
        yield _finding(explanation, judgement.verdict)
    if not found:
        yield Finding(
            code="slip-not-found",
            verdict=judgement.verdict,
            message="no known slip lands inside a usual range of this drug",
        )


def _finding(explanation: Explanation, verdict: Verdict) -> Finding:
    slip = explanation.slip
    return Finding(
        code=f"slip-{slip.mechanism.replace('_', '-')}",
        verdict=verdict,
        message=f"{explanation.arithmetic}, inside {explanation.usual} ({explanation.label})",
        detail=f"How it happens: {slip.why}.",
        mechanism=slip.mechanism,
        explains=explanation.explains,
        rule=explanation.rule,
        evidence=(slip.citation,),
    )
