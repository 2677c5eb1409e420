"""A slip in the shipped files is caught by the tool that is meant for it, with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from itdose.formulary.files import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

MAGNESIUM, MORPHINE, CASE_REPORTS = (
    "drugs/magnesium_sulfate.yaml",
    "drugs/morphine.yaml",
    "sources/case_reports.yaml",
)
SHIPPED = Path(shipped_folder())


class Planted(NamedTuple):
    """A slip: the file, the rule or key after which it stands, and what is replaced by what."""

    file: str
    after: str
    old: str
    new: str


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Copy the shipped formulary, so that a test may spoil it."""
    folder = tmp_path / "data"
    shutil.copytree(SHIPPED, folder)
    return folder


def plant(folder: Path, slip: Planted) -> int:
    """Plant a slip, and return its line."""
    path = folder / slip.file
    before, key, after = path.read_text("utf-8").partition(slip.after)
    assert slip.old in after, f"{slip.old!r} must stand after {slip.after!r} in {slip.file}"
    line = (before + key + after.partition(slip.old)[0]).count("\n") + 1
    path.write_text(before + key + after.replace(slip.old, slip.new, 1), encoding="utf-8", newline="")
    return line


def failed(run: Run, folder: Path) -> dict[str, str]:
    """Return the failed regression cases by their place, with what they say."""
    done = run("formulary", "test", str(folder), "--cases", str(SHIPPED / "cases"), COLUMNS="500")
    said: dict[str, str] = {}
    place = ""
    for line in done.stdout.splitlines()[:-1]:
        found = re.match(r"(.+\.yaml:\d+): ", line)
        place = found[1] if found else place
        said[place] = said.get(place, "") + line
    assert done.returncode == bool(said)
    return said


