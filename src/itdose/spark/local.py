"""A sheet checked by Spark on this machine: what a cluster would do, tried on one file."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from heapq import merge
from itertools import islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch.distinct.row_texts import report_texts
from itdose.batch.preparations import put_together
from itdose.batch.row_report import sheet_report
from itdose.batch.sheet import SheetRow
from itdose.errors import SheetError
from itdose.spark import reported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import Sheet
    from itdose.formulary import Formulary
    from itdose.sheet_report import SheetReport

    Numbered = tuple[int, SheetRow]

_AT_ONCE = 10_000


class LaidOut(NamedTuple):
    """A sheet for Spark: its ordinary rows in a file, and those that are checked here."""

    columns: Columns
    ordinary: int
    apart: list[Numbered]
    """Rows of preparations, hidden rows, and those that the reader could not take, by their place."""


def sheet_reports(sheet: Sheet, formulary: Formulary) -> Iterator[SheetReport]:
    """Yield the report on every row, in the order of the rows."""
    if not sheet.headers:
        raise SheetError(f"{sheet.name}: its rows do not share one header; use --engine python")
    with TemporaryDirectory(prefix="itdose-") as folder:
        file = Path(folder) / "rows.parquet"
        laid = _lay_out(sheet, file)
        parts = [_checked_here(laid.apart, formulary)]
        if not laid.ordinary:
            yield from _as_counted(parts, laid)
            return
        with _session() as session:
            parts.append(_checked_by_spark(session, file, laid.columns, formulary))
            yield from _as_counted(parts, laid)


def _as_counted(parts: list[Iterator[tuple[int, SheetReport]]], laid: LaidOut) -> Iterator[SheetReport]:
    reports = 0
    for _, report in merge(*parts, key=itemgetter(0)):
        reports += 1
        yield report
    rows = laid.ordinary + len(laid.apart)
    if rows != reports:
        raise RuntimeError(f"{rows} rows and {reports} reports")


def _lay_out(sheet: Sheet, file: Path) -> LaidOut:
    pa, parquet = _arrow()
    cells = [f"c{place}" for place in range(len(sheet.headers))]
    schema = pa.schema(
        [(name, pa.int64()) for name in ("position", "number")] + [(c, pa.string()) for c in cells]
    )
    apart: list[Numbered] = []
    columns, read, ordinary = None, 0, 0
    with parquet.ParquetWriter(file, schema) as writer:
        while some := list(islice(sheet.rows, _AT_ONCE)):
            columns = columns or some[0].columns
            rows = []
            for position, row in enumerate(some, start=read):
                if _is_ordinary(row, columns):
                    rows.append((position, row.number, *row.texts))
                else:
                    apart.append((position, row))
            read += len(some)
            ordinary += len(rows)
            if rows:
                arrays = [list(column) for column in zip(*rows, strict=True)]
                writer.write_table(pa.table(arrays, schema=schema))
    if columns is None:
        raise SheetError(f"{sheet.name}: it has no rows; nothing was checked")
    return LaidOut(columns, ordinary, apart)


def _is_ordinary(row: SheetRow, columns: Columns) -> bool:
    odd = row.fault or row.is_hidden or row.worksheet or row.preparation
    return not odd and row.columns is columns and len(row.texts) == len(columns.headers)


def _checked_here(apart: list[Numbered], formulary: Formulary) -> Iterator[tuple[int, SheetReport]]:
    texts = report_texts(put_together((row for _, row in apart), formulary), formulary)
    for (position, row), text in zip(apart, texts, strict=True):
        yield position, sheet_report(row, text)


def _checked_by_spark(
    session: SparkSession, file: Path, columns: Columns, formulary: Formulary
) -> Iterator[tuple[int, SheetReport]]:
    dataframe = session.read.parquet(str(file))
    found = reported(dataframe, columns, formulary, dataframe["number"])
    cells = (f"c{place}" for place in range(len(columns.headers)))
    chosen = found.select("position", "number", "report", *cells).orderBy("position")
    for position, number, text, *texts in chosen.toLocalIterator():
        yield position, sheet_report(SheetRow(number, texts, columns), text)


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise SheetError("Spark is not installed: pip install 'itdose[spark]'") from error
    return pa, parquet


@contextmanager
def _session() -> Iterator[SparkSession]:
    """Give the session that is running, or one on all processors of this machine."""
    try:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession as Session  # noqa: PLC0415
    except ImportError as error:
        raise SheetError("Spark is not installed: pip install 'itdose[spark]'") from error
    running = Session.getActiveSession()
    if running is not None:
        yield running
        return
    # Without it the workers run whatever python3 is, which may be without itdose.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        own = (
            Session.builder.master("local[*]")
            .appName("itdose")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", str(4 * (os.cpu_count() or 1)))
            .getOrCreate()
        )
    except PySparkRuntimeError as error:
        raise SheetError(f"Spark does not start ({error}); it needs Java 17 or later") from error
    try:
        yield own
    finally:
        own.stop()
