"""Read Parquet files, batch by batch. Texts stay as they are; a number is written with all its digits."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itdose.batch.columns import NEEDED, columns_of, missing_fields
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.workbook.cell_texts import LARGEST_CELL
from itdose.errors import SheetError, quote, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.options import SheetOptions

_ROWS_AT_ONCE = 4096


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a file."""
    with _opened(sheet) as file:
        columns = columns_of(sheet, file.schema_arrow.names, options)
        expected = file.metadata.num_rows
    missing = missing_fields(columns.fields)
    if missing:
        raise SheetError(
            f"{sheet}: it must have the columns {', '.join(NEEDED)}; missing: {', '.join(missing)}; "
            "--map HEADER=FIELD names a column otherwise"
        )
    if not expected:
        raise SheetError(f"{sheet}: it has columns and no rows; nothing was checked")
    return Sheet(sheet, _rows(sheet, columns), columns.headers, lambda: expected)


def _rows(sheet: str, columns: Columns) -> Iterator[SheetRow]:
    with _opened(sheet) as file:
        above = 0
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            yield from _rows_of(sheet, batch, columns, above)
            above += batch.num_rows


def _rows_of(sheet: str, batch: Any, columns: Columns, above: int) -> Iterator[SheetRow]:
    """Yield the rows of a batch, above which so many stand in the file."""
    from itdose.batch.tables.parquet_cells import fault_of, is_number, may_fault, texts_of  # noqa: PLC0415 - an extra

    kinds = batch.schema.types
    by_column = [texts_of(column) for column in batch.columns]
    for place, (kind, header) in enumerate(zip(kinds, columns.headers, strict=True)):
        if max(map(len, by_column[place]), default=0) > LARGEST_CELL:
            raise SheetError(
                f"{sheet}: a cell of the column {quote(header)} has more than {LARGEST_CELL} characters"
            )
        if columns.options.decimal_comma and is_number(kind):
            by_column[place] = [text.replace(".", ",") for text in by_column[place]]
    doubtful = [
        (place, kinds[place], columns.fields[header])
        for place, header in enumerate(columns.headers)
        if header in columns.fields and may_fault(kinds[place])
    ]
    for number, texts in enumerate(zip(*by_column, strict=True), start=above + 1):
        faults = [fault for place, kind, field in doubtful if (fault := fault_of(kind, field, texts[place]))]
        yield SheetRow(number, texts, columns, "; ".join(faults) or None)


@contextmanager
def _opened(sheet: str) -> Iterator[Any]:
    """Open a file; raise SheetError for one that is missing, damaged or of another kind."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise SheetError(
            f"{sheet}: .parquet needs a library that is not installed; pip install 'itdose[audit]'"
        ) from error
    try:
        # Opened by Python first, whose message for a missing file is plain.
        with Path(sheet).open("rb"), ParquetFile(sheet) as file:
            yield file
    except (pa.ArrowException, ValueError, OSError, MemoryError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else visible(str(error))
        raise SheetError(
            f"{sheet}: it can't be read: {why}; if the file is there, write it anew as .parquet"
        ) from error
