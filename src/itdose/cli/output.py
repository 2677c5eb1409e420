"""What the commands share: exit codes, width, color, and writing to a stream of any encoding."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from itdose.errors import OutputError, ReaderGoneError, UnknownNameError
from itdose.render.layout import for_encoding

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.findings import Verdict

EXIT_CODES = {"within_limits": 0, "needs_review": 1, "stop": 3, "cannot_check": 4}
USAGE_ERROR = 2
EXIT_LOOK = 1
"""A formulary tool found something that a person must look at."""
EXIT_INVALID = 5
"""The formulary is not valid, or can't be read."""


def exit_code(verdict: Verdict) -> int:
    """Return the exit code of a verdict; no option changes what it means."""
    return EXIT_CODES[str(verdict)]


def width() -> int:
    """Return the terminal's width, or 80 columns where there is no terminal."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isascii() and stated.isdigit() and int(stated):
        return int(stated)
    try:
        # What shutil.get_terminal_size does, without the archive formats that shutil brings along.
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (AttributeError, ValueError, OSError):
        return 80


def color() -> bool:
    """Return whether to use color: never with NO_COLOR, in a pipe or on a dumb terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Write to standard output, in characters that it can hold."""
    stream = sys.stdout
    try:
        click.echo(for_encoding(text, getattr(stream, "encoding", None)), nl=False, color=color())
    except BrokenPipeError as error:
        # click would end the run with 1, which here means needs_review.
        raise ReaderGoneError from error
    except OSError as error:
        raise OutputError(f"the output can't be written: {error.strerror}") from error


def known(look_up: Callable[[str], str], text: str) -> str:
    """Return the key of a name, or end with a usage error that offers near names."""
    try:
        return look_up(text)
    except UnknownNameError as error:
        raise click.UsageError(for_encoding(str(error), "ascii")) from error
