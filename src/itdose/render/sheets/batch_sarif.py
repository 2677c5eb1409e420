"""A sheet's reports as SARIF 2.1.0, for code scanning: one alert for each row that needs a person."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any

from itdose.errors import visible
from itdose.findings import Verdict
from itdose.render.codes import PAGES
from itdose.render.sheets.sheet_brief import Tally, brief, end_of, head_of
from itdose.render.sheets.sheet_places import STANDARD_INPUT, Places, place, uri
from itdose.render.sheets.spelling import one_line
from itdose.render.sheets.spool import Spool

if TYPE_CHECKING:
    from itdose.render.sheets.sheet_brief import Brief
    from itdose.sheet_report import SheetFacts, SheetReport

MOST_ALERTS = 25_000
"""GitHub refuses a run with more."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Verdict.STOP: "error", Verdict.CANNOT_CHECK: "warning", Verdict.NEEDS_REVIEW: "warning"}
"""A row within its limits is no alert; the run's properties count it."""
Row = dict[str, Any]


class Sarif:
    """Keeps the alerts of each verdict apart until the end, so that the worst come first."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._facts = facts
        self._places = Places(facts)
        self._tally = Tally()
        self._alerts = {str(verdict): Spool() for verdict in _LEVELS}
        self._codes: dict[str, None] = {}
        self._seen: Counter[str] = Counter()

    def add(self, report: SheetReport) -> None:
        """Keep the alert on one row; one beyond what can be written is only counted."""
        said = brief(report)
        line = self._places.line(report)
        self._tally.add(said.verdict)
        kept = self._alerts.get(said.verdict)
        if kept is not None and kept.lines < MOST_ALERTS:
            self._codes[said.code] = None
            kept.add(_text(self._alert(report, said, line)) + "\n")

    def finish(self) -> None:
        """Write the whole log."""
        self._file.write(
            f'{{"$schema": {_text(_SCHEMA)}, "version": "2.1.0", "runs": [{{"results": [\n'.encode()
        )
        written = 0
        for kept in self._alerts.values():
            if written and kept.lines and written < MOST_ALERTS:
                self._file.write(b",\n")
            written += kept.copy_lines_to(self._file, MOST_ALERTS - written, between=b",\n")
        rest = {
            "tool": {"driver": self._driver()},
            "invocations": [{"executionSuccessful": True, **self._notices(written)}],
            "columnKind": "unicodeCodePoints",
            "properties": {**head_of(self._facts), **end_of(self._facts, self._tally)},
        }
        self._file.write(f"\n], {_text(rest)[1:]}]}}\n".encode())

    def _alert(self, report: SheetReport, said: Brief, line: int | None) -> Row:
        return {
            "ruleId": said.code,
            "level": _LEVELS[Verdict[said.verdict.upper()]],
            "message": {"text": _message(report, said)},
            "locations": [self._location(report, line)],
            "partialFingerprints": self._fingerprints(report, said),
            "properties": {
                "verdict": said.verdict,
                "row": report.row,
                **({"worksheet": report.worksheet} if report.worksheet else {}),
                "row_id": report.row_id,
                **({"rule": said.rule} if said.rule else {}),
            },
        }

    def _location(self, report: SheetReport, line: int | None) -> Row:
        file = {"uri": uri(self._facts.sheet)}
        region = {"region": {"startLine": line}} if line else {}
        named = {"logicalLocations": [{"fullyQualifiedName": place(report), "kind": "row"}]}
        if self._facts.sheet == STANDARD_INPUT:
            return named
        return {"physicalLocation": {"artifactLocation": file, **region}, **named}

    def _fingerprints(self, report: SheetReport, said: Brief) -> dict[str, str]:
        """Return what stays the same when rows are put in or taken out above."""
        parts = [report.worksheet or "", report.row_id, said.code, said.order]
        mark = sha256(_text(parts).encode()).hexdigest()
        self._seen[mark] += 1
        # GitHub looks at this name only; a second equal row is an alert of its own.
        return {"itdoseRow/v1": mark, "primaryLocationLineHash": f"{mark[:16]}:{self._seen[mark]}"}

    def _driver(self) -> Row:
        rules = [_rule(code) for code in sorted(self._codes)]
        return {"name": "itdose", "version": self._facts.itdose, "rules": rules}

    def _notices(self, written: int) -> Row:
        """Return what the alerts do not say; left out where there is nothing to say."""
        unchecked = self._tally.coverage["not_checked"]
        more = sum(self._tally.counts[verdict] for verdict in self._alerts) - written
        texts = list(self._facts.remarks)
        if unchecked:
            texts.append(f"{unchecked} of {self._tally.coverage['rows']} rows could not be checked")
        if more:
            texts.append(f"{more} more rows need a person, none worse than these; a .json file holds all")
        notices = [{"level": "warning", "message": {"text": _no_link(one_line(text))}} for text in texts]
        return {"toolExecutionNotifications": notices} if notices else {}


def _message(report: SheetReport, said: Brief) -> str:
    name = f" ({visible(report.row_id)})" if report.row_id else ""
    slips = "".join(f" It may have slipped: {slip}." for slip in said.slips)
    return _no_link(one_line(f"{place(report)}{name}: {said.title}: {said.headline}.{slips}"))


def _no_link(text: str) -> str:
    r"""Return a message in which no text of a sheet becomes a link: SARIF reads ``[text](place)`` as one."""
    return text.replace("](", "\\](")


def _rule(code: str) -> Row:
    for page in PAGES:
        if code in page.CODES:
            return {
                "id": code,
                "shortDescription": {"text": page.CODES[code]},
                "help": {"text": (page.__doc__ or "").replace("``", "'").strip()},
            }
    # A code without a page is a fault of itdose, and the alert is worth more than its page.
    return {"id": code}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)
