"""Who the dose is for: what was stated, what was assumed, and what another answer would change.

Within limits: an adult of 54 years and 70 kg.
Outside: an age of 5 years beside the category adult.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.matching import covering_rules
from itdose.checks.judgement import judge
from itdose.findings import Finding, Verdict
from itdose.plain_text import number, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.formulary import Formulary
    from itdose.formulary.side_tables import Growth
    from itdose.quantity import Quantity

CODES = {
    "patient-described": "the patient categories that the limits were chosen for",
    "patient-contradiction": "the stated facts about the patient can't all be true",
    "category-unknown": "a patient category is not one that itdose knows",
    "weight-implausible": "hardly anybody of this age has this body weight",
    "category-would-change": "the verdict would be another one for a category that was assumed",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield the patient as taken, every contradiction, and what an assumption decides."""
    patient = case.patient
    for field, error in case.unknown_names.items():
        if field.startswith("category"):
            yield Finding(code="category-unknown", verdict=Verdict.CANNOT_CHECK, message=str(error))
    for contradiction in patient.contradictions:
        yield Finding(
            code="patient-contradiction",
            verdict=Verdict.CANNOT_CHECK,
            message=f"the order says {contradiction}; correct it",
        )
    yield from _weight_for_age(case)
    facts = [str(case.formulary.category(key)["name"]) for key in patient.profile.values()]
    facts += [plain(fact) for fact in (patient.age, patient.weight) if fact is not None]
    facts += [] if patient.weight else ["weight not stated"]
    yield Finding(
        code="patient-described",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"taken as {', '.join(facts)}",
    )
    yield from _what_assumptions_decide(case)


def _weight_for_age(case: Case) -> Iterator[Finding]:
    """Yield whether the weight is one that people of this age have, and whether pounds would be."""
    age, stated = case.patient.age, case.patient.weight
    if age is None or stated is None:
        return
    weight = stated.to(case.formulary.units["kg"])
    for growth in unusual_growth(age, stated, case.formulary):
        pounds = next((slip for slip in case.formulary.slips if slip.works_by == "pounds"), None)
        as_kilograms = weight.times(pounds.factor) if pounds and pounds.factor else None
        fits = as_kilograms is not None and growth.low <= as_kilograms <= growth.high
        slip = f"; {number(weight.amount)} lb would be {plain(as_kilograms)}" if fits and as_kilograms else ""
        yield Finding(
            code="weight-implausible",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{plain(stated)} at {plain(age)} is outside what nearly everybody of that age weighs, "
            f"{plain(growth.low)} to {plain(growth.high)}{slip}",
            mechanism=pounds.mechanism if fits and pounds else None,
            observed=stated,
            evidence=tuple(item.citation for item in growth.evidence),
        )


def unusual_growth(age: Quantity, weight: Quantity, formulary: Formulary) -> Iterator[Growth]:
    """Yield what people of this age weigh, where this weight is outside it."""
    for growth in formulary.growth:
        if growth.age.holds(age) and not growth.low <= weight <= growth.high:
            yield growth


def _what_assumptions_decide(case: Case) -> Iterator[Finding]:
    judgement = judge(case)
    if not judgement.compared:
        return
    compared = tuple(match.rule for match in judgement.matches)
    for axis in sorted(case.patient.assumed - {"age"}):
        for category, on_axis in case.formulary.population.axis.items():
            if on_axis != axis or category == case.patient.profile[axis]:
                continue
            profile = {**case.patient.profile, axis: category}
            # The same rules give the same verdict, and comparing anew costs more than looking.
            if covering_rules(case, profile) == compared:
                continue
            other = judge(case, profile)
            if other.compared and other.verdict is not judgement.verdict:
                name = case.formulary.category(category)["name"]
                words = str(other.verdict).replace("_", " ")
                yield Finding(
                    code="category-would-change",
                    verdict=Verdict.WITHIN_LIMITS,
                    message=f"stated as {name}, the limits would give: {words}",
                )
