"""``itdose formulary test``: run the regression cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from itdose.cli.formulary.cases_option import cases_option, chosen_cases, formulary_on_review_day
from itdose.cli.formulary_option import formulary_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command("test")
@formulary_argument
@cases_option
@click.option("--format", "output_format", type=click.Choice(["text", "junit", "github"]), default="text",
              show_default=True, help="Lines for a person, JUnit XML, or GitHub annotations.")  # fmt: skip
def command(formulary: tuple[str, ...], cases: tuple[Path, ...], output_format: str) -> None:
    """Run the regression cases of FORMULARY: verdict, all finding codes and slips of each.

    The day is that of the formulary's latest review.
    """
    from itdose.cli import output  # noqa: PLC0415
    from itdose.curation.cases import run_cases  # noqa: PLC0415
    from itdose.render import case_results  # noqa: PLC0415

    outcomes = tuple(run_cases(chosen_cases(formulary, cases), formulary_on_review_day(formulary)))
    render = {
        "text": lambda: case_results.text(outcomes, width=output.width()),
        "junit": lambda: case_results.junit(outcomes),
        "github": lambda: case_results.github(outcomes),
    }
    output.write(render[output_format]())
    raise SystemExit(output.EXIT_LOOK if any(outcome.differences for outcome in outcomes) else 0)
