"""Read JSON Lines: an object of texts in each line."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from itdose.batch import fhir_file
from itdose.batch.columns import NEEDED, Columns, columns_of
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.text_file import opened
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.batch.sheet import SheetOptions

_KEPT_SHAPES = 1000
"""Lines may each have other keys; what is known of the last so many is kept."""


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a file; lines of FHIR resources have a reader of their own."""
    with opened(sheet, options) as file:
        if fhir_file.is_fhir(next((line for line in file if line.strip()), "")):
            return fhir_file.read_lines(sheet, options)

    def rows() -> Iterator[SheetRow]:
        with opened(sheet, options) as file:
            yield from _rows(sheet, file, options)

    return Sheet(sheet, rows())


def sheet_of(sheet: str, first: str, file: IO[str], options: SheetOptions) -> Sheet:
    """Return the sheet whose first line was read, and whose others follow in the file."""
    return Sheet(sheet, _rows(sheet, chain((first,), file), options))


def _rows(sheet: str, lines: Iterator[str], options: SheetOptions) -> Iterator[SheetRow]:
    @lru_cache(maxsize=_KEPT_SHAPES)
    def shape(names: tuple[str, ...]) -> Columns:
        return columns_of("the line", names, options)

    nothing = Columns((), {}, options)
    found = False
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        found = True
        try:
            yield _row(number, text, shape)
        except (ValueError, RecursionError, SheetError) as error:
            yield SheetRow(number, (), nothing, f"it is not one JSON object of texts: {error}")
    if not found:
        raise SheetError(f"{sheet}: it is empty; each line is a JSON object with {', '.join(NEEDED)}")


def _row(number: int, text: str, shape: Callable[[tuple[str, ...]], Columns]) -> SheetRow:
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise ValueError("the line is not an object in braces")  # noqa: TRY004 - one kind of error for a line
    cells = {name: item for name, item in value.items() if item is not None}
    for name, item in cells.items():
        if not isinstance(item, str):
            raise ValueError(f'{name} must be text with its unit, such as "50 mg"')  # noqa: TRY004
    return SheetRow(number, tuple(cells.values()), shape(tuple(cells)))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands in it more than once")
    return dict(pairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value")
