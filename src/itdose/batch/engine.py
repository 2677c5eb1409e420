"""The reports of a sheet, row by row, with each distinct order assessed once."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch.preparations import put_together
from itdose.batch.row_report import report_text, sheet_report, unreadable
from itdose.batch.store import ReportStore, digest_of
from itdose.batch.workers import Workers
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from itdose.batch.sheet import Sheet, SheetRow
    from itdose.formulary import Formulary
    from itdose.order import Order
    from itdose.sheet_report import SheetReport

_ROWS_OF_A_PART = 200
_PARTS_AHEAD = 3
"""So many parts are with the workers while one is being written."""
_ORDERS_AT_ONCE = 25
_REMEMBERED_KEYS = 50_000


def sheet_reports(
    sheet: Sheet, formulary: Formulary, store: ReportStore | None = None, *, jobs: int = 1
) -> Iterator[SheetReport]:
    """Yield one report for each row, in the order of the rows.

    ``jobs`` is the number of processes; the reports do not depend on it. With
    a ``store`` of its own a run can go on from there. Raises SheetError where
    the sheet can't be read to its end.
    """
    kept = store or ReportStore(formulary)
    try:
        with closing(Workers(formulary, jobs)) as workers:
            assessment = _Assessment(formulary, kept, workers)
            yield from sheet.each(lambda rows: assessment.reports(put_together(rows, formulary)))
    finally:
        if store is None:
            kept.close(is_whole=True)


class _Part(NamedTuple):
    """Some rows, each with the digest of its order; None where it holds none."""

    rows: list[SheetRow]
    digests: list[bytes | None]


class _Assessment:
    """Keeps the workers a few parts ahead of what is written."""

    def __init__(self, formulary: Formulary, store: ReportStore, workers: Workers) -> None:
        self._formulary = formulary
        self._store = store
        self._workers = workers
        self._digests: dict[Any, bytes | None] = {}
        self._awaited: dict[bytes, tuple[Future[list[str]], int]] = {}

    def reports(self, rows: Iterator[SheetRow]) -> Iterator[SheetReport]:
        """Yield the report of each row."""
        ahead: deque[_Part] = deque()
        while part := list(islice(rows, _ROWS_OF_A_PART)):
            ahead.append(self._begun(part))
            if len(ahead) > _PARTS_AHEAD:
                yield from self._ended(ahead.popleft())
        for waiting in ahead:
            yield from self._ended(waiting)

    def _begun(self, rows: list[SheetRow]) -> _Part:
        new: dict[bytes, Order] = {}
        digests = [self._digest(row, new) for row in rows]
        orders = iter(new.items())
        while some := list(islice(orders, _ORDERS_AT_ONCE)):
            reports = self._workers.submit([order for _, order in some])
            self._awaited.update((digest, (reports, place)) for place, (digest, _) in enumerate(some))
        return _Part(rows, digests)

    def _digest(self, row: SheetRow, new: dict[bytes, Order]) -> bytes | None:
        """Return the digest of the row's order, and put an order into ``new`` that was never met."""
        key = (row.columns, row.columns.key(row.texts), row.is_hidden) if _is_plain(row) else None
        if key in self._digests:
            return self._digests[key]
        order = row.order
        digest = digest_of(order) if order is not None else None
        if key is not None:
            if len(self._digests) >= _REMEMBERED_KEYS:
                self._digests.clear()
            self._digests[key] = digest
        if order is not None and digest is not None and not self._is_known(digest):
            new[digest] = order
        return digest

    def _is_known(self, digest: bytes) -> bool:
        return digest in self._awaited or self._store.get(digest) is not None

    def _ended(self, part: _Part) -> Iterator[SheetReport]:
        for row, digest in zip(part.rows, part.digests, strict=True):
            text = self._text(digest) if digest else report_text(unreadable(row, self._formulary))
            yield sheet_report(row, text)
        self._store.save()

    def _text(self, digest: bytes) -> str:
        awaited = self._awaited.pop(digest, None)
        if awaited is not None:
            reports, place = awaited
            text = reports.result()[place]
            self._store.put(digest, text)
            return text
        known = self._store.get(digest)
        if known is None:
            raise SheetError("a report was lost from the store of this run; run it again")
        return known


def _is_plain(row: SheetRow) -> bool:
    """Return whether the row's cells alone make its order."""
    return row.fault is None and row.joined is None
