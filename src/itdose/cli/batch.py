"""``itdose batch``: a sheet of orders, one report a row."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from itdose.cli.formulary_option import formulary_option, load
from itdose.cli.sheet_options import sheet_options

if TYPE_CHECKING:
    from itdose.batch.sheet import SheetOptions

# The names of render.sheet_formats, listed here so that --help starts without it; a test compares.
_ON_A_SCREEN = ("text", "ndjson")


@click.command(
    "batch",
    epilog="Exit code: that of the worst row (0 within_limits, 1 needs_review, 4 cannot_check, 3 stop); "
    "2 usage error, 5 unreadable sheet or internal failure.",
)
@click.argument("sheet")
@click.option("--format", "output_format", type=click.Choice(_ON_A_SCREEN), default="text",
              show_default=True, help="What to write to standard output.")  # fmt: skip
@click.option("--output", "outputs", metavar="FILE", multiple=True,
              type=click.Path(dir_okay=False, path_type=Path),
              help="Also write every report to FILE, as its name says. May be repeated.")  # fmt: skip
@click.option("--engine", type=click.Choice(["python", "duckdb", "spark"]), default="python",
              show_default=True, help="Who finds the distinct orders of a sheet; docs/scale.md.")  # fmt: skip
@sheet_options
@formulary_option
def command(  # noqa: PLR0913 - each is an option
    *,
    sheet: str,
    output_format: str,
    outputs: tuple[Path, ...],
    engine: str,
    options: SheetOptions,
    formularies: tuple[str, ...],
) -> None:
    """Check every order of SHEET (.csv, .tsv, .ndjson or - for standard input).

    The first row names the columns: row_id, drug, dose and route are needed;
    docs/sheets.md lists the others. Every row gets a report, also one that
    can't be read.
    """
    # Imported here, so that --help and completion start without the checker.
    from itdose.batch.read import read_sheet  # noqa: PLC0415
    from itdose.cli import engines  # noqa: PLC0415
    from itdose.cli import output as terminal  # noqa: PLC0415
    from itdose.cli.progress import counted  # noqa: PLC0415
    from itdose.cli.sheet_output import check_outputs, facts_of, sheet_output  # noqa: PLC0415
    from itdose.render.batch_text import Summary  # noqa: PLC0415

    gc.enable()
    check_outputs(outputs, sheet)
    opened = read_sheet(sheet, options)
    formulary = load(formularies)
    if engines.writes_by_itself(engine, outputs, output_format):
        summary = engines.written(opened, formulary, outputs)
    else:
        summary = Summary()
        with sheet_output(outputs, output_format, facts_of(opened, options, formulary)) as write:
            reports = engines.reports_by(engine, opened, formulary)
            for report in counted(reports, opened.expected, "rows checked"):
                summary.add(report)
                write(report)
    if output_format == "text":
        terminal.write(summary.text(width=terminal.width()))
    raise SystemExit(terminal.exit_code(summary.worst))
