"""An order as read against a formulary: everything that the checks look at, and nothing they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.case.matching import RuleMatch
    from itdose.case.patient import Patient
    from itdose.case.preparation import Preparation
    from itdose.case.product import UnitsUsed
    from itdose.dose_text import Reading
    from itdose.errors import DoseTextError, UnknownNameError
    from itdose.formulary import Drug, Formulary
    from itdose.formulary.tables import DrugByRoute, Product
    from itdose.order import Order
    from itdose.quantity import Quantity


class Case(NamedTuple):
    """One order, each part either read or refused."""

    order: Order
    formulary: Formulary
    drug: Drug | None
    route: str | None
    mode: str | None
    indication: str | None
    patient: Patient
    readings: Mapping[str, Reading]
    """Every text that was read, by the name of its field in the order."""
    refusals: Mapping[str, DoseTextError]
    """Every text that was refused, likewise."""
    unknown_names: Mapping[str, UnknownNameError]
    """Every name that is not in the formulary, likewise."""
    product: Product | None = None
    """What is used, where the formulary has exactly one product of the stated name or strength."""
    units_used: UnitsUsed | None = None
    expiry: str | None = None
    """The last day of use, as ``2026-11-30``."""
    conditions: tuple[str, ...] = ()
    """The stated conditions of the patient that the formulary knows."""
    partners: tuple[Case, ...] = ()
    """The other drugs of a mixture, each as a case of its own."""
    preparation: Preparation | None = None
    """The cells of the preparation, recomputed; None where another dose is only supposed."""
    matches: tuple[RuleMatch, ...] = ()
    """The rules that cover the order as read, each compared."""

    def quantity(self, field: str) -> Quantity | None:
        """Return what one field of the order says, or None."""
        reading = self.readings.get(field)
        return reading.quantity if reading else None

    @property
    def by_route(self) -> DrugByRoute | None:
        """The formulary's entry for this drug by this route."""
        if self.drug is None or self.route is None:
            return None
        return self.drug.routes.get(self.route)
