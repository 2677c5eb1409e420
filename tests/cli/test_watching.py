"""``itdose batch --watch``: the loop, with the waiting replaced by what happens in the folder meanwhile."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from itdose.batch.read import read_sheet
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from itdose.batch.options import SheetOptions
    from itdose.batch.sheet import Sheet

    Run = Callable[..., CompletedProcess[str]]

HEADER = "row_id,drug,dose,route,mode\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,single_dose\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal,\n"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """Let something happen in each wait; after the last of them somebody presses Ctrl-C."""

    def scripted(*events: Callable[[], object]) -> list[float]:
        waits: list[float] = []

        def wait(seconds: float) -> None:
            if len(waits) == len(events):
                raise KeyboardInterrupt
            events[len(waits)]()
            waits.append(seconds)

        monkeypatch.setattr("itdose.cli.watch_loop.time", SimpleNamespace(sleep=wait))
        return waits

    return scripted


def nothing() -> None:
    """Let nothing happen."""


def written(path: Path, text: str, moment: int) -> None:
    """Write a file as of a moment, so that no test depends on how fine the file system's clock is."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(moment, moment))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def once(run: Run, share: Path, *more: str) -> CompletedProcess[str]:
    return run("batch", "--watch", str(share), "--once", *more)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (WITHIN, (0, "0 stop, 0 cannot check, 0 needs review, 1 within limits")),
        (UNKNOWN + WITHIN, (4, "0 stop, 1 cannot check, 0 needs review, 1 within limits")),
        (STOP + UNKNOWN, (3, "1 stop, 1 cannot check, 0 needs review, 0 within limits")),
    ],
)
def test_once_checks_every_sheet_and_ends_with_the_worst(
    run: Run, share: Path, meanwhile: Callable[..., list[float]], rows: str, expected: tuple[int, str]
) -> None:
    code, counts = expected
    waits = meanwhile(nothing)
    (share / "a.csv").write_text(HEADER + rows, encoding="utf-8")
    (share / "b.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    done = once(run, share, "--interval", "2.5")
    assert (done.returncode, done.stderr, waits) == (code, "", [2.5])
    assert done.stdout == (
        f"a.csv: {counts}\nb.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"
    )
    assert names(share) == ["a.csv", "a.csv.report.txt", "b.csv", "b.csv.report.txt"]


def test_the_formats_that_are_named_stand_beside_the_text(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    meanwhile(nothing)
    (share / "a.csv").write_text(HEADER + WITHIN + STOP, encoding="utf-8")
    assert once(run, share, "--output", ".ndjson").returncode == 3
    lines = (share / "a.csv.report.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["within_limits", "stop"]
    text = (share / "a.csv.report.txt").read_text("utf-8")
    assert text.startswith("a.csv\n\n2 rows: 2 checked, 0 not\n")
    assert "a4" in text


def test_a_sheet_that_can_t_be_read_gets_a_text_and_the_others_are_checked(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    meanwhile(nothing)
    (share / "a.csv").write_text("", encoding="utf-8")
    (share / "b.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    (share / "c.xls").write_bytes(b"x")
    (share / "a.csv.report.ndjson").write_text("of a sheet that was readable", encoding="utf-8")
    done = once(run, share, "--output", ".ndjson")
    assert done.returncode == 5
    assert "itdose: a.csv: it is empty" in done.stderr
    assert "itdose: c.xls: .xls is not read; save it as one of" in done.stderr
    assert done.stdout == "b.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"
    assert (share / "a.csv.report.txt").read_text("utf-8").startswith("NOT CHECKED\n\na.csv: it is empty")
    assert not (share / "a.csv.report.ndjson").exists()


def test_a_stop_counts_more_than_a_sheet_that_can_t_be_read(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    meanwhile(nothing)
    (share / "a.csv").write_text("", encoding="utf-8")
    (share / "b.csv").write_text(HEADER + STOP, encoding="utf-8")
    assert once(run, share).returncode == 3


def test_a_sheet_that_is_still_being_written_is_told_and_not_checked(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    sheet = share / "a.csv"
    written(sheet, HEADER, 1)
    meanwhile(lambda: written(sheet, HEADER + WITHIN, 2))
    done = once(run, share)
    assert (done.returncode, done.stdout) == (4, "")
    assert "a.csv: it is still being written; not checked" in done.stderr
    assert names(share) == ["a.csv"]


def test_a_folder_without_a_sheet_is_not_within_limits(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    meanwhile(nothing)
    done = once(run, share)
    assert done.returncode == 4
    assert "there is no sheet in it; nothing was checked" in done.stderr


def test_a_watch_checks_each_sheet_when_it_stands_still_and_again_when_it_has_changed(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    sheet, report = share / "a.csv", share / "a.csv.report.txt"
    there: list[bool] = []

    def look(text: str | None = None, moment: int = 0) -> Callable[[], None]:
        def event() -> None:
            there.append(report.exists())
            if text is not None:
                written(sheet, text, moment)

        return event

    meanwhile(
        look(HEADER, 1),
        look(HEADER + WITHIN, 2),
        look(),  # it stood still: checked
        look(),  # nothing new
        look(HEADER + STOP, 3),  # the old report goes at once
        look(),  # it stood still: checked
        look(),
    )
    done = run("batch", "--watch", str(share))
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "a.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits",
        "a.csv: 1 stop, 0 cannot check, 0 needs review, 0 within limits",
    ]
    assert there == [False, False, False, True, True, False, True]
    assert done.stderr.startswith("itdose: watching ")
    assert done.stderr.endswith(" every 5 s; Ctrl-C ends it\n")


def test_a_watch_goes_on_after_a_sheet_that_can_t_be_read_and_says_it_once(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    (share / "a.csv").write_text("nothing", encoding="utf-8")
    meanwhile(nothing, nothing, lambda: written(share / "b.csv", HEADER + WITHIN, 5), nothing, nothing)
    done = run("batch", "--watch", str(share))
    assert done.returncode == 0
    assert done.stderr.count("a.csv: the first row must name the columns") == 1
    assert done.stdout == "b.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"


def test_a_share_that_is_away_for_a_while_is_asked_again(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    away = share.with_name("away")
    (share / "a.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    meanwhile(lambda: share.rename(away), nothing, lambda: away.rename(share), nothing, nothing)
    done = run("batch", "--watch", str(share))
    assert done.returncode == 0
    assert done.stderr.count("it can't be listed: No such file or directory") == 1
    assert done.stdout == "a.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"


def test_the_reports_of_a_watch_are_never_checked_themselves(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    (share / "a.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    meanwhile(nothing, nothing, nothing, nothing)
    run("batch", "--watch", str(share), "--output", ".ndjson")
    assert names(share) == ["a.csv", "a.csv.report.ndjson", "a.csv.report.txt"]


def test_a_hostile_name_is_spelled_out(run: Run, share: Path, meanwhile: Callable[..., list[float]]) -> None:
    meanwhile(nothing)
    (share / "a\n\x1b[31m.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    (share / "b\u202e.csv").write_text("", encoding="utf-8")
    done = once(run, share)
    assert done.stdout.startswith("a\\n\\x1b[31m.csv: 0 stop")
    assert "b\\u202e.csv: it is empty" in done.stderr
    assert (share / "a\n\x1b[31m.csv.report.txt").read_text("utf-8").startswith("a\\n\\x1b[31m.csv\n")


def test_a_report_that_can_t_be_written_is_told_and_tried_again(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    (share / "a.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    blocked = share / "a.csv.report.txt"
    blocked.mkdir()
    meanwhile(nothing, nothing, blocked.rmdir, nothing)
    done = run("batch", "--watch", str(share))
    assert done.stderr.count("a.csv.report.txt: it can't be written") == 2
    assert done.stdout == "a.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"
    assert blocked.is_file()


def test_a_sheet_that_another_program_holds_open_is_tried_again(
    run: Run, share: Path, meanwhile: Callable[..., list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (share / "a.csv").write_text(HEADER + WITHIN, encoding="utf-8")
    refusals = [PermissionError(13, "Permission denied")] * 2

    def held(sheet: str, options: SheetOptions) -> Sheet:
        if refusals:
            raise SheetError(f"{sheet}: it can't be read: Permission denied") from refusals.pop()
        return read_sheet(sheet, options)

    monkeypatch.setattr("itdose.cli.watch_loop.read_sheet", held)
    meanwhile(nothing, nothing, nothing, nothing)
    done = run("batch", "--watch", str(share))
    assert done.stderr.count("a.csv: it can't be read: Permission denied") == 1
    assert done.stdout == "a.csv: 0 stop, 0 cannot check, 0 needs review, 1 within limits\n"
    assert (share / "a.csv.report.txt").read_text("utf-8").startswith("a.csv\n")


def test_a_report_of_an_earlier_watch_in_another_format_goes_when_the_sheet_changes(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    sheet = share / "a.csv"
    written(sheet, HEADER + WITHIN, 1)
    (share / "a.csv.report.ndjson").write_text("of the earlier watch", encoding="utf-8")
    (share / "a.csv.report.note").write_text("a person's own", encoding="utf-8")
    meanwhile(nothing, lambda: written(sheet, HEADER + STOP, 2))
    run("batch", "--watch", str(share))
    assert names(share) == ["a.csv", "a.csv.report.note"]


def test_a_link_out_of_the_folder_is_told_once(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    outside = share.with_name("outside.csv")
    outside.write_text(HEADER + WITHIN, encoding="utf-8")
    (share / "link.csv").symlink_to(outside)
    meanwhile(nothing, nothing, nothing)
    done = run("batch", "--watch", str(share))
    assert done.stdout == ""
    assert done.stderr.count("link.csv: it leads out of the folder and is not followed") == 1
    assert names(share) == ["link.csv"]


def test_an_outdated_report_that_can_t_be_removed_is_told(
    run: Run, share: Path, meanwhile: Callable[..., list[float]]
) -> None:
    sheet = share / "a.csv"
    written(sheet, HEADER + WITHIN, 1)

    def change() -> None:
        written(sheet, HEADER + STOP, 2)
        (share / "a.csv.report.txt").unlink()
        (share / "a.csv.report.txt").mkdir()

    meanwhile(nothing, change, nothing)
    done = run("batch", "--watch", str(share))
    assert "a.csv.report.txt: it is out of date and can't be removed" in done.stderr


def test_a_formulary_that_is_not_valid_ends_the_watch_before_it_begins(
    run: Run, share: Path, tmp_path: Path
) -> None:
    overlay = tmp_path / "site.yaml"
    overlay.write_text("site: 3\n", encoding="utf-8")
    done = run("batch", "--watch", str(share), "--formulary", str(overlay))
    assert (done.returncode, done.stdout) == (5, "")
    assert "site.yaml:1:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--watch", "nowhere"], "nowhere is not a folder"),
        (["--once", "a.csv"], "--once needs --watch"),
        (["--watch", ".", "--output", "a.ndjson"], "with --watch it is an ending: .ndjson"),
        (["--watch", ".", "--format", "ndjson"], "--watch writes files; name their endings with --output"),
        (["--watch", ".", "--interval", "0"], "0.0 is not in the range x>=0.1"),
    ],
)
def test_what_can_t_be_watched_is_a_usage_error(run: Run, arguments: list[str], said: str) -> None:
    done = run("batch", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
