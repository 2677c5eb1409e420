"""Ask a DuckDB database, which is opened for reading only, or files by a query without a database."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from itdose.batch.tables.query import Query

_NOTHING_FETCHED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
_NO_OTHER_FILE = {"enable_external_access": "false"}


class DuckDBCursor:
    """A query of DuckDB that was sent."""

    def __init__(self, query: Query, connection: Any, duckdb: ModuleType) -> None:
        self._query, self._connection, self._error = query, connection, duckdb.Error
        self.headers = tuple(column[0] for column in connection.description)

    def some(self, most: int) -> Sequence[Sequence[object]]:
        """Return the next rows, at most so many."""
        try:
            rows: Sequence[Sequence[object]] = self._connection.fetchmany(most)
        except self._error as error:
            raise SheetError(f"{self._query.name}: the query broke off: {_first_line(error)}") from error
        return rows

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def opened(query: Query) -> DuckDBCursor:
    """Send a query. One statement, and a SELECT: nothing is written by it.

    With a database no other file can be read. Without one, as in
    ``duckdb:?query=SELECT * FROM 'orders.parquet'``, the query reads files.
    """
    duckdb = imported()
    file = query.place.partition(":")[2]
    try:
        connection = duckdb.connect(
            file or ":memory:",
            read_only=bool(file),
            config={**_NOTHING_FETCHED, **(_NO_OTHER_FILE if file else {})},
        )
    except duckdb.Error as error:
        raise SheetError(
            f"{query.name}: it can't be opened for reading: {_first_line(error)}; name a DuckDB file that is "
            "not open elsewhere for writing"
        ) from error
    with ExitStack() as on_error:
        on_error.callback(connection.close)
        try:
            connection.execute(_only_select(query, connection, duckdb))
        except duckdb.Error as error:
            raise SheetError(f"{query.name}: DuckDB refuses the query: {_first_line(error)}") from error
        on_error.pop_all()
    return DuckDBCursor(query, connection, duckdb)


def _only_select(query: Query, connection: Any, duckdb: ModuleType) -> Any:
    statements = connection.extract_statements(query.sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise SheetError(f"{query.name}: the query must be one SELECT")
    return statements[0]


def imported() -> ModuleType:
    """Return DuckDB; raise SheetError with the extra that brings it."""
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SheetError("DuckDB is not installed: pip install 'itdose[audit]'") from error
    module: ModuleType = duckdb
    return module


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
