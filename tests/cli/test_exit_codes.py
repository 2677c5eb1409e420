"""Exit codes: 0 within_limits, 1 needs_review, 2 usage error, 3 stop, 4 cannot_check, 5 itdose failed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NoReturn

import pytest

from itdose.formulary.files import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

# One row of each verdict.
WITHIN = "w,magnesium sulfate,50 mg,intrathecal"
REVIEW = "r,magnesium sulfate,40 mg,intrathecal"
UNKNOWN = "u,unobtainium,5 mg,intrathecal"
STOP = "s,magnesium sulfate,500 mg,intrathecal"


@pytest.fixture
def broken_formulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped formulary in which one route lost a value; itdose takes it for its own."""
    folder = tmp_path / "formulary"
    shutil.copytree(shipped_folder(), folder)
    routes = folder / "routes.yaml"
    text = routes.read_text(encoding="utf-8")
    assert text.count('subcutaneous: {name: subcutaneous, neuraxial: "no"') == 1
    spoiled = text.replace(
        'subcutaneous: {name: subcutaneous, neuraxial: "no"', "subcutaneous: {name: subcutaneous"
    )
    routes.write_text(spoiled, encoding="utf-8")
    monkeypatch.setattr("itdose.formulary.shipped_folder", lambda: str(folder))
    return folder


@pytest.mark.parametrize(
    ("order", "exit_code"),
    [
        (["magnesium", "50 mg", "--route", "it"], 0),
        (["magnesium", "100 mg", "--route", "it"], 0),
        (["magnesium", "40 mg", "--route", "it"], 1),
        (["magnesium", "100.1 mg", "--route", "it"], 3),
        (["magnesium", "500 mg", "--route", "it"], 3),
        (["vincristine", "2 mg", "--route", "it"], 3),
        (["unobtainium", "5 mg", "--route", "it"], 4),
        (["magnesium", "500", "--route", "it"], 4),
    ],
)
@pytest.mark.parametrize("output_format", ["text", "json"])
def test_the_exit_code_of_a_check_is_its_verdict_in_every_format(
    run: Run, order: list[str], exit_code: int, output_format: str
) -> None:
    done = run("check", *order, "--format", output_format)
    assert done.returncode == exit_code
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["--nosuch"],
        ["check"],
        ["check", "magnesium"],
        ["check", "magnesium", "50 mg"],
        ["check", "magnesium", "50", "mg", "--route", "it"],
        ["check", "magnesium", "50 mg", "--route", "it", "--nosuch"],
        ["check", "magnesium", "50 mg", "--route", "it", "--format", "xml"],
        ["batch"],
        ["batch", "sheet.csv", "--decimal", "guess"],
        ["batch", "sheet.csv", "--output", "reports.docx"],
        ["show"],
        ["show", "unobtainium"],
        ["show", "magnesium", "--route", "oral"],
        ["show", "magnesium", "--route", "intraventricular"],
        ["convert", "1 g"],
        ["convert", "1 g", "mmol", "--drug", "unobtainium"],
        ["explain", "no-such-code"],
    ],
    ids=" ".join,
)
def test_a_usage_error_is_2_and_is_told_on_standard_error(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: itdose" in done.stderr
    assert "Error: " in done.stderr


@pytest.mark.parametrize(
    ("rows", "exit_code"),
    [
        ([WITHIN], 0),
        ([WITHIN, REVIEW], 1),
        ([WITHIN, UNKNOWN, REVIEW], 4),
        ([REVIEW, STOP, UNKNOWN, WITHIN], 3),
        ([WITHIN, "x,magnesium sulfate,,intrathecal"], 4),
    ],
)
@pytest.mark.parametrize("output_format", ["text", "ndjson"])
def test_a_batch_ends_with_its_worst_row(
    run: Run, tmp_path: Path, rows: list[str], exit_code: int, output_format: str
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("\n".join(["row_id,drug,dose,route", *rows]) + "\n", encoding="utf-8")
    assert run("batch", str(sheet), "--format", output_format).returncode == exit_code


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.csv", None),
        ("sheet.pdf", "row_id,drug,dose,route\n"),
        ("empty.csv", ""),
        ("header.csv", "row_id,drug,dose,route\n"),
        ("other.csv", "a,b\n1,2\n"),
    ],
)
def test_a_sheet_that_is_none_is_5_and_says_which(
    run: Run, tmp_path: Path, name: str, text: str | None
) -> None:
    sheet = tmp_path / name
    if text is not None:
        sheet.write_text(text, encoding="utf-8")
    done = run("batch", str(sheet))
    assert done.returncode == 5
    assert done.stdout == ""
    assert str(sheet) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "magnesium", "50 mg", "--route", "it"],
        ["check", "magnesium", "50 mg", "--route", "it", "--format", "json"],
        ["show", "magnesium"],
        ["drugs"],
        ["routes"],
        ["convert", "1 g", "mg"],
        ["--version"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("broken_formulary")
def test_a_broken_formulary_is_5_with_file_and_line(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 5
    assert done.stdout == ""
    assert "routes.yaml:41: " in done.stderr
    assert "neuraxial" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_formulary_that_is_not_there_is_5(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itdose.formulary.shipped_folder", lambda: str(tmp_path / "nothing"))
    done = run("check", "magnesium", "50 mg", "--route", "it")
    assert done.returncode == 5
    assert done.stdout == ""
    assert "there is no formulary here" in done.stderr


def test_a_fault_of_itdose_is_5_and_says_that_nothing_was_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> NoReturn:
        raise RuntimeError("out of order \x1b[31m")

    monkeypatch.setattr("itdose.assessment.assess", fails)
    done = run("check", "magnesium", "50 mg", "--route", "it")
    assert done.returncode == 5
    assert done.stdout == ""
    assert "checked nothing" in done.stderr
    assert "RuntimeError" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_run_is_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("itdose.assessment.assess", interrupted)
    done = run("check", "magnesium", "50 mg", "--route", "it")
    assert done.returncode == 130
    assert done.stdout == ""
    assert "interrupted" in done.stderr


@pytest.mark.parametrize("command", ["check", "batch"])
def test_the_help_of_a_checking_command_lists_every_exit_code(run: Run, command: str) -> None:
    said = " ".join(run(command, "--help").stdout.split())
    for words in ("0 within_limits", "1 needs_review", "2 usage error", "3 stop", "4 cannot_check"):
        assert words in said
    assert " 5 " in said.partition("Exit code")[2]


def test_an_interrupted_run_ends_with_its_own_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("itdose.formulary.Formulary.load", interrupt)
    done = run("drugs")
    assert done.returncode == 130
    assert "interrupted; no file was written" in done.stderr
