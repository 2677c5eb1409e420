"""Read CSV and TSV. The first row names the columns; the delimiter is the one that makes them appear."""

from __future__ import annotations

import csv
from itertools import chain
from typing import IO, TYPE_CHECKING

from itdose.batch.columns import NEEDED, columns_of, field_of, missing_fields, named
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.text_file import opened
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import SheetOptions

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_LARGEST_CELL = 1_000_000


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a file."""
    with opened(sheet, options) as file:
        header = sheet_of(sheet, first_line(sheet, file), file, options)

    def rows() -> Iterator[SheetRow]:
        with opened(sheet, options) as file:
            yield from sheet_of(sheet, first_line(sheet, file), file, options).rows

    return Sheet(sheet, rows(), header.headers)


def first_line(sheet: str, file: IO[str]) -> str:
    """Return the header's line; raise SheetError where there is none."""
    try:
        first = file.readline()
    except UnicodeDecodeError as error:
        raise SheetError(
            f"{sheet}: it is not UTF-8 text (byte {error.start}: {error.reason}); save it as CSV UTF-8"
        ) from error
    if not first.strip():
        fault = "its first row is blank" if first else "it is empty"
        raise SheetError(f"{sheet}: {fault}; the first row names the columns: {', '.join(NEEDED)} ...")
    return first


def sheet_of(sheet: str, first: str, file: IO[str], options: SheetOptions) -> Sheet:
    """Return the sheet whose header's line was read, and whose rows follow in the file."""
    delimiter = _delimiter(sheet, first, options)
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(chain((first,), file), delimiter=delimiter, strict=True)
    try:
        columns = columns_of(f"{sheet}: row 1", named(next(reader)), options)
    except csv.Error as error:
        raise SheetError(f"{sheet}: row 1 can't be read ({error}); is a quote open?") from error
    return Sheet(sheet, _rows(sheet, reader, columns, _DELIMITERS[delimiter]), columns.headers)


def _rows(sheet: str, reader: Iterator[list[str]], columns: Columns, delimiter: str) -> Iterator[SheetRow]:
    number, found, width = 1, False, len(columns.headers)
    try:
        for number, texts in enumerate(reader, start=2):
            if not texts:
                continue
            found = True
            if len(texts) == width:
                yield SheetRow(number, texts, columns)
            else:
                fault = (
                    f"it has {len(texts)} cells and the header {width}; a {delimiter} may stand in a cell "
                    "without quotes"
                )
                yield SheetRow(number, texts, columns, fault)
    except csv.Error as error:
        raise SheetError(
            f"{sheet}: it can't be read after row {number} ({error}); is a quote open, or a cell too long?"
        ) from error
    except UnicodeDecodeError as error:
        raise SheetError(
            f"{sheet}: it is not UTF-8 text after row {number} ({error.reason}); save it as CSV UTF-8"
        ) from error
    if not found:
        raise SheetError(f"{sheet}: it has a header and no rows; nothing was checked")


def _delimiter(sheet: str, first: str, options: SheetOptions) -> str:
    """Return the delimiter that makes the needed columns appear; never guess between two."""
    by_mark = {mark: _fields(first, mark, options) for mark in _DELIMITERS}
    fitting = [mark for mark, fields in by_mark.items() if not missing_fields(fields)]
    if len(fitting) == 1:
        return fitting[0]
    seen = {header: field for fields in by_mark.values() for header, field in fields.items()}
    missing = ", ".join(missing_fields(seen)) or "a single separator"
    raise SheetError(
        f"{sheet}: the first row must name the columns {', '.join(NEEDED)}, separated by one of "
        f"{', '.join(_DELIMITERS.values())}; missing: {missing}; --map HEADER=FIELD names a column otherwise"
    )


def _fields(first: str, delimiter: str, options: SheetOptions) -> dict[str, str]:
    headers = [header.strip(' "\r\n') for header in first.split(delimiter)]
    return {header: field for header in headers if (field := field_of(header, options))}
