"""The products that an order may be drawn from, and the volumes that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.product import containers
from itdose.case.volumes import content_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.case.product import Container
    from itdose.formulary.tables import Product
    from itdose.quantity import Quantity, Unit


def is_drawn(volume: Quantity, case: Case) -> bool:
    """Return whether a volume can be measured, and is one that the route takes at once."""
    smallest = next(iter(case.formulary.syringes), None)
    usual = case.formulary.route_volume(case.route) if case.route else None
    is_large_enough = smallest is None or smallest.measures_from <= volume
    return is_large_enough and (usual is None or volume <= usual[0])


def stocked(case: Case) -> tuple[Product, ...]:
    """Return the stated product, or those labelled for the route, or else all that may go there."""
    if case.product is not None:
        return (case.product, *(item for item in _of_this_route(case) if item is not case.product))
    return _of_this_route(case)


def whole_contents(case: Case, unit: Unit) -> Iterator[tuple[Product, Container, Quantity]]:
    """Yield each container of the stocked products, with what it holds counted in ``unit``."""
    for product in stocked(case):
        for container in containers(product, case.formulary.units):
            content = content_of(product.strength, container.volume, unit, case)
            if content is not None:
                yield product, container, content


def _of_this_route(case: Case) -> tuple[Product, ...]:
    products = case.drug.products if case.drug else ()
    labelled = tuple(product for product in products if case.route in product.labelled_routes)
    return labelled or tuple(product for product in products if case.route not in product.forbidden)
