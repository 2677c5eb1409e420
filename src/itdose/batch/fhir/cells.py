"""The columns in which orders from FHIR stand, and one order's cells while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from itdose.batch.columns import CANONICAL, Columns
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import SheetRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from itdose.order import Order

NOT_CHECKED = "not checked"
ADDS_UP = "adds up"
HEADERS = (
    *("row_id", "drug", "dose", "route", "mode", "over", "every", "age", "weight", "flow_rate"),
    *("resource", "status", "ingredient", "weight measured", "as needed", "timing", "course"),
    *("maximum dose", "method", "dosage text", NOT_CHECKED, ADDS_UP),
)
"""Canonical fields first; the others are for the eye, and say what was not checked."""
BETWEEN = "; "


class FhirColumns(Columns):
    """The fixed columns of orders from FHIR.

    They hand on, beside the canonical fields, what of an order was stated and
    is not checked, so that its report can't be within limits.
    """

    def __init__(self) -> None:
        super().__init__(HEADERS, {name: name for name in HEADERS if name in CANONICAL}, SheetOptions())
        of_the_order = (NOT_CHECKED, ADDS_UP)
        self._place |= {name: HEADERS.index(name) for name in of_the_order}
        self.read += of_the_order
        self.key = self.getter(self.read)

    def order(self, texts: Sequence[str], *, in_hidden_row: bool = False) -> Order:
        """Return a row as an order, with what was not checked of it."""
        cells = self.cells(texts)
        return replace(
            super().order(texts, in_hidden_row=in_hidden_row),
            not_read=_said(cells[NOT_CHECKED]),
            not_beside=_said(cells[ADDS_UP]),
        )


COLUMNS = FhirColumns()


@dataclass(slots=True)
class OrderCells:
    """What was read of one order so far, and why it can't be checked."""

    cells: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    adds_up: list[str] = field(default_factory=list)

    def read(self, part: Callable[[], None]) -> None:
        """Read one part; what is wrong with it is kept, and the other parts are still read."""
        try:
            part()
        except ValueError as error:
            self.faults.append(str(error))

    def keep(self, name: str, text: str) -> None:
        """Fill a cell; a fact that was not stated leaves it empty."""
        if text:
            self.cells[name] = text

    def branch(self) -> OrderCells:
        """Return a copy, for one of several dosages of the same order."""
        return OrderCells(dict(self.cells), list(self.faults), list(self.not_checked), list(self.adds_up))

    def row(self, number: int) -> SheetRow:
        """Return the order as a row of the sheet."""
        said = self.cells | {
            NOT_CHECKED: BETWEEN.join(map(_one, self.not_checked)),
            ADDS_UP: BETWEEN.join(map(_one, self.adds_up)),
        }
        texts = tuple(said.get(name, "") for name in HEADERS)
        return SheetRow(number, texts, COLUMNS, BETWEEN.join(self.faults) or None)


def _one(text: str) -> str:
    """Return a text that the cell's own separator can't split."""
    return text.replace(";", ",")


def _said(text: str) -> tuple[str, ...]:
    return tuple(text.split(BETWEEN)) if text else ()
