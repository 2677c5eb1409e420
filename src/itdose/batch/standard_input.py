"""Read a sheet from standard input: CSV, FHIR, or JSON Lines where the first line begins with a brace."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING

from itdose.batch import csv_file, fhir_file, json_lines
from itdose.batch.text_file import TextFile
from itdose.errors import SheetError

if TYPE_CHECKING:
    from itdose.batch.sheet import Sheet, SheetOptions


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands on standard input."""
    # A program without a terminal may have none.
    if sys.stdin is None:
        raise SheetError(f"{sheet}: there is no standard input; name a file")
    file = TextFile(sheet, sys.stdin.buffer, options)
    lines = iter(file)
    first = next(lines, "")
    if fhir_file.is_fhir(first):
        return fhir_file.read_stream(sheet, first, file.rows(), options)
    sheet_of = json_lines.sheet_of if first.lstrip().startswith("{") else csv_file.sheet_of
    return sheet_of(sheet, file, chain((first,), lines), options)
