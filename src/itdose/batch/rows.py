"""From a row's cells to an order, by the canonical column names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from itdose.order import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED = ("row_id", "drug", "dose", "route")
READ = (
    "mode",
    "over",
    "every",
    "indication",
    "category",
    "age",
    "weight",
    "final_concentration",
    "final_volume",
)
NOT_READ_YET = (
    "conditions", "height", "product", "strength", "units_used", "draw_volume", "diluent", "diluent_volume",
    "flow_rate", "reservoir_volume", "preparation_id", "label_text",
)  # fmt: skip
"""Canonical columns that change what a dose means, and that no check reads yet."""
KEPT = ("lot", "expiry", "prepared_by", "checked_by")
CANONICAL = (*NEEDED, *READ, *NOT_READ_YET, *KEPT)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its order, or why there is none."""

    number: int
    row_id: str
    cells: Mapping[str, str]
    order: Order | None
    problem: str | None = None


def to_row(number: int, cells: Mapping[str, str], *, decimal_comma: bool) -> SheetRow:
    """Return a row as an order. Empty cells are facts that were not stated."""
    # Not every blank: one that can't be seen is refused by the grammar.
    stripped = {name: text.strip(" \t\r\n\u00a0") for name, text in cells.items()}
    said = {name: text for name, text in stripped.items() if text}
    missing = [name for name in ("drug", "dose", "route") if name not in said]
    if missing:
        problem = f"row {number}: {' and '.join(missing)} not stated; fill in the cell"
        return SheetRow(number, said.get("row_id", ""), cells, None, problem)
    order = Order(
        drug=said["drug"],
        dose=said["dose"],
        route=said["route"],
        mode=said.get("mode"),
        over=said.get("over"),
        every=said.get("every"),
        indication=said.get("indication"),
        categories=tuple(part.strip() for part in said.get("category", "").split(";") if part.strip()),
        age=said.get("age"),
        weight=said.get("weight"),
        concentration=said.get("final_concentration"),
        volume=said.get("final_volume"),
        decimal_comma=decimal_comma,
        not_read=tuple(name for name in NOT_READ_YET if name in said),
    )
    return SheetRow(number, said.get("row_id", ""), cells, order)


def unreadable(number: int, problem: str, cells: Mapping[str, str] | None = None) -> SheetRow:
    """Return a row that could not be read; it is reported like any other."""
    return SheetRow(number, (cells or {}).get("row_id", ""), cells or {}, None, f"row {number}: {problem}")
