"""What is wrong with the small formulary, after a test has spoiled it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose.errors import FormularyError
from itdose.formulary.compilation import compile_files
from itdose.formulary.files import read_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
