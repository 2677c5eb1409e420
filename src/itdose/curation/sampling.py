"""Seeded preparation sheets: ordinary orders of every rule, and known slips at known rows.

The same seed and the same formulary give the same rows, on every version of Python.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from itdose.curation.sample_orders import SampleOrders
from itdose.curation.sample_words import PEOPLE, REMARKS, SPARE_COLUMNS, WARDS, styled_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from itdose.curation.sample_orders import Planted, SampleOrder
    from itdose.formulary import Formulary

_FIRST = ("row_id", "drug", "dose", "route")
_OPTIONAL = (
    "mode", "over", "indication", "category", "age", "weight", "product", "draw_volume", "prepared_by",
)  # fmt: skip
_ONE_IN_WITH_A_REMARK = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWish:
    """What sheet is wanted."""

    rows: int
    slips: int
    seed: int
    is_tidy: bool = False
    """Canonical headers and plain notation only."""

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError("a sheet has at least one row")
        if not 0 <= self.slips <= self.rows:
            raise ValueError(f"{self.slips} slips don't fit into a sheet of {self.rows} rows")


class SampleRow(NamedTuple):
    """One row of a sheet, and the slip that was planted in it."""

    cells: Sequence[str]
    row_id: str
    planted: Planted | None


class SampleSheet:
    """A sheet with its headers; the rows are made one by one as they are asked for.

    ``spellings`` are the headers that a reader knows for each field.
    """

    def __init__(
        self, formulary: Formulary, wish: SampleWish, spellings: Mapping[str, Sequence[str]]
    ) -> None:
        self._wish = wish
        self._orders = SampleOrders(formulary, wish.seed, is_tidy=wish.is_tidy)
        chance = _chance(wish, "headers")
        self._columns = _FIRST + _OPTIONAL if wish.is_tidy else _messy_columns(chance)
        self.headers = tuple(
            column if wish.is_tidy else styled_header(column, spellings.get(column, ()), chance)
            for column in self._columns
        )

    def rows(self) -> Iterator[SampleRow]:
        """Yield every row, exactly as many of them with a slip as were wished for."""
        wish, orders = self._wish, self._orders
        chance = _chance(wish, "rows")
        to_plant = wish.slips
        digits = max(len(str(wish.rows)), 3)
        places = {column: place for place, column in enumerate(self._columns)}
        for left in range(wish.rows, 0, -1):
            # Each row that is left is equally likely to hold one of the slips that are left.
            is_slip = chance.randrange(left) < to_plant
            to_plant -= is_slip
            order = orders.slipped(chance) if is_slip else orders.ordinary(chance)
            row_id = f"R{wish.rows - left + 1:0{digits}d}"
            yield SampleRow(_cells(order, row_id, places, chance), row_id, order.planted)


def _cells(order: SampleOrder, row_id: str, places: Mapping[str, int], chance: random.Random) -> list[str]:
    """Return the cells of an order, and what stands beside it on a ward's sheet."""
    cells = [""] * len(places)
    for column, text in order.fields:
        cells[places[column]] = text
    cells[places["row_id"]] = row_id
    cells[places["prepared_by"]] = PEOPLE[chance.randrange(len(PEOPLE))]
    if "ward" in places:
        cells[places["ward"]] = WARDS[chance.randrange(len(WARDS))]
        if not chance.randrange(_ONE_IN_WITH_A_REMARK):
            cells[places["remark"]] = REMARKS[chance.randrange(len(REMARKS))]
    return cells


def _messy_columns(chance: random.Random) -> tuple[str, ...]:
    """Return all columns and the spare ones, the optional ones in any order."""
    left = [*_OPTIONAL, *SPARE_COLUMNS]
    mixed = [left.pop(chance.randrange(len(left))) for _ in range(len(left))]
    return (*_FIRST, *mixed)


def _chance(wish: SampleWish, purpose: str) -> random.Random:
    """Return numbers that this seed gives for one purpose, whatever else was drawn."""
    return random.Random(f"sample {wish.seed} {purpose}")  # noqa: S311 - doses, not secrets
