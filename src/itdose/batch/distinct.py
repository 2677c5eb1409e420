"""Check each distinct order of a sheet once; DuckDB finds them, and brings the reports back to the rows.

The sheet is laid out in a database of its own in a temporary folder, so that
memory stays flat. Rows of a preparation, and rows that can't be read, have
reports that name other rows or themselves: they are checked one by one.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from itdose.batch.preparations import put_together
from itdose.batch.query_duckdb import imported
from itdose.batch.row_texts import TextFile, brief, report_texts
from itdose.batch.sheet_tables import AT_ONCE, SheetTables
from itdose.errors import SheetError
from itdose.sheet_report import SheetReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.row_texts import Texts
    from itdose.batch.sheet import Sheet, SheetRow
    from itdose.formulary import Formulary

_MEMORY = "1GB"
_OF_REPORT = ("row", "row_id", "verdict", "code", "headline", "report")
"""The columns of a Parquet file of reports, before those of the sheet."""
_IF_ANY = ("worksheet", "more_cells")


@contextmanager
def distinct_reports(
    sheet: Sheet, formulary: Formulary, texts: Texts = report_texts
) -> Iterator[DistinctReports]:
    """Check a sheet whose rows share one header; the reports last as long as the context."""
    if not sheet.headers:
        raise SheetError(f"{sheet.name}: its rows do not share one header; use --engine python")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="itdose-")))
        kept = TextFile(stack.enter_context((folder / "reports").open("w+b")))
        connection = imported().connect(str(folder / "rows.db"), config={"memory_limit": _MEMORY})
        stack.callback(connection.close)
        found = DistinctReports(SheetTables(sheet, connection), kept)
        found.check(formulary, texts)
        yield found


class DistinctReports:
    """The reports on the rows of one sheet, each distinct one kept once."""

    def __init__(self, tables: SheetTables, kept: TextFile) -> None:
        self._tables = tables
        self._kept = kept

    def check(self, formulary: Formulary, texts: Texts) -> None:
        """Check every distinct order, then the rows that are checked one by one."""
        tables = self._tables
        tables.sql.execute(
            "CREATE TABLE report "
            "(place BIGINT, verdict VARCHAR, code VARCHAR, headline VARCHAR, text VARCHAR);"
            "CREATE TABLE placed (position BIGINT, place BIGINT);"
            "CREATE TABLE ordered (number BIGINT, place BIGINT)"
        )
        self._check_orders(formulary, texts)
        together = tables.rows("sheet WHERE together")
        self._check_apart(together, formulary, texts)
        # A row whose order can't be read is named in its report.
        rest = tables.rows("sheet WHERE NOT together AND position NOT IN (SELECT position FROM placed)")
        while some := list(islice(rest, AT_ONCE)):
            self._check_apart(some, formulary, texts)
        self._kept.flush()
        rows = tables.count("sheet")
        reports = tables.count("sheet JOIN placed USING (position) JOIN report USING (place)")
        if rows != reports:
            raise RuntimeError(f"{rows} rows and {reports} reports")

    def _check_orders(self, formulary: Formulary, texts: Texts) -> None:
        tables = self._tables
        keys = ", ".join(("hidden", *(tables.cells[place] for place in tables.read)))
        tables.sql.execute(
            f"CREATE TABLE found AS SELECT row_number() OVER () AS number, * FROM "  # noqa: S608 - names of ours
            f"(SELECT DISTINCT {keys} FROM sheet WHERE NOT apart)"
        )
        orders = tables.asked(f"SELECT number, {keys} FROM found ORDER BY number")  # noqa: S608
        while some := list(islice(orders, AT_ONCE)):
            rows = [tables.order_of(number, hidden, read) for number, hidden, *read in some]
            readable = [row for row in rows if row.problem is None]
            self._keep("ordered", [row.number for row in readable], texts(readable, formulary))
        tables.sql.execute(
            "INSERT INTO placed SELECT position, place FROM sheet "  # noqa: S608
            f"JOIN found USING ({keys}) JOIN ordered ON found.number = ordered.number WHERE NOT apart"
        )

    def _check_apart(
        self, rows: Iterable[tuple[int, SheetRow, object]], formulary: Formulary, texts: Texts
    ) -> None:
        positions: list[int] = []

        def noted() -> Iterator[SheetRow]:
            for position, row, _ in rows:
                positions.append(position)
                yield row

        self._keep("placed", positions, texts(put_together(noted(), formulary), formulary))

    def _keep(self, table: str, keys: list[int], texts: Iterator[str]) -> None:
        """Keep reports, and in a table the key of each with its place."""
        reports, places = [], []
        for text in texts:
            places.append(self._kept.add(text))
            reports.append((places[-1], *brief(text), text))
        if len(places) != len(keys):
            raise RuntimeError(f"{len(keys)} orders and {len(places)} reports")
        if not places:
            return
        names = ("place", "verdict", "code", "headline", "text")
        self._tables.insert("report", names, list(zip(*reports, strict=True)))
        self._tables.insert(table, ("key", "place"), (keys, places))

    @property
    def distinct(self) -> int:
        """How many distinct orders were found."""
        return self._tables.count("found")

    def counts(self) -> dict[str, int]:
        """Return how many rows have each verdict."""
        counted = "SELECT verdict, count(*) FROM placed JOIN report USING (place) GROUP BY verdict"
        return dict(self._tables.asked(counted))

    def reports(self) -> Iterator[SheetReport]:
        """Yield the report on every row, in the order of the rows."""
        yield from self._reports("sheet JOIN placed USING (position)")

    def first(self, verdict: str, most: int) -> Iterator[SheetReport]:
        """Yield the reports on the first rows with a verdict."""
        chosen = (
            "SELECT position, place FROM placed JOIN report USING (place) "  # noqa: S608
            f"WHERE verdict = '{verdict}' ORDER BY position LIMIT {most}"
        )
        yield from self._reports(f"sheet JOIN ({chosen}) USING (position)")

    def _reports(self, tables: str) -> Iterator[SheetReport]:
        renamed = self._tables.columns.renamed
        for _, row, place in self._tables.rows(tables, "place"):
            yield SheetReport(row.number, row.row_id, row.cells, self._kept[place], renamed, row.worksheet)

    def write_parquet(self, path: Path) -> None:
        """Write every row with its report to a Parquet file, by DuckDB itself.

        The file appears when it is whole. Its column ``row`` says the order of
        the rows: to sort them with their reports would take a multiple of the room.
        """
        beside = path.with_name(f"{path.name}.part")
        columns = ", ".join(self._parquet_columns(path))
        name = str(beside).replace("'", "''")
        try:
            self._tables.sql.execute(
                f"COPY (SELECT {columns} FROM sheet JOIN placed USING (position) JOIN report USING (place)) "  # noqa: S608
                f"TO '{name}' (FORMAT parquet, COMPRESSION zstd)"
            )
            beside.replace(path)
        except (OSError, imported().IOException) as error:
            raise SheetError(f"{path}: it can't be written: {error}") from error
        finally:
            beside.unlink(missing_ok=True)

    def _parquet_columns(self, path: Path) -> Iterator[str]:
        """Yield the columns: those of the report, then those of the sheet."""
        tables = self._tables
        names = [header.casefold() for header in tables.headers if header != "row_id"]
        taken = sorted({*_OF_REPORT, *_IF_ANY}.intersection(names)) or [
            n for n in names if names.count(n) > 1
        ]
        if taken:
            raise SheetError(f"{path}: two columns would be named {taken[0]!r}; rename that of the sheet")
        ids = [header for header, field in tables.columns.fields.items() if field == "row_id"]
        row_id = tables.cells[tables.headers.index(ids[0])] if ids else "''"
        yield from (f"number AS row, {row_id} AS row_id", "verdict", "code", "headline", "text AS report")
        if tables.count("sheet WHERE worksheet IS NOT NULL"):
            yield "worksheet"
        if tables.count("sheet WHERE whole IS NOT NULL"):
            yield "whole AS more_cells"
        for cell, header in zip(tables.cells, tables.headers, strict=True):
            if header != "row_id":
                yield f"{cell} AS {_quoted(header)}"


def _quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
