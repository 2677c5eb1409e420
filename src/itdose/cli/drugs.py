"""``itdose drugs``: what is covered."""

from __future__ import annotations

import click


@click.command("drugs")
def command() -> None:
    """List the drugs that are covered, by route, with the review state of their rules."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.formulary import Formulary  # noqa: PLC0415
    from itdose.render.tables import drugs_table  # noqa: PLC0415

    output.write(drugs_table(Formulary.load(), width=output.width()))
