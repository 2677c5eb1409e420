"""Read XLSX and XLSM workbooks. Nothing is computed, and no macro is looked at.

The parts are read as a stream, so that number formats, hidden rows, merged
cells, errors and formulas without a computed value are seen for what they
are; a reader that gives values only hides most of them.
"""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.workbook.number_formats import BUILT_IN
from itdose.batch.workbook.worksheet_heads import Worksheet
from itdose.batch.workbook.worksheets import sheet_of
from itdose.batch.workbook.xlsx_cells import CellReader
from itdose.batch.workbook.xlsx_parts import StringsTarget, merged_cells
from itdose.batch.workbook.xlsx_rows import RowsTarget
from itdose.batch.workbook.zipped_xml import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from itdose.batch.options import SheetOptions
    from itdose.batch.sheet import Sheet
    from itdose.batch.workbook.zipped_xml import Archive

_SUFFIX = ".xlsx"
_MOST_WORKSHEETS = 1000
_HIDDEN = ("hidden", "veryHidden")


class _Listed(NamedTuple):
    """A worksheet as the workbook lists it."""

    name: str
    part: str | None
    """None for a chart, which has no rows."""
    is_hidden: bool


class _Part(NamedTuple):
    """A part that another one points to."""

    kind: str
    """The last word of its type: ``worksheet``."""
    name: str


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the sheet that stands in a workbook."""
    with opened(sheet, _SUFFIX) as archive:
        listed, reader = _workbook(archive)

    @contextmanager
    def opening() -> Iterator[Iterator[Worksheet]]:
        with opened(sheet, _SUFFIX) as archive:
            yield (_worksheet(archive, one, reader) for one in listed)

    return sheet_of(sheet, opening, options)


def _worksheet(archive: Archive, listed: _Listed, reader: CellReader) -> Worksheet:
    worksheet = Worksheet(listed.name, iter(()), is_hidden=listed.is_hidden)
    if listed.part is not None:
        target = RowsTarget(worksheet, reader, partial(merged_cells, archive, listed.part))
        worksheet.rows = archive.parsed(listed.part, target)
    return worksheet


def _workbook(archive: Archive) -> tuple[list[_Listed], CellReader]:
    """Return the worksheets of a workbook, and what reads their cells."""
    start = next((part.name for part in _parts(archive, "") if part.kind == "officeDocument"), None)
    if start is None:
        raise ValueError("it holds no workbook")
    book, parts = archive.tree(start), _parts_by_id(archive, start)
    by_kind = {part.kind: part.name for part in parts.values()}
    strings: list[str] = []
    if "sharedStrings" in by_kind:
        archive.check_size(by_kind["sharedStrings"])
        strings.extend(archive.parsed(by_kind["sharedStrings"], StringsTarget()))
    formats = _formats(archive.tree(by_kind["styles"])) if "styles" in by_kind else ["General"]
    settings = next(_named(book, "workbookPr"), None)
    is_1904 = settings is not None and settings.get("date1904") in {"1", "true"}
    listed = _all_listed(book, parts)
    return listed, CellReader(strings, formats, is_1904=is_1904)


def _all_listed(book: Element, parts: dict[str, _Part]) -> list[_Listed]:
    listed = [_listed(element, parts) for element in _named(book, "sheet")]
    read = [one.part for one in listed if one.part is not None]
    if len(set(read)) < len(read):
        raise ValueError("two of its worksheets are the same part")
    if len(listed) > _MOST_WORKSHEETS:
        raise ValueError(f"it has more than {_MOST_WORKSHEETS} worksheets")
    return listed


def _listed(element: Element, parts: dict[str, _Part]) -> _Listed:
    key = next((text for name, text in element.attrib.items() if name.endswith("}id")), "")
    part = parts[key]
    is_hidden = element.get("state") in _HIDDEN
    return _Listed(element.attrib["name"], part.name if part.kind == "worksheet" else None, is_hidden)


def _parts(archive: Archive, part: str) -> list[_Part]:
    return list(_parts_by_id(archive, part).values())


def _parts_by_id(archive: Archive, part: str) -> dict[str, _Part]:
    """Return the parts that a part points to; the empty name stands for the whole file."""
    folder, name = posixpath.split(part)
    found = {}
    for element in _named(archive.tree(posixpath.join(folder, "_rels", f"{name}.rels")), "Relationship"):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.attrib["Target"])).lstrip("/")
            found[element.attrib["Id"]] = _Part(posixpath.basename(element.attrib["Type"]), target)
    return found


def _formats(styles: Element) -> list[str | None]:
    """Return the number format of every style; None for one that the file does not say."""
    codes: dict[str, str | None] = {str(number): code for number, code in BUILT_IN.items()}
    codes |= {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in _named(styles, "numFmts", "numFmt")}
    return [codes.get(one.get("numFmtId", "0")) for one in _named(styles, "cellXfs", "xf")]


def _named(tree: Element, *path: str) -> Iterator[Element]:
    """Yield the elements on a path of names, whatever the namespace, of which there are two."""
    if len(path) == 1:
        yield from (element for element in tree.iter() if element.tag.rpartition("}")[2] == path[0])
        return
    for element in _named(tree, path[0]):
        yield from _named(element, *path[1:])
