"""A sheet's reports as JUnit XML, for build servers: one test case a row, none of them left out."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from itdose.errors import visible
from itdose.findings import Verdict
from itdose.render.sheets.sheet_brief import Tally, brief, formulary_line
from itdose.render.sheets.sheet_places import place
from itdose.render.sheets.spelling import for_xml, one_line
from itdose.render.sheets.spool import Spool

if TYPE_CHECKING:
    from itdose.render.sheets.sheet_brief import Brief
    from itdose.sheet_report import SheetFacts, SheetReport

_KINDS = {Verdict.STOP: "failure", Verdict.NEEDS_REVIEW: "failure", Verdict.CANNOT_CHECK: "error"}
"""What was not checked is an error, not a failure: no dose was compared."""


class JUnit:
    """Keeps the cases until their counts are known, since those stand before them."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._facts = facts
        self._tally = Tally()
        self._cases = Spool()

    def add(self, report: SheetReport) -> None:
        """Keep the case of one row."""
        said = brief(report)
        self._tally.add(said.verdict)
        kind = _KINDS.get(Verdict[said.verdict.upper()])
        found = (
            f"\n<{kind} type={_attribute(f'{said.verdict}: {said.code}')} "
            f"message={_attribute(said.headline)}>{_content(_told(said))}</{kind}>\n"
            if kind
            else ""
        )
        row_id = f" ({visible(report.row_id)})" if report.row_id else ""
        name = _attribute(f"{place(report)}{row_id}: {said.title}")
        suite = _attribute(self._facts.sheet)
        self._cases.add(f"<testcase classname={suite} name={name}>{found}</testcase>\n")

    def finish(self) -> None:
        """Write the counts, then the cases."""
        counts, coverage = self._tally.counts, self._tally.coverage
        failures = counts[str(Verdict.STOP)] + counts[str(Verdict.NEEDS_REVIEW)]
        numbers = f'tests="{coverage["rows"]}" failures="{failures}" errors="{coverage["not_checked"]}"'
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<testsuites name="itdose" {numbers}>\n'
            f'<testsuite name={_attribute(self._facts.sheet)} {numbers} skipped="0">\n'
            f"<properties>\n{''.join(self._properties())}</properties>\n"
        )
        self._file.write(head.encode("ascii"))
        self._cases.copy_to(self._file)
        self._file.write(b"</testsuite>\n</testsuites>\n")

    def _properties(self) -> list[str]:
        said = {"itdose": self._facts.itdose, "formulary": formulary_line(self._facts.formulary)}
        said |= {name: str(count) for name, count in self._tally.coverage.items()}
        said |= {verdict: str(count) for verdict, count in self._tally.counts.items()}
        pairs = [*said.items(), *(("remark", remark) for remark in self._facts.remarks)]
        return [f"<property name={_attribute(name)} value={_attribute(text)}/>\n" for name, text in pairs]


def _told(said: Brief) -> str:
    parts = [f"{said.verdict}: {said.title}: {said.headline}"]
    parts += [f"It may have slipped (it explains; no dose to give): {slip}" for slip in said.slips]
    parts += [f"Also: {message}" for message in said.also]
    parts += [f"Evidence: {source}" for source in said.evidence]
    parts += [f"Rule: {rule}" for rule in said.rules]
    parts += [f"Assumed: {assumption}" for assumption in said.assumptions]
    return "\n".join(one_line(part) for part in parts)


def _attribute(text: str) -> str:
    return _ascii(quoteattr(for_xml(one_line(text))))


def _content(text: str) -> str:
    return _ascii(escape(for_xml(text)))


def _ascii(text: str) -> str:
    """Return XML in characters that every encoding has."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
