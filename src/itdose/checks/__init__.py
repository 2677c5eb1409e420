"""The checks, in reading order. Each speaks of what it compared, also when all is well."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from itdose.checks import (
    conditions,
    identity,
    latent_slips,
    limits,
    notation,
    patient,
    preparation,
    route,
    slips,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.case import Case
    from itdose.findings import Finding

    Check = Callable[[Case], Iterator[Finding]]

_OF_PREPARATIONS = (
    "product",
    "strength",
    "draw_volume",
    "diluent_volume",
    "volume",
    "concentration",
    "units_used",
)


def _where_stated(name: str, *fields: str) -> Check:
    """Return a check that is imported for an order that states something for it to look at."""

    def check(case: Case) -> Iterator[Finding]:
        if any(getattr(case.order, field) not in {None, ()} for field in fields):
            yield from import_module(f"itdose.checks.{name}").check(case)

    check.__module__ = f"itdose.checks.{name}"
    return check


CHECKS: tuple[Check, ...] = (
    identity.check,
    route.check,
    notation.check,
    limits.check,
    preparation.check,
    _where_stated("product", "product"),
    _where_stated("standards", *_OF_PREPARATIONS),
    _where_stated("drawing", *_OF_PREPARATIONS),
    _where_stated("pump", "flow_rate", "reservoir_volume"),
    _where_stated("paperwork", "label_text", "expiry", "prepared_by", "checked_by"),
    slips.check,
    latent_slips.check,
    _where_stated("mixture", "together_with"),
    patient.check,
    conditions.check,
)
"""The route stands before the dose: a forbidden route makes every dose wrong."""

_EXPLAINING = (slips.check, latent_slips.check)
DECIDING: tuple[Check, ...] = tuple(check for check in CHECKS if check not in _EXPLAINING)
"""Without those that explain a verdict and never make it worse; they take most of the time."""
