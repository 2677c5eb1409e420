"""``itdose formulary validate``: every problem of a formulary at once."""

from __future__ import annotations

import click

from itdose.cli.formulary_option import (
    files_of,
    folder_from_here,
    formulary_argument,
    overlay_names,
)


@click.command("validate")
@formulary_argument
@click.option("--format", "output_format", type=click.Choice(["text", "github"]), default="text",
              show_default=True, help="Lines for a person, or annotations for GitHub.")  # fmt: skip
def command(formulary: tuple[str, ...], output_format: str) -> None:
    """Read FORMULARY (a folder, overlays, or both), and report every problem with file and line."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.errors import FormularyError  # noqa: PLC0415
    from itdose.formulary import Formulary  # noqa: PLC0415
    from itdose.formulary.compilation import compile_files  # noqa: PLC0415
    from itdose.render.github import Annotation, github_lines, in_folder  # noqa: PLC0415
    from itdose.render.layout import counted  # noqa: PLC0415

    try:
        compiled = Formulary(compile_files(files_of(formulary)), as_of="")
    except FormularyError as error:
        if output_format == "github":
            folder, names = folder_from_here(formulary), overlay_names(formulary)
            found = [
                Annotation("error", in_folder(folder, file, names), line, "not valid", message)
                for file, line, message in error.problems
            ]
            output.write(github_lines(found))
        else:
            output.write(f"{error}\n{counted(len(error.problems), 'problem')}\n")
        raise SystemExit(output.EXIT_INVALID) from error
    drugs, rules = len(compiled.drug_keys()), sum(1 for _ in compiled.rules())
    output.write(
        f"formulary {compiled.version}: {counted(drugs, 'drug')}, {counted(rules, 'rule')}, no problem\n"
        f"{compiled.digest}\n"
    )
