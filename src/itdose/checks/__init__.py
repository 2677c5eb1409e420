"""The checks, in reading order. Each always speaks, also when all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.checks import identity, latent_slips, limits, notation, patient, preparation, route, slips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.case import Case
    from itdose.findings import Finding

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    identity.check,
    route.check,
    notation.check,
    limits.check,
    preparation.check,
    slips.check,
    latent_slips.check,
    patient.check,
)
"""The route stands before the dose: a forbidden route makes every dose wrong."""
