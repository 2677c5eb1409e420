"""``itdose formulary lint``, ``coverage`` and ``schema`` as they are typed: output, formats, exit codes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose.curation.lint import Lint
from itdose.curation.remarks import Level, Remark
from itdose.render.lint_text import lint_github

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]
    Edit = Callable[[str, str, str], None]

DOCUMENT = Path(__file__).parents[2] / "docs" / "formulary-tools.md"
FIRST, SECOND = "drugs/first.yaml", "drugs/second.yaml"
NOTED = "    form: beta base\n    stated_by: {source: label, where: description}\n"


@pytest.fixture
def clean_folder(small_folder: Path, edit: Edit) -> str:
    """Return the small formulary with a review that does not fall due soon."""
    edit(FIRST, 'due: "2027-01-01"', 'due: "2027-06-01"')
    return str(small_folder)


@pytest.fixture
def noted_folder(clean_folder: str, edit: Edit) -> str:
    """Return a formulary that lint has one note on."""
    edit(SECOND, NOTED, f"{NOTED}  look_alikes: [gamma]\n")
    return clean_folder


def lint_of(*remarks: Remark) -> Lint:
    return Lint(remarks, drugs=1, rules=2, version="2026.1.0", as_of="2026-11-22")


def test_lint_of_a_clean_formulary_says_what_it_looked_at(run: Run, clean_folder: str) -> None:
    done = run("formulary", "lint", clean_folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert " ".join(done.stdout.split()) == (
        "0 warnings, 0 notes: formulary 2026.1.0, 2 drugs, 1 dose rule, as of 2026-11-22"
    )


def test_a_note_ends_with_one_only_where_lint_is_strict(run: Run, noted_folder: str) -> None:
    assert run("formulary", "lint", noted_folder).returncode == 0
    assert run("formulary", "lint", noted_folder, "--strict").returncode == 1


def test_a_warning_ends_with_one_and_stands_under_its_file(run: Run, small_folder: Path) -> None:
    done = run("formulary", "lint", str(small_folder))
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == ["drugs/first.yaml", "  line 33: warning: review-due-soon"]
    assert "due for review on 2027-01-01" in " ".join(done.stdout.split())


def test_a_formulary_that_is_not_valid_ends_with_five(run: Run, clean_folder: str, edit: Edit) -> None:
    edit(FIRST, "lower_hard: none, a low dose is only weak\n", "lower_hard: 5\n")
    done = run("formulary", "lint", clean_folder)
    assert (done.returncode, done.stdout) == (5, "")
    assert "drugs/first.yaml:26" in done.stderr


@pytest.mark.parametrize("command", ["lint", "coverage"])
def test_a_folder_that_is_not_there_is_a_usage_error(run: Run, command: str) -> None:
    assert run("formulary", command, "nowhere").returncode == 2


def test_lint_as_json_holds_every_remark(run: Run, noted_folder: str) -> None:
    body = json.loads(run("formulary", "lint", noted_folder, "--format", "json").stdout)
    assert body == {
        "schema": "itdose.lint/1",
        "formulary": {"version": "2026.1.0"},
        "as_of": "2026-11-22",
        "drugs": 2,
        "rules": 1,
        "warnings": 0,
        "notes": 1,
        "remarks": [
            {
                "file": SECOND,
                "line": 7,
                "rule": "look-alike-unknown",
                "level": "note",
                "message": "look-alike 'gamma' is no drug of this formulary; "
                "correct the spelling or add the drug",
            }
        ],
    }


def test_annotations_name_files_from_the_working_directory(
    run: Run, noted_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, _ = run("formulary", "lint", noted_folder, "--format", "github").stdout.splitlines()
    assert first.startswith(
        "::notice file=small/drugs/second.yaml,line=7,title=look-alike-unknown::look-alike 'g"
    )


def test_annotations_are_escaped_as_github_documents() -> None:
    text = "50 % of it\r\nsecond: line, more"
    said = lint_github(lint_of(Remark("a,b:c%.yaml", 3, "some-rule", Level.WARNING, text)), folder="data/")
    assert said.splitlines()[0] == (
        "::warning file=data/a%2Cb%3Ac%25.yaml,line=3,title=some-rule::50 %25 of it%0D%0Asecond: line, more"
    )


@pytest.mark.parametrize(
    ("warnings", "notes", "shown", "hidden"),
    [(2, 48, 50, None), (2, 49, 50, "1 more;"), (60, 5, 50, "15 more;")],
)
def test_fifty_annotations_are_shown_warnings_first(
    warnings: int, notes: int, shown: int, hidden: str | None
) -> None:
    remarks = [Remark("a.yaml", line, "some-note", Level.NOTE, "n") for line in range(notes)]
    remarks += [Remark("b.yaml", line, "some-rule", Level.WARNING, "w") for line in range(warnings)]
    lines = lint_github(lint_of(*remarks), folder="data").splitlines()
    annotations = [line for line in lines if line.startswith("::")]
    assert len(annotations) == shown
    assert [line.startswith("::warning") for line in annotations] == [
        place < warnings for place in range(shown)
    ]
    assert [line for line in lines if f"and {hidden}" in line] == (lines[shown : shown + 1] if hidden else [])


@pytest.mark.parametrize("width", ["40", "60", "120"])
@pytest.mark.parametrize(
    "page", [("lint",), ("coverage",), ("coverage", "--drug", "magnesium")], ids=" ".join
)
def test_no_line_is_wider_than_the_terminal(run: Run, page: tuple[str, ...], width: str) -> None:
    lines = run("formulary", *page, COLUMNS=width).stdout.splitlines()
    too_wide = [line for line in lines if len(line) > int(width)]
    assert len(lines) > 10
    assert [line for line in too_wide if len(line.split()) > 1] == []


def test_coverage_counts_the_shipped_rules_of_magnesium(run: Run) -> None:
    said = run("formulary", "coverage", "--drug", "MgSulfate", COLUMNS="100")
    assert said.returncode == 2
    done = run("formulary", "coverage", "--drug", "magnesium", COLUMNS="100")
    assert done.stdout.startswith(
        "magnesium sulfate, intrathecal, off label\n  single dose, adult, any indication\n"
    )
    assert re.search(r"^1 drug with \d routes; \d+ dose rules \(", done.stdout, re.MULTILINE)


def test_coverage_as_csv_and_json_says_the_same(run: Run, clean_folder: str) -> None:
    written = run("formulary", "coverage", clean_folder, "--format", "csv").stdout
    body = json.loads(run("formulary", "coverage", clean_folder, "--format", "json").stdout)
    [rule, forbidden, beta] = csv.DictReader(written.splitlines())
    assert (body["schema"], body["formulary"]["version"]) == ("itdose.coverage/1", "2026.1.0")
    assert [row["rule"] for row in body["rows"]] == [rule["rule"], "", ""]
    assert (rule["categories"], rule["limits"], rule["is_overdue"]) == ("adult", "4", "no")
    assert (forbidden["status"], beta["status"]) == ("forbidden", "conversion_only")
    assert list(body["rows"][0]) == list(rule)


def test_coverage_as_markdown_is_the_matrix_or_every_rule(run: Run, clean_folder: str) -> None:
    matrix = run("formulary", "coverage", clean_folder, "--format", "markdown").stdout
    full = run("formulary", "coverage", clean_folder, "--format", "markdown", "--drug", "alpha").stdout
    assert matrix.startswith("| drug | route | checked |")
    assert "| alpha | intrathecal | single dose | adult | pain | cross-checked | 2027-06-01 | 4 |" in full


def test_schema_without_a_name_is_that_of_a_drug_file(run: Run) -> None:
    plain, named = run("formulary", "schema"), run("formulary", "schema", "drugs")
    assert plain.stdout == named.stdout
    assert json.loads(plain.stdout)["title"] == "Drugs of a formulary"


def test_an_unknown_schema_is_a_usage_error(run: Run) -> None:
    assert run("formulary", "schema", "products").returncode == 2


def documented(command: str) -> str:
    """Return the output that the document shows for a command."""
    [shown] = re.findall(rf"\$ itdose {command}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return str(shown)


def test_the_documented_output_of_lint_is_what_it_says(run: Run, clean_folder: str, edit: Edit) -> None:
    edit(FIRST, "upper_hard: 200 mg\n", "upper_hard: 1000 mg\n")
    said = run("formulary", "lint", clean_folder, COLUMNS="95").stdout
    assert documented("formulary lint my-formulary") == said


def test_the_documented_output_of_coverage_is_what_it_says(run: Run, clean_folder: str) -> None:
    said = run("formulary", "coverage", clean_folder, COLUMNS="95").stdout
    assert documented("formulary coverage my-formulary") == said


def test_the_documented_schema_is_the_beginning_of_what_is_printed(run: Run) -> None:
    shown = documented("formulary schema formulary").removesuffix("...\n")
    assert len(shown.splitlines()) > 5
    assert run("formulary", "schema", "formulary").stdout.startswith(shown)
