"""From a row's cells to an order, by the canonical column names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    "conditions",
    "product",
    "strength",
    "units_used",
    "draw_volume",
    "diluent",
    "diluent_volume",
    "flow_rate",
    "reservoir_volume",
    "preparation_id",
    "label_text",
    "expiry",
    "prepared_by",
    "checked_by",
)
NOT_READ_YET = ("height",)
"""Canonical columns that change what a dose means, and that no check reads yet."""
KEPT = ("lot",)
# Read into the order's field of the same name, as they stand.
_SAME_NAME = (
    "drug", "dose", "route", "mode", "over", "every", "indication", "age", "weight", "product", "strength",
    "units_used", "draw_volume", "diluent", "diluent_volume", "flow_rate", "reservoir_volume", "label_text",
    "expiry", "prepared_by", "checked_by",
)  # fmt: skip
CANONICAL = (*NEEDED, *READ, *NOT_READ_YET, *KEPT)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its order, or why there is none."""

    number: int
    row_id: str
    cells: Mapping[str, str]
    order: Order | None
    preparation: str | None = None
    """Rows with the same one are one syringe, bag or pump fill."""
    problem: str | None = None


def to_row(number: int, cells: Mapping[str, str], *, decimal_comma: bool) -> SheetRow:
    """Return a row as an order. Empty cells are facts that were not stated."""
    # Not every blank: one that can't be seen is refused by the grammar.
    stripped = {name: text.strip(" \t\r\n\u00a0") for name, text in cells.items()}
    said = {name: text for name, text in stripped.items() if text}
    missing = [name for name in ("drug", "dose", "route") if name not in said]
    if missing:
        problem = f"row {number}: {' and '.join(missing)} not stated; fill in the cell"
        return SheetRow(
            number, said.get("row_id", ""), cells, None, said.get("preparation_id"), problem=problem
        )
    same: dict[str, Any] = {name: said[name] for name in _SAME_NAME if name in said}
    order = Order(
        **same,
        categories=_parts(said.get("category", "")),
        conditions=_parts(said.get("conditions", "")),
        concentration=said.get("final_concentration"),
        volume=said.get("final_volume"),
        decimal_comma=decimal_comma,
        not_read=tuple(name for name in NOT_READ_YET if name in said),
    )
    return SheetRow(number, said.get("row_id", ""), cells, order, said.get("preparation_id"))


def unreadable(number: int, problem: str, cells: Mapping[str, str] | None = None) -> SheetRow:
    """Return a row that could not be read; it is reported like any other."""
    known = cells or {}
    preparation = known.get("preparation_id", "").strip() or None
    return SheetRow(
        number, known.get("row_id", ""), known, None, preparation, problem=f"row {number}: {problem}"
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
