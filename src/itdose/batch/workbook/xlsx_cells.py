"""What a cell of an XLSX workbook holds: its type, its number format and its formula together tell."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.workbook.cell_places import whole
from itdose.batch.workbook.cell_texts import (
    CellKind,
    SheetCell,
    formatted_cell,
    number_cell,
    percent_cell,
    plain_digits,
    rounded_to,
)
from itdose.batch.workbook.number_formats import NumberFormat, decimals_shown, number_format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES = range(0xD800, 0xE000)
# Day 60 is 29 February 1900, which never was; days before it are counted from the eve.
_FIRST_CERTAIN_DAY = 61
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day on a sheet has no time zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_KEPT_NUMBERS = 10_000
_DATES = frozenset({
    NumberFormat.DATE, NumberFormat.MONTH, NumberFormat.DATE_WITHOUT_YEAR, NumberFormat.TIME,
})  # fmt: skip
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?Z?\Z")


class StoredCell(NamedTuple):
    """A cell as the file has it."""

    kind: str
    """``s`` a shared text, ``str`` that of a formula, ``inlineStr``, ``b``, ``e``, ``d``, ``n`` a number."""
    style: int
    content: str | None
    """None where the file has no content for it, which is not the same as an empty one."""
    formula: str | None


class CellReader:
    """Reads stored cells, with what they share in a workbook."""

    def __init__(self, strings: Sequence[str], formats: Sequence[str | None], *, is_1904: bool) -> None:
        self._strings = strings
        self._codes = formats
        self._formats = [number_format(code) if code is not None else NumberFormat.OTHER for code in formats]
        self._is_1904 = is_1904
        # A sheet repeats its numbers.
        self._number: Callable[[str, int], SheetCell] = lru_cache(_KEPT_NUMBERS)(self._fresh_number)

    def read(self, stored: StoredCell) -> SheetCell | None:
        """Return what the cell holds; None for a blank one."""
        if stored.formula is not None and not stored.content and not _is_empty_text(stored):
            return SheetCell(CellKind.NOT_COMPUTED, f"={stored.formula}")
        return self._read(stored, stored.content) if stored.content else None

    def _read(self, stored: StoredCell, content: str) -> SheetCell | None:
        match stored.kind:
            case "n":
                return self._number(content, stored.style)
            case "b":
                return SheetCell(CellKind.BOOLEAN, {"0": "FALSE", "1": "TRUE"}.get(content, content))
            case "e":
                return SheetCell(CellKind.ERROR, content)
            case "d":
                return SheetCell(CellKind.DATE, _MIDNIGHT.sub("", content))
            case "s" | "str" | "inlineStr":
                text = self._shared(content) if stored.kind == "s" else unescaped(content)
                return SheetCell(CellKind.TEXT, text) if text else None
        raise ValueError(f"a cell is of the unknown type {stored.kind!r}")

    def _shared(self, content: str) -> str:
        number = whole(content)
        if number >= len(self._strings):
            raise ValueError(f"a cell names the shared text {number} of {len(self._strings)}")
        return self._strings[number]

    def _fresh_number(self, stored: str, style: int) -> SheetCell:
        code = self._codes[style] if 0 <= style < len(self._codes) else None
        appearance = self._formats[style] if code is not None else NumberFormat.OTHER
        if appearance is NumberFormat.PLAIN:
            return rounded_to(number_cell(stored), decimals_shown(code or ""))
        if appearance is NumberFormat.PERCENT:
            return rounded_to(percent_cell(stored), decimals_shown(code or ""))
        if appearance in _DATES:
            return self._date(stored, appearance)
        return formatted_cell(stored, code if code is not None else "a format that is not in the file")

    def _date(self, stored: str, appearance: NumberFormat) -> SheetCell:
        digits = plain_digits(stored)
        if digits is None:
            return SheetCell(CellKind.NO_NUMBER, stored)
        text = _date_text(Decimal(digits), appearance, is_1904=self._is_1904)
        is_vague = appearance is NumberFormat.DATE_WITHOUT_YEAR
        return SheetCell(CellKind.DATE_WITHOUT_YEAR if is_vague else CellKind.DATE, text or digits)


def unescaped(text: str) -> str:
    """Return a text with the characters that XML can't hold: ``_x0009_`` is a tabulator."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _is_empty_text(stored: StoredCell) -> bool:
    """Return whether a formula was computed, to an empty text."""
    return stored.kind == "str" and stored.content is not None


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code in _SURROGATES else chr(code)


def _date_text(days: Decimal, appearance: NumberFormat, *, is_1904: bool) -> str | None:
    """Return a day, a month, a day with its time, or a time; None for what is no certain day."""
    seconds = timedelta(seconds=round((days % 1) * 86400))
    if appearance is NumberFormat.TIME and 0 <= days < 1:
        return f"{_EPOCH + seconds:%H:%M:%S}"
    if days < (0 if is_1904 else _FIRST_CERTAIN_DAY) or appearance is NumberFormat.TIME:
        return None
    try:
        moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days=int(days)) + seconds
    except OverflowError:
        return None
    if moment.time() != _EPOCH.time():
        return moment.isoformat(" ")
    if appearance is NumberFormat.MONTH and moment.day == 1:
        return f"{moment:%Y-%m}"
    return moment.date().isoformat()
