"""The header of a CSV: its names, its delimiter, and Excel's line that declares one."""

from __future__ import annotations

import csv
import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.columns import NEEDED, check_mapped, columns_of, field_of, missing_fields, named
from itdose.errors import SheetError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.options import SheetOptions

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""What may stand between cells, with its name."""
# A pipe is declared or not meant: it stands in notes more often than between cells.
_FOUND_BY_ITSELF = (",", ";", "\t")
MOST_COLUMNS = 16_384
"""As many as a worksheet of Excel has."""
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<mark>.)"?[\r\n]*', re.IGNORECASE)


class Header(NamedTuple):
    """The header of a CSV, and what was read ahead to find it."""

    columns: Columns
    delimiter: str
    number: int
    """The row in which it stands: 1, or 2 after a line that declares the delimiter."""
    ahead: tuple[str, ...]
    """Lines after the header that were read already."""


def header_of(sheet: str, lines: Iterator[str], options: SheetOptions) -> Header:
    """Return the header of a CSV; raise SheetError where its first row is none."""
    number, first = 1, next(lines, "")
    declared = _SEPARATOR_LINE.fullmatch(first)
    if declared:
        number, first = 2, next(lines, "")
    _check_first(sheet, first)
    mark = _declared(sheet, declared["mark"] if declared else None, options)
    first_row = _FirstRow(f"{sheet}: row {number}", first, lines)
    delimiter = mark or _delimiter(sheet, first_row, options)
    texts = first_row.texts(delimiter)
    if isinstance(texts, csv.Error):
        raise first_row.unreadable(texts)
    columns = columns_of(first_row.where, named(texts), options)
    missing = missing_fields(columns.fields)
    if missing:
        raise _no_columns(sheet, (delimiter,), missing)
    return Header(columns, delimiter, number, first_row.ahead(delimiter))


class _FirstRow:
    """The header's row as each delimiter makes it. A header in quotes may have several lines."""

    def __init__(self, where: str, first: str, lines: Iterator[str]) -> None:
        self.where = where
        self._read = [first]
        self._lines = lines
        self._used: dict[str, int] = {}

    def texts(self, delimiter: str) -> list[str] | csv.Error:
        """Return the cells, or why there are none."""
        reader = csv.reader(chain(tuple(self._read), self._more()), delimiter=delimiter, strict=True)
        try:
            texts = next(reader)
        except csv.Error as error:
            return error
        if len(texts) > MOST_COLUMNS:
            raise SheetError(
                f"{self.where} has {len(texts)} cells; a sheet has at most {MOST_COLUMNS} columns"
            )
        self._used[delimiter] = reader.line_num
        return texts

    def ahead(self, delimiter: str) -> tuple[str, ...]:
        """Return the lines that were read and are not of the header."""
        return tuple(self._read[self._used[delimiter] :])

    def unreadable(self, error: csv.Error) -> SheetError:
        """Return the error for a header that no delimiter makes readable."""
        return SheetError(f"{self.where} can't be read ({error}); is a quote open?")

    def _more(self) -> Iterator[str]:
        for line in self._lines:
            self._read.append(line)
            yield line


def _check_first(sheet: str, first: str) -> None:
    if "\0" in first:
        raise SheetError(
            f"{sheet}: its first row holds NUL characters, as UTF-16 without a byte order mark does; "
            "save it as CSV UTF-8, or say --encoding utf-16-le or utf-16-be"
        )
    if not first.strip():
        fault = "its first row is blank" if first else "it is empty"
        raise SheetError(f"{sheet}: {fault}; the first row names the columns: {', '.join(NEEDED)} ...")


def _declared(sheet: str, in_file: str | None, options: SheetOptions) -> str | None:
    """Return the delimiter that the user or the file declares; refuse two that differ."""
    for mark, where in ((in_file, "row 1 declares"), (options.delimiter, "--delimiter is")):
        if mark is not None and mark not in DELIMITERS:
            raise SheetError(f"{sheet}: {where} {quote(mark)}; cells stand between {_names(DELIMITERS)}")
    if in_file and options.delimiter and in_file != options.delimiter:
        raise SheetError(
            f"{sheet}: row 1 declares the {DELIMITERS[in_file]} as separator, and --delimiter says "
            f"{DELIMITERS[options.delimiter]}; leave the option out"
        )
    return options.delimiter or in_file


def _delimiter(sheet: str, first_row: _FirstRow, options: SheetOptions) -> str:
    """Return the delimiter that makes the needed columns appear; never guess between two."""
    texts = {mark: first_row.texts(mark) for mark in _FOUND_BY_ITSELF}
    fields = {mark: _fields(found, options) for mark, found in texts.items()}
    fitting = [mark for mark, found in fields.items() if not missing_fields(found)]
    if len(fitting) == 1:
        return fitting[0]
    seen = {header: field for found in fields.values() for header, field in found.items()}
    errors = [found for found in texts.values() if isinstance(found, csv.Error)]
    if len(errors) == len(texts):
        raise first_row.unreadable(errors[0])
    # Many cells are what a delimiter makes; a misspelled --map is a likely reason for a missing column.
    likely = max((found for found in texts.values() if isinstance(found, list)), key=len)
    check_mapped(first_row.where, named(likely), options)
    raise _no_columns(sheet, _FOUND_BY_ITSELF, missing_fields(seen))


def _fields(texts: list[str] | csv.Error, options: SheetOptions) -> dict[str, str]:
    if isinstance(texts, csv.Error):
        return {}
    return {header: field for header in named(texts) if (field := field_of(header, options))}


def _no_columns(sheet: str, marks: tuple[str, ...], missing: list[str]) -> SheetError:
    return SheetError(
        f"{sheet}: the first row must name the columns {', '.join(NEEDED)}, separated by "
        f"{'one of ' if len(marks) > 1 else 'a '}{_names(marks)}; missing: "
        f"{', '.join(missing) or 'a single separator'}; --map HEADER=FIELD names a column otherwise, and "
        "--delimiter the separator"
    )


def _names(marks: Iterable[str]) -> str:
    return ", ".join(DELIMITERS[mark] for mark in marks)
