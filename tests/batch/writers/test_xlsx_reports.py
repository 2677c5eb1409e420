from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from itdose.errors import SheetError
from itdose.render.sheets import batch_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ORDERS = (Path(__file__).parents[3] / "docs" / "examples" / "orders.csv").read_text("utf-8")
HEADER = "row_id,drug,dose,route,note\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,\n"
REVIEW = "a2,morphine,400 mcg,intrathecal,\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal,\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"
OWN = [
    "Verdict",
    "What to look at",
    "What may have slipped (it explains; no dose to give)",
    "Evidence",
    "Rule, and what was assumed",
    "Sheet row",
    "Worksheet",
]


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def rows_of(content: bytes) -> list[dict[str, Any]]:
    names, *rows = book_of(content)["Rows"].iter_rows()
    return [{name.value: cell.value for name, cell in zip(names, row, strict=True)} for row in rows]


def test_the_columns_of_the_sheet_come_first_and_then_what_was_found(written: Written) -> None:
    rows = rows_of(written("xlsx", ORDERS))
    of_the_sheet = ["row_id", "drug", "dose", "route", "mode", "over", "weight", "category", "ward"]
    assert list(rows[0]) == [*of_the_sheet, "other_cells", *OWN]
    assert [(row["row_id"], row["Sheet row"], row["Verdict"]) for row in rows] == [
        ("a1", 2, "WITHIN LIMITS"),
        ("a2", 3, "STOP"),
        ("a3", 4, "WITHIN LIMITS"),
        ("a4", 5, "WITHIN LIMITS"),
        ("a5", 6, "CANNOT CHECK"),
        ("a6", 7, "STOP"),
        ("a7", 8, "WITHIN LIMITS"),
        ("a8", 9, "CANNOT CHECK"),
    ]
    assert rows[4]["dose"] == "12,5 mg"
    assert rows[1]["What to look at"] == "500 mg is the toxic level, a dose that has harmed"
    assert rows[1]["Evidence"] == "gil2021: case 3"
    assert "tenfold would explain 50 mg: " in rows[1][OWN[2]]
    assert "assumed: adult: no age given" in rows[1]["Rule, and what was assumed"].split("\n")
    assert rows[5]["What to look at"].split("\n") == [
        "vincristine must never be given by the intrathecal route",
        "- no limit was compared: no dose is allowed by this route",
    ]


def test_the_workbook_opens_on_a_summary_that_counts_what_was_not_checked(written: Written) -> None:
    book = book_of(written("xlsx", ORDERS, remarks=["row 30 is hidden", "=1+1"]))
    assert book.sheetnames == ["Summary", "Rows", "Sources"]
    assert book.active.title == "Summary"
    said = [(name.value, text.value) for name, text in book["Summary"].iter_rows()]
    assert said[:4] == [("Sheet", "sheet.csv"), ("Rows", "8"), ("Checked", "6"), ("Not checked", "2")]
    assert [(name, text.partition(":")[0]) for name, text in said[4:8]] == [
        ("STOP", "2 rows"),
        ("CANNOT CHECK", "2 rows"),
        ("NEEDS REVIEW", "0 rows"),
        ("WITHIN LIMITS", "4 rows"),
    ]
    assert [text for name, text in said if name == "Of the sheet"] == ["row 30 is hidden", "=1+1"]
    assert dict(said)["Formulary"].split(" ")[1].startswith("sha256:")


def test_each_source_stands_once_with_where_to_find_it(written: Written) -> None:
    names, *sources = book_of(written("xlsx", HEADER + STOP + STOP)).worksheets[2].iter_rows(values_only=True)
    assert names == ("Source", "Title", "Year", "DOI", "PMID", "URL")
    assert [(source[0], source[2], source[5]) for source in sources] == [
        ("gil2021", "2021", "http://meddocsonline.org/")
    ]


