"""``itdose formulary lint``: what is allowed and still worth a look."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from itdose.cli.formulary_option import (
    files_of,
    folder_from_here,
    formulary_argument,
    overlay_names,
)

if TYPE_CHECKING:
    from itdose.curation.lint import Lint


@click.command(
    "lint",
    epilog="Exit codes: 0 nothing, or only notes; 1 a warning; 2 usage error; 5 the formulary is not valid.",
)
@formulary_argument
@click.option("--format", "output_format", type=click.Choice(["text", "github", "json"]), default="text",
              show_default=True, help="For a person, as annotations on GitHub, or as JSON.")  # fmt: skip
@click.option("--strict", is_flag=True, help="A note ends with exit code 1 too.")
def command(formulary: tuple[str, ...], output_format: str, *, strict: bool) -> None:
    """Report what is allowed in a formulary and still worth a look, with file and line."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.curation.lint import lint  # noqa: PLC0415
    from itdose.formulary.layered import layered_models  # noqa: PLC0415

    found = lint(layered_models(files_of(formulary)), time.strftime("%Y-%m-%d"))
    overlays = overlay_names(formulary)
    if overlays:
        # What lies under an overlay is its keepers' to mend.
        found = found._replace(remarks=tuple(r for r in found.remarks if r.file in overlays))
    output.write(_drawn(found, output_format, formulary, width=output.width()))
    raise SystemExit(output.EXIT_LOOK if _must_look(found, strict=strict) else 0)


def _must_look(found: Lint, *, strict: bool) -> bool:
    from itdose.curation.remarks import Level  # noqa: PLC0415

    return bool(found.count(Level.WARNING) or (strict and found.remarks))


def _drawn(found: Lint, output_format: str, paths: tuple[str, ...], *, width: int) -> str:
    from itdose.render.lint_text import lint_github, lint_json, lint_text  # noqa: PLC0415

    if output_format == "json":
        return lint_json(found)
    if output_format == "github":
        return lint_github(found, folder=folder_from_here(paths), overlays=overlay_names(paths))
    return lint_text(found, width=width)
