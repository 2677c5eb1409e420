"""Whether the product may be used for this route, and what would have to be done to it first.

A product can be forbidden by a route that the drug may take, for its strength
or for what is in it: a preservative that harms nerves. A product without a
label for the route needs a look only where another one of the drug has it.

Within limits: morphine 1 mg/mL preservative-free, intrathecally.
Outside: methotrexate with benzyl alcohol, intrathecally.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict
from itdose.guardrail import Zone
from itdose.plain_text import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.formulary.side_tables import Vehicle
    from itdose.formulary.tables import Product

CODES = {
    "product-known": "the product was found, and what it holds",
    "product-unknown": "the drug has no product of this name or strength in the formulary",
    "product-of-another-drug": "the product is one of another drug",
    "product-not-single": "several products share the stated strength, so none of them was checked",
    "product-forbidden": "the product must never go by this route",
    "product-vehicle-forbidden": "the product holds something that must never go by this route",
    "product-vehicle-caution": "the product holds, or may hold, something that sources warn of by this route",
    "product-vehicle-unknown": "whether the product holds a preservative is not known",
    "product-not-labelled": "the product is not labelled for this route, and another product of the drug is",
    "product-off-label": "no product of the drug in the formulary is labelled for this route",
    "product-needs-dilution": "undiluted, the product is stronger than this route allows",
}
_UNKNOWN = ("not stated", "none stated in the text read", "differs by product")
# "Benzyl alcohol in US products": some have it. "No antimicrobial", "without parabens": it is not in it.
_CLAUSES = re.compile(r"[;,]")
_ASIDE = re.compile(r"\([^()]*\)")
_ABSENT = re.compile(r"(?:but )?(?:no|none|without|free of)\b(?! stated)")


def check(case: Case) -> Iterator[Finding]:
    """Yield what the product is and whether it may go by this route; nothing where none was stated."""
    if "product" in case.unknown_names:
        yield _unknown(case)
        return
    if case.drug is None or case.order.product is None:
        return
    product = case.product
    if product is None:
        yield Finding(
            code="product-not-single",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"the strength {case.order.product!r} is not that of one product of {case.drug.name}; "
            f"name one: {', '.join(item.name for item in case.drug.products) or 'none is known'}",
        )
        return
    yield Finding(
        code="product-known",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{product.name} holds {shown(product.strength)}; preservative: {product.preservative}",
        detail=product.note,
        evidence=(product.citation,),
    )
    if case.route is not None:
        yield from _by_route(case, product, case.route)


def _unknown(case: Case) -> Finding:
    text = case.order.product or ""
    owner = case.formulary.drug_of_product(text)
    if owner is not None and case.drug is not None:
        return Finding(
            code="product-of-another-drug",
            verdict=Verdict.STOP,
            message=f"{text!r} is a product of {case.formulary.drug_name(owner)}, "
            f"and {case.drug.name} is ordered",
        )
    return Finding(
        code="product-unknown", verdict=Verdict.CANNOT_CHECK, message=str(case.unknown_names["product"])
    )


def _by_route(case: Case, product: Product, route: str) -> Iterator[Finding]:
    forbidden = product.forbidden.get(route)
    if forbidden is not None:
        yield Finding(
            code="product-forbidden",
            verdict=Verdict.STOP,
            message=f"{product.name} must never be given by the {route} route",
            detail=forbidden.reason,
            evidence=tuple(item.citation for item in forbidden.evidence),
        )
    yield from _vehicles(case, product, route)
    if route not in product.labelled_routes:
        yield _not_labelled(case, product, route)
    yield from _dilution(case, product)


def _vehicles(case: Case, product: Product, route: str) -> Iterator[Finding]:
    is_neonate = case.patient.profile.get("age") == "neonate"
    warned_of = [
        (vehicle, warning)
        for vehicle in case.formulary.vehicles
        if (warning := _warning(vehicle, route, is_neonate=is_neonate)) is not None
    ]
    if not warned_of:
        return
    text = product.preservative.casefold()
    if text.startswith(_UNKNOWN):
        whom = "in neonates" if is_neonate else f"by the {route} route"
        yield Finding(
            code="product-vehicle-unknown",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"whether {product.name} holds a preservative was not found; read its label, "
            f"because sources warn of preservatives {whom}",
        )
        return
    for vehicle, warning in warned_of:
        holds = _holds(vehicle, text)
        if holds is not None:
            yield _vehicle(vehicle, product, is_certain=holds, is_forbidden=warning == "forbidden")


def _warning(vehicle: Vehicle, route: str, *, is_neonate: bool) -> str | None:
    """Return the stricter of what is said of the route and of neonates."""
    said = {vehicle.routes.get(route), vehicle.neonates if is_neonate else None} - {None}
    return "forbidden" if "forbidden" in said else next(iter(said), None)


def _holds(vehicle: Vehicle, text: str) -> bool | None:
    """Return whether a product surely holds the vehicle (True), may hold it (False), or not (None)."""
    names = (re.escape(name.casefold()) for name in (vehicle.name, *vehicle.spellings))
    named = re.compile(rf"\b({'|'.join(names)})\b")
    clauses = [clause.strip() for clause in _CLAUSES.split(_ASIDE.sub("", text))]
    holding = [clause for clause in clauses if named.search(clause) and not _ABSENT.match(clause)]
    # What is only in some containers, or in the products of one country, need not be in this one.
    return any(" in " not in clause for clause in holding) if holding else None


def _vehicle(vehicle: Vehicle, product: Product, *, is_certain: bool, is_forbidden: bool) -> Finding:
    is_stop = is_forbidden and is_certain
    may = "" if is_certain else ", depending on the container"
    return Finding(
        code="product-vehicle-forbidden" if is_stop else "product-vehicle-caution",
        verdict=Verdict.STOP if is_stop else Verdict.NEEDS_REVIEW,
        message=f"{product.name} holds {vehicle.name}{may} ({product.preservative}). {vehicle.says}",
        evidence=(product.citation, *(item.citation for item in vehicle.evidence)),
    )


def _not_labelled(case: Case, product: Product, route: str) -> Finding:
    others = [
        item.name for item in (case.drug.products if case.drug else ()) if route in item.labelled_routes
    ]
    labelled = ", ".join(product.labelled_routes) or "no route"
    said = f"{product.name} is labelled for: {labelled}"
    if others:
        return Finding(
            code="product-not-labelled",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{said}, and not for the {route} route; labelled for it: {', '.join(others)}",
            evidence=(product.citation,),
        )
    return Finding(
        code="product-off-label",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{said}; no product in the formulary is labelled for the {route} route",
        evidence=(product.citation,),
    )


def _dilution(case: Case, product: Product) -> Iterator[Finding]:
    """Yield whether the product must be diluted, where the order does not say how strong the injection is."""
    preparation = case.preparation
    if preparation is None or preparation.quantity("concentration") is not None:
        return
    for match in case.matches:
        for limits in match.rule.limits:
            bounds = limits.guardrail
            high = bounds.upper_hard or bounds.upper_soft
            comparable = high is not None and high.unit.dimension == product.strength.unit.dimension
            if limits.measure != "concentration" or not comparable or high is None:
                continue
            if bounds.zone(product.strength) in {Zone.ABOVE_HARD_LIMIT, Zone.ABOVE_SOFT_LIMIT}:
                yield Finding(
                    code="product-needs-dilution",
                    verdict=Verdict.NEEDS_REVIEW,
                    message=f"{product.name} is stronger than the highest concentration, {plain(high)}; "
                    "state the concentration after dilution",
                    measure="concentration",
                    observed=product.strength,
                    rule=match.rule.id,
                    evidence=match.rule.citations("concentration.upper_hard"),
                )
                return
