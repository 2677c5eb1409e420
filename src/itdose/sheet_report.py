"""The report on one row of a sheet as it is written and passed on: JSON, beside the row's own text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from itdose.quantity import UnitTable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
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

    @cached_property
    def body(self) -> dict[str, Any]:
        """The report as plain values."""
        body: dict[str, Any] = json.loads(self.text)
        return body

    @property
    def verdict(self) -> str:
        """``within_limits``, ``needs_review``, ``cannot_check`` or ``stop``."""
        return str(self.body["verdict"])


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
