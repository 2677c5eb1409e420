"""``itdose replay``: the text for a person, the JSON by its schema, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from itdose.findings import Verdict
from itdose.render.replay_text import ReplaySummary
from itdose.replay_report import Effect, Judged, Replayed, ReplayFacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schemas" / "replay-1.schema.json").read_text("utf-8")
)
ROW = Draft202012Validator({"$ref": "#/$defs/row", "$defs": SCHEMA["$defs"]})
SHEET = """row_id,drug,dose,route
1,alpha,160 mg,it
2,alpha,80 mg,it
3,alpha,250 mg,it
4,alpha,,it
"""
OLD_DIGEST, NEW_DIGEST = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def small(small_folder: Path) -> str:
    """Return the small formulary with a version that the report's schema accepts."""
    path = small_folder / "formulary.yaml"
    path.write_text(path.read_text("utf-8").replace("2026.1.0", "2026.01.0"), encoding="utf-8")
    return str(small_folder)


@pytest.fixture
def strict(tmp_path: Path) -> str:
    """Write an overlay that tightens alpha's hard limit of 200 mg."""
    path = tmp_path / "site.yaml"
    path.write_text(
        'site: {name: St. Elsewhere, version: "7"}\nchange: {alpha.intrathecal.single_dose.adult: '
        "{reason: The ward decided., limits: {dose: {upper_hard: 150 mg}}}}\n",
        encoding="utf-8",
    )
    return str(path)


@pytest.fixture
def report(run: Run, small: str, tmp_path: Path) -> str:
    """Write the report of a sheet by the small formulary."""
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    path = str(tmp_path / "old.ndjson")
    run("batch", str(tmp_path / "sheet.csv"), "--output", path, "--formulary", small)
    return path


def test_the_text_says_what_was_tightened_and_who_was_exposed(
    run: Run, report: str, small: str, strict: str
) -> None:
    done = run("replay", report, "--formulary", small, "--formulary", strict, COLUMNS="110")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "4 rows: 1 same, 1 tightened, 0 loosened, 1 for another reason, 1 not replayed"
    assert lines[1] == "  1 row not stopped then would be stopped now"
    assert "then: formulary 2026.01.0 sha256:" in done.stdout
    said = " ".join(done.stdout.split())
    assert ", St. Elsewhere 7" in said
    assert "2 1 NEEDS REVIEW STOP alpha 160 mg intrathecal, single dose: 160 mg is about 1.067 times" in said
    assert "4 3 STOP STOP alpha 250 mg intrathecal" in said
    assert "5 4 CANNOT CHECK not judged unreadable row: it could not be read then: row 5: dose not" in said
    headings = ("TIGHTENED", "the same verdict for another reason", "NOT REPLAYED")
    assert [line for line in lines if line in headings] == list(headings)
    assert "LOOSENED" not in lines


