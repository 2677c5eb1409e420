"""``itdose explain``: what the code of a finding means."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the CODE of a finding, with an example; without CODE, list them all."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.codes import all_codes, explain_code  # noqa: PLC0415

    if code is None:
        output.write(all_codes(width=output.width()))
        return
    text = explain_code(code, width=output.width())
    if text is None:
        raise click.BadParameter(
            f"{code!r} is not a finding code; 'itdose explain' lists them", param_hint="CODE"
        )
    output.write(text)
