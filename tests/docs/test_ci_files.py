"""The hooks, the action and the sample repository work with the program as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from itdose.cli import main
from itdose.curation.lint import lint
from itdose.curation.remarks import Level
from itdose.formulary.files import read_files, shipped_folder
from itdose.formulary.layered import layered_models

if TYPE_CHECKING:
    from collections.abc import Callable

    Shell = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "examples" / "site"
DOCUMENT = (ROOT / "docs" / "formulary-ci.md").read_text("utf-8")
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}
WORKFLOW: dict[str, Any] = yaml.load(
    (SITE / ".github" / "workflows" / "formulary.yml").read_text("utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506 - every value as text: "on" is a key
)
TIGHT, LOOSE = "dose: {upper_hard: 200 mg}", "dose: {upper_hard: 400 mg}"
OVERDUE = "review: {state: drafted, on: '2026-01-01', due: '2026-11-21'}"
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the action runs in bash")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the sample repository, and work in it."""
    folder = tmp_path / "site"
    shutil.copytree(SITE, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def shell(site: Path, tmp_path: Path) -> Shell:
    """Run the script of one of the action's steps in the sample repository."""
    commands = tmp_path / "commands"
    commands.mkdir()
    itdose = commands / "itdose"
    itdose.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m itdose "$@"\n', encoding="utf-8")
    itdose.chmod(0o755)

    def ran(step: str, formulary: str = "site.yaml", base: str = "") -> subprocess.CompletedProcess[str]:
        path = f"{commands}{os.pathsep}{os.environ['PATH']}"
        # As GitHub runs `shell: bash`.
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]],  # noqa: S607
            cwd=site,
            env={**os.environ, "PATH": path, "FORMULARY": formulary, "BASE": base},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return ran


