from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import xmlschema

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ROOT = Path(__file__).parents[3]
ORDERS = (ROOT / "docs" / "examples" / "orders.csv").read_text("utf-8")
HEADER = "row_id,drug,dose,route\n"


@cache
def published() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(ROOT / "tests" / "schemas" / "junit-10.xsd"))


def suite_of(content: bytes) -> ET.Element:
    assert content.isascii()
    text = content.decode()
    assert [str(error) for error in published().iter_errors(text)] == []
    suite = ET.fromstring(text).find("testsuite")  # noqa: S314 - written by itdose
    assert suite is not None
    return suite


def numbers(suite: ET.Element) -> tuple[str, ...]:
    return tuple(suite.attrib[name] for name in ("tests", "failures", "errors", "skipped"))


def test_each_row_is_a_case_and_what_was_not_checked_is_an_error(written: Written) -> None:
    suite = suite_of(written("junit", ORDERS))
    cases = suite.findall("testcase")
    assert [[kind.tag for kind in case] for case in cases] == [
        [], ["failure"], [], [], ["error"], ["failure"], [], ["error"],
    ]  # fmt: skip
    assert numbers(suite) == ("8", "2", "2", "0")
    assert cases[1].attrib["name"] == "row 3 (a2): magnesium sulfate 500 mg intrathecal, single dose"
    failure = cases[1][0]
    assert failure.attrib == {
        "type": "stop: dose-at-toxic-level",
        "message": "500 mg is the toxic level, a dose that has harmed",
    }
    said = (failure.text or "").splitlines()
    assert said[0].startswith("stop: magnesium sulfate 500 mg intrathecal, single dose: 500 mg is the toxic")
    assert "It may have slipped (it explains; no dose to give): tenfold would explain 50 mg" in said[2]
    assert [line for line in said if line.startswith("Evidence: [gil2021] The Promising Roles")]
    assert "Assumed: adult: no age given" in said


def test_a_review_is_a_failure(written: Written) -> None:
    suite = suite_of(written("junit", HEADER + "a2,morphine,400 mcg,intrathecal\n"))
    assert numbers(suite) == ("1", "1", "0", "0")
    [failure] = suite.iter("failure")
    assert failure.attrib["type"].startswith("needs_review: ")


def test_the_whole_sheet_is_told_in_properties(written: Written) -> None:
    suite = suite_of(written("junit", ORDERS, remarks=["row 30 is hidden", "another"]))
    said = [(each.attrib["name"], each.attrib["value"]) for each in suite.iter("property")]
    assert ("rows", "8") in said
    assert ("not_checked", "2") in said
    assert ("within_limits", "4") in said
    assert [text for name, text in said if name == "remark"] == ["row 30 is hidden", "another"]
    assert re.fullmatch(r"2026\.\d+\.\d+ sha256:[0-9a-f]{64}", dict(said)["formulary"])


def test_a_worksheet_is_part_of_the_name_of_a_case(written: Written) -> None:
    suite = suite_of(written("junit", ORDERS, worksheet="May"))
    assert suite.findall("testcase")[0].attrib["name"].startswith("row 2 of worksheet 'May' (a1): ")


def test_hostile_text_ends_no_element_and_is_spelled_out(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    suite = suite_of(written("junit", hostile_sheet, sheet="<a>\x1b&\ud800.csv"))
    cases = suite.findall("testcase")
    rows = 2 * len(hostile)
    assert len(cases) == rows
    assert suite.attrib["name"] == r"<a>\x1b&\ud800.csv"
    assert suite.attrib["tests"] == str(rows)
    assert suite.attrib["errors"] == str(len(list(suite.iter("error"))))
    assert {child.tag for case in cases for child in case} == {"error"}
    names = [case.attrib["name"] for case in cases]
    for spelled in (
        r"(\x1b[31mred\x1b[0m)",
        r"(a\u202eb\u200b)",
        r"(a\x00b)",
        r"(\x07\x0c\x85\ufffe\uffff)",
        "(]]>)",
        "(</testcase><failure/>&amp;)",
        r"(line\nline)",
        "(40000 characters)",
        "(µg ½ é)",
    ):
        assert [name for name in names if spelled in name], spelled


@pytest.mark.parametrize("rows", [1, 3000])
def test_counts_stand_before_however_many_cases(written: Written, rows: int) -> None:
    suite = suite_of(written("junit", HEADER + "a3,unobtainium,1 mg,it\n" * rows))
    assert numbers(suite) == (str(rows), "0", str(rows), "0")
    assert len(list(suite.iter("error"))) == rows
