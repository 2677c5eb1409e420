"""Which known slip would turn an ordinary dose into this one.

Asked only for a dose that no rule contains. A slip explains a dose when
undoing it lands inside a usual range: of this rule, then of another
indication, another route, a drug that is confused with this one, or another
stocked strength. Two slips together are looked for only where no single one
explains. It explains; it never proposes a dose. At most three are shown, the
likeliest first, each with its arithmetic and why it stands there.

Within limits: magnesium sulfate 50 mg intrathecally needs no explanation.
Outside: 500 mg is ten times 50 mg, which is inside the usual range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.product import containers
from itdose.case.volumes import volume_of
from itdose.checks.judgement import judge
from itdose.checks.slip_ways import Fit, look_alikes
from itdose.checks.stock import stocked
from itdose.findings import Finding, Verdict
from itdose.plain_text import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.checks.slip_explanations import Explanation
    from itdose.formulary import Drug

CODES = {
    "slip-not-needed": "a rule contains the dose, so no slip was looked for",
    "slip-not-found": "no known slip, nor two together, lands inside a usual range",
    "slips-not-checked": "slips were not looked for, because the order was not compared",
    "slip-tenfold": "ten times too much or too little: a decimal place",
    "slip-hundredfold": "a hundred times: two decimal places",
    "slip-thousandfold": "a thousand times: mg and mcg",
    "slip-hour-day": "an hourly rate for a daily one, or the reverse",
    "slip-minute-hour": "a rate per minute for one per hour, or the reverse",
    "slip-per-kg": "a dose per kg for a whole dose, or the reverse",
    "slip-lb-kg": "a body weight in pounds taken for one in kilograms, or the reverse",
    "slip-salt-elemental": "a mass of the element for a mass of the salt, or the reverse",
    "slip-mg-mmol": "a number of millimoles written as a mass, or the reverse",
    "slip-mg-mEq": "a number of milliequivalents written as a mass, or the reverse",
    "slip-percent-strength": "a strength in percent or as a ratio reckoned tenfold wrong",
    "slip-volume-as-mass": "a number of milligrams drawn as so many milliliters",
    "slip-whole-ampoule": "the whole content of an ampoule where a part of it was meant",
    "slip-ampoule-strength": "the volume of one strength drawn from another",
    "slip-bolus-daily": "a daily dose written as one dose",
    "slip-route": "an ordinary dose of another route",
    "slip-look-alike-drug": "an ordinary dose of a drug that is confused with this one",
}
_MOST_SHOWN = 3
_EASY_MILLILITERS = frozenset({1, 2, 5, 10})
_FIT_WORDS = {
    Fit.SAME_FIGURE: "the figure stands as written and only its unit changes",
    Fit.SAME_VOLUME: "the volume stands as written, and only the ampoule changes",
    Fit.OTHER_ROUTE: "dose and unit stand as written, and only the route changes",
    Fit.LOOK_ALIKE: "dose and unit stand as written, and only the drug changes",
    Fit.STATED_PERCENT: "a strength in percent or as a ratio is stated, and has to be turned into mg/mL",
    Fit.THIS_RULE: "a changed figure lands inside the usual range of this rule",
    Fit.OTHER_INDICATION: "a changed figure lands inside the usual range of another indication",
    Fit.OTHER_MODE: "another route, and another way of giving it there",
    Fit.OTHER_STRENGTH: "a stocked strength gives just this dose",
}
_PLACES = ("first", "second", "third")


def check(case: Case) -> Iterator[Finding]:
    """Yield the slips that explain a dose outside its limits, or that none does."""
    judgement = judge(case)
    has_rules = case.by_route is not None and case.by_route.rules
    if not has_rules and (meant := tuple(look_alikes(case))):
        yield _wrong_drug(case, meant)
        return
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
    # Imported here: most doses are ordinary, and need no explanation.
    from itdose.checks.slip_explanations import explanations  # noqa: PLC0415

    found = explanations(case)
    for place, explanation in zip(_PLACES, found[:_MOST_SHOWN], strict=False):
        yield _finding(case, explanation, place, judgement.verdict)
    if not found:
        yield Finding(
            code="slip-not-found",
            verdict=judgement.verdict,
            message="no known slip, nor two together, lands inside a usual range",
        )


def _wrong_drug(case: Case, meant: tuple[Drug, ...]) -> Finding:
    """Return the drugs that are given by a route by which this one has no limits, and look like it."""
    slip = next(slip for slip in case.formulary.slips if slip.works_by == "look_alike")
    is_forbidden = case.by_route is not None and case.by_route.forbidden is not None
    return Finding(
        code="slip-look-alike-drug",
        verdict=Verdict.STOP if is_forbidden else Verdict.CANNOT_CHECK,
        message=f"given by the {case.route} route, and confused with "
        f"{case.drug.name if case.drug else 'it'}: {', '.join(drug.name for drug in meant)}",
        detail=f"{slip.how_common[0].upper()}{slip.how_common[1:]}. How it happens: {slip.why}.",
        mechanism=slip.mechanism,
        evidence=tuple(slip.citations),
    )


def _finding(case: Case, explanation: Explanation, place: str, verdict: Verdict) -> Finding:
    first, *others = explanation.slips
    both = f" (with {' and '.join(slip.mechanism.replace('_', ' ') for slip in others)})" if others else ""
    is_inside = "inside" if explanation.explains is not None else "above the usual"
    why = "; ".join(slip.why for slip in explanation.slips)
    common = "; ".join(dict.fromkeys(slip.how_common for slip in explanation.slips))
    return Finding(
        code=f"slip-{first.mechanism.replace('_', '-')}",
        verdict=verdict,
        message=f"{explanation.arithmetic}{both}, {is_inside} {explanation.usual} "
        f"({explanation.label}){_easily_drawn(case) if explanation.fit is Fit.THIS_RULE else ''}",
        detail=f"Ranked {place}: {_FIT_WORDS[explanation.fit]}; {common}. How it happens: {why}.",
        mechanism=first.mechanism,
        explains=explanation.explains,
        rule=explanation.rule,
        evidence=tuple(dict.fromkeys(place for slip in explanation.slips for place in slip.citations)),
    )


def _easily_drawn(case: Case) -> str:
    """Name the product of which the written dose is a volume that is drawn without thinking."""
    dose = case.quantity("dose")
    if dose is None:
        return ""
    for product in stocked(case):
        volume = volume_of(dose, product.strength, case)
        whole = {container.volume.size for container in containers(product, case.formulary.units)}
        if volume is not None and (volume.amount in _EASY_MILLILITERS or volume.size in whole):
            return f"; {plain(volume)} of {product.name} is {shown(dose)}"
    return ""
