"""What many tests need: the shipped formulary, compiled once, and its cache kept out of the user's home."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.dose_text import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The day on which the shipped rules were reviewed: tests must not depend on the clock.
REVIEW_DAY = date(2026, 11, 22)


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


@pytest.fixture(scope="session")
def formulary(cache_folder: Path) -> Formulary:
    """The shipped formulary, as of the day of its review."""
    assert cache_folder.is_dir()
    return Formulary.load(as_of=REVIEW_DAY)


@pytest.fixture(scope="session")
def dialect(formulary: Formulary) -> Dialect:
    """The units of the shipped formulary, with a point as decimal sign."""
    return Dialect(formulary.units)
