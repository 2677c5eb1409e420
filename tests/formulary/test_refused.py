"""A formulary that says two things, or less than it must, is refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[str, str, str], None]
    Problems = Callable[[], list[str]]

_CASES: dict[str, dict[str, Any]] = {
    f"{file.stem}: {name}": case
    for file in sorted((Path(__file__).parent / "refused").glob("*.yaml"))
    for name, case in yaml.safe_load(file.read_text(encoding="utf-8")).items()
}
FIRST, SECOND = "drugs/first.yaml", "drugs/second.yaml"


def test_the_small_formulary_itself_is_accepted(problems: Problems) -> None:
    assert problems() == []


@pytest.mark.parametrize("name", _CASES)
def test_a_refusal_names_file_and_line_and_says_what_is_wrong(
    name: str, edit: Edit, problems: Problems
) -> None:
    case = _CASES[name]
    file = case["at"].partition(":")[0]
    for old, new in case["edits"].items():
        edit(file, old, new)
    found = problems()
    places = [case["at"], *([case["then"]] if "then" in case else [])]
    assert [line.split(": ")[0] for line in found] == places
    assert all(case["says"] in line for line in found)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FIRST, "upper_hard: 200 mg", "upper_hard: 100 mg"),
        (FIRST, "upper_hard: 200 mg", "upper_hard: 0.1 g"),
        (FIRST, "toxic_from: 500 mg", "toxic_from: 0.5 g"),
        (FIRST, "usual: 50 mg to 100 mg", "usual: up to 100 mg"),
        (FIRST, "usual: 50 mg to 100 mg", "usual: 100 mg"),
        (FIRST, "toxic_from: 500 mg", "toxic_from: none, the report is of another kind of patient"),
        (FIRST, "upper_hard: 200 mg", 'upper_hard: "200 mg" # in quotes'),
        (FIRST, "name: alpha\n", "name: NO\n"),
        ("formulary.yaml", "version: 2026.1.0", "---\nversion: 2026.1.0"),
    ],
)
def test_what_is_written_plainly_is_accepted(
    file: str, old: str, new: str, edit: Edit, problems: Problems
) -> None:
    edit(file, old, new)
    assert problems() == []


_SECOND_RULE = """\
        - id: alpha.intrathecal.single_dose.other
          mode: single_dose
          category: [{category}]
          indication: [pain]
          limits:
            dose: {{lower_hard: "none, a", usual: 1 mg, upper_hard: "none, b", toxic_from: "none, c"}}
          evidence: [{{source: label, where: table 2, supports: [dose.usual]}}]
          review: {{state: drafted, on: "2026-01-01", due: "2026-06-01"}}
    intravenous:
