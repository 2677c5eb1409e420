"""``itdose show``: the monograph of a drug."""

from __future__ import annotations

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_option, load


@click.command("show")
@click.argument("drug", shell_complete=complete.drugs)
@click.option("--route", metavar="ROUTE", shell_complete=complete.routes, help="Show this route alone.")
@formulary_option
def command(drug: str, route: str | None, formularies: tuple[str, ...]) -> None:
    """Show what the formulary says of DRUG: ranges drawn as rulers, reports, products and evidence."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.monograph import monograph  # noqa: PLC0415

    formulary = load(formularies)
    found = formulary.drug(output.known(formulary.find_drug, drug))
    key = output.known(formulary.find_route, route) if route is not None else None
    if key and key not in found.routes:
        covered = ", ".join(found.routes) or "none"
        raise click.BadParameter(
            f"{found.name} has no data for this route; it has: {covered}", param_hint="--route"
        )
    output.write(monograph(formulary, found, width=output.width(), route=key))
