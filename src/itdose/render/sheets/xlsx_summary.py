"""The first worksheet of a workbook of reports: what was checked, what was not, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Verdict
from itdose.render.report_text import WORDS
from itdose.render.sheets.sheet_brief import WORST_FIRST, formulary_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.render.sheets.sheet_brief import Tally
    from itdose.sheet_report import SheetFacts

_MEANINGS = {
    Verdict.STOP: "a hard limit or toxic dose reached, a forbidden route or product, or contradicting cells",
    Verdict.CANNOT_CHECK: "not read, not known, or a fact is missing; nothing is said about the dose",
    Verdict.NEEDS_REVIEW: "a person must look",
    Verdict.WITHIN_LIMITS: "inside the published limits that were compared; a person still decides",
}
_NOT_LOOKED_AT = (
    "A column with a name that itdose does not know is kept and not checked. An empty cell is a fact that "
    "was not stated; what was assumed instead stands beside the rule."
)
_CELLS = (
    "The sheet's cells are text as they stood, never computed. A character that a workbook can't hold is "
    "spelled out, such as \\x1b; a text too long for a cell says where it was cut."
)


def summary(facts: SheetFacts, tally: Tally) -> Iterator[tuple[str, str]]:
    """Yield the lines of the summary, each a name and a text."""
    coverage = tally.coverage
    yield "Sheet", facts.sheet
    yield "Rows", str(coverage["rows"])
    yield "Checked", str(coverage["checked"])
    yield "Not checked", str(coverage["not_checked"])
    for word in WORST_FIRST:
        verdict = Verdict[word.upper()]
        yield WORDS[verdict], f"{tally.counts[word]} rows: {_MEANINGS[verdict]}"
    for remark in facts.remarks:
        yield "Of the sheet", remark
    yield "Not looked at", _NOT_LOOKED_AT
    yield "Decimal sign", "comma" if facts.decimal_comma else "point"
    yield "Formulary", formulary_line(facts.formulary)
    yield "itdose", facts.itdose
    yield "Cells", _CELLS
