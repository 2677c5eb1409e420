from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.errors import SheetError

if TYPE_CHECKING:
    from pathlib import Path

    from itdose import Formulary
    from itdose.batch.sheet import SheetRow

some = settings(derandomize=True, deadline=None, max_examples=40)

NEEDED = ["row_id", "drug", "dose", "route"]
GOOD = ["a1", "morphine", "200 mcg", "intrathecal"]
NAMES = " ".join(
    f'xmlns:{prefix}="urn:{name}"'
    for prefix, name in {
        "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "oasis:names:tc:opendocument:xmlns:style:1.0",
        "draw": "oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)


def texts_in_cells(*texts: str) -> str:
    return "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in texts
    )


def row_of(cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{cells}</table:table-row>"


def table_of(*rows: str, name: str = "May", columns: str = "", header: tuple[str, ...] = ()) -> str:
    head = row_of(texts_in_cells(*NEEDED, *header))
    return f"<table:table table:name={quoteattr(name)}>{columns}{head}{''.join(rows)}</table:table>"


def content_of(*tables: str, styles: str = "") -> str:
    return (
        f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def packed(folder: Path, content: str, manifest: str = "<manifest/>") -> str:
    path = folder / "sheet.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr("META-INF/manifest.xml", manifest)
        file.writestr("content.xml", content)
    return str(path)


def rows(path: str, options: SheetOptions | None = None) -> list[SheetRow]:
    return list(read_sheet(path, options).rows)


def remarks(path: str) -> list[str]:
    sheet = read_sheet(path)
    list(sheet.rows)
    return sheet.remarks


def one_cell(folder: Path, field: str, cell: str, *, comma: bool = False) -> SheetRow:
    """Return the row of a sheet whose last column holds this cell."""
    content = content_of(table_of(row_of(texts_in_cells(*GOOD) + cell), header=(field,)))
    [row] = rows(packed(folder, content), SheetOptions(decimal_comma=comma))
    return row


def cell_of(attributes: str, shown: str) -> str:
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


NUMBER = 'office:value-type="float" office:value='
PERCENT = 'office:value-type="percentage" office:value='
DATE = 'office:value-type="date" office:date-value='


@pytest.mark.parametrize(
    ("attributes", "shown", "text"),
    [
        (f'{NUMBER}"7.0000000000000009"', "7", "7"),
        (f'{NUMBER}"1.5E-3"', "0.00", "0.0015"),
        (f'{NUMBER}"1500"', "1,500", "1500"),
        (f'{NUMBER}"1500"', "1 500", "1500"),
        (f'{NUMBER}"1E20"', "1E+20", "100000000000000000000"),
        (f'{PERCENT}"0.5"', "50%", "50 %"),
        (f'{PERCENT}"0.125"', "12,5 %", "12.5 %"),
        (f'{PERCENT}"0.29"', "29%", "29 %"),
        ('office:value-type="string"', "00123", "00123"),
        ("", "without a type", "without a type"),
        ('office:value-type="string" office:string-value="50 mg"', "shown", "50 mg"),
        ('table:formula="of:=1" office:value-type="string" office:string-value=""', "", ""),
    ],
)
def test_a_cell_is_written_out_as_what_it_holds(
    tmp_path: Path, attributes: str, shown: str, text: str
) -> None:
    row = one_cell(tmp_path, "product", cell_of(attributes, shown))
    assert row.texts[4:] == [text]
    assert row.fault is None


@pytest.mark.parametrize(("attributes", "text"), [(f'{NUMBER}"0.5"', "0,5"), (f'{PERCENT}"0.005"', "0,5 %")])
def test_a_number_is_written_with_the_decimal_sign_that_was_declared(
    tmp_path: Path, attributes: str, text: str
) -> None:
    cell = f"<table:table-cell {attributes}/>"
    assert one_cell(tmp_path, "strength", cell, comma=True).cells["strength"] == text


@pytest.mark.parametrize(
    ("attributes", "shown", "text", "said"),
    [
        ('office:value-type="string" office:string-value="" calcext:value-type="error"',
         "#DIV/0!", "#DIV/0!", "holds the error #DIV/0!; correct it"),
        ('office:value-type="float" office:value="0" table:formula="of:=x"', "Err:508", "Err:508",
         "holds the error Err:508"),
        ('office:value-type="boolean" office:boolean-value="true"', "TRUE", "TRUE",
         "holds TRUE, which is neither"),
        ('office:value-type="float" office:value="1" table:formula="of:=TRUE()"', "TRUE", "TRUE",
         "holds TRUE, which is neither"),
        (f'{DATE}"2026-02-01"', "1/2/26", "2026-02-01", "holds a date or a time, 2026-02-01"),
        ('office:value-type="time" office:time-value="PT01H30M00S"', "1:30", "PT01H30M00S",
         "holds a date or a time"),
        ('table:formula="of:=[.A1]*2"', "", "of:=[.A1]*2", "holds the formula of:=[.A1]*2 without"),
        (f'{NUMBER}"5"', "5 mg", "5", "holds the number 5 and shows it as '5 mg'"),
        (f'{NUMBER}"5"', "", "5", "holds the number 5 and shows it as ''"),
        (f'{PERCENT}"0.5"', "50% w/v", "0.5", "holds the number 0.5 and shows it as '50% w/v'"),
        ('office:value-type="currency" office:value="5"', "5 kr", "5",
         "holds the number 5 and shows it as '5 kr'"),
        (f'{PERCENT}"NaN"', "1%", "NaN", "is stored as a number and holds NaN"),
        (f'{NUMBER}"NaN"', "NaN", "NaN", "is stored as a number and holds NaN"),
        (f'{NUMBER}"1234567890123456"', "1234567890123456", "1234567890123456",
         "a spreadsheet keeps 15 digits"),
    ],
)  # fmt: skip
def test_a_cell_with_no_one_reading_is_a_fault_in_a_column_with_a_meaning_and_kept_in_another(
    tmp_path: Path, attributes: str, shown: str, text: str, said: str
) -> None:
    faulty = one_cell(tmp_path, "weight", cell_of(attributes, shown))
    kept = one_cell(tmp_path, "note", cell_of(attributes, shown))
    assert faulty.texts[4] == kept.texts[4] == text
    assert kept.fault is None
    assert faulty.fault is not None
    assert faulty.fault.startswith("cell E2 of 'May' (weight) ")
    assert said in faulty.fault
    assert faulty.order is None


@pytest.mark.parametrize(
    ("stored", "shown", "text", "is_fault"),
    [
        ("2026-11-30", "30.11.2026", "2026-11-30", False),
        ("2026-11-30T00:00:00", "30 Nov 26", "2026-11-30", False),
        ("2026-11-01", "Nov-26", "2026-11", False),
        ("2026-11-01", "11/2026", "2026-11", False),
        ("2026-11-15", "Nov 2026", "2026-11-15", False),
        ("2026-11-26", "26-Nov", "2026-11-26", True),
        ("2026-11-30", "11/30", "2026-11-30", True),
        ("2026-11-30T08:05:00", "30.11.2026 08:05", "2026-11-30T08:05:00", False),
    ],
)
def test_an_expiry_may_be_a_date_that_shows_its_year(
    tmp_path: Path, stored: str, shown: str, text: str, is_fault: bool
) -> None:
    row = one_cell(tmp_path, "expiry", cell_of(f'{DATE}"{stored}"', shown))
    assert row.texts[4] == text
    assert (row.fault is not None) is is_fault


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<text:p>two</text:p><text:p>lines</text:p>", "two\nlines"),
        ('<text:p>a<text:s/>b<text:s text:c="3"/>c</text:p>', "a b   c"),
        ("<text:p>\n  200\n  mcg</text:p>", "200 mcg"),
        ("<text:p>a<text:tab/>b<text:line-break/>c</text:p>", "a\tb\nc"),
        ("<text:p><text:span>200 </text:span><text:span> mcg</text:span></text:p>", "200 mcg"),
        ("<office:annotation><text:p>a note</text:p></office:annotation><text:p>200 mcg</text:p>", "200 mcg"),
        ("<draw:frame><text:p>a box</text:p></draw:frame><text:p>200 mcg</text:p>", "200 mcg"),
        ("<text:s/><text:p> <text:s/>a</text:p>", " a"),
        ("<text:p>a<text:ruby-text>aid</text:ruby-text></text:p>", "a"),
    ],
)
def test_a_text_is_what_the_cell_shows_without_notes_and_drawings(
    tmp_path: Path, inside: str, text: str
) -> None:
    cell = f'<table:table-cell office:value-type="string">{inside}</table:table-cell>'
    assert one_cell(tmp_path, "note", cell).texts[4] == text


def test_a_number_that_shows_fewer_digits_than_it_holds_is_named(tmp_path: Path) -> None:
    numbers = [("0.25", "0.3"), ("1500", "1.500"), ("0.250", "0,25"), ("1E20", "1E+20"), ("1500.5", "1 501")]
    filled = [
        row_of(texts_in_cells(*GOOD) + cell_of(f'{NUMBER}"{stored}"', shown)) for stored, shown in numbers
    ]
    filled.append(row_of(texts_in_cells(*GOOD) + cell_of(f'{PERCENT}"0.125"', "13%")))
    path = packed(tmp_path, content_of(table_of(*filled, header=("strength",))))
    [remark] = remarks(path)
    assert remark == (
        "worksheet 'May': what cells hold was checked: E2 (strength) shows 0.3 and holds 0.25; "
        "E6 (strength) shows 1 501 and holds 1500.5; E7 (strength) shows 13% and holds 12.5 %"
    )


def test_hidden_rows_and_columns_are_read_and_named(formulary: Formulary, tmp_path: Path) -> None:
    good = texts_in_cells(*GOOD)
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        '<table:table-column table:number-columns-repeated="16381"/>'
    )
    table = table_of(
        row_of(good),
        row_of(good, 'table:visibility="collapse"'),
        row_of(good, 'table:visibility="filter"'),
        columns=columns,
    )
    path = packed(tmp_path, content_of(table))
    assert [row.is_hidden for row in rows(path)] == [False, True, True]
    assert remarks(path) == [
        "worksheet 'May': hidden columns were read: C (dose)",
        "worksheet 'May': 2 of 3 rows are hidden; they were read",
    ]
    reports = list(sheet_reports(read_sheet(path), formulary))
    codes = [{finding["code"] for finding in report.body["findings"]} for report in reports]
    assert ["row-hidden" in found for found in codes] == [False, True, True]