"""


@pytest.mark.parametrize("category", ["adult", "child, adult"])
def test_two_rules_for_one_patient_are_refused_by_name(category: str, edit: Edit, problems: Problems) -> None:
    edit(FIRST, "    intravenous:\n", _SECOND_RULE.format(category=category))
    [line] = problems()
    assert line.startswith("drugs/first.yaml:34: ")
    assert "alpha.intrathecal.single_dose.adult and alpha.intrathecal.single_dose.other both cover" in line
    assert "one rule covers a patient" in line


@pytest.mark.parametrize("category", ["child", "elderly"])
def test_a_second_rule_for_other_or_more_closely_described_patients_is_accepted(
    category: str, edit: Edit, problems: Problems
) -> None:
    edit(FIRST, "    intravenous:\n", _SECOND_RULE.format(category=category))
    assert problems() == []


def test_an_id_that_is_used_twice_is_refused(edit: Edit, problems: Problems) -> None:
    second = _SECOND_RULE.format(category="child").replace("single_dose.other", "single_dose.adult")
    edit(FIRST, "    intravenous:\n", second)
    [line] = problems()
    assert line.startswith("drugs/first.yaml:34: the id must be unique")


def test_problems_of_several_files_come_at_once(edit: Edit, problems: Problems) -> None:
    edit("routes.yaml", 'neuraxial: "no"', "neuraxial: NO")
    edit("slips.yaml", "mechanism: tenfold", "mechanism: elevenfold")
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 200 drops")
    edit(FIRST, "toxic_from: 500 mg", "toxic_from: none")
    edit(SECOND, "  name: beta\n", "  name: beta\n  name: gamma\n")
    assert sorted(line.split(": ")[0] for line in problems()) == [
        "drugs/first.yaml:28",
        "drugs/first.yaml:30",
        "drugs/second.yaml:3",
        "routes.yaml:2",
        "slips.yaml:1",
    ]


def test_contradictions_between_files_come_at_once(edit: Edit, problems: Problems) -> None:
    edit("sources.yaml", ", doi: 10.1000/case", "")
    edit("slips.yaml", "source: label", "source: lable")
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 20 mg")
    edit(FIRST, "indication: [pain]", "indication: [pains]")
    edit(SECOND, "name: beta", "name: alpha")
    assert sorted(line.split(": ")[0] for line in problems()) == [
        "drugs/first.yaml:23",
        "drugs/first.yaml:25",
        "drugs/second.yaml:1",
        "slips.yaml:1",
        "sources.yaml:2",
    ]


@pytest.mark.parametrize(
    "file",
    [
        "categories",
        "formulary",
        "notation",
        "refused_names",
        "rescue",
        "routes",
        "slips",
        "sources",
        "conditions",
        "contraindications",
        "vehicles",
        "syringes",
        "growth",
        "standard_concentrations",
        "reminders",
    ],
)
def test_a_missing_or_empty_file_is_refused(file: str, small_folder: Path, problems: Problems) -> None:
    path = small_folder / f"{file}.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert problems() == [f"{file}.yaml:1: the file is empty; it needs a mapping"]
    path.unlink()
    assert problems() == [f"{file}.yaml:1: the file is missing"]


@pytest.mark.parametrize("text", ["- alpha\n", "alpha\n"])
def test_a_file_that_is_no_mapping_is_refused(text: str, small_folder: Path, problems: Problems) -> None:
    (small_folder / SECOND).write_text(text, encoding="utf-8")
    [line] = problems()
    assert line.startswith("drugs/second.yaml:1: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minute = [time] = min = minutes", "minute = [time = min"),
        ("gram = [mass] = g = grams", "gram = [mass] = g = grams\ngram = [time]"),
        ("year = 365.25 * day", "year = 365.25 * fortnight"),
        ("# Time.", "words without a definition"),
    ],
)
def test_units_that_are_no_definitions_are_refused(
    old: str, new: str, edit: Edit, problems: Problems
) -> None:
    edit("units.txt", old, new)
    assert problems()[0].startswith("units.txt:")


def test_a_missing_unit_list_is_refused(small_folder: Path, problems: Problems) -> None:
    (small_folder / "units.txt").unlink()
    assert problems() == ["units.txt:1: the file is missing; it lists the accepted units"]


def test_files_that_are_no_text_are_refused_all_at_once(small_folder: Path, problems: Problems) -> None:
    (small_folder / "slips.yaml").write_bytes(b"tenfold: \xff\n")
    (small_folder / SECOND).write_bytes(b"beta: caf\xe9\n")
    found = problems()
    assert [line.split(": ")[0] for line in found] == ["drugs/second.yaml:1", "slips.yaml:1"]
    assert all("can't be read as UTF-8 text" in line for line in found)


def test_a_folder_in_the_place_of_a_file_is_refused(small_folder: Path, problems: Problems) -> None:
    (small_folder / "drugs" / "third.yaml").mkdir()
    [line] = problems()
    assert line.startswith("drugs/third.yaml:1: can't be read")


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_a_formulary_is_refused_by_name(
    name: str, small_folder: Path, tmp_path: Path, problems: Problems
) -> None:
    small_folder.rename(tmp_path / "moved")
    if name == "empty":
        small_folder.mkdir()
    [line] = problems()
    assert line.startswith(f"{small_folder}:1: there is no formulary here")
