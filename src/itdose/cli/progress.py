"""Progress on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import ProgressColumn, Task
    from rich.text import Text

_T = TypeVar("_T")
_SECONDS_BETWEEN = 0.1
"""Drawing costs more than checking a row."""


def counted(items: Iterable[_T], count: Callable[[], int | None], noun: str) -> Iterator[_T]:
    """Yield the items, and show how many are done, how fast, and how long is left.

    ``count`` says how many there are; it is asked only where progress is shown.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    total = count()
    with Progress(*_columns(noun, total), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        due = 0.0
        for done, item in enumerate(items, start=1):
            yield item
            if time.monotonic() >= due:
                progress.update(task, completed=done)
                due = time.monotonic() + _SECONDS_BETWEEN


def _columns(noun: str, total: int | None) -> list[str | ProgressColumn]:
    from rich.progress import BarColumn, ProgressColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Rate(ProgressColumn):
        """How many items were done in a second, lately."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} a second" if task.speed else "")

    count: list[str | ProgressColumn] = [f"{{task.completed}} {noun}"]
    known: list[str | ProgressColumn] = [BarColumn(), "of {task.total}", TimeRemainingColumn()]
    return [*count, *(known if total else [TimeElapsedColumn()]), Rate()]