def test_a_hidden_table_is_read_as_hidden_rows(tmp_path: Path) -> None:
    styles = '<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>'
    styles += '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    table = table_of(row_of(texts_in_cells(*GOOD))).replace(
        "<table:table ", '<table:table table:style-name="ta2" '
    )
    path = packed(tmp_path, content_of(table, styles=styles))
    assert [row.is_hidden for row in rows(path)] == [True]
    assert remarks(path)[0] == "worksheet 'May' is hidden; its rows were read as hidden rows"


def test_a_row_under_a_merged_cell_is_a_fault(tmp_path: Path) -> None:
    under = "<table:covered-table-cell/>" + texts_in_cells(*GOOD[1:])
    path = packed(tmp_path, content_of(table_of(row_of(texts_in_cells(*GOOD)), row_of(under))))
    first, second = rows(path)
    assert first.fault is None
    assert second.fault is not None
    assert second.fault.startswith("cell A3 of 'May' (row_id) lies under merged cells")


def test_repeated_rows_and_cells_are_each_one_and_blank_ones_none(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16380"/>'
    same = cell_of('office:value-type="string" table:number-columns-repeated="2"', "x")
    path = packed(
        tmp_path,
        content_of(
            table_of(
                row_of(texts_in_cells(*GOOD) + blank, 'table:number-rows-repeated="3"'),
                row_of(blank, 'table:number-rows-repeated="5"'),
                row_of(same * 2),
                row_of(
                    '<table:table-cell table:number-columns-repeated="16384"/>',
                    'table:number-rows-repeated="1048566"',
                ),
            )
        ),
    )
    assert [(row.number, row.row_id) for row in rows(path)] == [(2, "a1"), (3, "a1"), (4, "a1"), (10, "x")]
    assert rows(path)[-1].texts == ["x", "x", "x", "x"]


def test_every_table_with_the_columns_is_read_and_each_other_named(tmp_path: Path) -> None:
    long = [row_of(texts_in_cells(*GOOD)) for _ in range(30)]
    prices = table_of(*long, name="prices").replace("<text:p>dose<", "<text:p>price<")
    path = packed(
        tmp_path,
        content_of(
            table_of(*long),
            prices,
            table_of(row_of(texts_in_cells("b1", *GOOD[1:])), name="June"),
            '<table:table table:name="empty"/>',
        ),
    )
    sheet = read_sheet(path)
    found = [(row.worksheet, row.number, row.row_id) for row in sheet.rows]
    assert found == [*(("May", number, "a1") for number in range(2, 32)), ("June", 2, "b1")]
    assert sheet.headers == tuple(NEEDED)
    assert sheet.remarks == [
        "worksheet 'prices' was not read: row 1 lacks dose",
        "worksheet 'empty' was not read: it is empty",
    ]
    [row] = rows(path, SheetOptions(worksheet="June"))
    assert (row.worksheet, row.row_id) == (None, "b1")


# Texts that XML can hold as they are, without runs of blanks, which ODS writes otherwise.
cell = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zs"]), max_size=12) | st.sampled_from(
    ["", "50 mg", "=1+1", "#N/A", "-5", "0.5", "TRUE", "1/2", "a b c"]
)


