"""A sheet's reports as FHIR R4: a Bundle with a DetectedIssue for every row, checked or not."""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from itdose.render.sheets.detected_issue import clear, detected_issue

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport

_ORDERS = ("MedicationRequest", "MedicationAdministration")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class FhirBundle:
    """Writes a Bundle of type collection, entry by entry."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._sheet = f"{facts.sheet} {facts.formulary['digest']}"
        self._rows = 0
        self._file.write(b'{"resourceType":"Bundle","type":"collection","entry":[\n')

    def add(self, report: SheetReport) -> None:
        """Write one entry."""
        self._rows += 1
        issue = detected_issue(report.body, name=f"row-{self._rows}", implicated=_implicated(report))
        # The same sheet and formulary give the same names again; two entries never share one.
        name = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self._rows} {self._sheet!a}')}"
        entry = json.dumps({"fullUrl": name, "resource": issue}, ensure_ascii=True, separators=(",", ":"))
        self._file.write(f"{',' if self._rows > 1 else ''}{entry}\n".encode())

    def finish(self) -> None:
        """Close the Bundle."""
        self._file.write(b"]}\n")


def _implicated(report: SheetReport) -> dict[str, Any]:
    """Return the order that a row is about; a reference where the row came from FHIR."""
    place = f"row {report.row}" + (f" of worksheet {report.worksheet}" if report.worksheet else "")
    said: dict[str, Any] = {"display": clear(f"{place}: {report.body['order']['title']}")}
    kind, identity = report.cells.get("resource"), report.row_id.partition("/")[0]
    if kind in _ORDERS and _ID.fullmatch(identity):
        said["reference"] = f"{kind}/{identity}"
    if report.row_id:
        said["identifier"] = {"value": clear(report.row_id)}
    return said