LOOSENED = [
    (
        Planted(
            MORPHINE, "id: morphine.epidural.continuous_infusion.opioid_tolerant",
            "upper_hard: 30 mg/day", "upper_hard: 300 mg/day",
        ),
        (
            "morphine.epidural.continuous_infusion.opioid_tolerant: "
            "daily_dose.upper_hard 30 mg/day -> 300 mg/day"
        ),
    ),
    (
        Planted(
            MORPHINE, "id: morphine.intrathecal.single_dose.cardiac",
            "upper_hard: 10 mcg/kg", "upper_hard: 10 mg/kg",
        ),
        "morphine.intrathecal.single_dose.cardiac: dose_per_kg.upper_hard 10 mcg/kg -> 10 mg/kg",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("slip", "said"), LOOSENED, ids=["times ten", "mg for mcg"])
def test_a_loosened_limit_fails_a_case_that_is_named_with_file_and_line(
    slip: Planted, said: str, run: Run, data: Path
) -> None:
    before = failed(run, data)
    plant(data, slip)
    after = failed(run, data)
    assert said
    new = {place: text for place, text in after.items() if before.get(place) != text}
    assert new
    for place, text in new.items():
        file, _, line = place.rpartition(":")
        assert Path(file).read_text("utf-8").splitlines()[int(line) - 1].startswith("    - ")
        assert "morphine" in text


@pytest.mark.parametrize(("slip", "said"), LOOSENED, ids=["times ten", "mg for mcg"])
def test_diff_names_the_loosened_limit_first(slip: Planted, said: str, run: Run, data: Path) -> None:
    plant(data, slip)
    done = run("formulary", "diff", str(SHIPPED), str(data), COLUMNS="500")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == ["LOOSENED", f"  {said}"]


@pytest.mark.parametrize(("slip", "said"), LOOSENED, ids=["times ten", "mg for mcg"])
def test_validate_alone_would_not_have_caught_it(slip: Planted, said: str, run: Run, data: Path) -> None:
    plant(data, slip)
    assert said
    assert run("formulary", "validate", str(data)).returncode == 0


ADULT = "id: magnesium_sulfate.intrathecal.single_dose.adult"
SPINAL = "id: morphine.intrathecal.single_dose.adult"
REFUSED: dict[str, tuple[Planted, str]] = {
    "times ten above the hard limit": (
        Planted(MAGNESIUM, ADULT, "usual: 50 mg to 100 mg", "usual: 50 mg to 1000 mg"),
        "upper_soft lies above upper_hard",
    ),
    "mg for mcg below": (
        Planted(MORPHINE, SPINAL, "usual: 100 mcg to 300 mcg", "usual: 100 mg to 300 mg"),
        "upper_soft lies above upper_hard",
    ),
    "a toxic level without a report": (
        Planted(MAGNESIUM, ADULT, "toxic_from: 500 mg", "toxic_from: 5000 mg"),
        "toxic_from must be the dose of one of this route's reports",
    ),
    "a duplicate key": (
        Planted(MAGNESIUM, ADULT, "upper_hard: 100 mg\n", f"upper_hard: 100 mg\n{' ' * 14}upper_hard: 1 g\n"),
        "upper_hard stands here a second time",
    ),
    "a tab": (Planted(MAGNESIUM, ADULT, "              usual", "\t\tusual"), "not YAML: "),
    "a number without a unit": (
        Planted(MAGNESIUM, ADULT, "upper_hard: 100 mg", "upper_hard: 100"), "upper_hard: ",
    ),
    "an unknown key": (
        Planted(MORPHINE, SPINAL, "mode: single_dose", f"mood: calm\n{' ' * 10}mode: single_dose"),
        "mood: this key is not known",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_validate_refuses_it_with_file_and_line(name: str, run: Run, data: Path) -> None:
    slip, said = REFUSED[name]
    line = plant(data, slip)
    done = run("formulary", "validate", str(data), COLUMNS="500")
    assert done.returncode == 5
    places = [problem.partition(": ")[0] for problem in done.stdout.splitlines()[:-1]]
    # Limits that contradict each other are named at their measure, a few lines above.
    assert any(place in {f"{slip.file}:{line - up}" for up in range(-1, 6)} for place in places)
    assert said in done.stdout


def test_validate_names_every_place_that_cites_a_removed_source(run: Run, data: Path) -> None:
    path = data / CASE_REPORTS
    text = path.read_text("utf-8")
    kept = re.sub(r"^gil2021:.*\n(?:[ #].*\n)*", "", text, flags=re.MULTILINE)
    assert kept != text
    path.write_text(kept, encoding="utf-8")
    done = run("formulary", "validate", str(data), COLUMNS="500")
    assert done.returncode == 5
    named = {
        line.partition(": ")[0]
        for line in done.stdout.splitlines()
        if "source 'gil2021' is not defined" in line
    }
    lines = (data / MAGNESIUM).read_text("utf-8").splitlines()
    cited = {f"{MAGNESIUM}:{number}" for number, line in enumerate(lines, 1) if "source: gil2021" in line}
    assert cited
    assert cited <= named


def test_lint_names_a_source_that_nothing_cites_any_more(run: Run, data: Path) -> None:
    path = data / CASE_REPORTS
    added = (
        'nobody2020: {title: Never cited, authors: A, year: "2020", kind: case_report, doi: 10.1000/never}\n'
    )
    text = path.read_text("utf-8")
    path.write_text(f"{text}{added}", encoding="utf-8")
    done = run("formulary", "lint", str(data), "--format", "github")
    line = text.count("\n") + 1
    assert done.returncode == 1
    assert re.search(
        rf"^::warning file=\S*{CASE_REPORTS},line={line},title=source-unused::", done.stdout, re.MULTILINE
    )


def test_lint_names_a_hard_limit_that_became_far_too_high(run: Run, data: Path) -> None:
    slip, _ = LOOSENED[0]
    line = plant(data, slip)
    done = run("formulary", "lint", str(data), "--format", "github")
    assert done.returncode == 1
    assert re.search(
        rf"^::warning file=\S*{MORPHINE},line={line},title=hard-limit-far-above::", done.stdout, re.MULTILINE
    )