def test_no_text_is_computed_and_every_one_is_shown(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    is_csv = hostile_sheet.startswith('"row_id')
    content = written("xlsx", hostile_sheet, remarks=["=1+1"])
    book = book_of(content)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert {type(cell.value) for cell in cells if cell.data_type == "n"} == {int}
    rows = book["Rows"].max_row - 1
    assert rows == 2 * len(hostile)
    # A second program reads it: it takes _x005F_ for the line that it names, as Excel does.
    names, *read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Rows").to_python()
    assert len(read) == rows
    place = names.index("note" if is_csv else "other_cells")
    spelled = {
        "\x1b[31mred\x1b[0m": r"\x1b[31mred\x1b[0m",
        "a\x00b": r"a\x00b",
        "\x07\x0c\x85\ufffe\uffff": "\\x07\\x0c\x85\\ufffe\\uffff",
        "\r=1": r"\r=1",
        "one\r\ntwo\rthree": "one\ntwo\\rthree",
    }
    for number, text in enumerate(hostile):
        for row in read[2 * number : 2 * number + 2]:
            shown = row[place]
            assert isinstance(shown, str)
            if len(text) > 15_000:
                assert "[cut here: " in shown
                assert len(shown.encode("utf-16-le")) // 2 in {32_766, 32_767}
            elif is_csv:
                assert shown == spelled.get(text, text)
            elif "\ufffe" not in text:
                assert json.loads(shown)["note"] == text


def test_a_text_too_long_for_a_cell_says_how_long_it_is_and_where_it_is_whole(written: Written) -> None:
    whole, cut = rows_of(
        written("xlsx", f"{HEADER}a1,x,1 mg,it,{'n' * 32_767}\na2,x,1 mg,it,{'n' * 32_768}\n")
    )
    assert whole["note"] == "n" * 32_767
    assert cut["note"].endswith("nn [cut here: 32768 characters, whole in the sheet and in a .json file]")
    assert len(cut["note"]) == 32_767


def test_verdicts_differ_in_word_and_ground_and_weight(written: Written) -> None:
    [_, *rows] = book_of(written("xlsx", HEADER + STOP + UNKNOWN + REVIEW + WITHIN))["Rows"].iter_rows()
    marked = [next(cell for cell in row if cell.column == 7) for row in rows]
    assert [cell.value for cell in marked] == ["STOP", "CANNOT CHECK", "NEEDS REVIEW", "WITHIN LIMITS"]
    assert [cell.font.b for cell in marked] == [True, True, True, False]
    assert [cell.fill.patternType for cell in marked] == ["solid", "lightUp", "solid", None]
    assert len({(cell.fill.patternType, cell.fill.fgColor.rgb) for cell in marked}) == 4


def test_the_cells_of_the_sheet_show_their_verdict_by_weight_and_lines_and_not_by_color(
    written: Written,
) -> None:
    page = book_of(written("xlsx", HEADER + STOP + UNKNOWN))["Rows"]
    [(place, rules)] = [(str(found.sqref), found.rules) for found in page.conditional_formatting]
    # Six columns of the sheet, then the verdict in G; two rows below the header.
    assert place == "A2:G3"
    assert [rule.formula for rule in rules] == [
        ['$G2="STOP"'],
        ['$G2="CANNOT CHECK"'],
        ['$G2="NEEDS REVIEW"'],
    ]
    assert [rule.dxf.border.bottom.style for rule in rules] == ["thin", "dashed", "dotted"]
    assert [rule.dxf.font.b for rule in rules] == [True, False, False]
    assert all(rule.dxf.fill is None for rule in rules)


def test_the_rows_can_be_chosen_read_and_printed(written: Written) -> None:
    sheet = book_of(written("xlsx", HEADER + STOP * 3))["Rows"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:M4"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert all(cell.alignment.wrap_text for row in sheet.iter_rows() for cell in row)
    # The longest cell, what may have slipped, is some 400 characters in a column of 40.
    assert 10 * 15 <= sheet.row_dimensions[2].height <= 16 * 15


def test_a_text_stays_text_after_a_person_has_opened_its_cell(written: Written) -> None:
    [_, row] = book_of(written("xlsx", "row_id,drug,dose,route,note\na1,x,1 mg,it,=1+1\n"))[
        "Rows"
    ].iter_rows()
    assert {cell.value: cell.quotePrefix for cell in row if cell.column in {2, 5}} == {
        "x": False,
        "=1+1": True,
    }


def test_a_column_of_the_sheet_keeps_its_name_beside_one_of_itdose(written: Written) -> None:
    [row] = rows_of(written("xlsx", "row_id,drug,dose,route,Verdict\na1,morphine,200 mcg,it,ours\n"))
    assert (row["Verdict (sheet)"], row["Verdict"]) == ("ours", "WITHIN LIMITS")


def test_too_many_rows_are_an_error_that_names_what_holds_them(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert batch_xlsx.MOST_ROWS == 1_048_575
    monkeypatch.setattr(batch_xlsx, "MOST_ROWS", 2)
    assert len(rows_of(written("xlsx", HEADER + STOP * 2))) == 2
    with pytest.raises(SheetError, match=r"a \.xlsx file holds 2 rows below its header; write \.csv or"):
        written("xlsx", HEADER + STOP * 3)


def test_too_many_columns_are_an_error_before_a_row_is_read(written: Written) -> None:
    names = ",".join(f"c{number}" for number in range(16_380))
    with pytest.raises(SheetError, match=r"a \.xlsx file holds 16384 columns; write"):
        written("xlsx", f"row_id,drug,dose,route,{names}\na1,morphine,200 mcg,it{',' * 16_380}\n")


def test_a_missing_library_is_named_with_how_to_install_it(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(SheetError, match=r"needs openpyxl; pip install 'itdose\[xlsx\]'"):
        written("xlsx", ORDERS)