@some
@given(st.lists(st.lists(cell, min_size=5, max_size=5), min_size=1, max_size=6))
def test_rows_of_a_table_in_are_reports_out_and_another_reader_sees_the_same_texts(
    formulary: Formulary, tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]
) -> None:
    written = [row_of(texts_in_cells(*map(escape, row))) for row in texts]
    path = packed(tmp_path_factory.mktemp("sheet"), content_of(table_of(*written, header=("note",))))
    filled = {number: row for number, row in enumerate(texts, start=2) if any(row)}
    if not filled:
        with pytest.raises(SheetError, match="it has a header and no rows"):
            rows(path)
        return
    reports = list(sheet_reports(read_sheet(path), formulary))
    assert {report.row: list(report.cells.values()) for report in reports} == filled
    by_calamine = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert all(by_calamine[number - 1] == row for number, row in filled.items())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<x", "it is damaged or no .ods file"),
        (content_of(), "it has no worksheets"),
        (content_of(table_of()), "it has a header and no rows; nothing was checked"),
        (f'<!DOCTYPE x [<!ENTITY a "aa">]>{content_of()}', "it declares XML entities or a document type"),
        (content_of(" " * 30_000_000), "times as large, as no workbook of orders is"),
        (content_of(row_of(texts_in_cells(*NEEDED))), "row 1 stands where none can"),
        (content_of(table_of(texts_in_cells("x"))), "a cell of row 2 stands where none can"),
        (
            content_of(table_of(row_of(cell_of("", texts_in_cells("x"))))),
            "a cell of row 2 stands where none can",
        ),
        (content_of(table_of("<table:table>")), "a table stands within a table"),
        (
            content_of(table_of(row_of(texts_in_cells(*GOOD), 'table:number-rows-repeated="1048576"'))),
            "row 2 stands for more rows than a table holds",
        ),
        (
            content_of(table_of(row_of(texts_in_cells("x" * 1_000_001)))),
            "a cell of row 2 has more than 1000000 characters",
        ),
        (
            content_of(table_of(row_of(cell_of("", '<text:s text:c="999999999"/>x')))),
            "has more than 1000000 characters",
        ),
        (
            content_of(table_of(row_of(cell_of('table:number-columns-repeated="99999"', "x")))),
            "row 2 has more than 16384 columns",
        ),
        (
            content_of(
                table_of(
                    row_of(
                        cell_of('table:number-columns-repeated="1000"', "x"),
                        'table:number-rows-repeated="900000"',
                    )
                )
            ),
            "row 2 stands for more rows than a table holds",
        ),
        (
            content_of(table_of(row_of(cell_of('office:value-type="zz"', "x")))),
            "a cell is of the unknown type 'zz'",
        ),
        (
            content_of(table_of(row_of(cell_of('office:value-type="float"', "x")))),
            "it is damaged or no .ods file",
        ),
    ],
)
def test_a_damaged_or_hostile_file_is_an_error_that_says_what_is_wrong(
    tmp_path: Path, content: str, said: str
) -> None:
    path = packed(tmp_path, content)
    with pytest.raises(SheetError) as caught:
        rows(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_locked_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path, "scrambled", '<manifest:encryption-data xmlns:manifest="x"/>')
    with pytest.raises(SheetError, match=r"it is locked with a password; take it off and save it as \.ods"):
        rows(path)
