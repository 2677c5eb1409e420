"""What is proposed: an order as a person wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal[
    "single_dose",
    "screening_dose",
    "loading_dose",
    "short_infusion",
    "continuous_infusion",
    "patient_controlled_dose",
]
MODES: tuple[str, ...] = get_args(Mode)
"""How a dose can be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One proposed dose, as text. ``None`` is what was not stated.

    Text stays text here: it is read once, by one grammar, when the order is
    assessed, and the report shows it beside what was read.
    """

    drug: str
    dose: str
    route: str
    mode: str | None = None
    """``single_dose``, ``screening_dose``, ``loading_dose``, ``continuous_infusion`` …"""
    over: str | None = None
    """How long the dose runs: ``30 min``."""
    every: str | None = None
    """The interval between doses: ``4 h``."""
    indication: str | None = None
    categories: tuple[str, ...] = ()
    """Patient categories: ``obstetric``, ``opioid_tolerant``, ``ventilated`` …"""
    age: str | None = None
    """With its unit: ``54 years``."""
    weight: str | None = None
    """In kilograms or grams: ``70 kg``."""
    concentration: str | None = None
    """Of what is injected: ``50 mg/mL``."""
    volume: str | None = None
    """Of what is injected: ``1 mL``."""
    decimal_comma: bool = False
    """True where the writer declared the comma as decimal sign; it is never guessed."""
    strict: bool = False
    """Refuse risky notation that is otherwise read with a finding."""
    not_read: tuple[str, ...] = ()
    """Stated facts that this version does not check, so that the report can say so."""
