"""Every measure of the order against every limit that applies.

A value equal to a limit is inside it; the toxic level itself is toxic. Limits
in mg and in mg/kg stand side by side, and whichever is reached first decides.

Within limits: magnesium sulfate 50 mg intrathecally, usual range 50 mg to 100 mg.
Outside: magnesium sulfate 500 mg intrathecally, the dose of a case report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.matching import ZONE_VERDICTS, purpose_label, rule_label, site_words
from itdose.case.measures import has_base, whole_measure
from itdose.checks.judgement import judge
from itdose.checks.limit_texts import comparison_finding, weight_that_reaches
from itdose.checks.route import overdose_texts
from itdose.findings import Finding, Verdict
from itdose.guardrail import Zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.case.matching import RuleMatch
    from itdose.checks.judgement import Judgement
    from itdose.findings import Citation, RuleReview
    from itdose.formulary.tables import DoseRule

MEASURES = ("dose", "daily-dose", "dose-rate", "concentration", "volume", "duration", "cumulative-dose")
_ZONE_MEANINGS = {
    Zone.BELOW_HARD_LIMIT: "below the lower hard limit",
    Zone.BELOW_SOFT_LIMIT: "below the usual range",
    Zone.WITHIN_LIMITS: "within the limits",
    Zone.ABOVE_SOFT_LIMIT: "above the usual range",
    Zone.ABOVE_HARD_LIMIT: "above the upper hard limit",
    Zone.AT_TOXIC_LEVEL: "at or above the toxic level, a dose that has harmed",
}
CODES = {
    f"{measure}-{zone.value}": f"the {measure.replace('-', ' ')} is {meaning}"
    for measure in MEASURES
    for zone, meaning in _ZONE_MEANINGS.items()
} | {
    "limits-not-compared": "no limit was compared: something was not read, or is not allowed",
    "rule-missing": "the formulary has no rule for this mode, patient and indication",
    "rules-disagree": "the rules for different indications, modes, ages or weights disagree about this dose",
    "rule-thin": "a rule rests on one reading or one source, or its review is overdue",
    "rule-reviewed": "how far a rule was reviewed, and whether this site has signed it off",
    "weight-missing": "a limit per kg could not be compared without the body weight",
    "body-surface-missing": "a dose per m2 could not be compared without the body surface",
    "concentration-not-read": "the stated concentration was refused, so none was compared",
    "conversion-missing": "the units can't be converted without a factor that the drug does not have",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield one finding for each measure compared, or why nothing could be."""
    reason = _reason_not_to_compare(case)
    if reason:
        yield Finding(code="limits-not-compared", verdict=Verdict.CANNOT_CHECK, message=reason)
        return
    judgement = judge(case)
    if not judgement.matches:
        yield Finding(code="rule-missing", verdict=Verdict.CANNOT_CHECK, message=_no_rule(case))
        return
    if not judgement.compared and not any(match.missing for match in judgement.matches):
        yield _no_measure(case, judgement)
    for match in judgement.matches:
        yield from _compared(case, match, judgement)
        yield from _missing(case, match, judgement)
        yield _review(case, match, judgement)
    if judgement.disagree:
        yield _disagreement(case, judgement)
    if case.drug is not None and judgement.verdict is Verdict.STOP:
        yield from overdose_texts(case, case.drug)


def _no_measure(case: Case, judgement: Judgement) -> Finding:
    """Return which measures the rules bound, where the order says nothing of any of them."""
    bounded = dict.fromkeys(
        whole_measure(limits.measure).replace("_", " ")
        for match in judgement.matches
        for limits in match.rule.limits
    )
    dose = case.quantity("dose")
    is_rate = dose is not None and has_base(dose, "time")
    return Finding(
        code="limits-not-compared",
        verdict=Verdict.CANNOT_CHECK,
        message=f"no limit was compared: the dose is {'a rate' if is_rate else 'an amount'}, and the "
        f"rules bound {' and '.join(bounded)}; write the dose so, or state how long it runs",
    )


