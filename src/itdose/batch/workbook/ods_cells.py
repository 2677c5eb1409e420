"""What a cell of an ODS table holds: its type, its stored number and what it shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.batch.workbook.cell_texts import CellKind, SheetCell, formatted_cell, number_cell, percent_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_FORMULA = f"{TABLE}formula"
_SHOWN_NUMBER = re.compile(r"[-+]?[0-9.,'\u2019\s]+(?:E[-+]?[0-9]+)?")
_SHOWN_PERCENT = re.compile(r"[-+]?[0-9.,'\u2019\s]+%")
_ERROR_SHOWN = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|Error):[0-9]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_PARTS_OF_A_DAY = 3


def cell_of(attributes: Mapping[str, str], shown: str | None) -> SheetCell | None:
    """Return what a cell holds; None for a blank one. ``shown`` is None where the file says nothing of it."""
    has_formula = _FORMULA in attributes
    if attributes.get(f"{_CALC}value-type") == "error" or (
        has_formula and _ERROR_SHOWN.fullmatch(shown or "")
    ):
        return SheetCell(CellKind.ERROR, shown or "an error")
    kind = attributes.get(f"{OFFICE}value-type")
    if kind is None and has_formula and not shown:
        return SheetCell(CellKind.NOT_COMPUTED, attributes[_FORMULA])
    if kind is None or kind == "string":
        text = attributes.get(f"{OFFICE}string-value", shown)
        return SheetCell(CellKind.TEXT, text) if text else None
    return _stored(kind, attributes, shown)


def _stored(kind: str, attributes: Mapping[str, str], shown: str | None) -> SheetCell:
    match kind:
        case "float" | "percentage" | "currency":
            return _number(kind, attributes[f"{OFFICE}value"], shown)
        case "date":
            return _date(attributes[f"{OFFICE}date-value"], shown or "")
        case "time":
            return SheetCell(CellKind.DATE, attributes[f"{OFFICE}time-value"])
        case "boolean":
            return SheetCell(CellKind.BOOLEAN, attributes[f"{OFFICE}boolean-value"].upper())
    raise ValueError(f"a cell is of the unknown type {kind!r}")


def _number(kind: str, stored: str, shown: str | None) -> SheetCell:
    """Return a number, unless what is shown has more than digits: a unit, or nothing at all."""
    # What a program writes for truth values that came from another kind of file.
    if stored in {"0", "1"} and shown in {"FALSE", "TRUE"}:
        return SheetCell(CellKind.BOOLEAN, shown)
    if kind == "percentage" and (shown is None or _SHOWN_PERCENT.fullmatch(shown)):
        return _with_shown(percent_cell(stored), shown)
    if kind == "float" and (shown is None or _SHOWN_NUMBER.fullmatch(shown)):
        return _with_shown(number_cell(stored), shown)
    return formatted_cell(stored, shown or "")


def _with_shown(cell: SheetCell, shown: str | None) -> SheetCell:
    """Return a number with what is shown of it, where that has other digits than it."""
    is_same = shown is None or _digits_of(shown) == _digits_of(cell.text)
    return cell if is_same else cell._replace(shown=shown or "")


def _digits_of(text: str) -> str:
    """Return the digits without zeros before and behind them: marks between them differ from land to land."""
    return re.sub(r"[^0-9]", "", text.partition("E")[0]).strip("0")


def _date(stored: str, shown: str) -> SheetCell:
    """Return a day; or the month that alone is shown of it; and say where its year is not shown."""
    match = _DAY.fullmatch(stored)
    if match is None:
        return SheetCell(CellKind.DATE, stored)
    year, month, day = match.groups()
    whole = SheetCell(CellKind.DATE, f"{year}-{month}-{day}")
    numbers = re.findall(r"[0-9]+", shown)
    has_word = any(character.isalpha() for character in shown)
    if not shown or len(numbers) + has_word >= _PARTS_OF_A_DAY:
        return whole
    # 26-Nov of 2026 may be a day or a year.
    if year not in numbers and (year[2:] not in numbers or year[2:] == day):
        return SheetCell(CellKind.DATE_WITHOUT_YEAR, whole.text)
    return SheetCell(CellKind.DATE, f"{year}-{month}") if day == "01" else whole
