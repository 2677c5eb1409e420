"""``itdose routes``: the routes and how they are spelled."""

from __future__ import annotations

import click


@click.command("routes")
def command() -> None:
    """List the routes with every spelling that is read."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.formulary import Formulary  # noqa: PLC0415
    from itdose.render.tables import routes_table  # noqa: PLC0415

    output.write(routes_table(Formulary.load(), width=output.width()))
