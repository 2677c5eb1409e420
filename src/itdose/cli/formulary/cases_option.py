"""Which regression cases the formulary commands run, and against which day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itdose.cli.formulary_option import load, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from itdose.formulary import Formulary
    from itdose.formulary.case_files import RegressionCase

cases_option: Callable[[Any], Any] = click.option(
    "--cases",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A case file, or a folder of them; repeatable. Left out: the folder 'cases' of the formulary, "
    "or SITE.cases.yaml beside the overlay SITE.yaml.",
)


def formulary_on_review_day(paths: Sequence[str]) -> Formulary:
    """Load a formulary as of its latest review: a case must not fail because time has passed."""
    formulary = load(paths)
    return formulary.on_day(formulary.reviewed_on)


def chosen_cases(paths: Sequence[str], cases: Sequence[Path]) -> tuple[RegressionCase, ...]:
    """Read the cases that were named, or those that belong to the formulary."""
    from itdose.formulary.case_files import read_cases  # noqa: PLC0415

    return read_cases(list(cases) or [case_place(paths)])


def case_place(paths: Sequence[str]) -> Path:
    """Return where the cases of a formulary usually stand."""
    from itdose.formulary.files import shipped_folder  # noqa: PLC0415

    folder, overlays = split(paths)
    if overlays:
        return Path(overlays[-1]).with_suffix(".cases.yaml")
    return Path(folder or shipped_folder()) / "cases"
