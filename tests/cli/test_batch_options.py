"""What `itdose batch` does beside reading a sheet: exit code, processes, and going on after a break."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary, assess
from itdose.batch import workers
from itdose.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from itdose import Order

HEADER = "row_id,drug,dose,route,mode\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,single_dose\n"
REVIEW = "a2,morphine,400 mcg,intrathecal,single_dose\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal,\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def run(*arguments: str) -> int:
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", *arguments])
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def sheet(folder: Path, *rows: str) -> str:
    path = folder / "sheet.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("rows", "fail_on", "code"),
    [
        ((WITHIN,), "needs_review", 0),
        ((WITHIN, REVIEW), "needs_review", 1),
        ((WITHIN, REVIEW), "cannot_check", 0),
        ((REVIEW, UNKNOWN), "cannot_check", 4),
        ((REVIEW, UNKNOWN), "stop", 0),
        ((UNKNOWN, STOP), "stop", 3),
    ],
)
def test_milder_verdicts_than_the_stated_one_end_with_zero(
    tmp_path: Path, rows: tuple[str, ...], fail_on: str, code: int
) -> None:
    assert run(sheet(tmp_path, *rows), "--fail-on", fail_on) == code


def test_a_verdict_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    assert run(sheet(tmp_path, WITHIN), "--fail-on", "within_limits") == 2


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_processes_below_one_is_a_usage_error(tmp_path: Path, jobs: str) -> None:
    assert run(sheet(tmp_path, WITHIN), "--jobs", jobs) == 2


def test_the_count_alone_and_the_reports_give_the_same_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(tmp_path, WITHIN, REVIEW, UNKNOWN, STOP, "a5,,,,\n")
    run(path)
    alone = capsys.readouterr().out
    run(path, "--output", str(tmp_path / "reports.ndjson"))
    assert capsys.readouterr().out == alone
    assert alone.startswith("5 rows: 3 checked, 2 not\n")


def test_resume_without_a_file_to_write_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sheet(tmp_path, WITHIN), "--resume") == 2
    assert "--resume needs an --output" in capsys.readouterr().err


def test_a_run_that_broke_off_leaves_no_report_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"r{place},morphine,{place + 1} mcg,it,single_dose\n" for place in range(1500)]
    path, output = sheet(tmp_path, *rows), tmp_path / "reports.ndjson"
    made: list[str] = []

    def breaking(order: Order, formulary: Formulary) -> object:
        if len(made) == 1400:
            raise KeyboardInterrupt
        made.append(order.dose)
        return assess(order, formulary)

    monkeypatch.setattr(workers, "assess", breaking)
    arguments = (path, "--output", str(output), "--jobs", "1", "--resume")
    run(*arguments)
    assert "reports.ndjson.resume; run the command again to go on" in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["reports.ndjson.resume", "sheet.csv"]
    made.clear()
    assert run(*arguments) == 3
    # 600 rows are begun before the first is written, and 200 go together.
    assert len(made) <= 1500 - 600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["reports.ndjson", "sheet.csv"]
    lines = output.read_text("utf-8").splitlines()
    assert [json.loads(line)["order"]["text"] for line in lines] == [
        f"morphine {place + 1} mcg" for place in range(1500)
    ]
