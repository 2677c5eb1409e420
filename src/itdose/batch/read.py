"""Read CSV, TSV and JSON Lines. What can't be read as a file is an error; a bad row is a row."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from itdose.batch.rows import CANONICAL, NEEDED, to_row, unreadable
from itdose.errors import SheetError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.rows import SheetRow

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_LARGEST_CELL = 1_000_000
JSON_SUFFIXES = frozenset({".ndjson", ".jsonl"})
_CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})


def read_sheet(sheet: str, *, decimal_comma: bool = False) -> Iterator[SheetRow]:
    """Yield the rows of a sheet: a path ending in .csv, .tsv, .ndjson or .jsonl, or ``-``.

    Raises SheetError, with the file and how to mend it, for what is no sheet at all.
    """
    suffix = Path(sheet).suffix.lower()
    if sheet != "-" and suffix not in JSON_SUFFIXES | _CSV_SUFFIXES:
        kind = suffix or "a file without a suffix"
        raise SheetError(f"{sheet}: {kind} is not read; save it as .csv or .ndjson")
    with _opened(sheet) as file:
        try:
            first = file.readline()
            if suffix in JSON_SUFFIXES or (sheet == "-" and first.lstrip().startswith("{")):
                yield from _json_rows(sheet, first, file, decimal_comma=decimal_comma)
            else:
                yield from _csv_rows(sheet, first, file, decimal_comma=decimal_comma)
        except UnicodeDecodeError as error:
            raise SheetError(
                f"{sheet}: it is not UTF-8 text (byte {error.start}: {error.reason}); save it as CSV UTF-8"
            ) from error


@contextmanager
def _opened(sheet: str) -> Iterator[IO[str]]:
    if sheet == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict", newline="")  # type: ignore[union-attr]
        yield sys.stdin
        return
    try:
        # newline="" leaves line ends inside quoted cells to the csv module.
        with Path(sheet).open(encoding="utf-8-sig", errors="strict", newline="") as file:
            yield file
    except OSError as error:
        raise SheetError(f"{sheet}: it can't be read: {error.strerror}") from error


def _csv_rows(sheet: str, first: str, file: IO[str], *, decimal_comma: bool) -> Iterator[SheetRow]:
    delimiter = _delimiter(sheet, first)
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(chain((first,), file), delimiter=delimiter, strict=True)
    number, found = 1, False
    try:
        header = _header(sheet, next(reader))
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            found = True
            names = header + [_nameless(place) for place in range(len(header), len(cells))]
            named = dict(zip(names, cells, strict=False))
            if len(cells) == len(header):
                yield to_row(number, named, decimal_comma=decimal_comma)
            else:
                said = (
                    f"it has {len(cells)} cells and the header {len(header)}; a {_DELIMITERS[delimiter]} may"
                )
                yield unreadable(number, f"{said} stand in a cell without quotes", named)
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


def _delimiter(sheet: str, first: str) -> str:
    """Return the delimiter that makes the needed columns appear; never guess between two."""
    if not first.strip():
        fault = "its first row is blank" if first else "it is empty"
        raise SheetError(f"{sheet}: {fault}; the first row names the columns: {', '.join(NEEDED)} ...")
    split = {mark: {cell.strip(' "\r\n').lower() for cell in first.split(mark)} for mark in _DELIMITERS}
    fitting = [mark for mark, names in split.items() if set(NEEDED) <= names]
    if len(fitting) == 1:
        return fitting[0]
    seen = set().union(*split.values())
    missing = [name for name in NEEDED if name not in seen]
    raise SheetError(
        f"{sheet}: the first row must name the columns {', '.join(NEEDED)}, separated by one of "
        f"{', '.join(_DELIMITERS.values())}; missing: {', '.join(missing) or 'a single separator'}"
    )


def _header(sheet: str, cells: list[str]) -> list[str]:
    header = [cell.strip() or _nameless(place) for place, cell in enumerate(cells)]
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise SheetError(
            f"{sheet}: row 1 names {', '.join(repeated)} more than once; keep one column of each"
        )
    near = _in_another_case(header)
    if near:
        raise SheetError(f"{sheet}: row 1 names {quote(near)}; write {near.lower()!r}")
    return header


def _nameless(place: int) -> str:
    """Return a name for a column without one, so that its cells are kept."""
    return f"column {place + 1}"


def _in_another_case(names: Iterable[str]) -> str | None:
    return next((name for name in names if name not in CANONICAL and name.lower() in CANONICAL), None)


def _json_rows(sheet: str, first: str, file: IO[str], *, decimal_comma: bool) -> Iterator[SheetRow]:
    number, found = 0, False
    for text in chain((first,), file):
        number += 1
        if not text.strip():
            continue
        found = True
        try:
            cells = _json_cells(text)
        except (ValueError, RecursionError) as error:
            yield unreadable(number, f"it is not one JSON object of texts: {error}")
            continue
        yield to_row(number, cells, decimal_comma=decimal_comma)
    if not found:
        raise SheetError(f"{sheet}: it is empty; each line is a JSON object with {', '.join(NEEDED)}")


def _json_cells(text: str) -> dict[str, str]:
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise ValueError("the line is not an object in braces")  # noqa: TRY004 - one kind of error for a line
    near = _in_another_case(value)
    if near:
        raise ValueError(f"it names {quote(near)}; write {near.lower()!r}")
    cells = {}
    for name, item in value.items():
        if item is None:
            continue
        if not isinstance(item, str):
            raise ValueError(f'{name} must be text with its unit, such as "50 mg"')  # noqa: TRY004
        cells[name] = item
    return cells


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands in it more than once")
    return dict(pairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value")