def test_nothing_differs_is_0_and_says_so(run: Run, small: str, strict: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("row_id,drug,dose,route\n1,alpha,80 mg,it\n", encoding="utf-8")
    path = str(tmp_path / "old.ndjson")
    run("batch", str(tmp_path / "sheet.csv"), "--output", path, "--formulary", small)
    done = run("replay", path, "--formulary", small, COLUMNS="110")
    assert done.returncode == 0
    assert done.stdout.startswith(
        "1 row: 1 same, 0 tightened, 0 loosened, 0 for another reason, 0 not replayed\n"
    )
    assert "It is the same formulary." in done.stdout
    done = run("replay", path, "--formulary", small, "--formulary", strict)
    assert done.returncode == 0
    assert "It is the same formulary." not in done.stdout


def test_a_row_that_is_not_replayed_is_1(run: Run, report: str, small: str) -> None:
    done = run("replay", report, "--formulary", small)
    assert done.returncode == 1
    assert done.stdout.startswith("4 rows: 3 same, 0 tightened, 0 loosened, 0 for another reason, 1 not")


def test_without_a_formulary_the_installed_one_judges(run: Run, report: str) -> None:
    done = run("replay", report, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["counts"] == {
        "tightened": 2, "loosened": 1, "another_reason": 0, "not_replayed": 1, "same": 0,
    }  # fmt: skip


def test_the_json_is_what_the_schema_says(run: Run, report: str, small: str, strict: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    done = run("replay", report, "--format", "json", "--formulary", small, "--formulary", strict)
    body = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(body)
    assert (body["rows"], body["exposed"]) == (4, 1)
    assert [(row["row"], row["effect"]) for row in body["differences"]] == [
        (2, "tightened"),
        (4, "another_reason"),
        (5, "not_replayed"),
    ]
    assert body["differences"][0]["new"]["limit"] == "upper_hard 150 mg"
    assert body["differences"][2]["new"] is None


@pytest.mark.parametrize("spoil", ["drop", "add", "same"])
def test_the_schema_refuses_what_it_does_not_name(
    run: Run, report: str, small: str, strict: str, spoil: str
) -> None:
    done = run("replay", report, "--format", "json", "--formulary", small, "--formulary", strict)
    body = json.loads(done.stdout)
    if spoil == "drop":
        del body["differences"][2]["fault"]
    elif spoil == "add":
        body["differences"][0]["new"]["note"] = ""
    else:
        body["differences"][0]["effect"] = "same"
    assert not Draft202012Validator(SCHEMA).is_valid(body)


def test_rows_in_equals_lines_out_on_the_screen_and_in_the_file(
    run: Run, report: str, small: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.ndjson"
    done = run("replay", report, "--format", "ndjson", "--output", str(path), "--formulary", small)
    assert done.stdout == path.read_text("utf-8")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        ROW.validate(row)
    assert [(row["row"], row["effect"]) for row in rows] == [
        (2, "same"),
        (3, "same"),
        (4, "same"),
        (5, "not_replayed"),
    ]


def test_a_line_that_is_no_report_is_5_and_no_file_appears(run: Run, report: str, tmp_path: Path) -> None:
    with Path(report).open("a", encoding="utf-8") as file:
        file.write('{"drug": "alpha"}\n')
    done = run("replay", report, "--output", str(tmp_path / "rows.ndjson"))
    assert (done.returncode, done.stdout) == (5, "")
    assert "old.ndjson: line 5: it is no report on a row" in done.stderr
    assert not (tmp_path / "rows.ndjson").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.ndjson"], "'nowhere.ndjson' does not exist"),
        (["{report}", "--output", "rows.csv"], "rows.csv ends with none of .ndjson, .jsonl"),
        (["{report}", "--output", "{report}"], "it is the report itself; choose another name"),
        (["{report}", "--formulary", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
    ],
)
def test_what_can_t_be_replayed_is_a_usage_error(
    run: Run, report: str, arguments: list[str], said: str
) -> None:
    done = run("replay", *(argument.format(report=report) for argument in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def facts(**changed: Any) -> ReplayFacts:
    new = {"version": "2026.11.1", "digest": NEW_DIGEST, "layers": []}
    made = ReplayFacts(new_formulary=new, new_itdose="0.1.0")
    made.old_formularies[OLD_DIGEST] = "2026.11.0"
    made.old_itdose.extend(changed.get("itdose", ["0.1.0"]))
    return made


def row(number: int, old: Verdict, new: Verdict, **changed: str) -> Replayed:
    then, now = (Judged(verdict, f"said {verdict}", "dose-x", None, None) for verdict in (old, new))
    return Replayed(number, None, changed.get("row_id", ""), changed.get("order", "alpha"), then, now)


def test_the_worst_now_stands_first_and_among_these_the_mildest_then() -> None:
    within, review, cannot, stop = Verdict
    summary = ReplaySummary(facts())
    for number, (old, new) in enumerate(
        [(within, review), (cannot, stop), (within, stop), (within, cannot), (review, stop), (stop, within)]
    ):
        summary.add(row(number + 2, old, new))
    text = summary.text(width=110)
    numbers = [
        int(line.split()[0]) for line in text.splitlines() if line[:1].isdigit() and "rows" not in line
    ]
    assert numbers == [4, 6, 3, 5, 2, 7]
    assert "2 rows not stopped then would be stopped now" in text


def test_more_rows_than_a_person_reads_are_counted() -> None:
    summary = ReplaySummary(facts())
    for number in range(70):
        summary.add(row(number + 2, Verdict.WITHIN_LIMITS, Verdict.STOP))
    text = summary.text(width=110)
    assert "and 20 more; --output rows.ndjson writes every one" in text
    assert text.count("alpha: said stop") == 50


def test_another_program_is_told_for_differences_may_be_its_own() -> None:
    said = " ".join(ReplaySummary(facts(itdose=["0.0.8", "0.1.0"])).text(width=110).split())
    assert "was made by itdose 0.0.8, 0.1.0, this is 0.1.0: differences may come from the program" in said
    assert "differences may come" not in ReplaySummary(facts()).text(width=110)


def test_hostile_text_of_a_report_is_spelled_out() -> None:
    summary = ReplaySummary(facts(itdose=["\x1b[31m"]))
    summary.add(row(2, Verdict.STOP, Verdict.NEEDS_REVIEW, row_id="\x1b[1m", order="\u202ealpha [bold]"))
    text = summary.text(width=110)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u202ealpha [bold]" in text


def test_every_effect_of_the_schema_is_one_of_the_program() -> None:
    assert SCHEMA["$defs"]["effect"]["enum"] == [effect.value for effect in Effect]
