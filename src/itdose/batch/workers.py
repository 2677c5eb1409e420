"""Assess orders in this process or, where there are many, in several."""

from __future__ import annotations

import signal
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from itdose.assessment import assess
from itdose.batch.row_report import report_text
from itdose.formulary import Formulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.order import Order

_BEFORE_OTHERS = 500
"""Orders that one process assesses sooner than others would have started."""

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

    def close(self) -> None:
        """End the processes; what was not begun is not assessed."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _start(rows: dict[str, Any], as_of: str) -> None:
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _of_this_worker.append(Formulary(rows, as_of))


def _assessed_here(orders: Sequence[Order]) -> list[str]:
    return assessed(orders, _of_this_worker[0])
