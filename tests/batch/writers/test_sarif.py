from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator

from itdose.render.sheets import batch_sarif

if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[..., bytes]

ROOT = Path(__file__).parents[3]
ORDERS = (ROOT / "docs" / "examples" / "orders.csv").read_text("utf-8")
PUBLISHED = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
HEADER = "row_id,drug,dose,route,note\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,\n"
REVIEW = "a2,morphine,400 mcg,intrathecal,\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal,\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"


def run_of(content: bytes) -> dict[str, Any]:
    log = json.loads(content)
    assert [f"{e.json_path}: {e.message}" for e in Draft4Validator(PUBLISHED).iter_errors(log)] == []
    [run] = log["runs"]
    assert isinstance(run, dict)
    return run


def notices(run: dict[str, Any]) -> list[str]:
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is True
    return [notice["message"]["text"] for notice in invocation.get("toolExecutionNotifications", [])]


def test_each_row_that_needs_a_person_is_an_alert_the_worst_first(written: Written) -> None:
    run = run_of(written("sarif", ORDERS, remarks=["row 30 is hidden"]))
    assert [(a["ruleId"], a["level"], a["properties"]["row"]) for a in run["results"]] == [
        ("dose-at-toxic-level", "error", 3),
        ("route-forbidden", "error", 7),
        ("notation-refused", "warning", 6),
        ("drug-unknown", "warning", 9),
    ]
    assert run["results"][0]["message"]["text"].startswith(
        "row 3 (a2): magnesium sulfate 500 mg intrathecal, single dose: 500 mg is the toxic level, a dose "
        "that has harmed. It may have slipped: route would explain 500 mg: "
    )
    assert notices(run) == ["row 30 is hidden", "2 of 8 rows could not be checked"]
    assert run["properties"]["coverage"] == {"rows": 8, "checked": 6, "not_checked": 2}
    assert run["properties"]["counts"]["within_limits"] == 4


def test_each_code_is_a_rule_with_its_meaning(written: Written) -> None:
    rules = run_of(written("sarif", ORDERS))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "dose-at-toxic-level",
        "drug-unknown",
        "notation-refused",
        "route-forbidden",
    ]
    assert rules[1]["shortDescription"]["text"] == "the drug is not in the formulary, or its name is refused"
    assert rules[1]["help"]["text"].startswith("Which drug the order means")


def test_a_code_without_a_page_is_still_named() -> None:
    assert batch_sarif._rule("no-such-code") == {"id": "no-such-code"}


def test_a_sheet_within_limits_has_no_alert_and_is_still_counted(written: Written) -> None:
    run = run_of(written("sarif", HEADER + WITHIN * 3))
    assert run["results"] == []
    assert notices(run) == []
    assert run["properties"]["coverage"] == {"rows": 3, "checked": 3, "not_checked": 0}


def test_a_review_is_a_warning(written: Written) -> None:
    [alert] = run_of(written("sarif", HEADER + REVIEW))["results"]
    assert (alert["level"], alert["properties"]["verdict"]) == ("warning", "needs_review")


def lines_of(run: dict[str, Any]) -> list[int]:
    regions = [alert["locations"][0]["physicalLocation"]["region"] for alert in run["results"]]
    return [region["startLine"] for region in regions]


def test_an_alert_stands_at_the_line_of_its_row_also_after_cells_with_line_ends(written: Written) -> None:
    two_lines = 'a1,morphine,200 mcg,intrathecal,"one\r\ntwo\nthree"\n'
    content = HEADER + STOP + "\n" + two_lines + STOP + two_lines + STOP
    assert [place for place, line in enumerate(content.splitlines(), 1) if line.startswith("a4")] == [
        2,
        7,
        11,
    ]
    assert lines_of(run_of(written("sarif", content))) == [2, 7, 11]


def test_line_ends_in_the_header_move_the_rows(written: Written) -> None:
    content = 'row_id,drug,dose,route,"my\nnote"\n' + STOP
    assert lines_of(run_of(written("sarif", content))) == [3]


