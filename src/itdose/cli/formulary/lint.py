"""``itdose formulary lint``: what is allowed and still worth a look."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from itdose.curation.lint import Lint

EXIT_LOOK = 1


@click.command(
    "lint",
    epilog="Exit codes: 0 nothing, or only notes; 1 a warning; 2 usage error; 5 the formulary is not valid.",
)
@click.argument(
    "folder", metavar="[FORMULARY]", required=False, type=click.Path(exists=True, file_okay=False)
)
@click.option("--format", "output_format", type=click.Choice(["text", "github", "json"]), default="text",
              show_default=True, help="For a person, as annotations on GitHub, or as JSON.")  # fmt: skip
@click.option("--strict", is_flag=True, help="A note ends with exit code 1 too.")
def command(folder: str | None, output_format: str, strict: bool) -> None:  # noqa: FBT001
    """Report what is allowed in a formulary and still worth a look, with file and line."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.curation.lint import lint  # noqa: PLC0415
    from itdose.formulary.consistency import valid_models  # noqa: PLC0415
    from itdose.formulary.files import read_files, shipped_folder  # noqa: PLC0415

    where = folder or shipped_folder()
    found = lint(valid_models(read_files(where)), time.strftime("%Y-%m-%d"))
    output.write(_drawn(found, output_format, where, width=output.width()))
    raise SystemExit(EXIT_LOOK if _must_look(found, strict=strict) else 0)


def _must_look(found: Lint, *, strict: bool) -> bool:
    from itdose.curation.remarks import Level  # noqa: PLC0415

    return bool(found.count(Level.WARNING) or (strict and found.remarks))


def _drawn(found: Lint, output_format: str, folder: str, *, width: int) -> str:
    from itdose.render.lint_text import lint_github, lint_json, lint_text  # noqa: PLC0415

    if output_format == "json":
        return lint_json(found)
    if output_format == "github":
        return lint_github(found, folder=_from_here(folder))
    return lint_text(found, width=width)


def _from_here(folder: str) -> str:
    """Return the folder as GitHub looks for it: from the working directory, where it lies below."""
    from pathlib import Path  # noqa: PLC0415

    path, here = Path(folder).resolve(), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
