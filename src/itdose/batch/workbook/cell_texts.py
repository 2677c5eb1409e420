"""The cells of spreadsheets as text: what a cell holds is written out, or said to have no one reading."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import NamedTuple

from itdose.errors import quote, visible

LARGEST_CELL = 1_000_000
_DIGITS_KEPT = 15
"""A spreadsheet keeps so many digits of a number; 7.0000000000000009 stands for 7."""
_LARGEST_EXPONENT = 308
_STORED_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_ROUNDING = Context(prec=_DIGITS_KEPT)
_SHOWING = Context(prec=2 * _LARGEST_EXPONENT, rounding=ROUND_HALF_UP)
_NAMES = ("row_id", "preparation_id", "lot")
"""Fields in which a number is a name, whatever it looks like."""
_MEASURED = frozenset({
    "dose", "over", "every", "age", "weight", "height", "strength", "units_used", "draw_volume",
    "diluent_volume", "final_volume", "final_concentration", "flow_rate", "reservoir_volume",
})  # fmt: skip
"""Fields whose number is a quantity, so that what a format adds to it would change it."""


class CellKind(Enum):
    """What a spreadsheet holds in a cell."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    FORMATTED = "number with a unit or the like in its format"
    DATE = "date"
    DATE_WITHOUT_YEAR = "date that is shown without its year"
    BOOLEAN = "truth value"
    ERROR = "error"
    NOT_COMPUTED = "formula without its computed value"
    NO_NUMBER = "number that can't be read"


class SheetCell(NamedTuple):
    """One cell that is not blank."""

    kind: CellKind
    text: str
    """Numbers as plain digits with a point, days as 2026-11-30, errors as #N/A."""
    shown: str = ""
    """How a number appears, or by which format, where that is more than its digits."""


_FAULTS = {
    CellKind.DATE: "holds a date or a time, {text}, which is what a typed 1/2 becomes; format the cell as "
    "text and write it anew",
    CellKind.DATE_WITHOUT_YEAR: "holds the date {text} and shows it without its year, which the spreadsheet "
    "added; write it as 2026-11-30",
    CellKind.BOOLEAN: "holds {text}, which is neither text nor a number; write what is meant as text",
    CellKind.ERROR: "holds the error {text}; correct it in the spreadsheet",
    CellKind.NOT_COMPUTED: "holds the formula {text} without its computed value; open the file in a "
    "spreadsheet program and save it",
    CellKind.NO_NUMBER: "is stored as a number and holds {text}, which is none that can be written out; "
    "write it as text",
}


def plain_digits(stored: str) -> str | None:
    """Return a stored number without exponent, to the digits that a spreadsheet keeps; None for no number.

    A whole number that is written out is kept as it stands: it may be a name.
    """
    if _STORED_NUMBER.fullmatch(stored) is None:
        return None
    exact = Decimal(stored)
    if exact and abs(exact.adjusted()) > _LARGEST_EXPONENT:
        return None
    if stored.lstrip("+-").isdecimal():
        return plain(exact)
    return plain(_ROUNDING.create_decimal(exact))


def plain(number: Decimal) -> str:
    """Return every digit of a number, without an exponent and without zeros behind its last one."""
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def number_cell(stored: str) -> SheetCell:
    """Return the cell of a stored number."""
    digits = plain_digits(stored)
    return SheetCell(CellKind.NO_NUMBER, stored) if digits is None else SheetCell(CellKind.NUMBER, digits)


def percent_cell(stored: str) -> SheetCell:
    """Return the cell of a number that is shown as percent: 0.5 is 50 %."""
    digits = plain_digits(stored)
    if digits is None:
        return SheetCell(CellKind.NO_NUMBER, stored)
    return SheetCell(CellKind.PERCENT, f"{plain(Decimal(digits).scaleb(2))} %")


def formatted_cell(stored: str, shown: str) -> SheetCell:
    """Return the cell of a number that is shown with more than its digits."""
    cell = number_cell(stored)
    return SheetCell(CellKind.FORMATTED, cell.text, shown) if cell.kind is CellKind.NUMBER else cell


def rounded_to(cell: SheetCell, decimals: int | None) -> SheetCell:
    """Return the cell with what it shows, where it shows fewer digits than it holds."""
    if decimals is None or cell.kind is CellKind.NO_NUMBER:
        return cell
    digits, blank, sign = cell.text.partition(" ")
    shown = plain(_SHOWING.quantize(Decimal(digits), Decimal(1).scaleb(-decimals)))
    return cell if shown == digits else cell._replace(shown=f"{shown}{blank}{sign}")


def is_rounded(cell: SheetCell, field: str) -> bool:
    """Return whether the cell is a quantity that shows fewer digits than it holds."""
    return bool(cell.shown) and field in _MEASURED and cell.kind in {CellKind.NUMBER, CellKind.PERCENT}


def as_text(cell: SheetCell, *, decimal_comma: bool) -> str:
    """Return what the cell holds, a number with the decimal sign that was declared for the sheet."""
    if decimal_comma and cell.kind in {CellKind.NUMBER, CellKind.PERCENT, CellKind.FORMATTED}:
        return cell.text.replace(".", ",")
    return cell.text


def fault_of(cell: SheetCell, field: str) -> str | None:
    """Return why the cell can't be taken as that field, and how to mend it; None where it can."""
    if cell.kind is CellKind.DATE and field == "expiry":
        return None
    if cell.kind in _FAULTS:
        return _FAULTS[cell.kind].format(text=visible(cell.text))
    if cell.kind is CellKind.FORMATTED and field not in _NAMES:
        return (
            f"holds the number {cell.text} and shows it as {quote(cell.shown)}; write number and unit as "
            "text, such as 50 mg"
        )
    is_number = cell.kind in {CellKind.NUMBER, CellKind.PERCENT}
    if is_number and field in _MEASURED and len(cell.text.partition(".")[0].lstrip("-")) > _DIGITS_KEPT:
        return (
            f"holds the number {visible(cell.text)}, of which a spreadsheet keeps {_DIGITS_KEPT} digits; "
            "write it as text"
        )
    return None
