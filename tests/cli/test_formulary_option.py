"""Every command that asks the formulary asks the one that was named, by option or by variable."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]
    Write = Callable[..., str]

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report-1.schema.json").read_text("utf-8"))
VARIABLE = "ITDOSE_FORMULARY"
RULE = "alpha.intrathecal.single_dose.adult"


@pytest.fixture
def overlay(tmp_path: Path) -> Write:
    """Write an overlay that tightens alpha's hard limit of 200 mg."""

    def written(limit: str = "150 mg", site: str = "St. Elsewhere") -> str:
        path = tmp_path / f"{site}.yaml"
        path.write_text(
            f'site: {{name: {site}, version: "7"}}\n'
            f"change: {{{RULE}: {{reason: The ward decided., limits: {{dose: {{upper_hard: {limit}}}}}}}}}\n",
            encoding="utf-8",
        )
        return str(path)

    return written


@pytest.fixture
def small(small_folder: Path) -> str:
    """Return the small formulary with a version that the report's schema accepts."""
    path = small_folder / "formulary.yaml"
    path.write_text(path.read_text("utf-8").replace("2026.1.0", "2026.01.0"), encoding="utf-8")
    return str(small_folder)


@pytest.fixture
def alpha(run: Run) -> Callable[..., CompletedProcess[str]]:
    """Check a dose of alpha by the intrathecal route."""

    def checked(*formularies: str, dose: str = "160 mg", **environment: str) -> CompletedProcess[str]:
        named = [word for path in formularies for word in ("--formulary", path)]
        return run("check", "alpha", dose, "--route", "it", "--format", "json", *named, **environment)

    return checked


def test_a_folder_takes_the_place_of_the_shipped_formulary(
    alpha: Callable[..., CompletedProcess[str]], small: str
) -> None:
    assert alpha().returncode == 4
    done = alpha(small)
    assert done.returncode == 1
    assert json.loads(done.stdout)["formulary"]["version"] == "2026.01.0"


def test_check_honours_an_overlay_over_a_folder(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    done = alpha(small, overlay())
    body = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(body)
    assert done.returncode == 3
    assert [layer["site"] for layer in body["formulary"]["layers"]] == ["St. Elsewhere"]


def test_the_order_of_overlays_is_that_of_the_options(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    strict, mild = overlay("120 mg", "Strict"), overlay("150 mg", "Mild")
    assert alpha(small, mild, strict, dose="130 mg").returncode == 3
    assert alpha(small, strict, mild, dose="130 mg").returncode == 1


def test_the_folder_may_stand_anywhere_among_the_options(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    assert alpha(overlay(), small).returncode == 3


def test_the_variable_names_several_paths(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    paths = os.pathsep.join([small, overlay("180 mg", "One"), overlay("150 mg", "Two")])
    body = json.loads(alpha(**{VARIABLE: paths}).stdout)
    assert [layer["site"] for layer in body["formulary"]["layers"]] == ["One", "Two"]


def test_the_option_goes_before_the_variable(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    variable = os.pathsep.join([small, overlay()])
    assert alpha(**{VARIABLE: variable}).returncode == 3
    assert alpha(small, **{VARIABLE: variable}).returncode == 1


def test_an_empty_variable_names_nothing(run: Run) -> None:
    assert run("drugs", **{VARIABLE: ""}).stdout == run("drugs").stdout


@pytest.mark.parametrize("by_variable", [False, True])
def test_two_folders_are_a_usage_error(by_variable: bool, run: Run, small: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    paths = [small, str(tmp_path / "other")]
    if by_variable:
        done = run("drugs", **{VARIABLE: os.pathsep.join(paths)})
    else:
        done = run("drugs", "--formulary", paths[0], "--formulary", paths[1])
    assert (done.returncode, done.stdout) == (2, "")
    assert "only one folder can be the formulary; there are 2" in done.stderr


@pytest.mark.parametrize(
    "command", [("drugs",), ("show", "alpha"), ("check", "alpha", "1 mg", "--route", "it")]
)
def test_a_path_that_is_not_there_is_a_usage_error(command: tuple[str, ...], run: Run) -> None:
    done = run(*command, "--formulary", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.yaml" in done.stderr


def test_an_overlay_that_is_not_valid_checks_nothing(
    alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    done = alpha(small, overlay("300 mg"))
    assert (done.returncode, done.stdout) == (5, "")
    assert "St. Elsewhere.yaml:2: dose.upper_hard is loosened from 200 mg to 300 mg" in done.stderr


def test_batch_honours_it(run: Run, small: str, overlay: Write, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("row_id,drug,dose,route\n1,alpha,160 mg,it\n", encoding="utf-8")
    plain = run("batch", str(sheet), "--format", "ndjson", "--formulary", small)
    layered = run("batch", str(sheet), "--format", "ndjson", "--formulary", small, "--formulary", overlay())
    assert (plain.returncode, layered.returncode) == (1, 3)
    assert json.loads(layered.stdout)["formulary"]["layers"][0]["site"] == "St. Elsewhere"


def test_show_honours_it(run: Run, small: str, overlay: Write) -> None:
    done = run("show", "alpha", "--formulary", small, "--formulary", overlay(), COLUMNS="100")
    assert done.returncode == 0
    assert "Changed by St. Elsewhere: dose, upper hard from 200 mg to 150 mg (The ward decided)." in " ".join(
        done.stdout.split()
    )


def test_drugs_honours_it(run: Run, small: str) -> None:
    listed = run("drugs", "--formulary", small, COLUMNS="100").stdout
    assert {line.split()[0] for line in listed.splitlines() if line.startswith(("alpha", "beta"))} == {
        "alpha",
        "beta",
    }
    assert "magnesium" not in listed


@pytest.mark.parametrize("tool", ["validate", "coverage"])
def test_the_tools_take_a_folder_with_overlays(tool: str, run: Run, small: str, overlay: Write) -> None:
    assert run("formulary", tool, small, overlay()).returncode == 0


def test_validate_names_the_digest_that_a_report_names(
    run: Run, alpha: Callable[..., CompletedProcess[str]], small: str, overlay: Write
) -> None:
    path = overlay()
    said = run("formulary", "validate", small, path).stdout.splitlines()
    assert said[0] == "formulary 2026.01.0: 2 drugs, 1 rule, no problem"
    assert said[1] == json.loads(alpha(small, path).stdout)["formulary"]["digest"]
    assert said[1] != run("formulary", "validate", small).stdout.splitlines()[1]
