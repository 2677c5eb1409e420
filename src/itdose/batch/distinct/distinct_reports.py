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

from itdose.batch.distinct.row_texts import TextFile, brief, report_texts
from itdose.batch.distinct.sheet_tables import AT_ONCE, SheetTables
from itdose.batch.preparations import put_together
from itdose.batch.row_report import sheet_report
from itdose.batch.tables.query_duckdb import imported
from itdose.errors import SheetError
from itdose.findings import Verdict
from itdose.sheet_report import Judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.distinct.row_texts import Texts
    from itdose.batch.sheet import Sheet, SheetRow
    from itdose.formulary import Formulary
    from itdose.sheet_report import SheetReport

_MEMORY = "1GB"


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

    def counts(self) -> Iterator[tuple[Judged, int]]:
        """Yield how many rows have each verdict, by drug and cause."""
        counted = (
            "SELECT verdict, text->>'$.order.drug', code, sum(rows) FROM report JOIN "
            "(SELECT place, count(*) AS rows FROM placed GROUP BY place) USING (place) "
            "GROUP BY ALL ORDER BY ALL"
        )
        for verdict, drug, code, rows in self._tables.asked(counted):
            yield Judged(Verdict[verdict.upper()], drug, code), int(rows)

    def reports(self) -> Iterator[SheetReport]:
        """Yield the report on every row, in the order of the rows."""
        yield from self._reports("sheet JOIN placed USING (position)")

    def first_of_each(self, most: int) -> Iterator[SheetReport]:
        """Yield the reports on the first rows of each verdict."""
        chosen = (
            "SELECT position, place FROM placed JOIN report USING (place) "  # noqa: S608
            f"QUALIFY row_number() OVER (PARTITION BY verdict ORDER BY position) <= {most}"
        )
        yield from self._reports(f"sheet JOIN ({chosen}) USING (position)")

    def _reports(self, tables: str) -> Iterator[SheetReport]:
        for _, row, place in self._tables.rows(tables, "place"):
            yield sheet_report(row, self._kept[place])
