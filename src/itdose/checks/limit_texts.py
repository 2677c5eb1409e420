"""The words of the limits check. Wording scales with the distance from the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.conversion import convert
from itdose.case.measures import has_base, whole_measure
from itdose.errors import QuantityError
from itdose.findings import Finding, Limit
from itdose.guardrail import Zone
from itdose.plain_text import beside, number, plain
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.case import Case
    from itdose.findings import Citation, Comparison, Verdict
    from itdose.formulary.tables import DoseRule, HarmReport, MeasureLimits
    from itdose.guardrail import Guardrail

_KIND_OF_HARD_LIMIT = {
    "label_maximum": "the highest that a label allows",
    "guideline_maximum": "the highest that a guideline allows",
    "edge_of_evidence": "the edge of the evidence: nothing above it was found studied",
    "judgement": "a judgement of the formulary's authors, in no source",
    "site_decision": "a decision of the site",
}
_DECIDING_KIND = {
    Zone.AT_TOXIC_LEVEL: "toxic_from",
    Zone.ABOVE_HARD_LIMIT: "upper_hard",
    Zone.BELOW_HARD_LIMIT: "lower_hard",
    Zone.ABOVE_SOFT_LIMIT: "upper_soft",
    Zone.BELOW_SOFT_LIMIT: "lower_soft",
}
_NO_SITE: Mapping[str, str] = {}
_SUPPORT = {"upper_soft": "usual", "lower_soft": "usual"}


def comparison_finding(
    case: Case, rule: DoseRule, limits: MeasureLimits, comparison: Comparison, verdict: Verdict
) -> Finding:
    """Return the finding for one measure beside the limits of one rule."""
    limit = deciding_limit(comparison, limits.origins)
    report = _report_at(case, limit) if comparison.zone is Zone.AT_TOXIC_LEVEL else None
    return Finding(
        code=f"{whole_measure(limits.measure).replace('_', '-')}-{comparison.zone.value}",
        verdict=verdict,
        message=_message(limits, comparison, limit),
        detail=_detail(limits, comparison, report),
        measure=limits.measure,
        observed=comparison.observed,
        limit=limit,
        ratio=comparison.observed.ratio(limit.value) if limit and limit.value.amount else None,
        rule=rule.id,
        evidence=_evidence(rule, limits, limit, report),
    )


def deciding_limit(comparison: Comparison, origins: Mapping[str, str] = _NO_SITE) -> Limit | None:
    """Return the limit that put the quantity in its zone; inside, the nearest one above."""
    bounds = comparison.guardrail
    kind = _DECIDING_KIND.get(comparison.zone)
    if kind is None:
        kind = next(
            (k for k in ("upper_soft", "upper_hard", "toxic_from") if getattr(bounds, k)), "lower_soft"
        )
    value = getattr(bounds, kind)
    return Limit(kind, value, origins.get(kind)) if value is not None else None


def usual_range(bounds: Guardrail) -> str | None:
    """Return the usual range in words, or None where no source gives one."""
    low, high = bounds.lower_soft, bounds.upper_soft
    if high is None:
        return None
    if low is None:
        return f"up to {plain(high)}"
    return plain(high) if low.size == high.size else f"{plain(low)} to {plain(high)}"


def reached_limit(limit: Limit) -> str:
    """Return the words of a limit that another dose would reach: a toxic level, or else a hard limit."""
    above = "at or above the toxic level" if limit.kind == "toxic_from" else "above the upper hard limit"
    return f"{above}, {plain(limit.value)}"


def _message(limits: MeasureLimits, comparison: Comparison, limit: Limit | None) -> str:
    measure = whole_measure(limits.measure).replace("_", " ")
    if limit is None:
        return f"{measure} compared; no limit applies"
    observed = beside(comparison.observed, limit.value)
    if limits.window is not None:
        observed = f"{observed} in any {plain(limits.window)}"
    origin = f" (set by {limit.origin})" if limit.origin else ""
    return f"{observed} is {_beside_limit(comparison, limit.value)}{origin}"


def _beside_limit(comparison: Comparison, limit: Quantity) -> str:
    times = _times(comparison.observed, limit)
    usual = usual_range(comparison.guardrail)
    inside = f"within the usual range, {usual}" if usual else f"not above {plain(limit)}"
    level = f", {plain(limit)}," if times else ","
    toxic = f"the toxic level{level} a dose that has harmed"
    return {
        Zone.AT_TOXIC_LEVEL: f"{times}{toxic}",
        Zone.ABOVE_HARD_LIMIT: f"{times}the upper hard limit, {plain(limit)}",
        Zone.ABOVE_SOFT_LIMIT: f"above the usual range, {usual}",
        Zone.WITHIN_LIMITS: inside,
        Zone.BELOW_SOFT_LIMIT: f"below the usual range, {usual}",
        Zone.BELOW_HARD_LIMIT: f"below the lower hard limit, {plain(limit)}",
    }[comparison.zone]


def _times(observed: Quantity, limit: Quantity) -> str:
    ratio = observed.ratio(limit)
    return "" if ratio == 1 else f"{number(ratio)} times "


def _detail(limits: MeasureLimits, comparison: Comparison, report: HarmReport | None) -> str | None:
    if report is not None and isinstance(report.dose, Quantity):
        return f"Reported at {plain(report.dose)}: {report.outcome} ({report.population})."
    if comparison.zone is Zone.ABOVE_HARD_LIMIT and limits.upper_hard_is:
        return f"The limit is {_KIND_OF_HARD_LIMIT[limits.upper_hard_is]}."
    if comparison.zone is Zone.WITHIN_LIMITS and "upper_soft" in limits.absent:
        return f"No usual range: {limits.absent['upper_soft']}."
    return None


def weight_that_reaches(case: Case, limits: MeasureLimits) -> str:
    """Return below which body weight a limit per kg would be passed, or nothing."""
    dose, high = case.quantity("dose"), limits.guardrail.upper_soft or limits.guardrail.upper_hard
    if dose is None or high is None or limits.measure != "dose_per_kg" or has_base(dose, "bodyweight"):
        return ""
    per_kilogram = high.unit.symbol.replace("/kg", "", 1)
    try:
        limit = Quantity(high.amount, case.formulary.units[per_kilogram])
        weight = convert(dose, limit.unit, case.drug).ratio(limit) if case.drug else None
    except QuantityError:
        return ""
    if weight is None:
        return ""
    return f"; the dose is above {plain(high)} for a body weight below {number(weight)} kg"


def _report_at(case: Case, limit: Limit | None) -> HarmReport | None:
    entry = case.by_route
    if entry is None or limit is None:
        return None
    for report in entry.reports:
        if isinstance(report.dose, Quantity) and report.dose.same_as(limit.value):
            return report
    return None


def _evidence(
    rule: DoseRule, limits: MeasureLimits, limit: Limit | None, report: HarmReport | None
) -> tuple[Citation, ...]:
    if report is not None:
        return (report.citation,)
    if limit is None:
        return ()
    return rule.citations(f"{limits.measure}.{_SUPPORT.get(limit.kind, limit.kind)}")
