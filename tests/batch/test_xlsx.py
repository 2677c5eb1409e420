from __future__ import annotations

import struct
import sys
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS
from python_calamine import CalamineWorkbook

from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.workbook.cell_texts import CellKind, SheetCell
from itdose.batch.workbook.number_formats import BUILT_IN, NumberFormat, number_format
from itdose.batch.workbook.xlsx_cells import CellReader, StoredCell
from itdose.errors import SheetError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from itdose import Formulary
    from itdose.batch.sheet import SheetRow

some = settings(derandomize=True, deadline=None, max_examples=25)

NEEDED = ["row_id", "drug", "dose", "route"]
GOOD = ["a1", "morphine", "200 mcg", "intrathecal"]


class Book:
    """A workbook with one worksheet, whose header is in row 1."""

    def __init__(self, *more: str, title: str = "May") -> None:
        self.book = openpyxl.Workbook()
        self.sheet: Worksheet = self.book.worksheets[0]
        self.sheet.title = title
        self.sheet.append([*NEEDED, *more])

    def saved(self, folder: Path, name: str = "sheet.xlsx") -> str:
        path = folder / name
        self.book.save(path)
        return str(path)


def rows(path: str, options: SheetOptions | None = None) -> list[SheetRow]:
    return list(read_sheet(path, options).rows)


def remarks(path: str) -> list[str]:
    sheet = read_sheet(path)
    list(sheet.rows)
    return sheet.remarks


def one_cell(
    folder: Path, field: str, content: Any, code: str = "General", *, comma: bool = False
) -> SheetRow:
    """Return the row of a sheet in which the last column holds this content in this format."""
    book = Book(field)
    book.sheet.append([*GOOD, content])
    book.sheet["E2"].number_format = code
    [row] = rows(book.saved(folder), SheetOptions(decimal_comma=comma))
    return row


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (7.0000000000000009, "General", "7"),
        (0.1 + 0.2, "General", "0.3"),
        (0.5, "0.00", "0.5"),
        (70, "0", "70"),
        (1500, "#,##0", "1500"),
        (0.000015, "0.00E+00", "0.000015"),
        (12.5, "#,##0.00_);(#,##0.00)", "12.5"),
        (5, "[Red]0.0", "5"),
        (5, "0.0;-0.0;;@", "5"),
        (5, "@", "5"),
        (0.5, "0%", "50 %"),
        (0.125, "0.00%", "12.5 %"),
        (0.07, "0.0 %", "7 %"),
        (0.29, "0%", "29 %"),
    ],
)
def test_a_number_is_written_out_with_the_digits_that_it_stands_for(
    tmp_path: Path, content: float, code: str, text: str
) -> None:
    row = one_cell(tmp_path, "strength", content, code)
    assert row.cells["strength"] == text
    assert row.fault is None


@pytest.mark.parametrize(("code", "text"), [("General", "0,5"), ("0%", "50 %"), ("0.0%", "50 %")])
def test_a_number_is_written_with_the_decimal_sign_that_was_declared(
    tmp_path: Path, code: str, text: str
) -> None:
    assert one_cell(tmp_path, "strength", 0.5, code, comma=True).cells["strength"] == text


def test_a_number_takes_the_unit_of_its_header_and_has_none_without(
    formulary: Formulary, tmp_path: Path
) -> None:
    book = Book("weight (kg)")
    book.sheet.append([*GOOD, 70.5])
    book.sheet.append(["a2", "morphine", 0.5, "intrathecal", None])
    path = book.saved(tmp_path)
    first, second = rows(path)
    assert first.order is not None
    assert first.order.weight == "70.5 kg"
    assert second.cells["dose"] == "0.5"
    reports = list(sheet_reports(read_sheet(path), formulary))
    assert reports[1].verdict == "cannot_check"
    assert {finding["code"] for finding in reports[1].body["findings"]} >= {"notation-refused"}


def test_a_percent_cell_is_a_strength(formulary: Formulary, tmp_path: Path) -> None:
    book = Book("strength")
    book.sheet.append(["a1", "magnesium sulfate", "50 mg", "intrathecal", 0.5])
    book.sheet["E2"].number_format = "0%"
    [report] = sheet_reports(read_sheet(book.saved(tmp_path)), formulary)
    assert report.cells["strength"] == "50 %"
    stated = {cell["cell"]: cell["stated"] for cell in report.body["preparation"]}
    assert stated["strength"] == "500 mg/mL"


