from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ORDERS = (Path(__file__).parents[3] / "docs" / "examples" / "orders.csv").read_text("utf-8")
HEADER = "row_id,drug,dose,route\n"
WITHIN = "a1,morphine,200 mcg,intrathecal\n"
REVIEW = "a2,morphine,400 mcg,intrathecal\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal\n"


def lines_of(content: bytes) -> list[str]:
    text = content.decode()
    assert text.endswith("\n")
    return text[:-1].split("\n")


def test_the_worst_rows_come_first_and_the_whole_is_counted(written: Written) -> None:
    lines = lines_of(written("github", ORDERS, sheet="sheets/orders.csv", remarks=["row 30 is hidden"]))
    assert [line.partition("::")[2].partition(":: ")[0].partition("::")[0] for line in lines[:4]] == [
        "error file=sheets/orders.csv,line=3,title=STOP%3A row 3 (a2)",
        "error file=sheets/orders.csv,line=7,title=STOP%3A row 7 (a6)",
        "warning file=sheets/orders.csv,line=6,title=CANNOT CHECK%3A row 6 (a5)",
        "warning file=sheets/orders.csv,line=9,title=CANNOT CHECK%3A row 9 (a8)",
    ]
    assert lines[0].endswith(
        "::magnesium sulfate 500 mg intrathecal, single dose: 500 mg is the toxic level, "
        "a dose that has harmed"
    )
    assert lines[4:] == [
        "of the sheet: row 30 is hidden",
        "8 rows: 6 checked, 2 not (2 stop; 2 cannot check; 0 needs review; 4 within limits)",
    ]


def test_fifty_are_shown_and_the_others_counted(written: Written) -> None:
    sheet = HEADER + REVIEW * 60 + WITHIN + UNKNOWN * 30 + STOP * 10
    lines = lines_of(written("github", sheet))
    assert [line[:30] for line in lines[:10]] == ["::error file=sheet.csv,line=93,"[:30]] + [
        f"::error file=sheet.csv,line={number},"[:30] for number in range(94, 103)
    ]
    assert sum(line.startswith("::") for line in lines) == 50
    assert sum("CANNOT CHECK" in line for line in lines) == 30
    assert sum("NEEDS REVIEW" in line for line in lines) == 10
    assert lines[50:] == [
        "and 50 more rows; --output reports.json writes every one",
        "101 rows: 71 checked, 30 not (10 stop; 30 cannot check; 60 needs review; 1 within limits)",
    ]


def test_a_row_of_a_workbook_is_named_in_the_title(written: Written) -> None:
    [annotation, _] = lines_of(written("github", HEADER + STOP, sheet="orders.xlsx", worksheet="May, June"))
    assert annotation.startswith(
        "::error file=orders.xlsx,line=1,title=STOP%3A row 2 of worksheet 'May%2C June' (a4)::"
    )


def test_hostile_text_starts_no_command_of_its_own(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    lines = lines_of(written("github", hostile_sheet, remarks=["::error::x\n::error::y"]))
    assert all(line.isprintable() for line in lines)
    annotations = [line for line in lines if line.startswith("::")]
    assert all(line.startswith("::warning file=sheet.csv,line=") for line in annotations)
    # A NUL character is a fault of its row, also beside a good order.
    assert len(annotations) == len(hostile) + 1
    assert lines[-2:-1] == [r"of the sheet: ::error::x\n::error::y"]
    assert [line for line in annotations if "(%250A%3A%3Aerror%3A%3Ax)" in line]
