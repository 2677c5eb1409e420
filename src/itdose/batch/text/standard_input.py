"""Read a sheet from standard input: CSV, FHIR, or JSON Lines where the first line begins with a brace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from itdose.batch.fhir import reader as fhir_file
from itdose.batch.text import csv_file, json_lines
from itdose.batch.text.text_file import TextFile
from itdose.errors import SheetError

if TYPE_CHECKING:
    from itdose.batch.options import SheetOptions
    from itdose.batch.sheet import Sheet


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands on standard input."""
    # A program without a terminal may have none, or one of text only.
    content = getattr(sys.stdin, "buffer", None)
    if content is None:
        raise SheetError(f"{sheet}: there is no standard input; name a file")
    file = TextFile(sheet, content, options)
    first = file.readline()
    if fhir_file.is_fhir(first):
        return fhir_file.read_stream(sheet, first, file, options)
    if first.lstrip().startswith("{"):
        return json_lines.sheet_of(sheet, first, file, options)
    return csv_file.sheet_of(sheet, first, file, options)