@pytest.mark.parametrize(
    ("field", "content", "code", "said"),
    [
        (
            "dose",
            date(2026, 2, 1),
            "yyyy-mm-dd",
            "cell C2 of 'May' (dose) holds a date or a time, 2026-02-01",
        ),
        ("dose", time(1, 30), "h:mm", "cell C2 of 'May' (dose) holds a date or a time, 01:30:00"),
        ("dose", 1.0625, "[h]:mm", "cell C2 of 'May' (dose) holds a date or a time, 1.0625"),
        ("route", True, "General", "cell D2 of 'May' (route) holds TRUE, which is neither text nor a number"),
        ("drug", "#N/A", "General", "cell B2 of 'May' (drug) holds the error #N/A; correct it"),
        (
            "dose",
            "=1/0",
            "General",
            "cell C2 of 'May' (dose) holds the formula =1/0 without its computed value",
        ),
        ("row_id", "=A1", "General", "cell A2 of 'May' (row_id) holds the formula =A1 without"),
        ("dose", 5, '0 "mg"', "cell C2 of 'May' (dose) holds the number 5 and shows it as '0 \"mg\"'; write"),
        ("dose", 5000, "0,", "holds the number 5000 and shows it as '0,'"),
        ("dose", 5, ";;;", "holds the number 5 and shows it as ';;;'"),
        ("dose", 0.5, '0% "w/v"', "holds the number 0.5 and shows it as"),
        ("dose", 5, "0\\%", "holds the number 5 and shows it as '0\\%'"),
        ("dose", 5, "[$mg]0", "holds the number 5 and shows it as"),
        ("dose", 5, "[<1]0.0;0", "holds the number 5 and shows it as"),
        ("route", 1, '"IT"', "cell D2 of 'May' (route) holds the number 1 and shows it as '\"IT\"'"),
        ("dose", 12345678901234567890, "0", "holds the number 12345678901234600000, of which a spreadsheet"),
    ],
)
def test_a_cell_with_no_one_reading_is_a_fault_that_names_it(
    tmp_path: Path, field: str, content: Any, code: str, said: str
) -> None:
    book = Book("note")
    book.sheet.append([*GOOD, "kept"])
    cell = book.sheet.cell(2, NEEDED.index(field) + 1)
    cell.value, cell.number_format = content, code
    [row] = rows(book.saved(tmp_path))
    assert row.fault is not None
    assert said in row.fault
    assert "; " in row.fault
    assert row.order is None
    assert row.cells["note"] == "kept"


def test_every_fault_of_a_row_is_named(formulary: Formulary, tmp_path: Path) -> None:
    book = Book()
    book.sheet.append(["a1", True, "#REF!", "intrathecal"])
    [report] = sheet_reports(read_sheet(book.saved(tmp_path)), formulary)
    assert report.verdict == "cannot_check"
    assert report.body["headline"].startswith("row 2: cell B2 of 'May' (drug) holds TRUE")
    assert "cell C2 of 'May' (dose) holds the error #REF!" in report.body["headline"]
    assert report.row_id == "a1"


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (True, "General", "TRUE"),
        ("#DIV/0!", "General", "#DIV/0!"),
        ("=1+1", "General", "=1+1"),
        (date(2026, 11, 30), "d/m/yy", "2026-11-30"),
        (datetime(2026, 11, 30, 8, 5), "d/m/yy h:mm", "2026-11-30 08:05:00"),  # noqa: DTZ001
        (time(8, 15), "h:mm", "08:15:00"),
        (5, '0 "mg"', "5"),
        (12345678901234567890, "0", "12345678901234600000"),
        ("  two\nlines ", "General", "  two\nlines "),
        ("00123", "General", "00123"),
        ("1E3", "@", "1E3"),
    ],
)
def test_a_column_without_a_meaning_keeps_what_its_cells_hold(
    tmp_path: Path, content: Any, code: str, text: str
) -> None:
    row = one_cell(tmp_path, "note", content, code)
    assert row.cells["note"] == text
    assert row.fault is None


