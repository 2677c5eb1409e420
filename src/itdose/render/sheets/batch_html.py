"""A sheet's reports as one HTML page: no script, nothing loaded, for screen and paper."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from itdose.errors import OutputError, visible
from itdose.findings import Verdict
from itdose.render.layout import bind, counted
from itdose.render.sheets.html_article import VERDICT_WORDS, article
from itdose.render.sheets.html_rows import MOST_STOPS, KeptRows
from itdose.render.sheets.overview_counts import BANDS
from itdose.render.sheets.overview_svg import MOST_LANES, NARROW, WIDE, overview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from itdose.render.sheets.html_article import Article
    from itdose.sheet_report import SheetFacts, SheetReport

MISSING = "an HTML report needs Jinja2, which is not installed; pip install 'itdose[report]'"
# Longer than any cell that is kept, so that nothing is cut twice.
_LONGEST_TEXT = 8_000


class HtmlReport:
    """Collects what the page shows, and writes it after the last row."""

    def __init__(self, file: IO[bytes], facts: SheetFacts, most_stops: int = MOST_STOPS) -> None:
        self._file = file
        self._facts = facts
        self._page = environment().get_template("report.html")
        self._kept = KeptRows(facts.units, most_stops)

    def add(self, report: SheetReport) -> None:
        """Take the report on the next row into account."""
        self._kept.add(report)

    def finish(self) -> None:
        """Write the page, one article after the other."""
        for part in self._page.generate(page_facts(self._facts, self._kept)):
            self._file.write(part.encode())


def environment() -> Environment:
    """Return what makes pages of the templates; raise OutputError where Jinja2 is missing."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(MISSING) from error
    made = Environment(
        loader=PackageLoader("itdose.render.sheets"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain_text,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["counted"] = counted
    return made


def plain_text(part: Any) -> Any:
    """Spell out what can't be seen, in every text that a template writes, and bind numbers to their units.

    What a macro of the templates made is escaped already, and numbers are
    places in a drawing.
    """
    return bind(visible(part, _LONGEST_TEXT)) if type(part) is str else part


def page_facts(facts: SheetFacts, kept: KeptRows) -> dict[str, Any]:
    """Return what the template of the page needs."""
    style = environment().get_template("report.css").render()
    counts = kept.overview
    return {
        "facts": facts,
        "name": PurePath(facts.sheet).name or facts.sheet,
        "kept": kept,
        "rows": kept.rows,
        "unchecked": kept.counts["cannot_check"],
        "worst": max((Verdict[name.upper()] for name in kept.counts), default=Verdict.CANNOT_CHECK),
        "words": VERDICT_WORDS,
        "rules": kept.rules,
        "bands": [name for name, _ in BANDS],
        "drawings": [
            (name, drawing)
            for name, width in (("wide", WIDE), ("narrow", NARROW))
            if (drawing := overview(counts, width)) is not None
        ],
        "most_lanes": MOST_LANES,
        "is_short": len(counts.drugs) <= MOST_LANES,
        "articles": _articles(kept),
        "style": style,
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }


def _articles(kept: KeptRows) -> Iterator[Article]:
    for place, report in enumerate(kept.stops, 1):
        yield article(report, place, kept.units)
