"""Which sheets of a watched folder are taken, by two listings and without a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose.batch.watch import (
    Listing,
    Seen,
    due,
    is_sheet_name,
    list_folder,
    moving,
    outdated,
    remove_reports,
    report_path,
)
from itdose.errors import SheetError

if TYPE_CHECKING:
    from pathlib import Path

SHORT, LONG, LATER = Seen(10, 1), Seen(20, 1), Seen(10, 2)

listings = st.dictionaries(
    st.sampled_from(["a.csv", "b.csv", "c.csv"]), st.sampled_from([SHORT, LONG, LATER])
).map(Listing)


@pytest.mark.parametrize(
    ("before", "now", "done", "taken"),
    [
        ({}, {"a.csv": SHORT}, {}, []),
        ({"a.csv": SHORT}, {"a.csv": SHORT}, {}, ["a.csv"]),
        ({"a.csv": SHORT}, {"a.csv": LONG}, {}, []),
        ({"a.csv": SHORT}, {"a.csv": LATER}, {}, []),
        ({"a.csv": SHORT}, {"a.csv": SHORT}, {"a.csv": SHORT}, []),
        ({"a.csv": LATER}, {"a.csv": LATER}, {"a.csv": SHORT}, ["a.csv"]),
        ({"a.csv": SHORT}, {}, {}, []),
        ({"a.csv": SHORT, "b.csv": LONG}, {"a.csv": SHORT, "b.csv": LONG}, {}, ["a.csv", "b.csv"]),
    ],
)
def test_a_sheet_is_due_when_it_stood_still_and_was_not_checked_so(
    before: dict[str, Seen], now: dict[str, Seen], done: dict[str, Seen], taken: list[str]
) -> None:
    assert due(Listing(before), Listing(now), done) == taken


@settings(derandomize=True, deadline=None, max_examples=80)
@given(listings, listings)
def test_every_sheet_is_either_due_or_moving_or_done(before: Listing, now: Listing) -> None:
    done = {"a.csv": SHORT}
    taken, held = due(before, now, done), moving(before, now)
    assert not set(taken) & set(held)
    assert [name for name in now.sheets if name not in {*taken, *held}] == [
        name
        for name in now.sheets
        if name == "a.csv" and before.sheets.get(name) == now.sheets[name] == SHORT
    ]


def test_a_sheet_that_changed_after_its_check_has_an_outdated_report() -> None:
    now = Listing({"a.csv": LATER, "b.csv": SHORT, "c.csv": SHORT})
    assert outdated(now, {"a.csv": SHORT, "b.csv": SHORT, "gone.csv": SHORT}) == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "is_sheet"),
    [
        ("ward.csv", True),
        ("WARD.CSV", True),
        ("ward.ndjson", True),
        ("ward.xlsx", True),
        ("ward.xls", True),
        ("may.report.csv", True),
        ("ward.csv.report.txt", False),
        ("ward.csv.report.ndjson", False),
        ("Ward.CSV.Report.TXT", False),
        ("~$ward.xlsx", False),
        (".ward.csv", False),
        ("._ward.csv", False),
        ("ward.csv.part", False),
        ("ward.csv.x1y2.part", False),
        ("ward.csv~", False),
        ("ward.csv.tmp", False),
        ("ward.pdf", False),
        ("ward", False),
        ("", False),
    ],
)
def test_reports_locks_and_half_written_files_are_no_sheets(name: str, is_sheet: bool) -> None:
    assert is_sheet_name(name) is is_sheet


def test_a_listing_has_the_sheets_of_the_folder_and_not_of_folders_in_it(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("12345", encoding="utf-8")
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    (tmp_path / "deep.csv").mkdir()
    (tmp_path / "deep.csv" / "c.csv").write_text("x", encoding="utf-8")
    listed = list_folder(tmp_path)
    assert {name: seen.size for name, seen in listed.sheets.items()} == {"a.csv": 0, "b.csv": 5}
    assert list(listed.sheets) == ["a.csv", "b.csv"]


def test_a_link_that_leads_out_of_the_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    share, outside = tmp_path / "share", tmp_path / "secret.csv"
    share.mkdir()
    outside.write_text("x", encoding="utf-8")
    (share / "own.csv").write_text("x", encoding="utf-8")
    (share / "inner.csv").symlink_to(share / "own.csv")
    (share / "outer.csv").symlink_to(outside)
    (share / "nowhere.csv").symlink_to(share / "missing.csv")
    (share / "circle.csv").symlink_to(share / "circle.csv")
    listed = list_folder(share)
    assert list(listed.sheets) == ["inner.csv", "own.csv"]
    assert listed.not_followed == ("circle.csv", "nowhere.csv", "outer.csv")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="it can't be listed: No such file"):
        list_folder(tmp_path / "nowhere")


def test_reports_stand_beside_the_sheet_and_are_removed_by_their_endings(tmp_path: Path) -> None:
    sheet = tmp_path / "ward.csv"
    assert report_path(sheet, ".txt") == tmp_path / "ward.csv.report.txt"
    for name in ("ward.csv", "ward.csv.report.txt", "ward.csv.report.html", "ward.xlsx.report.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    remove_reports(sheet, [".txt", ".ndjson"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ward.csv",
        "ward.csv.report.html",
        "ward.xlsx.report.txt",
    ]


def test_a_report_that_can_t_be_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "ward.csv.report.txt").mkdir()
    with pytest.raises(SheetError, match="it is out of date and can't be removed"):
        remove_reports(tmp_path / "ward.csv", [".txt"])