def test_a_long_number_in_a_name_is_kept(tmp_path: Path) -> None:
    book = Book("lot")
    book.sheet.append([12345678901234567890, "morphine", "200 mcg", "intrathecal", 98765432109876543210])
    [row] = rows(book.saved(tmp_path))
    assert (row.row_id, row.cells["lot"], row.fault) == ("12345678901234600000", "98765432109876500000", None)


@pytest.mark.parametrize(
    ("day", "code", "text", "is_fault"),
    [
        (date(2026, 11, 30), "yyyy-mm-dd", "2026-11-30", False),
        (date(2026, 11, 30), "mm-dd-yy", "2026-11-30", False),
        (date(2026, 11, 1), "mmm-yy", "2026-11", False),
        (date(2026, 11, 15), "mmm-yy", "2026-11-15", False),
        (date(2026, 11, 26), "d-mmm", "2026-11-26", True),
        (59, "yyyy-mm-dd", "59", False),
        (99999999, "yyyy-mm-dd", "99999999", False),
    ],
)
def test_an_expiry_may_be_a_date_that_shows_its_year(
    tmp_path: Path, day: date | int, code: str, text: str, is_fault: bool
) -> None:
    row = one_cell(tmp_path, "expiry", day, code)
    assert row.cells["expiry"] == text
    assert (row.fault is not None) is is_fault


def test_a_day_that_is_no_number_is_kept_and_is_no_day() -> None:
    reader = CellReader([], ["yyyy-mm-dd"], is_1904=False)
    assert reader.read(StoredCell("n", 0, "soon", None)) == SheetCell(CellKind.NO_NUMBER, "soon")


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    book = Book("expiry")
    book.book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    book.sheet.append([*GOOD, date(2026, 11, 30)])
    [row] = rows(book.saved(tmp_path))
    assert row.cells["expiry"] == "2026-11-30"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", NumberFormat.PLAIN),
        ('"Dose" 0', NumberFormat.OTHER),
        ("[$-409]d-mmm-yy", NumberFormat.DATE),
        ("[$-F800]dddd, mmmm dd, yyyy", NumberFormat.DATE),
        ("m/d/yy h:mm AM/PM", NumberFormat.DATE),
        ("yyyy", NumberFormat.MONTH),
        ("mm:ss", NumberFormat.TIME),
        ("[mm]:ss", NumberFormat.TIME),
        ("dd/mm", NumberFormat.DATE_WITHOUT_YEAR),
        ("mmmm", NumberFormat.DATE_WITHOUT_YEAR),
        ('0.0"%"', NumberFormat.OTHER),
        ("0%%", NumberFormat.OTHER),
        ("%", NumberFormat.OTHER),
        ("# ?/?", NumberFormat.OTHER),
        ("[Blue]General", NumberFormat.PLAIN),
        ('0;"none"', NumberFormat.PLAIN),
        ("", NumberFormat.OTHER),
        (" " * 100_000 + "x", NumberFormat.OTHER),
    ],
)
def test_a_number_format_is_what_it_does_to_a_number(code: str, kind: NumberFormat) -> None:
    assert number_format(code) is kind


def test_built_in_formats_are_those_that_another_library_knows() -> None:
    theirs = {number: number_format(code) for number, code in BUILTIN_FORMATS.items() if number in BUILT_IN}
    # 11 formats that are named by number only are currencies there; itdose knows none of them.
    assert len(theirs) > 20
    assert theirs == {number: number_format(BUILT_IN[number]) for number in theirs}


