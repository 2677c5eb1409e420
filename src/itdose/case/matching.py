"""Which dose rules an order is compared with, and how each comparison came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.case.measures import Missing, has_base, observe, whole_measure
from itdose.findings import Comparison, Verdict
from itdose.guardrail import Zone
from itdose.order import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from itdose.case import Case
    from itdose.findings import RuleReview
    from itdose.formulary import Formulary
    from itdose.formulary.tables import DoseRule, MeasureLimits

# A demand dose is never meant unless somebody says so.
_UNSTATED_MODES = frozenset(MODES) - {"continuous_infusion", "patient_controlled_dose"}

ZONE_VERDICTS = {
    Zone.BELOW_HARD_LIMIT: Verdict.STOP,
    Zone.BELOW_SOFT_LIMIT: Verdict.NEEDS_REVIEW,
    Zone.WITHIN_LIMITS: Verdict.WITHIN_LIMITS,
    Zone.ABOVE_SOFT_LIMIT: Verdict.NEEDS_REVIEW,
    Zone.ABOVE_HARD_LIMIT: Verdict.STOP,
    Zone.AT_TOXIC_LEVEL: Verdict.STOP,
}


class RuleMatch(NamedTuple):
    """One rule that covers the order, with every measure that was compared or could not be."""

    rule: DoseRule
    comparisons: tuple[tuple[MeasureLimits, Comparison], ...]
    missing: tuple[tuple[MeasureLimits, Missing], ...]
    is_thin: bool
    """The rule is only drafted, or its review is overdue."""

    @property
    def verdict(self) -> Verdict:
        """The worst that this rule alone says; a rule that compared nothing can't check."""
        if not self.comparisons:
            return Verdict.CANNOT_CHECK
        verdicts = [ZONE_VERDICTS[comparison.zone] for _, comparison in self.comparisons]
        verdicts += [self.missing_verdict(limits) for limits, _ in self.missing]
        return max(*verdicts, Verdict.NEEDS_REVIEW if self.is_thin else Verdict.WITHIN_LIMITS)

    def missing_verdict(self, limits: MeasureLimits) -> Verdict:
        """Return what a measure that could not be compared leads to.

        Beside a compared limit of the same measure (mg beside mg/kg) a person
        must look; alone it can't be checked.
        """
        base = whole_measure(limits.measure)
        compared = {whole_measure(other.measure) for other, _ in self.comparisons}
        return Verdict.NEEDS_REVIEW if base in compared else Verdict.CANNOT_CHECK

    @property
    def contains(self) -> bool:
        """Whether every compared measure is inside its soft limits."""
        return bool(self.comparisons) and all(
            comparison.zone is Zone.WITHIN_LIMITS for _, comparison in self.comparisons
        )


def match_rules(case: Case, profile: Mapping[str, str] | None = None) -> tuple[RuleMatch, ...]:
    """Compare the order with every rule that covers it, for the patient or another ``profile``."""
    rules = covering_rules(case, dict(profile or case.patient.profile))
    return tuple(_match(case, rule) for rule in rules)


def covering_rules(case: Case, profile: dict[str, str]) -> tuple[DoseRule, ...]:
    """Return the most specific rule of every mode and indication that the order may mean."""
    entry = case.by_route
    if entry is None or case.quantity("dose") is None:
        return ()
    groups: dict[tuple[str, str], list[DoseRule]] = {}
    modes = _modes(case)
    for rule in entry.rules:
        for indication in _indications(rule, case) if rule.mode in modes and _in_bands(rule, case) else ():
            groups.setdefault((rule.mode, indication), []).append(rule)
    population = case.formulary.population
    chosen = {
        use: [
            rules[place] for place in population.most_specific([rule.categories for rule in rules], profile)
        ]
        for use, rules in groups.items()
    }
    return tuple(
        {
            rule.id: rule
            for (mode, indication), rules in chosen.items()
            # A rule for the stated use stands before one for any use, as a closer category does.
            if indication or case.indication is None or not chosen.get((mode, case.indication))
            for rule in rules
        }.values()
    )


def _in_bands(rule: DoseRule, case: Case) -> bool:
    """Return whether the rule may be for this age and weight; what is not stated rules nothing out."""
    age, weight = case.patient.age, case.patient.weight
    return (rule.age is None or age is None or rule.age.holds(age)) and (
        rule.weight is None or weight is None or rule.weight.holds(weight)
    )


def _modes(case: Case) -> frozenset[str]:
    if case.mode is not None:
        return frozenset({case.mode})
    dose = case.quantity("dose")
    is_rate = dose is not None and has_base(dose, "time")
    return frozenset({"continuous_infusion"}) if is_rate else _UNSTATED_MODES


def _indications(rule: DoseRule, case: Case) -> Iterator[str]:
    if not rule.indications:
        yield ""
    for indication in rule.indications:
        if case.indication in {None, indication}:
            yield indication


def _match(case: Case, rule: DoseRule) -> RuleMatch:
    comparisons, missing = [], []
    label = rule_label(case, rule)
    for limits in rule.limits:
        bounds = limits.guardrail
        some_limit = next((limit for _, limit in bounds.limits()), None)
        if some_limit is None:
            continue
        observed = observe(case, limits.measure, some_limit.unit, limits.window)
        if isinstance(observed, Missing):
            missing.append((limits, observed))
        elif observed is not None:
            zone = bounds.zone(observed)
            comparison = Comparison(
                rule.id, label, limits.measure, observed, bounds, zone, limits.window, limits.origins
            )
            comparisons.append((limits, comparison))
    is_thin = rule.is_thin(case.formulary.as_of)
    return RuleMatch(rule, tuple(comparisons), tuple(missing), is_thin)


def rule_label(case: Case, rule: DoseRule) -> str:
    """Return a rule in words: ``single dose, adult, severe acute asthma``."""
    return rule_words(case.formulary, rule, _purposes(case, rule))


def rule_words(formulary: Formulary, rule: DoseRule, purposes: list[str]) -> str:
    """Return mode, categories and purposes of a rule as a list in words."""
    categories = [str(formulary.category(key)["name"]) for key in rule.categories]
    return ", ".join([rule.mode.replace("_", " "), *categories, *band_words(rule), *purposes])


def band_words(rule: DoseRule) -> list[str]:
    """Return the ages and body weights that a rule is for, in words."""
    return [str(band) for band in (rule.age, rule.weight) if band is not None]


def site_words(review: RuleReview) -> Iterator[str]:
    """Yield what a site added or changed in a rule, in sentences."""
    if review.site:
        yield f"Added by {review.site}."
    for change in review.changes:
        limit = change.limit.replace("_", " ").replace(".", ", ")
        pair = f"from {change.old or 'none'} to {change.new or 'none'}"
        yield f"Changed by {change.site}: {limit} {pair} ({change.reason.rstrip('.')})."


def purpose_label(case: Case, rule: DoseRule) -> str:
    """Return what sets a rule apart where something is open: its purpose or its mode, and its bands."""
    purpose = " or ".join(_purposes(case, rule)) or rule.mode.replace("_", " ")
    return ", ".join([purpose, *band_words(rule)])


def _purposes(case: Case, rule: DoseRule) -> list[str]:
    known = case.drug.indications if case.drug else {}
    purposes = [known[key] for key in rule.indications if case.indication in {None, key}]
    return [" or ".join(purposes)] if purposes else []
