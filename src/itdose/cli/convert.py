"""``itdose convert``: between units, by a drug's own factors where they are needed."""

from __future__ import annotations

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_option, load


@click.command("convert")
@click.argument("quantity")
@click.argument("unit")
@click.option("--drug", metavar="DRUG", shell_complete=complete.drugs,
              help="Whose factors to use between mass, mmol, mEq and elemental mass.")  # fmt: skip
@formulary_option
def command(quantity: str, unit: str, drug: str | None, formularies: tuple[str, ...]) -> None:
    """Convert QUANTITY to UNIT.

    \b
    itdose convert "1 g" mmol --drug "magnesium sulfate"
    itdose convert "40 mcg/h" mcg/day
    itdose convert 1:200000 mcg/mL --drug epinephrine
    """  # noqa: D301 - click reads this backspace as "do not wrap"
    from itdose.cli import output  # noqa: PLC0415
    from itdose.cli.conversion_text import converted  # noqa: PLC0415
    from itdose.errors import DoseTextError, QuantityError  # noqa: PLC0415
    from itdose.render.layout import wrap  # noqa: PLC0415

    formulary = load(formularies)
    found = formulary.drug(output.known(formulary.find_drug, drug)) if drug is not None else None
    try:
        first, *others = converted(quantity, unit, found, formulary)
    except (DoseTextError, QuantityError) as error:
        click.echo(f"itdose: {error}", err=True)
        raise SystemExit(output.EXIT_CODES["cannot_check"]) from error
    lines = wrap(first, output.width(), "", "  ")
    for other in others:
        lines += wrap(other, output.width(), "  ", "    ")
    output.write("\n".join(lines) + "\n")
