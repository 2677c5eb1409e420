from __future__ import annotations

import codecs
import gc
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "row_id,drug,dose,route,mode\na1,morphine,200 mcg,intrathecal,single_dose\n"
FOREIGN = "Zeile;Stoff;Gabe (mg);Weg;mode\na1;morphine;0,2;intrathecal;single_dose\n"
MAPPED = ("--map", "Zeile=row_id", "--map", "Stoff=drug", "--map", "Gabe (mg)=dose", "--map", "Weg=route")


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def sheet(folder: Path, content: str | bytes, name: str = "sheet.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def run(*arguments: str) -> int:
    """Run ``itdose batch`` and return its exit code."""
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", *arguments])
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        (SHEET, (), 0),
        (SHEET, ("--delimiter", ","), 0),
        (SHEET, ("--delimiter", "comma"), 0),
        (SHEET.replace(",", ";"), ("--delimiter", "semicolon"), 0),
        (SHEET.replace(",", "\t"), ("--delimiter", "tab"), 0),
        (SHEET.replace(",", "\t"), ("--delimiter", "\\t"), 0),
        (SHEET.replace(",", "\t"), ("--delimiter", "\t"), 0),
        (SHEET.replace(",", "|"), ("--delimiter", "|"), 0),
        (SHEET.replace(",", "|"), ("--delimiter", "pipe"), 0),
        (SHEET.replace(",", "|"), (), 5),
        (SHEET, ("--delimiter", ";"), 5),
        (SHEET.replace("200 mcg", "200 \u00b5g").encode("cp1252"), ("--encoding", "cp1252"), 1),
        (SHEET.replace("200 mcg", "200 \u00b5g").encode("cp1252"), (), 5),
        (codecs.BOM_UTF16_LE + SHEET.encode("utf-16-le"), (), 0),
        (codecs.BOM_UTF16_LE + SHEET.encode("utf-16-le"), ("--encoding", "cp1252"), 5),
        (SHEET.encode("utf-16-be"), ("--encoding", "utf-16-be"), 0),
        (FOREIGN, ("--decimal", "comma", *MAPPED), 0),
        (FOREIGN, MAPPED, 4),
        (FOREIGN, ("--decimal", "comma"), 5),
        (SHEET.replace("dose,", "a=b,", 1), ("--map", "a=b=dose"), 0),
        (SHEET.replace("dose,", "a,", 1), ("--map", " a = dose "), 0),
    ],
)
def test_an_option_says_how_a_sheet_is_read(
    tmp_path: Path, content: str | bytes, arguments: tuple[str, ...], code: int
) -> None:
    assert run(sheet(tmp_path, content), *arguments) == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--encoding", "hex"), "Invalid value for --encoding: 'hex' is no encoding of text that is known"),
        (
            ("--encoding", "cp125x"),
            "Invalid value for --encoding: 'cp125x' is no encoding of text that is known",
        ),
        (("--encoding", ""), "Invalid value for --encoding: '' is no encoding of text"),
        (("--encoding", "utf-7"), "Invalid value for --encoding: 'utf-7' is not read"),
        (("--delimiter", ":"), "':' is none of comma, semicolon, tab, pipe, nor such a character"),
        (("--delimiter", ",,"), "',,' is none of comma, semicolon, tab, pipe"),
        (("--delimiter", ""), "'' is none of comma, semicolon, tab, pipe"),
        (("--decimal", "dot"), "'dot' is not one of 'point', 'comma'"),
        (("--map", "Gabe"), "'Gabe' is not HEADER=FIELD with one of the fields row_id, "),
        (("--map", "Gabe=menge"), "'Gabe=menge' is not HEADER=FIELD with one of the fields row_id, "),
        (("--map", "=dose"), "'=dose' is not HEADER=FIELD with one of the fields row_id, "),
        (("--map", "Gabe="), "'Gabe=' is not HEADER=FIELD with one of the fields row_id, "),
        (("--map", "a=dose", "--map", "b=dose"), "'dose' is named twice; one column is one field"),
        (("--map", "a=dose", "--map", "a=drug"), "'a' is named twice; one column is one field"),
    ],
)
def test_a_wrong_option_is_a_usage_error_before_the_sheet_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run(str(tmp_path / "missing.csv"), *arguments) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert said in error
    assert "missing.csv" not in error


@pytest.mark.parametrize("header", ["Dose=dose", "Dose=weight"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_mapped_header_that_is_not_in_the_sheet_is_an_error_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], header: str, mark: str
) -> None:
    path = sheet(tmp_path, SHEET.replace(",", mark))
    assert run(path, "--map", header) == 5
    assert capsys.readouterr().err == (
        f"itdose: {path}: row 1 has no column 'Dose', which --map names; "
        "it has 'row_id', 'drug', 'dose', 'route', 'mode'\n"
    )


def test_a_mapped_column_is_read_in_place_of_the_one_with_the_field_s_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(tmp_path, "row_id,drug,dose,new dose,route\na1,magnesium sulfate,50 mg,500 mg,it\n")
    assert run(path, "--map", "new dose=dose") == 3
    assert "500 mg" in capsys.readouterr().out
    assert run(path) in {0, 1}
