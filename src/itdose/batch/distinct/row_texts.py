"""Reports as texts: what the engines, which check distinct orders, have in common."""

from __future__ import annotations

import json
import os
from array import array
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from itdose.batch.row_report import report_of, report_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import SheetRow
    from itdose.formulary import Formulary

    Texts = Callable[[Iterable[SheetRow], Formulary], Iterator[str]]


class Brief(NamedTuple):
    """What of a report stands in columns of its own."""

    verdict: str
    code: str
    """Of the finding that the headline is of."""
    headline: str


def report_texts(rows: Iterable[SheetRow], formulary: Formulary) -> Iterator[str]:
    """Yield the report on each row as one line of JSON, in the order of the rows."""
    for row in rows:
        yield report_text(report_of(row, formulary))


def brief(text: str) -> Brief:
    """Return what of a report stands in columns of its own."""
    body = json.loads(text)
    return Brief(body["verdict"], body["cause"], body["headline"])


class TextFile:
    """Texts in a file, each found by its place; memory holds eight bytes a text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str) -> int:
        """Keep a text and return its place."""
        self._file.write(text.encode("ascii"))
        self._ends.append(self._ends[-1] + len(text))
        return len(self) - 1

    def flush(self) -> None:
        """Let what was added be read."""
        self._file.flush()

    def __getitem__(self, place: int) -> str:
        start, end = self._ends[place : place + 2]
        return os.pread(self._file.fileno(), end - start, start).decode("ascii")


def read_places(columns: Columns) -> tuple[int, ...]:
    """Return the places of the cells that make a row's order."""
    places: Any = range(len(columns.headers))
    return cast("tuple[int, ...]", columns.key(places))
