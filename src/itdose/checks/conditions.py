"""What the patient has or is given that a label or a guideline warns of, for this drug by this route.

A contraindication needs a person and not a stop: who ordered may know more.
What was not stated is named where its presence would change the answer.

Within limits: a condition is stated, and nothing was said that sources warn of.
Outside: myasthenia gravis beside intravenous magnesium.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.formulary.tables import Contraindication

CODES = {
    "condition-contraindicated": "a source says that the drug must not be given with this condition",
    "condition-caution": "a source warns of the drug with this condition",
    "condition-without-source": "the condition is stated, and nothing was read on it for this drug and route",
    "condition-unknown": "a stated condition is not one that itdose knows",
    "conditions-not-stated": "conditions that would make the answer needs_review, and were not stated",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield what sources say of every stated condition, and which others would change the answer."""
    for field, error in case.unknown_names.items():
        if field.startswith("condition"):
            yield Finding(code="condition-unknown", verdict=Verdict.CANNOT_CHECK, message=str(error))
    warnings = [*_warnings(case, *case.formulary.route_cautions)]
    warnings += [item for partner in case.partners for item in _warnings(partner)]
    for condition in dict.fromkeys(case.conditions):
        found = [(one, item) for one, item in warnings if item.condition == condition]
        for one, item in found:
            finding = _warning(one, item)
            yield finding if one is case or one.drug is None else finding._replace(drug=one.drug.name)
        if not found:
            yield _without_source(case, condition)
    yield from _not_stated(case, [item for _, item in warnings])


def _warnings(case: Case, *of_the_route: Contraindication) -> list[tuple[Case, Contraindication]]:
    """Return what sources warn of for one drug, which may be another one of a mixture."""
    if case.drug is None or case.route is None:
        return []
    everything = (*case.drug.contraindications, *of_the_route)
    return [(case, item) for item in everything if case.route in item.routes]


def _warning(case: Case, item: Contraindication) -> Finding:
    name = case.formulary.condition_name(item.condition)
    drug = case.drug.name if case.drug else "it"
    only = f" ({item.only})" if item.only else ""
    kind = "contraindicated" if item.is_contraindicated else "to be given with caution"
    return Finding(
        code="condition-contraindicated" if item.is_contraindicated else "condition-caution",
        verdict=Verdict.NEEDS_REVIEW,
        message=f"{name}: {drug} by the {case.route} route is {kind}{only}. {item.says}",
        evidence=tuple(evidence.citation for evidence in item.evidence),
    )


def _without_source(case: Case, condition: str) -> Finding:
    names = [one.drug.name for one in (case, *case.partners) if one.drug]
    drug = " or ".join(dict.fromkeys(names)) or "this drug"
    return Finding(
        code="condition-without-source",
        verdict=Verdict.NEEDS_REVIEW,
        message=f"{case.formulary.condition_name(condition)} was stated, and nothing was read on it for "
        f"{drug} by this route; it was not checked",
    )


def _not_stated(case: Case, warnings: list[Contraindication]) -> Iterator[Finding]:
    serious = dict.fromkeys(
        item.condition
        for item in warnings
        if item.is_contraindicated and item.condition not in case.conditions
    )
    if serious:
        names = ", ".join(case.formulary.condition_name(key) for key in serious)
        yield Finding(
            code="conditions-not-stated",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"not stated, and with any of them the answer would be needs review at best: {names}",
        )
