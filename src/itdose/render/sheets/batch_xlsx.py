"""A sheet's reports as a new workbook: a summary, every row with its own columns first, and the sources."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from itdose.errors import SheetError
from itdose.findings import Verdict
from itdose.render.sheets.sheet_brief import Tally, brief
from itdose.render.sheets.sheet_columns import SheetColumns
from itdose.render.sheets.xlsx_summary import summary

if TYPE_CHECKING:
    from itdose.findings import Citation
    from itdose.render.sheets.sheet_brief import Brief
    from itdose.render.sheets.xlsx_pages import Pages
    from itdose.sheet_report import SheetFacts, SheetReport

OWN = {
    "Verdict": 16, "What to look at": 42, "What may have slipped (it explains; no dose to give)": 40,
    "Evidence": 28, "Rule, and what was assumed": 38, "Sheet row": 7, "Worksheet": 11,
}  # fmt: skip
"""The columns of itdose, each with its width in characters."""
MOST_ROWS = 1_048_575
"""A worksheet has one row more, for the header."""
_MOST_COLUMNS = 16_384
_OTHER_FORMATS = "write .csv or .parquet, which hold more"
_OF_THE_SHEET = (11, 16)
"""The least and the most characters that a column of the sheet is wide."""
_SOURCES = {"Source": 20, "Title": 80, "Year": 11, "DOI": 32, "PMID": 11, "URL": 50}


class Xlsx:
    """Writes the rows as they come; the summary, which stands first, and the sources at the end."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._file = file
        self._facts = facts
        self._tally = Tally()
        self._cited: dict[str, Citation] = {}
        self._columns = SheetColumns(facts)
        names = self._columns.names(OWN)
        if len(names) + len(OWN) > _MOST_COLUMNS:
            raise SheetError(f"a .xlsx file holds {_MOST_COLUMNS} columns; {_OTHER_FORMATS}")
        self._of_the_sheet = len(names)
        self._pages = _pages()
        self._summary = self._pages.add("Summary", [20, 110])
        least, most = _OF_THE_SHEET
        widths = [min(max(len(name) + 2, least), most) for name in names]
        self._rows = self._pages.add("Rows", [*widths, *OWN.values()])
        self._rows.header([*names, *OWN])

    def add(self, report: SheetReport) -> None:
        """Write one row."""
        if self._tally.coverage["rows"] == MOST_ROWS:
            raise SheetError(f"a .xlsx file holds {MOST_ROWS} rows below its header; {_OTHER_FORMATS}")
        said = brief(report)
        self._tally.add(said.verdict)
        self._cited |= {citations[0].source: citations[0] for citations in said.cited}
        cells = (cell or "" for cell in self._columns.cells(report))
        verdict = Verdict[said.verdict.upper()]
        self._rows.add([*cells, verdict, *_texts(said), report.row, report.worksheet or ""])

    def finish(self) -> None:
        """Write the summary and the sources, and the workbook to the file."""
        self._rows.mark_rows(self._of_the_sheet)
        self._rows.finish()
        for line in summary(self._facts, self._tally):
            self._summary.add(line, first_is_name=True)
        sources = self._pages.add("Sources", list(_SOURCES.values()))
        sources.header(list(_SOURCES))
        for key, cited in sorted(self._cited.items()):
            year = cited.year if cited.year.isdigit() else ""
            sources.add([key, cited.title, year, cited.doi or "", cited.pmid or "", cited.url or ""])
        sources.finish()
        self._pages.save(self._file)


def _texts(said: Brief) -> tuple[str, ...]:
    places = [f"{each[0].source}: {'; '.join(place.where for place in each)}" for each in said.cited]
    return (
        "\n".join([said.headline, *(f"- {message}" for message in said.also)]),
        "\n".join(said.slips),
        "\n".join(places),
        "\n".join([*said.rules, *(f"assumed: {assumption}" for assumption in said.assumptions)]),
    )


def _pages() -> Pages:
    try:
        import openpyxl  # noqa: F401, PLC0415
    except ImportError as error:
        raise SheetError("writing .xlsx needs openpyxl; pip install 'itdose[xlsx]'") from error
    from itdose.render.sheets.xlsx_pages import Pages  # noqa: PLC0415

    return Pages()
