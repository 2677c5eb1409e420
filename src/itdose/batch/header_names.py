"""Which headers name which canonical field, in the languages that sheets are written in."""

from __future__ import annotations

import re

_ALIASES: dict[str, tuple[str, ...]] = {
    "row_id": (),
    "drug": ("medication",),
    "dose": (),
    "route": (),
    "mode": (),
    "over": (),
    "every": (),
    "indication": (),
    "category": (),
    "conditions": (),
    "age": (),
    "weight": (),
    "height": (),
    "product": (),
    "strength": (),
    "units_used": (),
    "draw_volume": (),
    "diluent": (),
    "diluent_volume": (),
    "final_volume": (),
    "final_concentration": (),
    "flow_rate": (),
    "reservoir_volume": (),
    "preparation_id": (),
    "lot": (),
    "expiry": (),
    "prepared_by": (),
    "checked_by": (),
    "label_text": (),
}


def normal_header(text: str) -> str:
    """Return a header in the form in which the table is looked up: one blank, no dashes, small letters."""
    return re.sub(r"[\s_.\-/]+", " ", text.casefold()).strip()


FIELDS = {normal_header(name): field for field, aliases in _ALIASES.items() for name in (field, *aliases)}
"""The canonical field of every known header, by its normal form."""