def _reason_not_to_compare(case: Case) -> str | None:
    if case.drug is None:
        return "no limit was compared: the drug is not known"
    if case.route is None or case.by_route is None or case.by_route.status == "no_figure":
        return "no limit was compared: there are no limits for this route"
    if case.by_route.forbidden is not None:
        return "no limit was compared: no dose is allowed by this route"
    if case.quantity("dose") is None:
        return "no limit was compared: the dose could not be read"
    for field in ("mode", "indication"):
        if field in case.unknown_names:
            return f"no limit was compared: {case.unknown_names[field]}"
    return None


def _compared(case: Case, match: RuleMatch, judgement: Judgement) -> Iterator[Finding]:
    for limits, comparison in match.comparisons:
        verdict = judgement.cap(ZONE_VERDICTS[comparison.zone])
        yield comparison_finding(case, match.rule, limits, comparison, verdict)


def _missing(case: Case, match: RuleMatch, judgement: Judgement) -> Iterator[Finding]:
    others_compared = bool(judgement.compared)
    for limits, missing in match.missing:
        verdict = match.missing_verdict(limits)
        reached = weight_that_reaches(case, limits) if missing.code == "weight-missing" else ""
        yield Finding(
            code=missing.code,
            verdict=judgement.cap(verdict) if others_compared else verdict,
            message=f"{limits.measure.replace('_', ' ')} not compared: {missing.what}{reached}",
            measure=limits.measure,
            rule=match.rule.id,
        )


def _review(case: Case, match: RuleMatch, judgement: Judgement) -> Finding:
    review = match.rule.review
    state, signed = review.state.replace("_", "-"), _signed(review)
    overdue = review.due < case.formulary.as_of
    due = f"; its review was due on {review.due}" if overdue else ""
    thin = "; a person must look" if match.is_thin else ""
    return Finding(
        code="rule-thin" if match.is_thin else "rule-reviewed",
        verdict=judgement.cap(Verdict.NEEDS_REVIEW) if match.is_thin else Verdict.WITHIN_LIMITS,
        message=f"rule for {rule_label(case, match.rule)}: {state} on {review.on}, {signed}{due}{thin}",
        detail=" ".join([*site_words(review), *([match.rule.note] if match.rule.note else [])]) or None,
        rule=match.rule.id,
        evidence=_all_citations(match.rule),
    )


def _signed(review: RuleReview) -> str:
    sign_off = review.sign_off
    if sign_off is None:
        return "not signed off by this site"
    who = f"{sign_off.name} ({sign_off.role}, {sign_off.site}) on {sign_off.on}"
    if sign_off.is_valid:
        return f"signed off by {who}"
    return f"no longer signed off: it was changed after {who} signed it"


def _all_citations(rule: DoseRule) -> tuple[Citation, ...]:
    return tuple(item.citation for item in rule.evidence)


def _disagreement(case: Case, judgement: Judgement) -> Finding:
    inside: list[str] = []
    outside: list[str] = []
    for match in judgement.matches:
        # What could not be compared whole is not called ordinary.
        whole = match.contains and not match.missing
        (inside if whole else outside).append(purpose_label(case, match.rule))
    unstated = _unstated(case, judgement)
    said = f"ordinary for {', '.join(dict.fromkeys(inside))}" if inside else "ordinary for none of them"
    return Finding(
        code="rules-disagree",
        verdict=judgement.cap(Verdict.NEEDS_REVIEW),
        message=f"the {unstated} is not stated, and the rules disagree: {said}",
        detail=f"Not ordinary, or not compared: {', '.join(dict.fromkeys(outside))}." if outside else None,
    )


def _unstated(case: Case, judgement: Judgement) -> str:
    """Return the fact whose absence lets several rules be meant."""
    rules = [match.rule for match in judgement.matches]
    if case.patient.weight is None and any(rule.weight for rule in rules):
        return "body weight"
    if case.patient.age is None and any(rule.age for rule in rules):
        return "age"
    return "indication" if case.indication is None else "mode"


def _no_rule(case: Case) -> str:
    drug, entry = case.drug, case.by_route
    if drug is None or entry is None:
        return "there is no rule"
    labels = "; ".join(rule_label(case, rule) for rule in entry.rules) or "no rule at all"
    return (
        f"the formulary has no rule for {drug.name} by the {case.route} route "
        f"for this mode, patient and indication; it has: {labels}"
    )
