"""Ask a PostgreSQL server, in a transaction that only reads, row by row through a cursor of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from itdose.batch.tables.query import Query

_ADVICE = "name it as postgresql://USER@HOST/DATABASE?query=SELECT ... with the password in ~/.pgpass"


class PostgreSQLCursor:
    """A query of PostgreSQL that was sent."""

    def __init__(self, query: Query, connection: Any, cursor: Any, psycopg: ModuleType) -> None:
        self._query, self._connection, self._cursor, self._psycopg = query, connection, cursor, psycopg
        self.headers = tuple(column.name for column in cursor.description)

    def some(self, most: int) -> Sequence[Sequence[object]]:
        """Return the next rows, at most so many."""
        try:
            rows: Sequence[Sequence[object]] = self._cursor.fetchmany(most)
        except self._psycopg.Error as error:
            raise SheetError(f"{self._query.name}: the query broke off: {_said(error)}") from error
        return rows

    def close(self) -> None:
        """Close the connection, and with it the transaction."""
        self._connection.close()


def opened(query: Query) -> PostgreSQLCursor:
    """Send a query; the server refuses what is not one SELECT."""
    psycopg = imported()
    connection = _connected(query, psycopg)
    try:
        connection.read_only = True
        cursor = connection.cursor(name="itdose")
        cursor.execute(query.sql)
        return PostgreSQLCursor(query, connection, cursor, psycopg)
    except psycopg.Error as error:
        connection.close()
        raise SheetError(
            f"{query.name}: PostgreSQL refuses the query, which must be one SELECT: {_said(error)}"
        ) from error


def imported() -> ModuleType:
    """Return psycopg; raise SheetError with the extra that brings it."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SheetError("psycopg is not installed: pip install 'itdose[audit]'") from error
    return psycopg


def _connected(query: Query, psycopg: ModuleType) -> Any:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(query.place)
    except psycopg.Error:
        # Neither message nor cause: both would quote the password.
        raise SheetError(f"{query.name}: it is not the address of a database; {_ADVICE}") from None
    try:
        return psycopg.connect(**parts)
    except psycopg.Error as error:
        said = without_secret(_said(error), str(parts.get("password") or ""))
        raise SheetError(f"{query.name}: no connection: {said}; {_ADVICE}") from None


def without_secret(message: str, secret: str) -> str:
    """Return a message in which a password does not stand."""
    return message.replace(secret, "...") if secret else message


def _said(error: Any) -> str:
    """Return the first line of what the server said, without the query that it quotes."""
    primary = error.diag.message_primary if error.sqlstate else None
    return str(primary or error).strip().partition("\n")[0]
