"""Assess orders in this process or, where there are many, in several."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from itdose.assessment import assess
from itdose.batch.row_report import report_text, unreadable
from itdose.formulary import Formulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from itdose.batch.sheet import SheetRow
    from itdose.order import Order

_BEFORE_OTHERS = 500
"""Orders that one process assesses sooner than others would have started."""

_ORDERS_AT_ONCE = 25
_PARTS_AHEAD = 16

_of_this_worker: list[Formulary] = []


def assessed(orders: Sequence[Order], formulary: Formulary) -> list[str]:
    """Return the report of each order, as one line of JSON."""
    return [report_text(assess(order, formulary)) for order in orders]


class Workers:
    """Assesses parts of a sheet; the processes start once there is enough to do."""

    def __init__(self, formulary: Formulary, jobs: int) -> None:
        self._formulary = formulary
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._so_far = 0

    def submit(self, orders: Sequence[Order]) -> Future[list[str]]:
        """Return the reports of these orders, now or later."""
        self._so_far += len(orders)
        if self._jobs == 1 or self._so_far <= _BEFORE_OTHERS:
            done: Future[list[str]] = Future()
            done.set_result(assessed(orders, self._formulary))
            return done
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs, initializer=_start, initargs=(self._formulary.rows, self._formulary.as_of)
            )
        return self._pool.submit(_assessed_here, orders)

    def texts(self, rows: Iterable[SheetRow], formulary: Formulary) -> Iterator[str]:
        """Yield the report on each row as one line of JSON, in the order of the rows."""
        rows = iter(rows)
        ahead: deque[tuple[list[SheetRow], Future[list[str]]]] = deque()
        while part := list(islice(rows, _ORDERS_AT_ONCE)):
            ahead.append((part, self.submit([order for row in part if (order := row.order)])))
            if len(ahead) > _PARTS_AHEAD:
                yield from _in_order(*ahead.popleft(), formulary)
        for waiting in ahead:
            yield from _in_order(*waiting, formulary)

    def close(self) -> None:
        """End the processes; what was not begun is not assessed."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _in_order(rows: list[SheetRow], reports: Future[list[str]], formulary: Formulary) -> Iterator[str]:
    texts = iter(reports.result())
    for row in rows:
        yield next(texts) if row.order else report_text(unreadable(row, formulary))


def _start(rows: dict[str, Any], as_of: str) -> None:
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _of_this_worker.append(Formulary(rows, as_of))


def _assessed_here(orders: Sequence[Order]) -> list[str]:
    return assessed(orders, _of_this_worker[0])
