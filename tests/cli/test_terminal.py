"""What stands on the terminal: nothing too wide, nothing cut off, no color that means something alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

GOLDENS = Path(__file__).parent / "goldens"
SHEET = str(Path(__file__).parents[2] / "docs" / "examples" / "orders.csv")
WIDTHS = ["60", "120"]

OVERDOSE = ("check", "magnesium", "500mg", "--route", "intrathecal")
INTENDED = ("check", "magnesium", "50mg", "--route", "intrathecal")
PAGES = [
    OVERDOSE,
    INTENDED,
    (*OVERDOSE, "--explain"),
    ("check", "magnesium", "1 g", "--route", "iv"),
    ("check", "magnesium", "16 mEq", "--route", "iv", "--indication", "asthma"),
    ("check", "magnesium", "50 mg", "--route", "it", "--concentration", "50%", "--volume", "1 mL"),
    ("check", "morphine", "0.1 mg", "--route", "it", "--age", "70y", "--explain"),
    ("check", "morphine", "10 mg", "--route", "epidural"),
    ("check", "ketamine", "0.3 mg/kg", "--route", "iv", "--weight", "70kg", "--indication", "analgesia"),
    ("check", "baclofen", "300 mcg/day", "--route", "it", "--mode", "continuous_infusion", "--explain"),
    ("check", "bupivacaine", "12.5 mg", "--route", "spinal", "--volume", "2.5 mL"),
    ("check", "fentanyl", "2 mcg/kg", "--route", "iv", "--weight", "8kg", "--age", "6 months"),
    ("check", "vincristine", "2 mg", "--route", "it", "--explain"),
    ("check", "unobtainium", "5 mg", "--route", "it"),
    ("check", "magnesium", "1,5 mg", "--route", "oral"),
    ("show", "magnesium"),
    ("show", "morphine"),
    ("show", "ziconotide"),
    ("show", "vincristine"),
    ("drugs",),
    ("routes",),
    ("explain",),
    ("explain", "dose-at-toxic-level"),
    ("batch", SHEET),
    ("check", "magnesium", "50mg", "--route", "it", "--product", "magnesium sulfate 50%", "--volume", "1mL"),
    ("check", "bupivacaine", "2.5 mg", "--route", "it", "--with", "fentanyl 150 mcg", "--explain"),
    (
        "check",
        "baclofen",
        "60 mcg/day",
        "--route",
        "it",
        "--concentration",
        "500 mcg/mL",
        "--flow-rate",
        "0.12 mL/h",
        "--reservoir",
        "20 mL",
    ),
    ("check", "magnesium", "4 g", "--route", "iv", "--condition", "myasthenia gravis", "--explain"),
    ("prepare", "magnesium", "50mg", "--route", "it"),
    ("convert", "1 g", "mmol", "--drug", "magnesium sulfate"),
]
NAMES = [" ".join(page).replace(SHEET, "orders.csv") for page in PAGES]

UNIT = r"(?:mmol|micromol|mEq|nanograms?|mcg|mg|g|mL|L|kg|cm|m2|h|min|days?|weeks?|months?|years?|units?|%)"
NUMBER_AND_UNIT = re.compile(rf"\d+(?:\.\d+)? ?{UNIT}(?:/(?:{UNIT}))*(?![A-Za-z])")
ENDS_WITH_NUMBER = re.compile(r"(?<![A-Za-z0-9:/.])\d+(?:\.\d+)?$")
STARTS_WITH_UNIT = re.compile(rf"{UNIT}(?:/{UNIT})*(?![A-Za-z0-9])")

RULER = re.compile(r" +[.=|XL]+")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = {
    "empty": "",
    "escape": "mag\x1b[2J\x1b[31mnesium",
    "one-byte escape": "mag\x9b31mnesium",
    "markup": "[bold red]magnesium[/bold red]",
    "emoji markup": "magnesium :skull:",
    "bidi override": "mag\u202emuisen",
    "bidi isolate": "mag\u2066muisen\u2069",
    "newline": "magnesium\nWITHIN LIMITS",
    "carriage return": "magnesium\rWITHIN LIMITS",
    "backspace": "magnesium\b\b\b\b",
    "bell": "magnesium\a",
    "zero width": "mag\u200bnesium",
    "line separator": "magnesium\u2028WITHIN LIMITS",
    "lone surrogate": "mag\udc80nesium",
    "ten thousand letters": "m" * 10_000,
    "ten thousand words": "m " * 5_000,
    "format characters": "%s %(name)s {0} {name}",
}
NUL = "magnesium\x00sulfate"


def width_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in line)


def tokens(text: str) -> Counter[str]:
    return Counter(found.replace(" ", "") for found in NUMBER_AND_UNIT.findall(" ".join(text.split())))


def is_raw(character: str) -> bool:
    return character != "\n" and not character.isprintable()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_line_is_wider_than_the_terminal(run: Run, page: tuple[str, ...], width: str) -> None:
    lines = run(*page, COLUMNS=width).stdout.splitlines()
    # An address is never broken, so that it can be opened.
    too_wide = [line for line in lines if width_of(line) > int(width) and len(line.split()) > 1]
    assert lines
    assert too_wide == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_nothing_is_cut_off(run: Run, page: tuple[str, ...], width: str) -> None:
    said = run(*page, COLUMNS=width).stdout
    assert said
    assert "\u2026" not in said
    words = [line for line in said.splitlines() if not RULER.fullmatch(line)]
    assert [line for line in words if "..." in line] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_number_and_unit_stands_at_every_width(run: Run, page: tuple[str, ...]) -> None:
    narrow, wide = (run(*page, COLUMNS=width).stdout for width in WIDTHS)
    if page[0] in {"check", "show"} and page[1] != "vincristine":
        assert tokens(wide)
    assert tokens(narrow) == tokens(wide)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_digit_is_lost_at_any_width(run: Run, page: tuple[str, ...]) -> None:
    texts = [run(*page, COLUMNS=width).stdout for width in ("40", *WIDTHS)]
    digits = [Counter(re.findall(r"\d", text)) for text in texts]
    assert digits[0] == digits[1] == digits[2]


@pytest.mark.parametrize("width", ["40", "50", *WIDTHS])
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_number_is_never_parted_from_its_unit(run: Run, page: tuple[str, ...], width: str) -> None:
    lines = [line.strip() for line in run(*page, COLUMNS=width).stdout.splitlines()]
    parted = [
        (line, following)
        for line, following in pairwise(lines)
        if ENDS_WITH_NUMBER.search(line) and STARTS_WITH_UNIT.match(following)
    ]
    assert lines
    assert parted == []


@pytest.mark.parametrize("name", ["500mg", "50mg"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_stands_as_it_was_agreed(run: Run, name: str, width: str) -> None:
    said = run("check", "magnesium", name, "--route", "intrathecal", COLUMNS=width).stdout
    *page, versions = said.splitlines()
    expected = (GOLDENS / f"magnesium-{name}-{width}.txt").read_text(encoding="utf-8")
    assert len(page) < 100
    assert "\n".join(page) + "\n" == expected
    assert re.fullmatch(r"itdose \S+, formulary \S+ \(sha256:[0-9a-f]{12}\)", versions)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_color_says_nothing_that_the_words_do_not_say(run: Run, page: tuple[str, ...]) -> None:
    plain = run(*page, NO_COLOR="1").stdout
    colored = run(*page, FORCE_COLOR="1").stdout
    assert "\x1b" not in plain
    assert ESCAPE.sub("", colored) == plain


def test_a_verdict_is_colored_where_color_is_forced(run: Run) -> None:
    assert ESCAPE.search(run(*OVERDOSE, FORCE_COLOR="1").stdout)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NO_COLOR": "1"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"TERM": "dumb"},
        {"TERM": "xterm-256color"},
    ],
    ids=str,
)
def test_a_pipe_gets_the_same_plain_text(run: Run, environment: dict[str, str]) -> None:
    said = run(*OVERDOSE, **environment).stdout
    assert "\x1b" not in said
    assert said == run(*OVERDOSE, NO_COLOR="1").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
    ids=str,
)
def test_a_terminal_gets_color_unless_it_is_dumb_or_color_is_not_wanted(
    environment: dict[str, str], colored: bool
) -> None:
    reader, terminal = os.openpty()
    inherited = {name: text for name, text in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    done = subprocess.run(
        [sys.executable, "-m", "itdose", "check", "unobtainium", "5 mg", "--route", "it"],
        env={**inherited, **environment},
        stdout=terminal,
        check=False,
        timeout=60,
    )
    os.close(terminal)
    said = os.read(reader, 10_000).decode()
    os.close(reader)
    assert done.returncode == 4
    assert "CANNOT CHECK" in said
    assert bool(ESCAPE.search(said)) is colored


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
@pytest.mark.parametrize("page", [OVERDOSE, ("show", "magnesium"), ("drugs",)], ids=" ".join)
def test_no_encoding_loses_a_digit_or_a_unit(process: Run, page: tuple[str, ...], encoding: str) -> None:
    done = process(*page, PYTHONIOENCODING=encoding, COLUMNS="120")
    whole = process(*page, COLUMNS="120")
    assert done.stderr == ""
    assert done.returncode == whole.returncode
    assert tokens(done.stdout) == tokens(whole.stdout)


def test_a_name_in_other_letters_reaches_an_ascii_terminal_spelled_out(process: Run) -> None:
    done = process("check", "магний", "50 mg", "--route", "it", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (4, "")
    assert done.stdout.isascii()
    assert "\\u043c" in done.stdout


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("explain", [(), ("--explain",)], ids=["short", "explained"])
def test_hostile_text_in_a_drug_never_reaches_the_terminal_raw(
    run: Run, name: str, explain: tuple[str, ...]
) -> None:
    done = run("check", name, "50 mg", "--route", "it", *explain, COLUMNS="60")
    assert done.returncode == 4
    assert done.stderr == ""
    assert [character for character in done.stdout if is_raw(character)] == []
    assert done.stdout.startswith("CANNOT CHECK")
    assert not any(line.startswith("WITHIN LIMITS") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "name",
    [text for key, text in HOSTILE.items() if key != "lone surrogate"],
    ids=lambda text: ascii(text)[:30],
)
def test_hostile_text_gives_no_traceback_in_a_process(process: Run, name: str) -> None:
    done = process("check", name, "50 mg", "--route", "it")
    assert (done.returncode, done.stderr) == (4, "")
    assert [character for character in done.stdout if is_raw(character)] == []


@pytest.mark.parametrize("name", [*HOSTILE.values(), NUL], ids=[*HOSTILE, "nul"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "magnesium", "{}", "--route", "it"),
        ("check", "magnesium", "50 mg", "--route", "{}"),
        ("check", "magnesium", "50 mg", "--route", "it", "--mode", "{}"),
        ("check", "magnesium", "50 mg", "--route", "it", "--indication", "{}"),
        ("check", "magnesium", "50 mg", "--route", "it", "--category", "{}"),
        ("check", "magnesium", "50 mg", "--route", "it", "--weight", "{}"),
        ("check", "magnesium", "50 mg", "--route", "it", "--concentration", "{}"),
        ("check", "{}", "{}", "--route", "{}", "--format", "json"),
        ("show", "{}"),
        ("show", "magnesium", "--route", "{}"),
        ("convert", "{}", "mg"),
        ("convert", "1 g", "{}"),
        ("convert", "1 g", "mg", "--drug", "{}"),
    ],
    ids=" ".join,
)
def test_hostile_text_anywhere_is_spelled_out(run: Run, arguments: tuple[str, ...], name: str) -> None:
    done = run(*(argument.replace("{}", name) for argument in arguments))
    said = done.stdout + done.stderr
    assert done.returncode in {2, 4}
    assert [character for character in said if is_raw(character)] == []
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["", " ", "\t"], ids=ascii)
def test_a_name_that_is_no_name_is_not_taken_for_one(run: Run, name: str) -> None:
    done = run("check", name, "50 mg", "--route", "it")
    assert (done.returncode, done.stderr) == (4, "")


def test_a_nul_in_a_name_is_spelled_out(run: Run) -> None:
    done = run("check", NUL, "50 mg", "--route", "it")
    assert done.returncode == 4
    assert "magnesium\\x00sulfate" in done.stdout


def test_a_hostile_cell_never_reaches_the_terminal_raw(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    cells = ["row_id,drug,dose,route", '"\x1b[31m1","mag\u202enesium","50\x07 mg","i\nt"', "2,[red]x,5 mg,it"]
    sheet.write_text("\n".join(cells) + "\n", encoding="utf-8")
    done = run("batch", str(sheet), COLUMNS="60")
    assert (done.returncode, done.stderr) == (4, "")
    assert "[red]x" in done.stdout
    assert [character for character in done.stdout if is_raw(character)] == []


@pytest.mark.parametrize(
    "page", [OVERDOSE, (*OVERDOSE, "--format", "json"), ("show", "magnesium"), ("drugs",)], ids=" ".join
)
def test_a_reader_that_has_gone_gets_no_traceback(page: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "itdose", *page],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        # Closed before the first line can have been written.
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 5


def test_a_reader_of_one_line_ends_a_long_batch_quietly(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    rows = ["row_id,drug,dose,route", *(f"{n},magnesium,50 mg,it" for n in range(500))]
    sheet.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "itdose", "batch", str(sheet), "--format", "ndjson"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith('{"row":2,')
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 5