def test_hidden_rows_are_read_as_hidden_and_counted(formulary: Formulary, tmp_path: Path) -> None:
    book = Book()
    for name in ("a1", "a2", "a3", "a4"):
        book.sheet.append([name, *GOOD[1:]])
    book.sheet.row_dimensions[3].hidden = True
    book.sheet.column_dimensions["C"].hidden = True
    path = book.saved(tmp_path)
    assert [(row.number, row.is_hidden) for row in rows(path)] == [
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert remarks(path) == [
        "worksheet 'May': hidden columns were read: C (dose)",
        "worksheet 'May': 1 of 4 rows are hidden; they were read",
    ]
    reports = list(sheet_reports(read_sheet(path), formulary))
    codes = [{finding["code"] for finding in report.body["findings"]} for report in reports]
    assert ["row-hidden" in found for found in codes] == [False, True, False, False]


@pytest.mark.parametrize(
    ("attribute", "is_hidden"),
    [('hidden="1"', True), ('hidden="true"', True), ('ht="0" customHeight="1"', True), ('ht="15"', False)],
)
def test_a_row_is_hidden_in_several_ways(tmp_path: Path, attribute: str, is_hidden: bool) -> None:
    [row] = rows(packed(tmp_path, with_rows(ROW.replace("<row", f"<row {attribute}"))))
    assert row.is_hidden is is_hidden


def test_a_column_without_width_is_hidden(tmp_path: Path) -> None:
    columns = '<cols><col min="3" max="16384" width="0"/><col min="1" max="1" width="9"/></cols>'
    path = packed(tmp_path, with_sheet(f"<worksheet>{columns}<sheetData>{HEAD}{ROW}</sheetData></worksheet>"))
    assert remarks(path) == ["worksheet 'May': hidden columns were read: C (dose), D (route)"]


def test_a_hidden_worksheet_is_read_as_hidden_rows(tmp_path: Path) -> None:
    book = Book()
    book.sheet.append(GOOD)
    book.book.create_sheet("front")
    book.sheet.sheet_state = "veryHidden"
    path = book.saved(tmp_path)
    assert [row.is_hidden for row in rows(path)] == [True]
    assert "worksheet 'May' is hidden; its rows were read as hidden rows" in remarks(path)


def test_a_row_under_a_merged_cell_is_a_fault(tmp_path: Path) -> None:
    book = Book("note", "more")
    for name in ("a1", "a2", "a3", "a4", "a5"):
        book.sheet.append([name, *GOOD[1:], "x", "y"])
    book.sheet.merge_cells("B2:B3")
    book.sheet.merge_cells("E2:F5")
    book.sheet.merge_cells("C5:D5")
    book.sheet.merge_cells("A20:D40")
    first, second, third, fourth, fifth = rows(book.saved(tmp_path))
    assert (first.fault, third.fault, fifth.fault) == (None, None, None)
    assert first.cells["drug"] == "morphine"
    assert second.fault == (
        "cell B3 of 'May' (drug) lies under merged cells, which begin elsewhere; unmerge them and "
        "fill in every row"
    )
    assert fourth.fault is not None
    assert fourth.fault.startswith("cell D5 of 'May' (route) lies under merged cells")


def test_blank_rows_are_no_rows_and_a_row_of_blanks_is_one(tmp_path: Path) -> None:
    book = Book()
    book.sheet.append(GOOD)
    book.sheet["A5"] = " "
    book.sheet["B7"].number_format = "0%"
    assert [(row.number, list(row.texts)) for row in rows(book.saved(tmp_path))] == [
        (2, GOOD),
        (5, [" ", "", "", ""]),
    ]


def test_cells_beside_the_table_are_kept_by_their_place(tmp_path: Path) -> None:
    book = Book("", "note")
    book.sheet.append([*GOOD, "nameless", "n", None, "aside"])
    [row] = rows(book.saved(tmp_path))
    assert dict(row.cells) == {
        **dict(zip(NEEDED, GOOD, strict=True)),
        "column 5": "nameless",
        "note": "n",
        "column 7": "",
        "column 8": "aside",
    }


def test_every_worksheet_with_the_columns_is_read_and_each_other_named(tmp_path: Path) -> None:
    book = Book()
    book.sheet.append(GOOD)
    june = book.book.create_sheet("June")
    june.append(["route", "dose", "drug", "row_id"])
    june.append(["intrathecal", "200 mcg", "morphine", "b1"])
    book.book.create_sheet("prices").append(["drug", "dose", "price"])
    book.book.create_sheet("empty")
    book.book.create_chartsheet("chart")
    path = book.saved(tmp_path)
    sheet = read_sheet(path)
    assert [(row.number, row.worksheet, row.row_id) for row in sheet.rows] == [
        (2, "May", "a1"),
        (2, "June", "b1"),
    ]
    assert sheet.headers == ()
    assert sheet.expected == 2
    assert sheet.remarks == [
        "worksheet 'prices' was not read: row 1 lacks row_id, route",
        "worksheet 'empty' was not read: it is empty",
        "worksheet 'chart' was not read: it is empty",
    ]
    [row] = rows(path, SheetOptions(worksheet="June"))
    assert (row.row_id, row.worksheet) == ("b1", None)


def test_a_header_below_title_lines_is_found_and_what_was_skipped_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "May"
    sheet["A2"] = "Ward 3"
    sheet["A3"] = "a0"
    for column, (name, text) in enumerate(zip(NEEDED, GOOD, strict=True), start=1):
        sheet.cell(20, column, name)
        sheet.cell(21, column, text)
    path = tmp_path / "sheet.xlsx"
    book.save(path)
    assert [(row.number, row.row_id) for row in rows(str(path))] == [(21, "a1")]
    assert remarks(str(path)) == [
        "worksheet 'May': the header stands in row 20; not read above it: row 2 ('Ward 3'); row 3 ('a0')"
    ]
    sheet.insert_rows(1)
    book.save(path)
    with pytest.raises(SheetError, match="one of the first 20 rows of a worksheet must name the columns"):
        read_sheet(str(path))


def test_a_header_below_blank_rows_is_found(tmp_path: Path) -> None:
    path = packed(
        tmp_path, with_sheet(f"<worksheet><sheetData><row/><row/>{HEAD}{ROW}</sheetData></worksheet>")
    )
    assert remarks(path) == ["worksheet 'May': the header stands in row 3, below blank rows"]


def test_a_number_that_shows_fewer_digits_than_it_holds_is_named(tmp_path: Path) -> None:
    book = Book("strength", "note")
    for number, code in [
        (0.25, "0.0"),
        (0.25, "0.00"),
        (0.25, "General"),
        (1 / 3, "0.00E+00"),
        (1499.5, "#,##0"),
        (0.125, "0%"),
        (0.125, "0.0%"),
        (0.3, "0.##_);(0.0)"),
    ]:
        book.sheet.append([*GOOD, number, number])
        book.sheet.cell(book.sheet.max_row, 5).number_format = code
        book.sheet.cell(book.sheet.max_row, 6).number_format = "0"
    path = book.saved(tmp_path)
    [remark] = remarks(path)
    assert remark == (
        "worksheet 'May': what cells hold was checked: E2 (strength) shows 0.3 and holds 0.25; "
        "E6 (strength) shows 1500 and holds 1499.5; E7 (strength) shows 13 % and holds 12.5 %"
    )
    assert [row.texts[4] for row in rows(path)][:2] == ["0.25", "0.25"]


def test_of_many_numbers_that_show_fewer_digits_some_are_named(tmp_path: Path) -> None:
    book = Book("strength")
    for _ in range(40):
        book.sheet.append([*GOOD, 0.25])
        book.sheet.cell(book.sheet.max_row, 5).number_format = "0"
    [remark] = remarks(book.saved(tmp_path))
    assert remark.count("holds 0.25") == 10
    assert remark.endswith("E11 (strength) shows 0 and holds 0.25; and more")


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [("A1:D101", 100), ("A1", None), ("A1:D9999999", None), ("A1:XFD1048576", 1_048_575)],
)
def test_what_a_worksheet_says_of_its_size_is_only_expected(
    tmp_path: Path, dimension: str, expected: int | None
) -> None:
    xml = f'<worksheet><dimension ref="{dimension}"/><sheetData>{HEAD}{ROW}</sheetData></worksheet>'
    sheet = read_sheet(packed(tmp_path, with_sheet(xml)))
    assert sheet.expected == expected
    assert len(list(sheet.rows)) == 1


