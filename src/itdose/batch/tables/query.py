"""Read the rows of a query to a database.

``duckdb:FILE?query=SELECT ...`` or ``postgresql://USER@HOST/DATABASE?query=SELECT ...``.
"""

from __future__ import annotations

import re
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

from itdose.batch.columns import columns_of, missing_fields
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.tables.cell_text import cell_text, fault_of
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.batch.columns import Columns
    from itdose.batch.options import SheetOptions

SCHEMES = ("duckdb", "postgresql")
"""Each has its module ``query_<scheme>`` with ``opened(query) -> Cursor``."""
_QUERY = re.compile(r"[?&]query=")
_PARTY = re.compile(r"//(?P<user>[^@/?#:]*)(?::[^@]*)?@(?P<rest>[^@]*)", re.DOTALL)
_AFTER_HOST = re.compile(r"[:?#]")
_ROWS_AT_ONCE = 5_000


class Query(NamedTuple):
    """Where a query is asked, and what."""

    name: str
    """The place without password and query, as reports and messages show it."""
    place: str
    """As it was typed, without the query; it may hold a password."""
    sql: str


class Cursor(Protocol):
    """A query that was sent."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of its columns."""

    def some(self, most: int) -> Sequence[Sequence[object]]:
        """Return the next rows, at most so many; none at the end. Raises SheetError."""

    def close(self) -> None:
        """Forget the query."""


def is_query(sheet: str) -> bool:
    """Return whether a sheet's name is a query."""
    return sheet.partition(":")[0] in SCHEMES


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the rows of a query as a sheet. It is sent twice: for its columns, and for its rows."""
    query = query_of(sheet)
    with closing(_sent(query)) as cursor:
        columns = _columns(query, cursor, options)

    def rows() -> Iterator[SheetRow]:
        with closing(_sent(query)) as cursor:
            yield from _rows(query, cursor, columns)

    return Sheet(query.name, rows(), columns.headers)


def query_of(sheet: str) -> Query:
    """Take a sheet's name apart. All that follows ``query=`` is the query, as it stands."""
    match = _QUERY.search(sheet)
    place = sheet[: match.start()] if match else sheet
    name = _without_secrets(place)
    sql = sheet[match.end() :].strip() if match else ""
    if not sql:
        raise SheetError(f"{name}: it has no query; end it with ?query=SELECT row_id, drug, dose, route ...")
    return Query(name, place, sql)


def _without_secrets(place: str) -> str:
    """Return a place without password and parameters. What has two readings is cut off."""
    scheme, _, rest = place.partition(":")
    if scheme == "duckdb":
        return place
    # A question mark may stand in a password that nobody encoded, so the name is cut after the host.
    match = _PARTY.fullmatch(rest)
    if match is None:
        return f"{scheme}://..." if "@" in rest else f"{scheme}:{_AFTER_HOST.split(rest)[0]}"
    return f"{scheme}://{match['user']}@{match['rest'].partition('?')[0]}"


def _sent(query: Query) -> Cursor:
    module = import_module(f"itdose.batch.tables.query_{query.place.partition(':')[0]}")
    cursor: Cursor = module.opened(query)
    return cursor


def _columns(query: Query, cursor: Cursor, options: SheetOptions) -> Columns:
    columns = columns_of(f"{query.name}: the query", cursor.headers, options)
    missing = missing_fields(columns.fields)
    if missing:
        raise SheetError(
            f"{query.name}: the query must name the columns {', '.join(missing)} too; write for example "
            f"SELECT ... AS {missing[0]}, or --map HEADER={missing[0]}"
        )
    return columns


def _rows(query: Query, cursor: Cursor, columns: Columns) -> Iterator[SheetRow]:
    if cursor.headers != columns.headers:
        raise SheetError(f"{query.name}: the columns changed while the query was read; run it again")
    read = 0
    while some := cursor.some(_ROWS_AT_ONCE):
        for number, cells in enumerate(some, start=read + 1):
            yield row_of(number, cells, columns)
        read += len(some)
    if not read:
        raise SheetError(f"{query.name}: the query gives no rows; nothing was checked")


def row_of(number: int, cells: Sequence[object], columns: Columns) -> SheetRow:
    """Return a row of a database as a row of a sheet; one with a cell that has no text is a fault."""
    texts, fault = [], None
    for header, cell in zip(columns.headers, cells, strict=True):
        text = cell_text(cell, decimal_comma=columns.options.decimal_comma)
        if text is None:
            text = str(cell)
            fault = fault or (fault_of(header, cell) if header in columns.fields else None)
        texts.append(text)
    return SheetRow(number, texts, columns, fault)
