from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

HEADER = "row_id,drug,dose,route,verdict\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,ours\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"
RAGGED = "a5,morphine,200 mcg,intrathecal,x,more,and more\n"
OWN = [
    "row", "worksheet", "row_id", "verdict", "code", "headline", "order", "explanation", "also_found",
    "evidence", "rules", "assumptions", "formulary",
]  # fmt: skip
# The last four are the wide forms of the first four.
SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Read a file as a program does that knows of the byte order mark and takes the first row as names."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def given_back(cell: str) -> str:
    """Take the apostrophe away, by the rule of the documentation."""
    bare = cell.lstrip("'")
    return cell[1:] if cell.startswith("'") and bare[:1] in SIGNS else cell


def test_a_row_says_what_decided_why_it_may_be_and_on_what_it_rests(written: Written) -> None:
    [row] = rows_of(written("csv", HEADER + STOP))
    assert list(row) == [*OWN, "row_id (sheet)", "drug", "dose", "route", "verdict (sheet)", "other_cells"]
    assert [row[name] for name in ("row", "worksheet", "row_id", "verdict", "code")] == [
        "2",
        "",
        "a4",
        "stop",
        "dose-at-toxic-level",
    ]
    assert row["headline"] == "500 mg is the toxic level, a dose that has harmed"
    assert row["order"] == "magnesium sulfate 500 mg intrathecal, single dose"
    assert " | tenfold would explain 50 mg: 500 mg / 10 = 50 mg, inside 50 mg to 100 mg" in row["explanation"]
    assert row["evidence"].startswith("[gil2021] The Promising Roles of Intrathecal Magnesium Injection")
    assert row["rules"].startswith("magnesium_sulfate.intrathecal.single_dose.adult (cross checked on 2026-")
    assert "adult: no age given" in row["assumptions"].split(" | ")
    assert row["formulary"].split(" ")[1].startswith("sha256:")


def test_a_file_begins_with_a_byte_order_mark_since_excel_needs_it(written: Written) -> None:
    content = written("csv", HEADER + WITHIN)
    assert content.startswith(b"\xef\xbb\xbfrow,worksheet,row_id,verdict,")
    assert content.count(b"\r\n") == 2


def test_a_column_of_the_sheet_with_the_name_of_another_is_kept_under_its_own(written: Written) -> None:
    sheet = "row_id,verdict,verdict (sheet),other_cells,drug,dose,route\na1,b1,c1,d1,morphine,200 mcg,it\n"
    [row] = rows_of(written("csv", sheet))
    assert row["verdict"] == "within_limits"
    assert (row["verdict (sheet)"], row["verdict (sheet) (sheet)"]) == ("b1", "c1")
    assert (row["other_cells (sheet)"], row["other_cells"]) == ("d1", "")


def test_cells_beyond_the_header_are_kept(written: Written) -> None:
    within, ragged = rows_of(written("csv", HEADER + WITHIN + RAGGED))
    assert within["other_cells"] == ""
    assert json.loads(ragged["other_cells"]) == {"column 6": "more", "column 7": "and more"}
    assert (ragged["verdict"], ragged["code"]) == ("cannot_check", "row-unreadable")


def test_lines_of_json_keep_their_cells_in_one_column(written: Written) -> None:
    line = '{"row_id": "a1", "drug": "morphine", "dose": "200 mcg", "route": "it", "ward": "é"}\n'
    [row] = rows_of(written("csv", line))
    assert list(row) == [*OWN, "other_cells"]
    assert json.loads(row["other_cells"])["ward"] == "é"


def test_a_row_says_what_else_was_not_checked(written: Written) -> None:
    [row] = rows_of(written("csv", HEADER + "a6,vincristine,2 mg,intrathecal,\n"))
    assert row["headline"] == "vincristine must never be given by the intrathecal route"
    assert row["also_found"] == "no limit was compared: no dose is allowed by this route"


def test_the_finding_that_decided_is_the_one_of_the_headline_and_not_the_first(written: Written) -> None:
    [row] = rows_of(written("csv", HEADER + "a2,morphine,400.0 mcg,intrathecal,\n"))
    assert (row["verdict"], row["code"]) == ("needs_review", "dose-above-soft-limit")
    assert row["headline"] == "400 mcg is above the usual range, 100 mcg to 300 mcg"
    assert row["also_found"].split(" | ")[0] == "dose '400.0' is safer as '400'"


def test_no_cell_is_computed_and_every_one_is_given_back(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    rows = rows_of(written("csv", hostile_sheet))
    is_csv = hostile_sheet.startswith('"row_id"')
    assert len(rows) == 2 * len(hostile)
    for place, text in enumerate(hostile):
        for row in rows[2 * place : 2 * place + 2]:
            assert given_back(row["row_id"]) == text.strip(" \t\r\n")
            note = row["note"] if is_csv else json.loads(row["other_cells"])["note"]
            assert (given_back(note) if is_csv else note) == text
    begins = {cell[:1] for row in rows for cell in row.values()}
    assert not begins & SIGNS


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+50 mg", "'+50 mg"),
        ("-50 mg", "'-50 mg"),
        ("'=1", "''=1"),
        ("'", "'"),
        ("'tis", "'tis"),
        ("1=1", "1=1"),
        ("", ""),
        (" =1", " =1"),
    ],
)
def test_a_cell_that_begins_with_a_sign_gets_an_apostrophe(
    written: Written, cell: str, expected: str
) -> None:
    [row] = rows_of(written("csv", f"row_id,drug,dose,route,note\na1,morphine,200 mcg,it,{cell}\n"))
    assert row["note"] == expected


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.text(
        st.one_of(st.sampled_from("'=+-@\t\r\n\",; a"), st.characters(exclude_categories=["Cs"])), max_size=12
    )
)
def test_every_text_is_given_back(written: Written, text: str) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(["a1", "morphine", "200 mcg", "it", text])
    [row] = rows_of(written("csv", f"row_id,drug,dose,route,note\n{file.getvalue()}"))
    assert given_back(row["note"]) == text
