"""Rows that share a preparation_id: one syringe, bag or pump fill, in which each row is one drug."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from itdose.batch.spool import Spool
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.sheet import SheetRow
    from itdose.batch.spool import Group
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
    them on the sheet is read to its end before the next row is yielded.
    """
    rows = iter(rows)
    for row in rows:
        # Asked of the columns first, since most sheets have no such column.
        if not row.columns.has_preparations or row.preparation is None:
            yield row
            continue
        with closing(Spool(chain((row,), rows), _MOST_TOGETHER)) as spool:
            for place, member in spool:
                yield _with_others(place, member, spool.group(member), formulary)


def _with_others(place: int, row: SheetRow, group: Group, formulary: Formulary) -> SheetRow:
    if row.order is None or group.size < 2:  # noqa: PLR2004 - one row alone is no mixture
        return row
    if group.size > _MOST_TOGETHER:
        too_many = (
            f"the preparation_id stands in {group.size} rows, and at most {_MOST_TOGETHER} are checked "
            "together; give each syringe, bag or pump an id of its own"
        )
        return row._replace(joined=replace(row.order, not_beside=(too_many,)))
    others = [other for at, other in group.members if at != place]
    together = tuple(f"{other.order.drug} {other.order.dose}" for other in others if other.order)
    unread = tuple(f"unreadable {other.place}" for other in others if other.order is None)
    conflicts = tuple(
        conflict
        for other in others
        if other.order is not None
        for conflict in _conflicts(row.order, other.order, other.place, formulary)
    )
    joined = replace(row.order, together_with=together, conflicts=conflicts, not_beside=unread)
    return row._replace(joined=joined)


def _conflicts(order: Order, other: Order, place: str, formulary: Formulary) -> Iterator[str]:
    if _route(order, formulary) != _route(other, formulary):
        yield f"route {other.route} in {place}"
    dialect = Dialect(formulary.units, decimal_comma=order.decimal_comma)
    for field, (name, kind) in _SHARED_VOLUMES.items():
        own, theirs = getattr(order, field), getattr(other, field)
        both = own is not None and theirs is not None
        if both and _size(own, kind, dialect) != _size(theirs, kind, dialect):
            yield f"{name} {theirs} in {place}"


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
