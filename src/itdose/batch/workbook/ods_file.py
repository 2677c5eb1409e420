"""Read ODS spreadsheets. Nothing is computed; a cell is what its type says, not what it looks like."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from itdose.batch.workbook.ods_rows import TablesTarget
from itdose.batch.workbook.worksheet_heads import GridRow, Worksheet
from itdose.batch.workbook.worksheets import sheet_of
from itdose.batch.workbook.zipped_xml import opened
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.options import SheetOptions
    from itdose.batch.sheet import Sheet
    from itdose.batch.workbook.zipped_xml import Archive

_SUFFIX = ".ods"
_MANIFEST = "META-INF/manifest.xml"


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a spreadsheet file."""

    @contextmanager
    def opening() -> Iterator[Iterator[Worksheet]]:
        with opened(sheet, _SUFFIX) as archive:
            _check_lock(sheet, archive)
            yield _worksheets(archive.parsed("content.xml", TablesTarget()))

    return sheet_of(sheet, opening, options)


def _worksheets(found: Iterator[Worksheet | GridRow]) -> Iterator[Worksheet]:
    """Yield the tables, each with its rows; rows that nobody took are read past."""
    # Rows stand only behind their table, so that the first thing found is a table.
    following = next(found, None)

    def rows() -> Iterator[GridRow]:
        nonlocal following
        for one in found:
            if isinstance(one, Worksheet):
                following = one
                return
            yield one

    while isinstance(following, Worksheet):
        worksheet, following = following, None
        worksheet.rows = rows()
        yield worksheet
        for _ in worksheet.rows:
            pass


def _check_lock(sheet: str, archive: Archive) -> None:
    if archive.has(_MANIFEST) and b"encryption-data" in archive.small(_MANIFEST):
        raise SheetError(f"{sheet}: it is locked with a password; take it off and save it as {_SUFFIX}")
