from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ROOT = Path(__file__).parents[3]
ORDERS = (ROOT / "docs" / "examples" / "orders.csv").read_text("utf-8")


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "schemas" / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def errors(name: str, content: Any) -> list[str]:
    found = validator(name).iter_errors(content)
    return [f"{error.json_path}: {error.message}" for error in found]


def all_errors(sheet: dict[str, Any]) -> list[str]:
    of_reports = [fault for report in sheet["reports"] for fault in errors("report-1.schema.json", report)]
    return errors("sheet-1.schema.json", sheet) + of_reports


def test_one_object_holds_every_report_and_the_counts(written: Written) -> None:
    sheet = json.loads(written("json", ORDERS, remarks=["row 7 is hidden"]))
    assert all_errors(sheet) == []
    assert sheet["sheet"] == "sheet.csv"
    assert [report["row"] for report in sheet["reports"]] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert sheet["counts"] == {"stop": 2, "cannot_check": 2, "needs_review": 0, "within_limits": 4}
    assert sheet["coverage"] == {"rows": 8, "checked": 6, "not_checked": 2}
    assert sheet["remarks"] == ["row 7 is hidden"]
    assert sheet["formulary"] == sheet["reports"][0]["formulary"]
    assert sheet["decimal"] == "point"


def test_a_report_in_the_object_is_the_line_of_ndjson(written: Written) -> None:
    lines = written("ndjson", ORDERS).decode().splitlines()
    assert json.loads(written("json", ORDERS))["reports"] == [json.loads(line) for line in lines]


def test_a_declared_comma_is_said(written: Written) -> None:
    sheet = json.loads(written("json", ORDERS, decimal_comma=True))
    assert all_errors(sheet) == []
    assert sheet["decimal"] == "comma"
    assert sheet["reports"][0]["decimal"] == "comma"


def test_the_worksheet_is_said(written: Written) -> None:
    sheet = json.loads(written("json", ORDERS, worksheet="May"))
    assert all_errors(sheet) == []
    assert {report["worksheet"] for report in sheet["reports"]} == {"May"}


def test_hostile_text_is_kept_as_it_stands(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    content = written("json", hostile_sheet)
    assert content.isascii()
    sheet = json.loads(content)
    assert all_errors(sheet) == []
    ids = [report["row_id"] for report in sheet["reports"]]
    twice = [text.strip(" \t\r\n") for text in hostile for _ in range(2)]
    assert ids[: len(twice)] == twice
    cells = [report["cells"]["note"] for report in sheet["reports"]]
    assert cells[: len(twice)] == [text for text in hostile for _ in range(2)]


@pytest.mark.parametrize("key", ["schema", "sheet", "formulary", "reports", "remarks", "counts", "coverage"])
def test_an_object_without_any_one_key_fails(written: Written, key: str) -> None:
    sheet = json.loads(written("json", ORDERS))
    del sheet[key]
    assert errors("sheet-1.schema.json", sheet) == [f"$: {key!r} is a required property"]


@pytest.mark.parametrize("place", [(), ("counts",), ("coverage",), ("formulary",)])
def test_an_object_with_an_extra_key_fails(written: Written, place: tuple[str, ...]) -> None:
    sheet = json.loads(written("json", ORDERS))
    spoiled = sheet
    for key in place:
        spoiled = spoiled[key]
    spoiled["safe"] = 1
    assert len(errors("sheet-1.schema.json", sheet)) == 1
