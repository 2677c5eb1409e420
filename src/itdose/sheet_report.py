"""The report on one row of a sheet as it is written and passed on: JSON, beside the row's own text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from itdose.findings import Verdict
from itdose.quantity import UnitTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.findings import Report

_PARSED = 1_000
"""Reports whose JSON is kept parsed; orders of a ward repeat."""


class Judged(NamedTuple):
    """What a summary counts of one row, as its report has it."""

    verdict: Verdict
    drug: str | None
    """Key of the drug; None where it is not known."""
    cause: str
    """The code of the finding that decided."""


def judged(report: Report) -> Judged:
    """Return what a summary counts of a report."""
    return Judged(report.verdict, report.order.drug, report.cause)


@dataclass(frozen=True, slots=True)
class SheetReport:
    """The report on one row."""

    row: int
    """The row's number in the sheet as a person counts; the header of a CSV is row 1."""
    row_id: str
    cells: Mapping[str, str]
    """Every cell by its header, as it stood in the sheet."""
    text: str
    """The report as one line of JSON, an object of schemas/report-1.schema.json."""
    read_as: Mapping[str, str]
    """The headers that name a field otherwise than by its canonical name, each with the field."""
    worksheet: str | None = None
    """Where a workbook has several that were read."""

    @property
    def body(self) -> dict[str, Any]:
        """The report as plain values, shared with rows of the same order: not to be changed."""
        return _parsed(self.text)

    @property
    def verdict(self) -> str:
        """``within_limits``, ``needs_review``, ``cannot_check`` or ``stop``."""
        return str(self.body["verdict"])

    @property
    def judged(self) -> Judged:
        """What a summary counts of the row."""
        body = self.body
        return Judged(Verdict[body["verdict"].upper()], body["order"]["drug"], body["cause"])


@lru_cache(maxsize=_PARSED)
def _parsed(text: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(text)
    return body


@dataclass(slots=True, kw_only=True)
class SheetFacts:
    """What holds of the whole sheet, for the head and the end of what is written."""

    sheet: str
    headers: tuple[str, ...]
    """The names of the columns where all rows share them, in order; empty where each row has its own."""
    formulary: Mapping[str, Any]
    """Version, digest and layers, as in each report."""
    itdose: str
    decimal_comma: bool
    remarks: list[str]
    """What of the file was not read; complete at the end."""
    units: UnitTable = field(default_factory=lambda: UnitTable({}))
    """The units of the formulary; a drawing needs them, and without them there is none."""


class SheetWriter(Protocol):
    """Writes the reports of one sheet in one format, row by row, so that memory stays flat."""

    def add(self, report: SheetReport) -> None:
        """Write the report on the next row."""

    def finish(self) -> None:
        """Write what stands after the last row."""
