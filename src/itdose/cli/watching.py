"""``itdose batch --watch FOLDER``: check every sheet that is saved into a folder."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORTEST = 0.1


def watch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``batch`` the options of watching; with ``--watch`` a folder takes the place of the sheet."""

    @click.option("--watch", is_flag=True,
                  help="SHEET is a folder: check each sheet that appears or changes in it, and write the "
                  "report beside it. --output then takes endings, such as .ndjson.")  # fmt: skip
    @click.option("--once", is_flag=True, help="With --watch: check every sheet of the folder and end.")
    @click.option("--interval", type=click.FloatRange(min=_SHORTEST), default=5, show_default=True,
                  metavar="SECONDS", help="With --watch: how often to look, and how long a file must stand "
                  "still.")  # fmt: skip
    @wraps(command)
    def with_options(*arguments: Any, watch: bool, once: bool, interval: float, **others: Any) -> Any:
        if not watch:
            if once:
                raise click.UsageError("--once needs --watch")
            return command(*arguments, **others)
        if others["output_format"] != "text":
            raise click.UsageError("--watch writes files; name their endings with --output")
        from itdose.cli.watch_loop import WatchPlan, watch_folder  # noqa: PLC0415

        plan = WatchPlan(
            folder=_folder(others["sheet"]),
            endings=_endings(others["outputs"]),
            options=others["options"],
            formularies=others["formularies"],
            interval=interval,
        )
        return watch_folder(plan, once=once)

    return with_options


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise click.BadParameter(f"{text} is not a folder", param_hint="--watch")
    return path


def _endings(outputs: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the endings of the reports; a text is always written."""
    from itdose.render.sheets.sheet_formats import FORMATS  # noqa: PLC0415

    known = [ending for one in FORMATS.values() for ending in one.endings]
    endings = tuple(dict.fromkeys(str(output) for output in outputs))
    for ending in endings:
        if ending not in known:
            raise click.BadParameter(
                f"with --watch it is an ending: {', '.join(known)}", param_hint="--output"
            )
    return endings
