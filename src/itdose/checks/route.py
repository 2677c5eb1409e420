"""Whether the drug may go by this route at all.

A forbidden route is a stop whatever the dose. A drug without data for a route
can't be checked there: the limits of another route are never used.

Within limits: ``magnesium sulfate`` intrathecally is off label, with published data.
Outside: ``vincristine`` intrathecally is forbidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict
from itdose.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.formulary import Drug
    from itdose.formulary.tables import DrugByRoute

CODES = {
    "route-known": "the formulary has data for this drug by this route",
    "route-unknown": "the route is not one that itdose knows",
    "route-without-data": "the formulary has no data for this drug by this route",
    "route-forbidden": "the drug must never be given by this route",
    "route-not-checked": "the drug is not known, so its route could not be checked",
    "overdose-text": "what sources say about treating an overdose; information, not advice",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield whether the route is forbidden, without data, or covered."""
    if "route" in case.unknown_names:
        yield _cannot("route-unknown", str(case.unknown_names["route"]))
    elif case.drug is None or case.route is None:
        yield _cannot("route-not-checked", "the route was not checked: the drug is not known")
    elif case.by_route is None or case.by_route.status == "no_figure":
        message = _no_data(case.drug, case.route, case.by_route)
        yield _cannot("route-without-data", message, _reported(case.by_route))
    elif case.by_route.forbidden is not None:
        yield from _forbidden(case, case.drug)
    else:
        status = case.by_route.status.replace("_", " ")
        note = f". {case.by_route.note}" if case.by_route.note else ""
        yield Finding(
            code="route-known",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"{case.drug.name} by the {case.route} route is {status}{note}",
        )


def _cannot(code: str, message: str, detail: str | None = None) -> Finding:
    return Finding(code=code, verdict=Verdict.CANNOT_CHECK, message=message, detail=detail)


def _no_data(drug: Drug, route: str, entry: DrugByRoute | None) -> str:
    covered = ", ".join(key for key, other in drug.routes.items() if other.rules) or "no route"
    said = f"there are no published limits for {drug.name} by the {route} route"
    if entry is not None:
        reason = (entry.note or "").rstrip(".")
        said = f"no usable limit was found for {drug.name} by the {route} route: {reason}"
    return f"{said}; covered: {covered}"


def _reported(entry: DrugByRoute | None) -> str | None:
    """Return what has happened to people by a route that has no limits."""
    said = [
        f"Reported at {plain(report.dose)}: {report.outcome} ({report.population})."
        for report in (entry.reports if entry else ())
        if not isinstance(report.dose, str)
    ]
    return " ".join(said) or None


def _forbidden(case: Case, drug: Drug) -> Iterator[Finding]:
    entry = case.by_route
    if entry is None or entry.forbidden is None:
        return
    yield Finding(
        code="route-forbidden",
        verdict=Verdict.STOP,
        message=f"{drug.name} must never be given by the {case.route} route",
        detail=entry.forbidden.reason,
        evidence=(
            *(item.citation for item in entry.forbidden.evidence),
            *(report.citation for report in entry.reports),
        ),
    )
    yield from overdose_texts(case, drug)


def overdose_texts(case: Case, drug: Drug) -> Iterator[Finding]:
    """Yield what sources say about treating an overdose of this drug."""
    for key in drug.rescue:
        title, says, evidence = case.formulary.rescue(key)
        yield Finding(
            code="overdose-text",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"sources on {title}",
            detail=says,
            evidence=tuple(item.citation for item in evidence),
        )
