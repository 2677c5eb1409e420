"""What many tests need: the shipped formulary, compiled once, and its cache kept out of the user's home."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.formulary.files import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.formulary.tables import DoseRule

# The day on which the shipped rules were reviewed: tests must not depend on the clock.
REVIEW_DAY = date(2026, 11, 22)

_SMALL = Path(__file__).parent / "formulary" / "small"


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep compiled formularies in a folder of this run, also in processes that tests start."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("ITDOSE_CACHE_DIR")
    os.environ["ITDOSE_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["ITDOSE_CACHE_DIR"]
    else:
        os.environ["ITDOSE_CACHE_DIR"] = before


# Overdue reviews are judged by the user's day. In processes that tests start, this stands in for it.
_CALENDAR = """
import time
_real = time.strftime
def _on_review_day(form, *moment):
    return {day!r} if form == "%Y-%m-%d" and not moment else _real(form, *moment)
time.strftime = _on_review_day
"""


@pytest.fixture(scope="session", autouse=True)
def review_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make today the day of the review, here and in processes that tests start."""
    folder = tmp_path_factory.mktemp("calendar")
    calendar = _CALENDAR.format(day=REVIEW_DAY.isoformat())
    (folder / "sitecustomize.py").write_text(calendar, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        clock = SimpleNamespace(strftime=lambda _: REVIEW_DAY.isoformat())
        patch.setattr("itdose.formulary.time", clock)
        patch.setattr("itdose.cli.formulary.lint.time", clock)
        yield


@pytest.fixture(scope="session")
def formulary(cache_folder: Path) -> Formulary:
    """The shipped formulary, as of the day of its review."""
    assert cache_folder.is_dir()
    return Formulary.load(as_of=REVIEW_DAY)


@pytest.fixture(scope="session")
def dialect(formulary: Formulary) -> Dialect:
    """The units of the shipped formulary, with a point as decimal sign."""
    return Dialect(formulary.units)


# People of each category of age, the most ordinary first; what they weigh unless a rule wants it otherwise.
_PEOPLE = {
    "neonate": ["10 days"],
    "infant": ["1 year", "4 months", "7 months", "40 days", "18 months"],
    "child": ["8 years", "2 years", "4 years", "10 years", "12 years", "14 years"],
    "adult": ["40 years"],
    "elderly": ["70 years", "85 years"],
}
_WEIGHTS = {"neonate": "3 kg", "infant": "8 kg", "child": "20 kg", "adult": "70 kg", "elderly": "70 kg"}
_OTHER_WEIGHTS = ["4 kg", "8 kg", "12 kg", "30 kg", "45 kg", "60 kg", "80 kg"]


@pytest.fixture(scope="session")
def patient_of(formulary: Formulary, dialect: Dialect) -> Callable[[DoseRule], dict[str, Any]]:
    """Describe a person whom a rule is for: inside its bands, its first category on each axis."""
    axis = formulary.population.axis
    known: dict[str, dict[str, Any]] = {}

    def described(rule: DoseRule) -> dict[str, Any]:
        of_age = [key for key in rule.categories if axis[key] == "age"] or ["adult"]
        category, age = next(
            (category, age)
            for category in of_age
            for age in _PEOPLE[category]
            if rule.age is None or rule.age.holds(read(age, Kind.AGE, dialect).quantity)
        )
        weight = next(
            weight
            for weight in (_WEIGHTS[category], *_OTHER_WEIGHTS)
            if rule.weight is None or rule.weight.holds(read(weight, Kind.WEIGHT, dialect).quantity)
        )
        first = {axis[key]: key for key in reversed(rule.categories) if axis[key] != "age"}
        return {"age": age, "weight": weight, "categories": tuple(first.values())}

    def remembered(rule: DoseRule) -> dict[str, Any]:
        if rule.id not in known:
            known[rule.id] = described(rule)
        return known[rule.id]

    return remembered


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """Copy the small formulary, with the shipped units, so that a test may spoil it."""
    folder = tmp_path / "small"
    shutil.copytree(_SMALL, folder)
    shutil.copy(Path(shipped_folder()) / "units.txt", folder)
    return folder


@pytest.fixture
def edit(small_folder: Path) -> Callable[[str, str, str], None]:
    """Replace the only place of a text in one file of the small formulary."""

    def replace(file: str, old: str, new: str) -> None:
        path = small_folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")

    return replace