def test_a_line_of_json_is_one_line_whatever_its_texts_hold(written: Written) -> None:
    bad = '{"row_id": "a\\nb", "drug": "unobtainium", "dose": "1 mg", "route": "it"}\n'
    assert lines_of(run_of(written("sarif", bad * 3, sheet="sheet.ndjson"))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("sheet", "uri"),
    [
        ("orders.xlsx", "orders.xlsx"),
        ("my sheets/ördérs#1.xlsx", "my%20sheets/%C3%B6rd%C3%A9rs%231.xlsx"),
        ("a:b.xlsx", "a%3Ab.xlsx"),
        ("/srv/a b.xlsx", "file:///srv/a%20b.xlsx"),
        ("\udcff.xlsx", "%FF.xlsx"),
    ],
)
def test_a_row_of_a_workbook_has_a_name_and_no_line(written: Written, sheet: str, uri: str) -> None:
    [alert] = run_of(written("sarif", HEADER + STOP, sheet=sheet, worksheet="May"))["results"]
    [location] = alert["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": uri}}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "row 2 of worksheet 'May'", "kind": "row"}]
    assert alert["properties"]["worksheet"] == "May"


def test_a_row_of_standard_input_has_no_file(written: Written) -> None:
    [alert] = run_of(written("sarif", HEADER + STOP, sheet="-"))["results"]
    assert list(alert["locations"][0]) == ["logicalLocations"]


def marks(run: dict[str, Any]) -> list[str]:
    return [alert["partialFingerprints"]["primaryLocationLineHash"] for alert in run["results"]]


def test_an_alert_is_known_again_when_rows_are_put_above_it(written: Written) -> None:
    before = marks(run_of(written("sarif", HEADER + STOP + UNKNOWN)))
    after = marks(run_of(written("sarif", HEADER + WITHIN * 3 + STOP + REVIEW + UNKNOWN)))
    assert after[:2] == before
    assert len(set(after)) == 3


@pytest.mark.parametrize(
    "other",
    [STOP.replace("a4", "a5"), STOP.replace("500 mg", "600 mg"), UNKNOWN.replace("a3", "a4")],
)
def test_another_row_or_dose_or_code_is_another_alert(written: Written, other: str) -> None:
    first, second = marks(run_of(written("sarif", HEADER + STOP + other)))
    assert first.partition(":")[0] != second.partition(":")[0]


def test_equal_rows_are_alerts_of_their_own(written: Written) -> None:
    first, second = marks(run_of(written("sarif", HEADER + STOP * 2)))
    assert first.endswith(":1")
    assert second == f"{first.removesuffix(':1')}:2"


@pytest.mark.parametrize(
    ("most", "rows", "more"),
    [
        (3, [4, 7, 3], "2 more rows need a person, none worse than these"),
        (2, [4, 7], "3 more rows need a person"),
        (4, [4, 7, 3, 6], "1 more rows need a person"),
        (1, [4], "4 more rows need a person"),
        (5, [4, 7, 3, 6, 2], None),
    ],
)
def test_what_is_beyond_the_limit_is_the_least_bad_and_is_counted(
    written: Written, monkeypatch: pytest.MonkeyPatch, most: int, rows: list[int], more: str | None
) -> None:
    monkeypatch.setattr(batch_sarif, "MOST_ALERTS", most)
    run = run_of(written("sarif", HEADER + REVIEW + UNKNOWN + STOP + WITHIN + UNKNOWN + STOP))
    assert [alert["properties"]["row"] for alert in run["results"]] == rows
    said = [notice for notice in notices(run) if "more rows" in notice]
    assert len(said) == (1 if more else 0)
    assert more is None or said[0].startswith(more)


def test_hostile_text_makes_no_link_and_moves_nothing(
    written: Written, hostile_sheet: str, hostile: tuple[str, ...]
) -> None:
    content = written("sarif", hostile_sheet)
    assert content.isascii()
    run = run_of(content)
    within = run["properties"]["counts"]["within_limits"]
    assert len(run["results"]) == run["properties"]["coverage"]["rows"] - within
    assert within == len(hostile) - 1
    texts = [alert["message"]["text"] for alert in run["results"]]
    assert all(text.isprintable() for text in texts)
    assert not [text for text in texts if "](http" in text.replace("\\](", "")]
    assert [text for text in texts if r"\x1b[31mred\x1b[0m" in text]
    assert [text for text in texts if r"a\u202eb\u200b" in text]
    ids = {alert["properties"]["row_id"] for alert in run["results"]}
    assert {text.strip(" \t\r\n") for text in hostile} <= ids
