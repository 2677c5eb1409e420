"""What a formulary covers: a row for every dose rule, and for every drug and route without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.case.matching import band_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.formulary import Drug, Formulary
    from itdose.formulary.tables import DoseRule, DrugByRoute

CONVERSION_ONLY = "conversion_only"
"""The status of a drug without any route."""


class CoverageRow(NamedTuple):
    """One dose rule, or one drug and route without any; what does not apply is empty."""

    drug: str
    route: str
    status: str
    """That of the route, or ``conversion_only``."""
    mode: str = ""
    categories: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    """Ages and body weights within the categories."""
    indications: tuple[str, ...] = ()
    """None where the rule holds for any."""
    review: str = ""
    due: str = ""
    is_overdue: bool = False
    limits: int = 0
    """How many limits are stated, over all measures; toxic levels count."""
    rule: str = ""
    reason: str = ""
    """Why there is no rule."""


def coverage(formulary: Formulary, drugs: Iterable[str]) -> tuple[CoverageRow, ...]:
    """Return the rows of these drugs, given by their keys, in their order."""
    return tuple(row for key in drugs for row in _of_drug(formulary.drug(key), formulary.as_of))


def _of_drug(drug: Drug, today: str) -> Iterator[CoverageRow]:
    if not drug.routes:
        units = ", ".join(unit.replace("_", " ") for unit in drug.conversions)
        reason = f"for conversion to {units}" if units else "only its name is known"
        yield CoverageRow(drug.name, "", CONVERSION_ONLY, reason=reason)
    for route, entry in drug.routes.items():
        for rule in entry.rules:
            yield _of_rule(drug.name, route, entry.status, rule, today)
        if not entry.rules:
            yield CoverageRow(drug.name, route, entry.status, reason=_reason(entry))


def _of_rule(drug: str, route: str, status: str, rule: DoseRule, today: str) -> CoverageRow:
    return CoverageRow(
        drug=drug,
        route=route,
        status=status,
        mode=rule.mode,
        categories=rule.categories,
        bands=tuple(band_words(rule)),
        indications=rule.indications,
        review=rule.review.state,
        due=rule.review.due,
        is_overdue=rule.review.due < today,
        limits=sum(1 for limits in rule.limits for _ in limits.guardrail.limits()),
        rule=rule.id,
    )


def _reason(entry: DrugByRoute) -> str:
    if entry.forbidden:
        return entry.forbidden.reason
    return entry.note or "no dose rule, and no note says why"
