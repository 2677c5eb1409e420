"""``itdose batch``: a sheet of orders, one report a row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from itdose.cli.formulary_option import formulary_option, load
from itdose.cli.sheet_options import sheet_options
from itdose.cli.watching import watch_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.batch.options import SheetOptions

# The names of render.sheet_formats, listed here so that --help starts without it; a test compares.
_ON_A_SCREEN = ("text", "json", "ndjson", "csv", "sarif", "junit", "github", "fhir")
_VERDICTS = ("needs_review", "cannot_check", "stop")


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
@click.option("--fail-on", type=click.Choice(_VERDICTS), default="needs_review", show_default=True,
              help="The mildest verdict that counts for the exit code; milder ones end with 0.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="Processes that assess orders. All processors, unless stated.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Keep the work beside the first --output, and go on from there.")  # fmt: skip
@formulary_option
@watch_options
def command(  # noqa: PLR0913 - each is an option
    *,
    sheet: str,
    output_format: str,
    outputs: tuple[Path, ...],
    engine: str,
    options: SheetOptions,
    fail_on: str,
    jobs: int | None,
    resume: bool,
    formularies: tuple[str, ...],
) -> None:
    """Check every order of SHEET: CSV, JSON Lines, a workbook, Parquet or FHIR.

    SHEET is a file, - for standard input, or a query: duckdb:FILE?query=SELECT ...
    The first row names the columns: row_id, drug, dose and route are needed;
    docs/sheets.md lists the others. Every row gets a report, also one that
    can't be read.
    """
    # Imported here, so that --help and completion start without the checker.
    from itdose.batch.read import read_sheet  # noqa: PLC0415
    from itdose.cli import engines  # noqa: PLC0415
    from itdose.cli import output as terminal  # noqa: PLC0415
    from itdose.cli.sheet_output import check_outputs, facts_of  # noqa: PLC0415
    from itdose.cli.sheet_run import Written, check_rows  # noqa: PLC0415
    from itdose.findings import Verdict  # noqa: PLC0415
    from itdose.render.sheets.batch_text import Summary  # noqa: PLC0415

    check_outputs(outputs, sheet)
    if resume and engine != "python":
        raise click.UsageError("--resume goes with --engine python")
    written = Written(outputs, output_format, jobs, _resume(outputs) if resume else None)
    opened = read_sheet(sheet, options)
    formulary = load(formularies)
    facts = facts_of(opened, options, formulary)
    summary = Summary()
    if engine == "python":
        check_rows(opened, formulary, summary, facts, written)
    else:
        engines.check_rows(engine, opened, formulary, summary, facts, written)
    if output_format == "text":
        terminal.write(summary.text(facts, width=terminal.width()))
    counts = summary.worst >= Verdict[fail_on.upper()]
    raise SystemExit(terminal.exit_code(summary.worst) if counts else 0)


def _resume(outputs: Sequence[Path]) -> Path:
    if not outputs:
        raise click.UsageError("--resume needs an --output: the work so far is kept beside it")
    return outputs[0].with_name(f"{outputs[0].name}.resume")
