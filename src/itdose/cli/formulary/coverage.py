"""``itdose formulary coverage``: which drugs, routes, modes and patients have rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_argument, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.curation.coverage import CoverageRow
    from itdose.formulary import Formulary


@click.command("coverage")
@formulary_argument
@click.option("--drug", metavar="NAME", shell_complete=complete.drugs,
              help="Show this drug alone, with every rule.")  # fmt: skip
@click.option("--format", "output_format", type=click.Choice(["text", "csv", "json", "markdown"]),
              default="text", show_default=True, help="CSV and JSON hold every rule.")  # fmt: skip
def command(formulary: tuple[str, ...], drug: str | None, output_format: str) -> None:
    """Show which drugs, routes, modes and patients have dose rules, and how far they are reviewed."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.curation.coverage import coverage  # noqa: PLC0415

    compiled = load(formulary)
    keys = compiled.drug_keys() if drug is None else (output.known(compiled.find_drug, drug),)
    rows = coverage(compiled, keys)
    if output_format in {"csv", "json"}:
        output.write(_for_programs(compiled, rows, output_format))
    else:
        output.write(_for_people(rows, output_format, full=drug is not None, width=output.width()))


def _for_programs(formulary: Formulary, rows: Sequence[CoverageRow], output_format: str) -> str:
    from itdose.render.coverage_files import coverage_csv, coverage_json  # noqa: PLC0415

    return coverage_csv(rows) if output_format == "csv" else coverage_json(formulary, rows)


def _for_people(rows: Sequence[CoverageRow], output_format: str, *, full: bool, width: int) -> str:
    from itdose.render.coverage_tables import full_text, markdown, matrix  # noqa: PLC0415

    if output_format == "markdown":
        return markdown(rows, full=full)
    return full_text(rows, width=width) if full else matrix(rows, width=width)
