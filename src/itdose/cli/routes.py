"""``itdose routes``: the routes and how they are spelled."""

from __future__ import annotations

import click

from itdose.cli.formulary_option import formulary_option, load


@click.command("routes")
@formulary_option
def command(formularies: tuple[str, ...]) -> None:
    """List the routes with every spelling that is read."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.tables import routes_table  # noqa: PLC0415

    output.write(routes_table(load(formularies), width=output.width()))
