"""``itdose formulary mutate``: whether a regression case notices each changed limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from itdose.cli.formulary.cases_option import cases_option, chosen_cases, formulary_on_review_day
from itdose.cli.formulary_option import formulary_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command("mutate")
@formulary_argument
@cases_option
@click.option("--drug", metavar="DRUG", help="Change the limits of this drug alone.")
def command(formulary: tuple[str, ...], cases: tuple[Path, ...], drug: str | None) -> None:
    """Change every limit of FORMULARY, one at a time, and run the regression cases.

    Each limit is multiplied and divided by ten and given in a neighboring unit; each forbidden route
    is dropped. A change that no case notices survives and is listed.
    """
    from itdose.cli import output  # noqa: PLC0415
    from itdose.cli.progress import counted  # noqa: PLC0415
    from itdose.curation.cases import run_cases  # noqa: PLC0415
    from itdose.curation.mutation import mutants, try_mutants  # noqa: PLC0415
    from itdose.render.mutation_text import mutation_text  # noqa: PLC0415

    compiled, chosen = formulary_on_review_day(formulary), chosen_cases(formulary, cases)
    broken = sum(bool(outcome.differences) for outcome in run_cases(chosen, compiled))
    if broken:
        counted_cases = "1 case fails" if broken == 1 else f"{broken} cases fail"
        click.echo(f"itdose: {counted_cases} already; run 'itdose formulary test' first", err=True)
        raise SystemExit(output.EXIT_LOOK)
    keys = (output.known(compiled.find_drug, drug),) if drug else compiled.drug_keys()
    total = sum(1 for key in keys for _ in mutants(compiled, key))
    trials = tuple(counted(try_mutants(compiled, chosen, keys), lambda: total, "changes tried"))
    output.write(mutation_text(trials, width=output.width()))
    raise SystemExit(0 if all(trial.is_noticed for trial in trials) else output.EXIT_LOOK)