def test_a_macro_workbook_is_read(tmp_path: Path) -> None:
    book = Book()
    book.sheet.append(GOOD)
    assert [row.row_id for row in rows(book.saved(tmp_path, "sheet.XLSM"))] == ["a1"]


# Texts that XML can hold as they are.
cell = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\n\t"), max_size=12
) | st.sampled_from(["", " ", "50 mg", "=1+1", "#N/A", "a\nb", "-5", "0.5", "TRUE", "1/2"])


@some
@given(st.lists(st.lists(cell, min_size=5, max_size=5), min_size=1, max_size=6))
def test_rows_of_a_workbook_in_are_reports_out_and_other_readers_see_the_same_texts(
    formulary: Formulary, tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]
) -> None:
    book = Book("note")
    for number, row in enumerate(texts, start=2):
        for place, text in enumerate(row, start=1):
            if text:
                written = book.sheet.cell(number, place, text)
                written.data_type = "s"
    path = book.saved(tmp_path_factory.mktemp("sheet"))
    filled = {number: row for number, row in enumerate(texts, start=2) if any(row)}
    if not filled:
        with pytest.raises(SheetError, match="it has a header and no rows"):
            rows(path)
        return
    reports = list(sheet_reports(read_sheet(path), formulary))
    assert {report.row: list(report.cells.values()) for report in reports} == filled
    by_openpyxl = openpyxl.load_workbook(path).worksheets[0]
    by_calamine = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    for report in reports:
        ours = list(report.cells.values())
        assert [written.value or "" for written in by_openpyxl[report.row]][:5] == ours
        # It takes blanks around a text away.
        assert [str(text).strip() for text in by_calamine[report.row - 1]] == [text.strip() for text in ours]


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STRICT = 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{TYPES}/officeDocument" '
    'Target="/xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{TYPES}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
    f'Type="{TYPES}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{TYPES}"><sheets><sheet name="May" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
    "xl/sharedStrings.xml": f"<sst {MAIN}><si><r><t>200 </t></r><r><t>mcg</t></r>"
    "<rPh><t>aid</t></rPh></si></sst>",
}

