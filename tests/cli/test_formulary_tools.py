"""``itdose formulary validate``, ``test``, ``mutate`` and ``diff``, and ``itdose self-test``, as typed."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from itdose import Order, Report, Verdict, assess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from itdose import Formulary

    Run = Callable[..., CompletedProcess[str]]
    Edit = Callable[[str, str, str], None]

FIRST = "drugs/first.yaml"
RULE = "alpha.intrathecal.single_dose.adult"
CASE = (
    "    - {order: {dose: %s}, verdict: %s, codes: [drug-known, route-known, notation-plain, "
    "patient-described, preparation-not-stated, rule-reviewed, %s]%s}\n"
)
WITHIN = CASE % ("60 mg", "within_limits", "dose-within-limits, latent-slip-found, slip-not-needed", "")
TOXIC = CASE % (
    "600 mg",
    "stop",
    "dose-at-toxic-level, latent-slips-not-checked, overdose-text, slip-tenfold",
    ", mechanisms: [tenfold]",
)


@pytest.fixture
def folder(small_folder: Path) -> str:
    """Return the small formulary with two regression cases, on lines 5 and 6 of their file."""
    (small_folder / "cases").mkdir()
    head = "- says: s\n  source: label\n  order: {drug: alpha, route: it}\n  cases:\n"
    (small_folder / "cases" / "alpha.yaml").write_text(head + WITHIN + TOXIC, encoding="utf-8")
    return str(small_folder)


@pytest.fixture
def before(folder: str, tmp_path: Path) -> str:
    """Return a copy of the formulary before the test changes it."""
    return str(shutil.copytree(folder, tmp_path / "before"))


def spoil(folder: str, old: str, new: str) -> str:
    path = f"{folder}/cases/alpha.yaml"
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    assert text.count(old) == 1
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text.replace(old, new))
    return path


def test_cases_that_hold_end_with_zero(run: Run, folder: str) -> None:
    done = run("formulary", "test", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 cases, 0 not as expected\n", "")


def test_a_case_that_fails_ends_with_one_and_names_its_place(run: Run, folder: str) -> None:
    path = spoil(folder, "verdict: stop", "verdict: needs_review")
    done = run("formulary", "test", folder, COLUMNS="300")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{path}:6: alpha 600 mg it",
        "  verdict stop, expected needs_review",
        "2 cases, 1 not as expected",
    ]


def test_the_formats_of_test_say_the_same(run: Run, folder: str) -> None:
    path = spoil(folder, "verdict: stop", "verdict: needs_review")
    junit = run("formulary", "test", folder, "--format", "junit")
    github = run("formulary", "test", folder, "--format", "github")
    assert (junit.returncode, github.returncode) == (1, 1)
    [suite] = ET.fromstring(junit.stdout.partition("\n")[2])  # noqa: S314 - it is our own XML
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert github.stdout == (
        f"::error file={path},line=6,title=alpha 600 mg it::verdict stop, expected needs_review\n"
    )


@pytest.mark.parametrize("command", ["test", "mutate"])
def test_a_formulary_without_cases_ends_with_five(command: str, run: Run, small_folder: Path) -> None:
    done = run("formulary", command, str(small_folder))
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{dose: 600 mg}", "{dose: 600 mg, wieght: 3 kg}", "an order has no wieght"),
        ("order: {dose: 600 mg}, ", "", "it lacks dose"),
        ("{dose: 600 mg}", "{dose: [600 mg]}", "dose must be one text"),
    ],
)
def test_a_case_that_can_not_be_read_ends_with_five(
    old: str, new: str, said: str, run: Run, folder: str
) -> None:
    path = spoil(folder, old, new)
    done = run("formulary", "test", folder)
    assert (done.returncode, done.stdout) == (5, "")
    assert f"{path}:6: " in done.stderr
    assert said in done.stderr


def test_cases_of_a_site_stand_beside_its_overlay(run: Run, folder: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        'site: {name: S, version: "1"}\n'
        f"change: {{{RULE}: {{reason: r, limits: {{dose: {{toxic_from: 500 mg, upper_hard: 150 mg}}}}}}}}\n",
        encoding="utf-8",
    )
    head = "- says: s\n  source: site\n  order: {drug: alpha, route: it}\n  cases:\n"
    (tmp_path / "site.cases.yaml").write_text(head + WITHIN, encoding="utf-8")
    assert run("formulary", "test", folder, str(site)).stdout == "1 case, 0 not as expected\n"


def test_mutate_ends_with_one_and_lists_the_survivors(run: Run, folder: str) -> None:
    done = run("formulary", "mutate", folder, COLUMNS="100")
    assert done.returncode == 1
    assert "  alpha.intravenous: forbidden route dropped" in done.stdout.splitlines()


def test_mutate_refuses_cases_that_fail_already(run: Run, folder: str) -> None:
    spoil(folder, "verdict: stop", "verdict: needs_review")
    done = run("formulary", "mutate", folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "1 case fails already; run 'itdose formulary test' first" in done.stderr


def test_mutate_of_one_drug_leaves_the_others_alone(run: Run, folder: str) -> None:
    done = run("formulary", "mutate", folder, "--drug", "beta")
    assert (done.returncode, done.stdout.count("0 changes, 0 not noticed")) == (0, 2)
    assert run("formulary", "mutate", folder, "--drug", "gamma").returncode == 2


@pytest.mark.parametrize(
    ("old", "new", "code", "first"),
    [
        ("upper_hard: 200 mg", "upper_hard: 150 mg", 0, "tightened"),
        ("upper_hard: 200 mg", "upper_hard: 300 mg", 1, "LOOSENED"),
        ("upper_hard: 200 mg", "upper_hard: 0.2 g", 0, "no difference"),
        ("where: table 1", "where: table 2", 0, "changed"),
        ("toxic_from: 500 mg", "toxic_from: none, not believed", 1, "LOOSENED"),
    ],
)
def test_diff_ends_with_one_where_more_is_let_through(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    old: str, new: str, code: int, first: str, run: Run, before: str, folder: str, edit: Edit
) -> None:
    edit(FIRST, old, new)
    done = run("formulary", "diff", before, folder)
    assert (done.returncode, done.stdout.splitlines()[0]) == (code, first)


def test_diff_in_json_and_for_github_names_the_case(run: Run, before: str, folder: str, edit: Edit) -> None:
    edit(FIRST, "toxic_from: 500 mg", "toxic_from: none, not believed")
    edit(
        FIRST,
        "upper_hard: 200 mg\n              upper_hard_is: edge_of_evidence",
        "upper_hard: none, unknown",
    )
    edit(FIRST, "supports: [dose.usual, dose.upper_hard]", "supports: [dose.usual]")
    cases = f"{folder}/cases"
    body = json.loads(run("formulary", "diff", before, folder, "--cases", cases, "--format", "json").stdout)
    assert body["lets_more_through"] is True
    assert [(item["line"], item["old"], item["new"]) for item in body["verdicts"]] == [
        (6, "stop", "needs_review")
    ]
    lines = run(
        "formulary", "diff", before, folder, "--cases", cases, "--format", "github"
    ).stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 3
    assert (
        lines[-1] == f"::warning file={cases}/alpha.yaml,line=6,title=alpha 600 mg it::stop -> needs_review"
    )


def test_diff_of_an_overlay_is_with_what_it_lies_over(run: Run, folder: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        f'site: {{name: S, version: "1"}}\nwithdraw: {{{RULE}: {{reason: Not used here.}}}}\n',
        encoding="utf-8",
    )
    done = run("formulary", "diff", str(site), "--over", folder, COLUMNS="200")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == ["WITHDRAWN", f"  {RULE}: rule single_dose -> none"]


def test_validate_for_github_names_the_file_from_the_working_directory(
    run: Run, folder: str, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(FIRST, "upper_hard: 200 mg", "upper_hard: 200")
    monkeypatch.chdir(tmp_path)
    done = run("formulary", "validate", folder, "--format", "github")
    assert done.returncode == 5
    assert done.stdout.startswith("::error file=small/drugs/first.yaml,line=28,title=not valid::")


def all_well(order: Order, formulary: Formulary) -> Report:
    return assess(order, formulary)._replace(verdict=Verdict.WITHIN_LIMITS)


def test_the_self_test_ends_with_zero_where_all_is_as_it_should_be(run: Run, folder: str) -> None:
    done = run("self-test", "--formulary", folder, "--seed", "3", COLUMNS="200")
    assert done.returncode == 0
    assert "seed 3." in done.stdout
    assert "NOT AS IT SHOULD BE" not in done.stdout


def test_the_self_test_ends_with_one_where_everything_is_within_limits(
    run: Run, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itdose.curation.self_test.assess", all_well)
    done = run("self-test", "--formulary", folder, COLUMNS="200")
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if line.startswith("NOT AS IT SHOULD BE: ")]
    assert said[0].endswith(" slips outside the usual range that are within_limits")


def test_the_self_test_repeats_itself_in_every_format(run: Run, folder: str) -> None:
    for form in ("text", "markdown", "json"):
        words = ("self-test", "--formulary", folder, "--drug", "alpha", "--format", form)
        assert run(*words).stdout == run(*words).stdout
    body = json.loads(run("self-test", "--formulary", folder, "--format", "json").stdout)
    assert (body["schema"], body["seed"], body["failures"]) == ("itdose.self-test/1", 1, [])
