"""A small formulary that tests may spoil: a copy of the folder ``small`` with the shipped units."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from itdose.errors import FormularyError
from itdose.formulary import compile_files
from itdose.formulary.files import read_files, shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
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


@pytest.fixture
def problems(small_folder: Path) -> Callable[[], list[str]]:
    """Compile the small formulary, and return what is wrong with it as lines."""

    def compiled() -> list[str]:
        try:
            compile_files(read_files(small_folder))
        except FormularyError as error:
            return str(error).splitlines()
        return []

    return compiled
