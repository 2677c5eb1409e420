"""``itdose drugs``: what is covered."""

from __future__ import annotations

import click

from itdose.cli.formulary_option import formulary_option, load


@click.command("drugs")
@formulary_option
def command(formularies: tuple[str, ...]) -> None:
    """List the drugs that are covered, by route, with the review state of their rules."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.tables import drugs_table  # noqa: PLC0415

    output.write(drugs_table(load(formularies), width=output.width()))
