"""What a formulary knows beside doses: excipients, standard concentrations, weights for age, reminders.

Apart from ``tables``, because most checks of a single dose look at none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from itdose.band import Band
    from itdose.formulary.tables import Evidence
    from itdose.quantity import Quantity


class Vehicle(NamedTuple):
    """A preservative or other excipient that must not go by some routes."""

    name: str
    spellings: tuple[str, ...]
    routes: Mapping[str, str]
    """``forbidden`` or ``caution`` by route."""
    neonates: str | None
    says: str
    evidence: Iterable[Evidence]


class Reminder(NamedTuple):
    """What sources say of mixtures, pumps and preparations in general."""

    says: str
    more_than: int | None
    evidence: Iterable[Evidence]


class Growth(NamedTuple):
    """Between which weights people of an age are."""

    age: Band
    low: Quantity
    high: Quantity
    evidence: Iterable[Evidence]
