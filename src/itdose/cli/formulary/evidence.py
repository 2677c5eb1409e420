"""``itdose formulary evidence``: disagreements between sources, and routes without a usable figure."""

from __future__ import annotations

import click

from itdose.cli.formulary_option import formulary_argument, load


@click.command("evidence")
@formulary_argument
def command(formulary: tuple[str, ...]) -> None:
    """List as Markdown what the sources of FORMULARY disagree about, and where no figure was found.

    The shipped formulary's list stands in docs/disagreements.md.
    """
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.evidence_tables import evidence_tables  # noqa: PLC0415

    output.write(evidence_tables(load(formulary)))
