"""Several drugs in one syringe, bag or pump: each checked, and what they do together.

Each other drug gets the checks of an order of its own. The toxicity of local
anaesthetics adds up, so their fractions of the upper limit are summed. Opioids
are named together. Of one drug given twice, such as a loading dose beside an
infusion, the sum in a window of time is compared.

Within limits: bupivacaine 2.5 mg with fentanyl 15 mcg intrathecally.
Outside: the same bupivacaine with fentanyl 150 mcg.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.case.matching import ZONE_VERDICTS
from itdose.case.measures import NOT_OF_THE_DOSE, Missing, observe
from itdose.checks import identity, limits, notation, route, slips
from itdose.errors import quote
from itdose.findings import Finding, Limit, Verdict
from itdose.plain_text import number, plain, shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.findings import Comparison

CODES = {
    "mixture-local-anaesthetics": "the local anaesthetics together are within the sum of their limits",
    "mixture-local-anaesthetics-above-limit": "the fractions of their limits add up to more than 1",
    "mixture-local-anaesthetics-not-summed": "no sum was made: one has no upper limit that was compared",
    "mixture-opioids": "more than one opioid is given together",
    "together-within-limits": "the sum of one drug in a window of time is within its limits",
    "together-above-limit": "the sum of one drug in a window of time is above a limit",
    "together-not-compared": "one drug is given more than once, and no limit over a time fits the sum",
}
_OF_EACH_DRUG = (identity.check, route.check, notation.check, limits.check, slips.check)


def check(case: Case) -> Iterator[Finding]:
    """Yield the findings of every other drug, and what they do together; nothing for one drug alone."""
    for partner in case.partners:
        name = partner.drug.name if partner.drug else quote(partner.order.drug)
        for part in _OF_EACH_DRUG:
            for finding in part(partner):
                yield finding._replace(drug=name, message=f"{name}: {finding.message}")
    if case.partners:
        yield from _local_anaesthetics(case)
        yield from _opioids(case)
        yield from _same_drug(case)


def _of_class(case: Case, wanted: str) -> list[Case]:
    return [one for one in (case, *case.partners) if one.drug and one.drug.drug_class == wanted]


def _local_anaesthetics(case: Case) -> Iterator[Finding]:
    found = _of_class(case, "local_anaesthetic")
    if len(found) < 2:  # noqa: PLR2004 - a sum needs two
        return
    fractions = [(one, _fraction(one)) for one in found]
    missing = [one.drug.name for one, share in fractions if share is None and one.drug]
    if missing:
        yield Finding(
            code="mixture-local-anaesthetics-not-summed",
            verdict=Verdict.CANNOT_CHECK,
            message="the local anaesthetics were not summed: no upper limit was compared for "
            f"{', '.join(missing)}",
        )
        return
    total = sum((share for _, share in fractions if share is not None), start=Fraction(0))
    parts = " + ".join(
        f"{number(share)} ({one.drug.name})" for one, share in fractions if share is not None and one.drug
    )
    above = total > 1
    reminder = case.formulary.reminder("local_anaesthetics")
    yield Finding(
        code="mixture-local-anaesthetics-above-limit" if above else "mixture-local-anaesthetics",
        verdict=Verdict.NEEDS_REVIEW if above else Verdict.WITHIN_LIMITS,
        message=f"the local anaesthetics together are {number(total)} of their upper limits: {parts}",
        detail=f"{reminder.says[0].upper()}{reminder.says[1:]}.",
        ratio=total,
        evidence=tuple(item.citation for item in reminder.evidence),
    )


def _fraction(case: Case) -> Fraction | None:
    """Return the dose as a fraction of the upper limit, by the rule that allows most."""
    shares = [
        max(parts)
        for match in case.matches
        if (parts := [share for _, item in match.comparisons if (share := _share(item)) is not None])
    ]
    return min(shares, default=None)


def _share(item: Comparison) -> Fraction | None:
    high = item.guardrail.upper_hard or item.guardrail.upper_soft
    if high is None or item.measure in NOT_OF_THE_DOSE:
        return None
    return item.observed.ratio(high)


def _opioids(case: Case) -> Iterator[Finding]:
    found = _of_class(case, "opioid")
    if len(found) < 2:  # noqa: PLR2004 - together means two
        return
    doses = " and ".join(
        f"{one.drug.name} {shown(dose)}" for one in found if one.drug and (dose := one.quantity("dose"))
    )
    reminder = case.formulary.reminder("opioids")
    yield Finding(
        code="mixture-opioids",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"opioids together: {doses}; {reminder.says}",
        evidence=tuple(item.citation for item in reminder.evidence),
    )


def _same_drug(case: Case) -> Iterator[Finding]:
    """Compare what one drug gives in a window of time, loading dose and infusion together."""
    by_drug: dict[str, list[Case]] = {}
    for one in (case, *case.partners):
        if one.drug is not None:
            by_drug.setdefault(one.drug.key, []).append(one)
    for same in by_drug.values():
        if len(same) > 1:
            # Two doses alike have the same sum by the same rule.
            yield from tuple(dict.fromkeys(_sums(same))) or (_not_compared(same[0]),)


def _sums(same: list[Case]) -> Iterator[Finding]:
    for one in same:
        others = [other for other in same if other is not one]
        for match in one.matches:
            for limits_of_measure, item in match.comparisons:
                total = _total(item, limits_of_measure.measure, others) if item.window else None
                if total is not None:
                    yield _sum_finding(item, total)


def _not_compared(case: Case) -> Finding:
    name = case.drug.name if case.drug else "a drug"
    return Finding(
        code="together-not-compared",
        verdict=Verdict.NEEDS_REVIEW,
        message=f"{name} is given more than once, and no limit over a time was compared with the sum",
    )


def _total(item: Comparison, measure: str, others: list[Case]) -> Quantity | None:
    """Return what all give in the window of one limit, or None where one can't be worked out."""
    total = item.observed
    for other in others:
        more = observe(other, measure, item.observed.unit, item.window)
        if more is None or isinstance(more, Missing):
            return None
        total = Quantity(total.amount + more.to(total.unit).amount, total.unit)
    return total


def _sum_finding(item: Comparison, total: Quantity) -> Finding:
    zone = item.guardrail.zone(total)
    verdict = ZONE_VERDICTS[zone]
    bounds = item.guardrail
    reached = [
        Limit(kind, value) for kind, value in bounds.limits() if kind != "lower_soft" and value <= total
    ]
    high = bounds.upper_soft or bounds.upper_hard or bounds.toxic_from
    limit = reached[-1] if reached else Limit("upper_hard", high) if high else None
    window = plain(item.window) if item.window else "the window"
    beside = f"; {limit.kind.replace('_', ' ')} {plain(limit.value)}" if limit else ""
    is_within = verdict is Verdict.WITHIN_LIMITS
    return Finding(
        code="together-within-limits" if is_within else "together-above-limit",
        verdict=verdict,
        message=f"all doses and infusions together give {plain(total)} in any {window}{beside} "
        f"({item.label})",
        measure=item.measure,
        observed=total,
        limit=limit,
        rule=item.rule,
    )
