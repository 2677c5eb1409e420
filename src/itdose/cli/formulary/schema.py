"""``itdose formulary schema``: what a formulary file may hold, for editors."""

from __future__ import annotations

import click

NAMES = (
    "drugs", "sources", "routes", "categories", "slips", "rescue", "notation", "refused_names", "formulary",
    "conditions", "contraindications", "vehicles", "syringes", "growth", "standard_concentrations",
    "reminders", "cases", "overlay", "sign_offs",
)  # fmt: skip


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), default=NAMES[0])
def command(name: str) -> None:
    """Print the JSON Schema of one kind of formulary file; of a drug file unless named.

    docs/formulary-tools.md says how an editor uses it.
    """
    import json  # noqa: PLC0415

    from itdose.cli import output  # noqa: PLC0415
    from itdose.formulary.schema import file_schema  # noqa: PLC0415

    output.write(json.dumps(file_schema(name), indent=2, ensure_ascii=True) + "\n")
