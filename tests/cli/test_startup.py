"""What a command may import: a check with a warm cache is over before pint would have been loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import itdose

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"pint", "pydantic", "yaml", "rich"}
CHECK = ("check", "magnesium", "50mg", "--route", "it")


def imported(cache: Path, *arguments: str, **environment: str) -> set[str]:
    """Return every module that a command imports, by its full name."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "itdose", *arguments],
        env={**os.environ, "ITDOSE_CACHE_DIR": str(cache), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


def completed(cache: Path, words: str) -> set[str]:
    """Return every module that completing the last of these words imports."""
    place = str(words.count(" "))
    return imported(cache, _ITDOSE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=place)


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


@pytest.fixture(scope="module")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("warm")
    imported(cache, *CHECK)
    # A wheel compiles nothing, so its first completion is what keeps the names for the next.
    completed(cache, "itdose check mag")
    return cache


@pytest.fixture
def layered(tmp_path: Path) -> tuple[str, ...]:
    """A check with an overlay: no wheel holds it compiled, so its first run compiles."""
    site = tmp_path / "site.yaml"
    site.write_text(
        'site: {name: A site, version: "1"}\n'
        "withdraw:\n  magnesium_sulfate.epidural.single_dose.adult: {reason: Not used here.}\n",
        encoding="utf-8",
    )
    return (*CHECK, "--formulary", str(site))


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_a_check_with_a_warm_cache_loads_nothing_heavy(warm_cache: Path, output_format: str) -> None:
    modules = imported(warm_cache, *CHECK, "--format", output_format)
    assert "itdose.assessment" in modules
    assert packages(modules) & HEAVY == set()


@pytest.mark.parametrize(
    "arguments", [("--help",), ("check", "--help"), ("batch", "--help"), ("show", "--help")]
)
def test_help_loads_neither_the_checker_nor_the_formulary(
    warm_cache: Path, arguments: tuple[str, ...]
) -> None:
    modules = imported(warm_cache, *arguments)
    assert "itdose.cli" in modules
    assert packages(modules) & HEAVY == set()
    assert modules & {"itdose.formulary", "itdose.assessment", "itdose.quantity"} == set()


@pytest.mark.parametrize(
    "words", ["itdose check mag", "itdose check magnesium 50mg --route int", "itdose che"]
)
def test_completion_loads_neither_the_checker_nor_the_formulary(warm_cache: Path, words: str) -> None:
    modules = completed(warm_cache, words)
    assert "itdose.cli" in modules
    assert packages(modules) & HEAVY == set()
    assert modules & {"itdose.formulary", "itdose.assessment", "itdose.quantity"} == set()


def test_a_cache_that_was_deleted_is_built_again(tmp_path: Path, layered: tuple[str, ...]) -> None:
    cache = tmp_path / "cache"
    assert {"pint", "pydantic", "yaml"} <= packages(imported(cache, *layered))
    [cached] = cache.glob("formulary-*.json")
    cached.unlink()
    assert "pint" in packages(imported(cache, *layered))
    assert cached.is_file()
    assert packages(imported(cache, *layered)) & HEAVY == set()


def test_a_check_works_where_nothing_can_be_kept(tmp_path: Path, layered: tuple[str, ...]) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("", encoding="utf-8")
    assert "pint" in packages(imported(no_folder, *layered))
    assert no_folder.read_text(encoding="utf-8") == ""


def test_the_lines_in_the_docstring_of_the_package_work_as_printed() -> None:
    example = dedent((itdose.__doc__ or "").partition("::\n")[2])
    assert len([line for line in example.splitlines() if line.strip()]) == 4
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("stop 500 mg is the toxic level, a dose that has harmed")