AGAIN = '<sheet name="June" sheetId="2" r:id="r1"/></sheets>'
MANY = '<sheet name="chart" sheetId="2" r:id="r2"/>' * 1000 + "</sheets>"


def texts_in_row(*texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f"<row>{cells}</row>"


HEAD = texts_in_row(*NEEDED)
ROW = texts_in_row(*GOOD)


def packed(folder: Path, parts: dict[str, str | bytes]) -> str:
    path = folder / "sheet.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return str(path)


def with_sheet(xml: str) -> dict[str, str | bytes]:
    return {**PARTS, "xl/worksheets/sheet1.xml": xml}


def with_rows(xml: str, behind: str = "", names: str = MAIN) -> dict[str, str | bytes]:
    return with_sheet(f"<worksheet {names}><sheetData>{HEAD}{xml}</sheetData>{behind}</worksheet>")


@pytest.mark.parametrize("names", [MAIN, STRICT, MAIN.replace("xmlns", "xmlns:x"), ""])
def test_both_namespaces_and_prefixes_are_read(tmp_path: Path, names: str) -> None:
    content = with_rows('<row><c/><c t="s"><v>0</v></c></row>', "<f>A1</f><v>5</v><t>x</t>", names)
    if "xmlns:x" in names:
        name = "xl/worksheets/sheet1.xml"
        content[name] = str(content[name]).replace("<", "<x:").replace("<x:/", "</x:")
    [row] = rows(packed(tmp_path, content))
    assert row.texts == ["", "200 mcg", "", ""]


@pytest.mark.parametrize(
    ("cells", "text", "is_fault"),
    [
        ('<c t="str"><f>A1</f><v>x_x0009__x005F_x0041_</v></c>', "x\t_x0041_", False),
        ('<c t="str"><f>IF(1,"")</f><v></v></c><c t="str"><v>50 mg</v></c>', "", False),
        ("<c><f>A1*2</f><v/></c>", "=A1*2", True),
        ('<c t="str"><f>A1*2</f></c>', "=A1*2", True),
        ('<c><f t="shared" si="0"/><v>5</v></c>', "5", False),
        ('<c t="str"><v>_xD83D_</v></c>', "_xD83D_", False),
        ('<c t="d"><v>2026-11-30T00:00:00</v></c>', "2026-11-30", True),
        (
            '<c t="inlineStr"><is><r><t>200 </t></r><r><t>mcg</t></r><rPh><t>aid</t></rPh></is></c>',
            "200 mcg",
            False,
        ),
        ("<c><v>abc</v></c>", "abc", True),
        ("<c><v>1E400</v></c>", "1E400", True),
        ("<c><v>1E-400</v></c>", "1E-400", True),
        ("<c><v>1E999999999</v></c>", "1E999999999", True),
        ("<c><v>NaN</v></c>", "NaN", True),
        ("<c><v>1234567890123456</v></c>", "1234567890123456", True),
        ("<c><v>1234567890123456.5</v></c>", "1234567890123460", True),
        ("<c><v>0012</v></c>", "12", False),
        ('<c s="9"><v>5</v></c>', "5", True),
        ("<c><v>1.5E-3</v></c>", "0.0015", False),
        ("<c><v>1E+2</v></c>", "100", False),
    ],
)
def test_a_stored_cell_is_never_changed(tmp_path: Path, cells: str, text: str, is_fault: bool) -> None:
    filled = '<c t="str"><v>a1</v></c><c t="str"><v>morphine</v></c>'
    [row] = rows(packed(tmp_path, with_rows(f"<row>{filled}{cells}</row>")))
    assert row.texts[2] == text
    assert (row.fault is not None) is is_fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"row_id,drug,dose,route\n", "it is no .xlsx file, whatever its name says"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "it is an old .xls file or locked with a password",
        ),
        (b"PK\x03\x04" + bytes(600), "it is damaged or no .xlsx file"),
    ],
)
def test_what_is_no_workbook_is_an_error_with_advice(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(content)
    with pytest.raises(SheetError) as caught:
        read_sheet(str(path))
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "save it " in str(caught.value)


def test_a_missing_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with pytest.raises(SheetError) as caught:
        read_sheet(str(path))
    assert str(caught.value) == f"{path}: it can't be read: No such file or directory"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"other.txt": "x"}, "it has no part _rels/.rels"),
        ({f"part{number}": "" for number in range(10_001)}, "it has 10001 parts, and at most 10000 are read"),
        (with_rows(ROW + " " * 30_000_000), "times as large, as no workbook of orders is"),
        (
            with_sheet('<!DOCTYPE w [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'),
            "it declares XML entities or a document type",
        ),
        (
            {**PARTS, "xl/workbook.xml": '<!DOCTYPE w SYSTEM "http://localhost/x"><workbook/>'},
            "it declares XML entities or a document type",
        ),
        (with_rows("<row><c>"), "mismatched tag"),
        (with_sheet("<chart/>"), "a worksheet begins as chart"),
        (with_rows(f"<row>{'<c/>' * 20_000}</row>"), "row 2 has more than 16384 columns"),
        (with_rows('<row r="2"><c r="ZZZ2"/></row>'), "row 2 has more than 16384 columns"),
        (
            with_rows('<row r="2"><c r="XFD2"><v>1</v></c></row>'),
            "cell XFD2 of worksheet 'May' stands more than 1000",
        ),
        (with_rows("<row><row/></row>"), "row 3 stands within row 2"),
        (with_rows("<row><c><c/></c></row>"), "a cell of row 2 stands where none can"),
        (with_rows("<c/>"), "a cell of row 1 stands where none can"),
        (
            {**PARTS, "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{'x' * 1_000_001}</t></si></sst>"},
            "a text has more than 1000000 characters",
        ),
        (
            {**PARTS, "xl/workbook.xml": PARTS["xl/workbook.xml"].replace("</sheets>", AGAIN)},
            "are the same part",
        ),
        (
            {**PARTS, "xl/workbook.xml": PARTS["xl/workbook.xml"].replace("</sheets>", MANY)},
            "it has more than 1000 worksheets",
        ),
        ({**PARTS, "_rels/.rels": "<Relationships/>"}, "it holds no workbook"),
        (with_rows('<row r="1048577"/>'), "row 1048577 stands below row 1"),
        (with_rows('<row r="5"/><row r="4"/>'), "row 4 stands below row 5"),
        (with_rows('<row r="2"><c r="A2"/><c r="A2"/></row>'), "cell A2 stands in row 2 where it can't"),
        (with_rows('<row r="2"><c r="A3"/></row>'), "cell A3 stands in row 2 where it can't"),
        (with_rows('<row r="2"><c r="2A"/></row>'), "'2A' is no cell"),
        (with_rows('<row r="x"/>'), "'x' is no number of a row"),
        (with_rows("<row><c><v>1</v><v>2</v></c></row>"), "a cell of row 2 holds two things"),
        (with_rows('<row><c t="s"><v>1</v></c></row>'), "a cell names the shared text 1 of 1"),
        (with_rows('<row><c t="zz"><v>1</v></c></row>'), "a cell is of the unknown type 'zz'"),
        (with_rows(texts_in_row("x" * 1_000_001)), "a cell of row 2 has more than 1000000 characters"),
        (with_rows(ROW, '<mergeCell ref="A1:B2"/>' * 100_001), "has more than 100000 merged cells"),
        (with_rows(""), "it has a header and no rows; nothing was checked"),
        (with_sheet("<worksheet/>"), "worksheet 'May' was not read: it is empty"),
    ],
)
def test_a_damaged_or_hostile_workbook_is_an_error_that_says_what_is_wrong(
    tmp_path: Path, parts: dict[str, str | bytes], said: str
) -> None:
    path = packed(tmp_path, parts)
    with pytest.raises(SheetError) as caught:
        rows(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("sizes", "flags", "compression", "said"),
    [
        ((1 << 30, 1 << 30), 0, 8, "unpacked it has 1024 MB, at most 1024 are read"),
        ((300 << 20, 300 << 20), 0, 8, "its part xl/sharedStrings.xml has more than 256 MB"),
        ((20, 20), 1, 8, "it is locked with a password; take it off and save it as .xlsx"),
        ((20, 20), 0, 14, "its parts are compressed as in no workbook"),
    ],
)
def test_what_a_part_claims_of_itself_is_looked_at_before_it_is_read(
    tmp_path: Path, sizes: tuple[int, int], flags: int, compression: int, said: str
) -> None:
    path = Path(packed(tmp_path, with_rows(ROW)))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/sharedStrings.xml"))
    struct.pack_into("<H", content, entry + 8, flags)
    struct.pack_into("<H", content, entry + 10, compression)
    struct.pack_into("<II", content, entry + 20, *sizes)
    path.write_bytes(content)
    with pytest.raises(SheetError) as caught:
        read_sheet(str(path))
    assert said in str(caught.value)


