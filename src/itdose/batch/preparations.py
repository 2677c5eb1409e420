"""Rows that share a preparation_id: one syringe, bag or pump fill, in which each row is one drug."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from itdose.batch.sheet import SheetRow
    from itdose.formulary import Formulary
    from itdose.order import Order

_SHARED_VOLUMES = {
    "volume": ("final volume", Kind.VOLUME),
    "flow_rate": ("flow rate", Kind.FLOW_RATE),
    "reservoir_volume": ("reservoir volume", Kind.VOLUME),
}
"""What is of the whole syringe, bag or pump, so that its rows can't differ in it."""

_MOST_TOGETHER = 20
"""More rows than this under one id are a column filled in alike, and each beside each would take hours."""


def put_together(rows: Iterable[SheetRow], formulary: Formulary) -> Iterator[SheetRow]:
    """Yield every row in its place, those of one preparation with the others' drugs.

    Rows of one preparation may stand anywhere in a sheet, so from the first of
    them on the sheet is held in memory.
    """
    rows = iter(rows)
    for row in rows:
        if row.preparation is None:
            yield row
            continue
        rest = [row, *rows]
        groups: dict[str, list[SheetRow]] = {}
        for member in rest:
            if member.preparation is not None:
                groups.setdefault(member.preparation, []).append(member)
        for member in rest:
            yield _with_others(member, groups.get(member.preparation or "", ()), formulary)


def _with_others(row: SheetRow, group: Sequence[SheetRow], formulary: Formulary) -> SheetRow:
    others = [other for other in group if other is not row]
    if row.order is None or not others:
        return row
    if len(group) > _MOST_TOGETHER:
        too_many = (
            f"the preparation_id stands in {len(group)} rows, and at most {_MOST_TOGETHER} are checked "
            "together; give each syringe, bag or pump an id of its own"
        )
        return row._replace(joined=replace(row.order, not_beside=(too_many,)))
    together = tuple(f"{other.order.drug} {other.order.dose}" for other in others if other.order)
    unread = tuple(f"unreadable row {other.number}" for other in others if other.order is None)
    conflicts = tuple(
        conflict
        for other in others
        if other.order is not None
        for conflict in _conflicts(row.order, other.order, other.number, formulary)
    )
    joined = replace(row.order, together_with=together, conflicts=conflicts, not_beside=unread)
    return row._replace(joined=joined)


def _conflicts(order: Order, other: Order, number: int, formulary: Formulary) -> Iterator[str]:
    if _route(order, formulary) != _route(other, formulary):
        yield f"route {other.route} in row {number}"
    dialect = Dialect(formulary.units, decimal_comma=order.decimal_comma)
    for field, (name, kind) in _SHARED_VOLUMES.items():
        own, theirs = getattr(order, field), getattr(other, field)
        both = own is not None and theirs is not None
        if both and _size(own, kind, dialect) != _size(theirs, kind, dialect):
            yield f"{name} {theirs} in row {number}"


def _route(order: Order, formulary: Formulary) -> str:
    try:
        return formulary.find_route(order.route)
    except UnknownNameError:
        return order.route


def _size(text: str, kind: Kind, dialect: Dialect) -> object:
    try:
        return read(text, kind, dialect).quantity.size
    except DoseTextError:
        return text
