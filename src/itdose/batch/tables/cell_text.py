"""A cell of a database or dataframe as the text that a sheet would hold."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

from itdose.batch.workbook.cell_texts import plain

_WHOLE_TEXT = (str, int, date, datetime)


def cell_text(cell: object, *, decimal_comma: bool = False) -> str | None:
    """Return a cell's text; nothing for NULL, and None for what has no plain text.

    A number is written in digits, without exponent and without zeros at its
    end: how many a database keeps says nothing about who wrote it. A binary
    number is written by the shortest digits that name it.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, (*_WHOLE_TEXT, float, Decimal)):
        return None
    if isinstance(cell, _WHOLE_TEXT):
        return str(cell)
    if not math.isfinite(cell):
        return str(cell)
    digits = plain(Decimal(repr(cell)) if isinstance(cell, float) else cell)
    return digits.replace(".", ",") if decimal_comma else digits


def fault_of(header: str, cell: object) -> str:
    """Say that a cell which is read has no plain text, and how to mend it."""
    return f"the column {header} holds a {type(cell).__name__}; cast it to text in the query"
