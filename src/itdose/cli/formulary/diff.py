"""``itdose formulary diff``: what a new formulary tightens, loosens, adds and withdraws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from itdose.cli.formulary.cases_option import case_place, cases_option, chosen_cases
from itdose.cli.formulary_option import load

if TYPE_CHECKING:
    from itdose.formulary import Formulary
    from itdose.formulary.case_files import RegressionCase


@click.command("diff")
@click.argument("old", type=click.Path(exists=True))
@click.argument("new", type=click.Path(exists=True), required=False)
@cases_option
@click.option("--over", "bases", multiple=True, type=click.Path(exists=True), metavar="FORMULARY",
              help="What overlays lie over; left out, the shipped formulary.")  # fmt: skip
@click.option("--format", "output_format", type=click.Choice(["text", "json", "github"]), default="text",
              show_default=True, help="Lines for a person, JSON, or GitHub annotations.")  # fmt: skip
def command(
    old: str, new: str | None, cases: tuple[Path, ...], bases: tuple[str, ...], output_format: str
) -> None:
    """Compare the formularies OLD and NEW, folders or overlays; without NEW, OLD with what it lies over.

    Differences are told in the words of the formulary: loosened first, then withdrawn, tightened,
    added and changed; and which regression cases get another verdict. The exit code is 1 where
    anything is loosened or withdrawn.
    """
    from itdose.cli import output  # noqa: PLC0415
    from itdose.curation.comparison import compare  # noqa: PLC0415
    from itdose.render import difference_text  # noqa: PLC0415

    pair = ((*bases, old), (*bases, new)) if new else (bases, (*bases, old))
    comparison = compare(_loaded(pair[0]), _loaded(pair[1]), _cases(pair, cases))
    render = {
        "text": lambda: difference_text.text(comparison, width=output.width()),
        "json": lambda: difference_text.to_json(comparison),
        "github": lambda: difference_text.github(comparison, new or old),
    }
    output.write(render[output_format]())
    raise SystemExit(output.EXIT_LOOK if comparison.lets_more_through else 0)


def _loaded(paths: tuple[str, ...]) -> Formulary:
    folders = [path for path in paths if Path(path).is_dir()]
    # A folder that is compared takes the place of what it lies over.
    formulary = load((*folders[-1:], *(path for path in paths if path not in folders)))
    return formulary.on_day(formulary.reviewed_on)


def _cases(pair: tuple[tuple[str, ...], ...], cases: tuple[Path, ...]) -> tuple[RegressionCase, ...]:
    """Return the cases that were named, or those of either formulary."""
    if cases:
        return chosen_cases((), cases)
    places = (case_place(paths) for paths in pair)
    found = dict.fromkeys(place for place in places if place.exists())
    return chosen_cases((), tuple(found)) if found else ()
