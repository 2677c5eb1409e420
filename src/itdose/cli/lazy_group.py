"""A group of commands that imports only the one that runs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """Knows its commands by name and first line, so that --help and completion import none of them.

    Each command is one module of ``package``: ``sign-off`` stands in ``sign_off.py``.
    """

    def __init__(self, *args: Any, package: str, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in reading order."""
        del ctx
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; while the shell completes another word, only name it."""
        if cmd_name not in self._lazy:
            return None
        if ctx.resilient_parsing and not _is_completing(cmd_name):
            return click.Command(cmd_name, short_help=self._lazy[cmd_name])
        command: click.Command = import_module(f"{self._package}.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their first lines."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lazy.items()))


def _is_completing(name: str) -> bool:
    """Return whether the shell asks about this command's own words."""
    import os  # noqa: PLC0415

    return name in os.environ.get("COMP_WORDS", "").split()
