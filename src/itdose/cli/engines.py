"""``itdose batch --engine``: who finds the distinct orders of a sheet."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from itdose.findings import Verdict
from itdose.render.batch_text import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from itdose.batch.sheet import Sheet
    from itdose.formulary import Formulary
    from itdose.sheet_report import SheetReport

_MOST_SHOWN = 50


def reports_by(engine: str, sheet: Sheet, formulary: Formulary) -> Iterator[SheetReport]:
    """Yield the report on every row, in the order of the rows; no engine changes a report."""
    match engine:
        case "duckdb":
            from itdose.batch.distinct import distinct_reports  # noqa: PLC0415 - an extra

            with distinct_reports(sheet, formulary) as found:
                yield from found.reports()
        case "spark":
            from itdose.spark import local  # noqa: PLC0415 - an extra

            yield from local.sheet_reports(sheet, formulary)
        case _:
            from itdose.batch import sheet_reports  # noqa: PLC0415

            yield from sheet_reports(sheet, formulary)


def writes_by_itself(engine: str, outputs: Sequence[Path], screen: str) -> bool:
    """Return whether the engine can write all that was asked for, so that no row comes to Python again."""
    only_parquet = all(output.suffix.lower() == ".parquet" for output in outputs)
    return engine == "duckdb" and screen == "text" and only_parquet


def written(sheet: Sheet, formulary: Formulary, outputs: Sequence[Path]) -> Summary:
    """Let DuckDB write Parquet files, and return the summary of the sheet."""
    from itdose.batch.distinct import distinct_reports  # noqa: PLC0415 - an extra

    summary = Summary()
    with distinct_reports(sheet, formulary) as found:
        for output in outputs:
            found.write_parquet(output)
        counts = found.counts()
        for verdict in counts:
            for report in found.first(verdict, _MOST_SHOWN):
                summary.add(report)
    summary.counts = Counter({Verdict[verdict.upper()]: rows for verdict, rows in counts.items()})
    return summary
