"""The command line. Each command is one file; the group imports it when it is called."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import click

from itdose.cli.lazy_group import LazyGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

# Name and first line of every command, so that --help and completion import none of them.
COMMANDS = {
    "check": "Check one proposed dose.",
    "batch": "Check a sheet of orders, one report a row.",
    "show": "Show what the formulary says of a drug.",
    "drugs": "List the drugs that are covered.",
    "routes": "List the routes with their spellings.",
    "convert": "Convert a dose by a drug's own cited factors.",
    "prepare": "Work out the volumes to draw and add.",
    "explain": "Explain the code of a finding.",
    "formulary": "Validate, lint, test, compare and sign a formulary.",
    "self-test": "Check seeded slips over every rule of the formulary.",
    "sample": "Make a sheet of orders with known slips.",
    "replay": "Judge the rows of an earlier report by another formulary.",
}
EXIT_INTERNAL = 5
EXIT_INTERRUPTED = 130


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if not wanted or ctx.resilient_parsing:
        return
    from itdose.formulary import Formulary  # noqa: PLC0415
    from itdose.version import __version__  # noqa: PLC0415

    formulary = Formulary.load()
    click.echo(f"itdose {__version__}\nformulary {formulary.version} {formulary.digest}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    package="itdose.cli",
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes of check and batch: 0 within_limits, 1 needs_review, 2 usage error, 3 stop, "
    "4 cannot_check, 5 itdose itself failed.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version of itdose, and the formulary's version and digest.",
)
def cli() -> None:
    """Check proposed drug doses against published ranges and toxic thresholds.

    Start with: itdose check magnesium 500mg --route intrathecal
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every failure ends with a message and an exit code, never a traceback."""
    # One check is over before a collection pays; a sheet turns it on again.
    gc.disable()
    try:
        # Not click's standalone mode: it ends an interrupted run with 1, which here means needs_review.
        code = cli.main(args=arguments and list(arguments), prog_name="itdose", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("itdose: interrupted; no file was written", err=True)
        code = EXIT_INTERRUPTED
    except click.UsageError as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        _forget_output()
        code = EXIT_INTERNAL
    except Exception as error:  # noqa: BLE001 - the one place where nothing may escape
        code = _failed(error)
    sys.exit(code)


def _forget_output() -> None:
    """Keep Python from writing once more to a pipe whose reader has gone."""
    import os  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(error: Exception) -> int:
    from itdose.errors import ItdoseError, OutputError, ReaderGoneError  # noqa: PLC0415
    from itdose.render.layout import for_encoding  # noqa: PLC0415

    if isinstance(error, OutputError):
        _forget_output()
    if isinstance(error, ReaderGoneError):
        return EXIT_INTERNAL
    message = f"itdose: {error}"
    if not isinstance(error, ItdoseError):
        message = (
            f"itdose failed and checked nothing: {type(error).__name__}: {error}\n"
            "This is a fault of itdose; please report it with the command that was typed."
        )
    click.echo(for_encoding(message, getattr(sys.stderr, "encoding", None)), err=True)
    return EXIT_INTERNAL