def test_what_stands_outside_the_file_is_not_looked_for(tmp_path: Path) -> None:
    outside = (
        f'<Relationship Id="r9" Type="{TYPES}/styles" TargetMode="External" Target="http://localhost/x"/>'
    )
    name = "xl/_rels/workbook.xml.rels"
    parts = {**with_rows(ROW), name: PARTS[name].replace("</Relationships>", f"{outside}</Relationships>")}
    assert [row.row_id for row in rows(packed(tmp_path, parts))] == ["a1"]


@pytest.mark.parametrize(
    "start", ["", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0"?>', "\ufeff"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_merged_cells_are_found_however_the_worksheet_is_written(
    tmp_path: Path, start: str, encoding: str
) -> None:
    xml = with_rows(ROW + ROW * 2000, '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')
    name = "xl/worksheets/sheet1.xml"
    text = start + str(xml[name])
    if encoding == "utf-16":
        text = text.lstrip("\ufeff").replace("UTF-8", "UTF-16")
    path = packed(tmp_path, {**xml, name: text.encode(encoding)})
    assert [row.number for row in rows(path) if row.fault] == [3]


def test_a_library_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml.common", None)
    with pytest.raises(
        SheetError, match=r"needs a library that is not installed; pip install 'itdose\[xlsx\]'"
    ):
        read_sheet(str(tmp_path / "sheet.xlsx"))


def test_merged_cells_without_end_take_no_time(tmp_path: Path) -> None:
    path = packed(tmp_path, with_rows(ROW * 50, '<mergeCell ref="A1:XFD1048576"/>' * 20_000))
    assert all("lies under merged cells" in (row.fault or "") for row in rows(path))


def test_a_workbook_with_one_name_for_two_parts_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {**with_rows(ROW), "XL/worksheets/Sheet1.xml": "<worksheet/>"})
    with pytest.raises(SheetError, match="two of its parts have the same name"):
        rows(path)


def test_columns_named_twice_are_an_error_that_names_the_worksheet(tmp_path: Path) -> None:
    book = Book("Drug")
    book.sheet.append([*GOOD, "x"])
    with pytest.raises(SheetError, match="row 1 of worksheet 'May': both 'drug' and 'Drug' name drug"):
        read_sheet(book.saved(tmp_path))


def test_a_worksheet_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="it has no worksheet 'June'; it has 'May'"):
        read_sheet(Book().saved(tmp_path), SheetOptions(worksheet="June"))
