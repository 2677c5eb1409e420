"""``itdose formulary validate``: every problem of a formulary at once."""

from __future__ import annotations

import click

from itdose.cli.formulary_option import split


@click.command("validate")
@click.argument("formulary", nargs=-1, type=click.Path(exists=True))
@click.option("--format", "output_format", type=click.Choice(["text", "github"]), default="text",
              show_default=True, help="Lines for a person, or annotations for GitHub.")  # fmt: skip
def command(formulary: tuple[str, ...], output_format: str) -> None:
    """Read FORMULARY (a folder, overlays, or both), and report every problem with file and line."""
    from itdose.cli import output  # noqa: PLC0415
    from itdose.errors import FormularyError  # noqa: PLC0415
    from itdose.formulary import Formulary, compile_files  # noqa: PLC0415
    from itdose.formulary.files import read_files, shipped_folder  # noqa: PLC0415
    from itdose.render.tool_text import github_annotations  # noqa: PLC0415

    folder, overlays = split(formulary)
    try:
        compiled = Formulary(compile_files(read_files(folder or shipped_folder(), overlays)), as_of="")
    except FormularyError as error:
        if output_format == "github":
            output.write(github_annotations("error", error.problems))
        else:
            output.write(f"{error}\n{_count(len(error.problems), 'problem')}\n")
        raise SystemExit(output.EXIT_INVALID) from error
    drugs = [compiled.drug(key) for key in compiled.drug_keys()]
    rules = sum(len(entry.rules) for drug in drugs for entry in drug.routes.values())
    output.write(
        f"formulary {compiled.version}: {_count(len(drugs), 'drug')}, {_count(rules, 'rule')}, no problem\n"
        f"{compiled.digest}\n"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
