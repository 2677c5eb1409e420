"""What lint and coverage say of the small formulary, after a test has spoiled it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose.curation.lint import lint
from itdose.formulary.consistency import valid_models
from itdose.formulary.files import read_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose.curation.lint import Lint

# Half a year before the small formulary's only review falls due.
LONG_BEFORE = "2026-06-01"


@pytest.fixture
def linted(small_folder: Path) -> Callable[..., Lint]:
    """Lint the small formulary, which must be valid."""

    def found(today: str = LONG_BEFORE) -> Lint:
        return lint(valid_models(read_files(small_folder)), today)

    return found


@pytest.fixture
def add_rules(edit: Callable[[str, str, str], None]) -> Callable[..., None]:
    """Add dose rules for alpha after the only one, each on one line; the first is on line 34."""

    def add(*rules: str) -> None:
        forbidden = "    intravenous:\n      status: forbidden\n"
        edit("drugs/first.yaml", forbidden, "".join(rules) + forbidden)

    return add
