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

NO_DILUENT = frozenset({"none", "no", "undiluted", "0", "0 ml"})
"""What says in words that nothing was added."""
CELL_NAMES = {
    "product": "strength of the product",
    "strength": "strength",
    "draw_volume": "drawn volume",
    "diluent_volume": "diluent volume",
    "volume": "volume",
    "concentration": "concentration",
    "flow_rate": "flow rate",
    "over": "duration",
    "dose": "dose",
}
"""The parts of an order that are the cells of a preparation, in words."""


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
    product: str | None = None
    """What is on the shelf, by its name or strength: ``magnesium sulfate 50 %``."""
    strength: str | None = None
    """As the container's label prints it: ``500 mg/mL``."""
    units_used: str | None = None
    """Ampoules, vials or bags that were opened: ``2``, or ``2 x 10 mL``."""
    draw_volume: str | None = None
    """What was drawn from them: ``0.1 mL``."""
    diluent: str | None = None
    """``sodium chloride 0.9 %``, or ``none``."""
    diluent_volume: str | None = None
    flow_rate: str | None = None
    """Of a pump or an infusion: ``2 mL/h``."""
    reservoir_volume: str | None = None
    """What the pump holds: ``20 mL``."""
    label_text: str | None = None
    """What the label of the finished syringe or bag says, word for word."""
    expiry: str | None = None
    """Last day of use: ``2026-11-30``, or ``2026-11`` for the end of that month."""
    prepared_by: str | None = None
    checked_by: str | None = None
    together_with: tuple[str, ...] = ()
    """Other drugs in the same syringe, bag or pump, each with its dose: ``fentanyl 15 mcg``."""
    conflicts: tuple[str, ...] = ()
    """What other rows of the same preparation say otherwise, in words."""
    not_beside: tuple[str, ...] = ()
    """Why other rows of the same preparation could not be checked beside this one, in words."""
    conditions: tuple[str, ...] = ()
    """What the patient has that may matter: ``myasthenia gravis``, ``renal impairment`` ..."""
    decimal_comma: bool = False
    """True where the writer declared the comma as decimal sign; it is never guessed."""
    strict: bool = False
    """Refuse risky notation that is otherwise read with a finding."""
    not_read: tuple[str, ...] = ()
    """Stated facts that this version does not check, so that the report can say so."""
    in_hidden_row: bool = False
    """Whether the order stands in a row of a sheet that a person looking at it does not see."""


def says_undiluted(order: Order) -> bool:
    """Return whether the order says in words that nothing was added."""
    said = (order.diluent, order.diluent_volume)
    return any(text is not None and text.strip().lower() in NO_DILUENT for text in said)
