"""What runs in Spark's workers: rows of Arrow in, reports out. Nothing but text and plain rows comes here."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from itdose.batch.columns import Columns
from itdose.batch.distinct.row_texts import brief, read_places, report_texts
from itdose.batch.options import SheetOptions
from itdose.batch.preparations import put_together
from itdose.batch.sheet import SheetRow
from itdose.batch.tables.cell_text import cell_text, fault_of
from itdose.formulary import Formulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

REPORT = ("verdict", "code", "headline", "report")
"""The columns that are added to a dataframe."""
FOUND = (*REPORT, "fault", "fault_json")
"""Of a distinct order; with a fault, which stands in the report behind the row's place, there is no order."""
_NO_PLACE = "row 0: "


class Shared(Protocol):
    """A broadcast."""

    @property
    def value(self) -> str:
        """What was broadcast."""


class Task(NamedTuple):
    """What a worker checks with."""

    formulary: Formulary
    columns: Columns


@lru_cache(maxsize=2)
def _task(text: str) -> Task:
    """Return what to check with, put together once in a process."""
    stated = json.loads(text)
    options = SheetOptions(decimal_comma=stated["decimal_comma"], fields=stated["mapped"])
    return Task(
        Formulary(stated["rows"], stated["as_of"]), Columns(stated["headers"], stated["fields"], options)
    )


def check_orders(batches: Iterable[pa.RecordBatch], shared: Shared) -> Iterator[pa.RecordBatch]:
    """Yield the report on each distinct order beside its cells."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    for batch in batches:
        task = _task(shared.value)
        cells = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        found = [_found(_row(0, read, task.columns), task.formulary) for read in cells]
        added = [pa.array(column, pa.string()) for column in zip(*found, strict=True)]
        if found:
            names = [*(f"k_{name}" for name in batch.schema.names), *FOUND]
            yield pa.RecordBatch.from_arrays([*batch.columns, *added], names)


def _found(row: SheetRow, formulary: Formulary) -> tuple[str | None, ...]:
    [text] = report_texts((row,), formulary)
    fault = (row.problem or "").removeprefix(_NO_PLACE) or None
    return (*brief(text), text, fault, json.dumps(fault)[1:-1] if fault else None)


def check_together(table: pa.Table, places: Sequence[int], number: str, shared: Shared) -> pa.Table:
    """Return the rows of one preparation with the report on each beside the others."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    task = _task(shared.value)
    table = table.sort_by(number)
    numbers = table[number].to_pylist()
    cells = zip(*(table[f"c{place}"].to_pylist() for place in places), strict=True)
    rows = [_row(at, read, task.columns) for at, read in zip(numbers, cells, strict=True)]
    texts = report_texts(put_together(rows, task.formulary), task.formulary)
    found = [(*brief(text), text) for text in texts]
    for name, column in zip(REPORT, zip(*found, strict=True), strict=True):
        table = table.append_column(name, pa.array(column, pa.string()))
    return table


def _row(number: int, read: Sequence[Any], columns: Columns) -> SheetRow:
    """Return a row that holds the cells of an order, and no others."""
    texts, fault = [""] * len(columns.headers), None
    for place, cell in zip(read_places(columns), read, strict=True):
        text = cell_text(cell, decimal_comma=columns.options.decimal_comma)
        if text is None and fault is None:
            fault = fault_of(columns.headers[place], cell)
        texts[place] = str(cell) if text is None else text
    return SheetRow(number, texts, columns, fault)
