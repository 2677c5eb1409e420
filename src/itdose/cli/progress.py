"""Progress on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_T = TypeVar("_T")


def counted(items: Iterable[_T], total: int | None, noun: str) -> Iterator[_T]:
    """Yield the items, and show how many of ``total`` are done and how long is left."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    known = (BarColumn(), TextColumn("of {task.total}")) if total else ()
    columns = (TextColumn(f"{{task.completed}} {noun}"), *known, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        for item in items:
            yield item
            progress.advance(task)
