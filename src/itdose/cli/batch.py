"""``itdose batch``: a sheet of orders, one report a row."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from itdose.cli.formulary_option import formulary_option, load

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command(
    "batch",
    epilog="Exit code: that of the worst row (0 within_limits, 1 needs_review, 4 cannot_check, 3 stop); "
    "2 usage error, 5 unreadable sheet or internal failure.",
)
@click.argument("sheet")
@click.option("--format", "output_format", type=click.Choice(["text", "ndjson"]), default="text",
              show_default=True, help="A summary for a person, or one JSON report a line.")  # fmt: skip
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write every report to FILE as JSON Lines (.ndjson).")  # fmt: skip
@click.option("--decimal", type=click.Choice(["point", "comma"]), default="point", show_default=True,
              help="The decimal sign of the whole sheet. It is declared, never guessed.")  # fmt: skip
@formulary_option
def command(
    sheet: str, output_format: str, output: Path | None, decimal: str, formularies: tuple[str, ...]
) -> None:
    """Check every order of SHEET (.csv, .tsv, .ndjson or - for standard input).

    The first row names the columns: row_id, drug, dose and route are needed;
    docs/sheets.md lists the others. Every row gets a report, also one that
    can't be read.
    """
    # Imported here, so that --help and completion start without the checker.
    from itdose.batch import assess_rows  # noqa: PLC0415
    from itdose.batch.read import JSON_SUFFIXES, read_sheet  # noqa: PLC0415
    from itdose.batch.write import whole_file  # noqa: PLC0415
    from itdose.cli import output as terminal  # noqa: PLC0415
    from itdose.cli.progress import counted  # noqa: PLC0415
    from itdose.render.batch_json import row_line  # noqa: PLC0415
    from itdose.render.batch_text import Summary  # noqa: PLC0415

    gc.enable()
    if output is not None and output.suffix.lower() not in JSON_SUFFIXES:
        raise click.BadParameter("only .ndjson and .jsonl are written", param_hint="--output")
    rows = read_sheet(sheet, decimal_comma=decimal == "comma")
    if output is not None and sheet != "-" and output.resolve() == Path(sheet).resolve():
        raise click.BadParameter("it is the sheet itself; choose another name", param_hint="--output")
    reports = assess_rows(rows, load(formularies))
    summary = Summary()
    with ExitStack() as stack:
        writers: list[Callable[[str], object]] = []
        if output:
            writers.append(stack.enter_context(whole_file(output)).write)
        if output_format == "ndjson":
            writers.append(terminal.write)
        for report in counted(reports, None, "rows checked"):
            summary.add(report)
            line = row_line(report) if writers else ""
            for write in writers:
                write(line)
    if output_format == "text":
        terminal.write(summary.text(width=terminal.width()))
    raise SystemExit(terminal.exit_code(summary.worst))