def commit(folder: Path, message: str) -> str:
    """Commit everything, and return the commit."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--message", message]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)  # noqa: S607
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True)  # noqa: S607
    return head.stdout.decode().strip()


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_a_hook_s_command_line_holds_for_the_sample(hook: dict[str, Any], site: Path) -> None:
    program, *words = hook["entry"].split()
    assert (program, site.name) == ("itdose", "site")
    assert ended([*words, *hook["args"]]) == 0


PLANTED: list[tuple[str, str, str, str, int]] = [
    ("itdose-validate", "site.yaml", TIGHT, LOOSE, 5),
    ("itdose-lint", "site.yaml", TIGHT, f"{TIGHT}\n    {OVERDUE}", 1),
    ("itdose-test", "site.yaml", TIGHT, "dose: {upper_hard: 250 mg}", 1),
    ("itdose-test", "site.cases.yaml", "[route, tenfold, ampoule_strength]", "[tenfold]", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file", "old", "new", "code"), PLANTED)
def test_a_hook_stops_a_planted_fault(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    name: str, file: str, old: str, new: str, code: int, site: Path
) -> None:
    replace(site / file, old, new)
    [hook] = [hook for hook in HOOKS if hook["id"] == name]
    assert ended([*hook["entry"].split()[1:], *hook["args"]]) == code


def test_hooks_are_told_which_files_run_them_and_get_no_names() -> None:
    assert [hook["id"] for hook in HOOKS] == ["itdose-validate", "itdose-lint", "itdose-test"]
    assert {(hook["language"], hook["files"], hook["pass_filenames"]) for hook in HOOKS} == {
        ("python", r"\.ya?ml$", False)
    }


def test_the_sample_configuration_names_every_hook() -> None:
    config = yaml.safe_load((SITE / ".pre-commit-config.yaml").read_text("utf-8"))
    [repository] = config["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_document_shows_the_sample_s_files() -> None:
    shown = [block.partition("```")[0] for block in DOCUMENT.split("```yaml\n")[1:]]
    assert len(shown) == 2
    for block, path in zip(
        shown, (".pre-commit-config.yaml", ".github/workflows/formulary.yml"), strict=True
    ):
        lines = [line.partition(" #")[0].rstrip() for line in (SITE / path).read_text("utf-8").splitlines()]
        assert [line for line in block.splitlines() if line not in lines] == []


def test_the_document_names_every_input_and_hook() -> None:
    named = [
        name for name in (*ACTION["inputs"], *(hook["id"] for hook in HOOKS)) if f"| `{name}` |" in DOCUMENT
    ]
    assert named == [*ACTION["inputs"], *(hook["id"] for hook in HOOKS)]


def test_the_sample_workflow_may_read_and_nothing_else() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    [job] = WORKFLOW["jobs"].values()
    assert "permissions" not in job


def test_every_action_has_a_version_and_every_input_is_known() -> None:
    [job] = WORKFLOW["jobs"].values()
    used = [step["uses"] for step in (*job["steps"], *ACTION["runs"]["steps"]) if "uses" in step]
    assert used == ["actions/checkout@v4", "OWNER/itdose@v0.1.0", "actions/setup-python@v5"]
    assert set(job["steps"][1]["with"]) <= set(ACTION["inputs"])


def test_no_input_is_pasted_into_a_script() -> None:
    assert [step["name"] for step in STEPS.values() if "${{" in step["run"]] == []


def test_the_sample_has_no_warning_of_lint(site: Path) -> None:
    found = lint(layered_models(read_files(shipped_folder(), [site / "site.yaml"])), "2026-11-22")
    warnings = [remark for remark in found.remarks if remark.level is Level.WARNING]
    assert [remark for remark in warnings if remark.file.endswith("site.yaml")] == []


def test_the_sample_tightens_a_limit_and_loosens_none(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.is_dir()
    assert ended(["formulary", "diff", "site.yaml", "--format", "json"]) == 0
    said = capsys.readouterr().out
    assert '"effect": "tightened"' in said
    assert '"what": "dose.upper_hard"' in said


@needs_bash
@pytest.mark.parametrize("step", ["Validate", "Test", "Compare"])
def test_a_step_of_the_action_holds_for_the_sample(step: str, shell: Shell) -> None:
    done = shell(step)
    assert (done.returncode, done.stderr) == (0, "")


@needs_bash
@pytest.mark.parametrize(
    ("step", "file", "old", "new", "code", "said"),
    [
        ("Validate", "site.yaml", TIGHT, LOOSE, 5, "::error file={site}/site.yaml,line=5,title=not valid::"),
        (
            "Test",
            "site.yaml",
            TIGHT,
            "dose: {upper_hard: 250 mg}",
            1,
            "::error file={site}/site.cases.yaml,line=10,",
        ),
    ],
)
def test_a_step_of_the_action_annotates_a_planted_fault(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    step: str, file: str, old: str, new: str, code: int, said: str, shell: Shell, site: Path
) -> None:
    replace(site / file, old, new)
    done = shell(step)
    assert done.returncode == code
    assert done.stdout.startswith(said.format(site=site))


@needs_bash
def test_what_a_change_loosens_is_a_warning_and_no_failure(shell: Shell, site: Path) -> None:
    base = commit(site, "before")
    replace(site / "site.yaml", TIGHT, "dose: {upper_hard: 250 mg}")
    done = shell("Compare", base=base)
    assert done.returncode == 0
    assert done.stdout.startswith(f"::warning file={site}/site.yaml,line=1,title=loosened::")
    limit, case = done.stdout.splitlines()
    assert limit.endswith("dose.upper_hard 200 mg -> 250 mg")
    assert case.startswith(f"::warning file={site}/site.cases.yaml,line=10,")
    assert case.endswith("::stop -> needs_review")


@needs_bash
def test_an_overlay_that_the_base_does_not_have_is_compared_with_the_formulary(
    shell: Shell, site: Path
) -> None:
    (site / "site.yaml").rename(site / "new.yaml")
    base = commit(site, "before")
    (site / "new.yaml").rename(site / "site.yaml")
    done = shell("Compare", base=base)
    assert done.returncode == 0
    assert "needs_review -> stop" in done.stdout


@needs_bash
def test_a_lower_layer_lies_below_both_sides_of_the_comparison(shell: Shell, site: Path) -> None:
    (site / "ward.yaml").write_text('site: {name: Ward, version: "1"}\nwithdraw: {}\n', encoding="utf-8")
    base = commit(site, "before")
    rule = "magnesium_sulfate.intrathecal.single_dose.elderly"
    replace(site / "ward.yaml", "withdraw: {}", f"withdraw: {{{rule}: {{reason: Not on this ward.}}}}")
    done = shell("Compare", formulary="site.yaml ward.yaml", base=base)
    assert f"{rule}: rule single_dose -> none" in done.stdout


@needs_bash
def test_a_comparison_of_what_is_not_valid_fails(shell: Shell, site: Path) -> None:
    replace(site / "site.yaml", TIGHT, LOOSE)
    done = shell("Compare")
    assert done.returncode != 0
    assert "dose.upper_hard is loosened from 300 mg to 400 mg" in done.stderr
