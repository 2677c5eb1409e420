"""Read a sheet from standard input: CSV, FHIR, or JSON Lines where the first line begins with a brace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from itdose.batch import csv_file, fhir_file, json_lines

if TYPE_CHECKING:
    from itdose.batch.sheet import Sheet, SheetOptions


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands on standard input."""
    encoding = options.encoding or "utf-8-sig"
    sys.stdin.reconfigure(encoding=encoding, errors="strict", newline="")  # type: ignore[union-attr]
    first = csv_file.first_line(sheet, sys.stdin)
    if fhir_file.is_fhir(first):
        return fhir_file.read_stream(sheet, first, sys.stdin, options)
    if first.lstrip().startswith("{"):
        return json_lines.sheet_of(sheet, first, sys.stdin, options)
    return csv_file.sheet_of(sheet, first, sys.stdin, options)
