"""A sheet's reports as a PDF: the HTML page on paper, tagged for screen readers."""

from __future__ import annotations

import io
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, NoReturn

from itdose.errors import OutputError
from itdose.render.sheets.batch_html import HtmlReport

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport

MOST_STOPS_ON_PAPER = 60
"""Laying out a page takes seconds, and nobody leafs through more."""
_MISSING = "a PDF needs WeasyPrint, which is not installed; pip install 'itdose[pdf]'"
_NO_PANGO = (
    "a PDF needs Pango beside WeasyPrint, and it was not found ({}); install Pango, or write an "
    ".html file and print that from a browser"
)


class PdfReport:
    """Collects what the page shows, and writes it as a PDF after the last row."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._weasyprint = _weasyprint()
        self._html = io.BytesIO()
        self._page = HtmlReport(self._html, facts, MOST_STOPS_ON_PAPER)

    def add(self, report: SheetReport) -> None:
        """Take the report on the next row into account."""
        self._page.add(report)

    def finish(self) -> None:
        """Write the PDF. Nothing that a text names is loaded."""
        self._page.finish()
        page = self._weasyprint.HTML(string=self._html.getvalue().decode(), url_fetcher=_nothing)
        self._file.write(page.write_pdf(pdf_variant="pdf/ua-1"))


def _weasyprint() -> Any:
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise OutputError(_MISSING) from error
    except OSError as error:
        raise OutputError(_NO_PANGO.format(str(error).partition("\n")[0])) from error


def _nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"the report loads nothing, and {url!r} was asked for")
