"""Read JSON Lines: an object of texts in each line."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from itdose.batch.columns import NEEDED, Columns, columns_of
from itdose.batch.fhir import reader as fhir_file
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.text.text_file import line_ends, nul_fault, opened
from itdose.errors import SheetError, quote, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from itdose.batch.options import SheetOptions
    from itdose.batch.text.text_file import TextFile

_HALF_OF_A_PAIR = re.compile("[\\ud800-\\udfff]")
_KEPT_SHAPES = 1000
"""Lines may each have other keys; what is known of the last so many is kept."""
_LONGEST_KEPT_SHAPE = 200
MOST_KEYS = 16_384


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a file; lines of FHIR resources have a reader of their own."""
    with opened(sheet, options) as file:
        if fhir_file.is_fhir(next((line for line in file if line.strip()), "")):
            return fhir_file.read_lines(sheet, options)

    def rows() -> Iterator[SheetRow]:
        with opened(sheet, options) as file:
            yield from _rows(sheet, file, _Shapes(options))

    return Sheet(sheet, rows(), count=lambda: line_ends(sheet))


def sheet_of(sheet: str, first: str, file: TextFile, options: SheetOptions) -> Sheet:
    """Return the sheet whose first line was read, and whose others follow in the file."""
    return Sheet(sheet, _rows(sheet, chain((first,), file), _Shapes(options)))


class _Shapes:
    """The columns of each line, by its keys."""

    def __init__(self, options: SheetOptions) -> None:
        self._options = options
        self._kept = lru_cache(maxsize=_KEPT_SHAPES)(self._new)
        self.nothing = Columns((), {}, options)
        self.not_seen = set(options.fields)
        """Keys of ``--map`` that no line had so far."""

    def of(self, names: tuple[str, ...]) -> Columns:
        """Return the columns of a line with these keys."""
        return self._kept(names) if len(names) <= _LONGEST_KEPT_SHAPE else self._new(names)

    def _new(self, names: tuple[str, ...]) -> Columns:
        self.not_seen.difference_update(names)
        return columns_of("the line", names, self._options, every_mapped=False)


def _rows(sheet: str, lines: Iterable[str], shapes: _Shapes) -> Iterator[SheetRow]:
    found = False
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        found = True
        try:
            yield _row(number, text, shapes)
        except (ValueError, RecursionError, SheetError) as error:
            yield SheetRow(number, (), shapes.nothing, f"it is not one JSON object of texts: {error}")
    if not found:
        raise SheetError(f"{sheet}: it is empty; each line is a JSON object with {', '.join(NEEDED)}")
    if shapes.not_seen:
        unknown = ", ".join(quote(name) for name in sorted(shapes.not_seen))
        raise SheetError(
            f"{sheet}: --map names {unknown}, and no line has such a key; write it as it stands there"
        )


def _row(number: int, text: str, shapes: _Shapes) -> SheetRow:
    line = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    if not isinstance(line, dict):
        raise ValueError("the line is not an object in braces")  # noqa: TRY004 - one kind of error for a line
    if len(line) > MOST_KEYS:
        raise ValueError(f"it has {len(line)} keys, and a row has at most {MOST_KEYS}")
    cells = {name: item for name, item in line.items() if item is not None}
    for name, item in cells.items():
        if not isinstance(item, str):
            raise ValueError(f'{visible(name)} must be text with its unit, such as "50 mg"')  # noqa: TRY004
    # A character that is none can only come in as an escape.
    fault = _fault(cells) if "\\u" in text else None
    return SheetRow(number, tuple(cells.values()), shapes.of(tuple(cells)), fault)


def _fault(cells: Mapping[str, str]) -> str | None:
    """Return the fault of a NUL character; refuse half of a pair, which can't be written anywhere."""
    for text in (*cells, *cells.values()):
        if _HALF_OF_A_PAIR.search(text):
            raise ValueError(f"{quote(text)} holds an escape that is no character")
    return nul_fault(cells)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        repeated = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"{visible(', '.join(repeated))} stands in it more than once")
    return names


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value")
