"""Worksheets of a new workbook, written row by row; a cell's text is never computed."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any
from weakref import finalize

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from itdose.findings import Verdict
from itdose.render.report_text import WORDS
from itdose.render.sheets.spelling import for_xml, is_computed

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_CELL = 32_767
"""In UTF-16 units, as spreadsheet programs count."""
# Spreadsheet programs read such seven characters as the one that they name.
_NAMES_A_CHARACTER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LINE_HEIGHT = 15
_TALLEST_ROW = 409
"""In points; a spreadsheet program knows no taller one."""
_A4 = 9
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_LINE = Side(style="thin", color="808080")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


_LETTERS = Font(name="Calibri", family=2, sz=11)
_BOLD = Font(name="Calibri", family=2, sz=11, b=True)
_BOLD_WHITE = Font(name="Calibri", family=2, sz=11, b=True, color="FFFFFF")
_TEXT = "text"
_NAME = "name"
_NUMBER = "number"
# Each verdict is told apart by its word; on a gray print the ground tells them apart too.
_LOOKS = {
    _TEXT: (_LETTERS, PatternFill()),
    _NUMBER: (_LETTERS, PatternFill()),
    _NAME: (_BOLD, PatternFill("solid", fgColor="E0E0E0")),
    "stop": (_BOLD_WHITE, PatternFill("solid", fgColor="9C0006")),
    "cannot_check": (_BOLD, PatternFill("lightUp", fgColor="A6A6A6", bgColor="FFFFFF")),
    "needs_review": (_BOLD, PatternFill("solid", fgColor="FFEB9C")),
    "within_limits": (_LETTERS, PatternFill()),
}


_BLACK = "000000"
# What a row of the sheet looks like by the word of its verdict: weight and lines, and no color.
_ROW_LOOKS = {
    Verdict.STOP: (Font(b=True), Side(style="thin", color=_BLACK)),
    Verdict.CANNOT_CHECK: (Font(i=True), Side(style="dashed", color=_BLACK)),
    Verdict.NEEDS_REVIEW: (Font(), Side(style="dotted", color=_BLACK)),
}


class Pages:
    """A workbook that is only written, so that memory stays flat."""

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        # A run that breaks off never saves; a worksheet that is left open would complain at the end.
        finalize(self, _let_go, self._book)

    def add(self, title: str, widths: Sequence[int]) -> Page:
        """Start a worksheet for paper on its side, as wide as its columns together."""
        sheet: Any = self._book.create_sheet(title)
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToHeight = 0
        sheet.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.6, footer=0.3)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.oddFooter.center.text = "&A, page &P of &N"
        return Page(sheet, widths)

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook."""
        self._book.save(file)


def _let_go(book: Any) -> None:
    for sheet in book.worksheets:
        if not sheet.closed:
            sheet.close()


class Page:
    """One worksheet, written from its first row to its last."""

    def __init__(self, sheet: Any, widths: Sequence[int]) -> None:
        self._sheet = sheet
        self._widths = widths
        self._rows = 0
        self._ready: dict[tuple[int, str, bool], Any] = {}

    def header(self, names: Sequence[str]) -> None:
        """Write the names of the columns, which stay in sight and stand on every page of paper."""
        self._sheet.freeze_panes = "A2"
        self._sheet.print_title_rows = "1:1"
        self._append([self._text(place, name, _NAME) for place, name in enumerate(names)])

    def add(self, cells: Sequence[str | int | Verdict], *, first_is_name: bool = False) -> None:
        """Write one row: texts as they are, numbers, and verdicts as marked words."""
        row = []
        for place, content in enumerate(cells):
            match content:
                case Verdict():
                    row.append(self._text(place, WORDS[content], str(content)))
                case int():
                    row.append(self._number(place, content))
                case _:
                    row.append(self._text(place, content, _TEXT if place or not first_is_name else _NAME))
        self._append(row)

    def finish(self) -> None:
        """Let a person choose among the rows by any column."""
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._widths))}{self._rows}"

    def mark_rows(self, place: int) -> None:
        """Let the cells before the verdict at ``place`` show it, also after a person has sorted the rows."""
        verdict = get_column_letter(place + 1)
        for word, (font, line) in _ROW_LOOKS.items():
            rule = Rule(
                type="expression",
                formula=[f'${verdict}2="{WORDS[word]}"'],
                dxf=DifferentialStyle(
                    font=font, border=Border(left=_LINE, right=_LINE, top=line, bottom=line)
                ),
            )
            self._sheet.conditional_formatting.add(f"A2:{verdict}{max(self._rows, 2)}", rule)

    def _append(self, row: list[Any]) -> None:
        self._rows += 1
        lines = max(_lines(cell.value, width) for cell, width in zip(row, self._widths, strict=True))
        height = self._sheet.row_dimensions
        # Not every program makes a row as tall as its text; what is not seen is not read.
        height[self._rows].height = min(lines * _LINE_HEIGHT, _TALLEST_ROW)
        self._sheet.append(row)
        del height[self._rows]

    def _text(self, place: int, text: str, look: str = _TEXT) -> Any:
        cell = self._cell(place, look, quoted=is_computed(text))
        cell.value = cell_text(text)
        # Set after the text: openpyxl makes a formula of a text that begins with an equals sign.
        cell.data_type = "s"
        return cell

    def _number(self, place: int, number: int) -> Any:
        cell = self._cell(place, _NUMBER, quoted=False)
        cell.value = number
        return cell

    def _cell(self, place: int, look: str, *, quoted: bool) -> Any:
        """Return the column's cell of that look, used anew: a row is written before the next one comes."""
        if (place, look, quoted) not in self._ready:
            cell: Any = WriteOnlyCell(self._sheet)
            cell.font, cell.fill = _LOOKS[look]
            cell.alignment, cell.border = _WRAPPED, _FRAME
            # So that it is still text after a person has opened the cell and closed it again.
            cell.quotePrefix = quoted
            self._ready[place, look, quoted] = cell
        return self._ready[place, look, quoted]


def cell_text(text: str) -> str:
    """Return a text as a cell holds it: what it can't hold is spelled out, and a cut says so."""
    one_kind_of_line_end = text.replace("\r\n", "\n").replace("\r", "\\r")
    spelled = _NAMES_A_CHARACTER.sub("_x005F_", for_xml(one_kind_of_line_end))
    if len(spelled) * 2 <= _LONGEST_CELL or len(spelled.encode("utf-16-le")) <= 2 * _LONGEST_CELL:
        return spelled
    note = f" [cut here: {len(text)} characters, whole in the sheet and in a .json file]"
    room = 2 * (_LONGEST_CELL - len(note))
    return spelled.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + note


def _lines(text: str | int, width: int) -> int:
    """Return about how many lines a text takes in a column of that many characters."""
    # Letters are narrower than the digits that a width counts, and whole words leave some of it empty.
    return sum(1 + len(line) * 9 // (width * 10) for line in str(text).split("\n"))
