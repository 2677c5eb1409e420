"""The formats that a sheet's reports are written in, each with its module and its file names."""

from __future__ import annotations

from importlib import import_module
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetWriter


class SheetFormat(NamedTuple):
    """Where a format is written, and by which endings of a file's name it is meant."""

    writer: str
    """Module and class in ``itdose.render.sheets``, imported when the format is used."""
    endings: tuple[str, ...]
    is_text: bool = True
    """Whether it can go to standard output."""


FORMATS = {
    "ndjson": SheetFormat("batch_json:JsonLines", (".ndjson", ".jsonl")),
    "json": SheetFormat("batch_json:JsonObject", (".json",)),
    "csv": SheetFormat("batch_csv:Csv", (".csv",)),
    "sarif": SheetFormat("batch_sarif:Sarif", (".sarif", ".sarif.json")),
    "junit": SheetFormat("batch_junit:JUnit", (".junit.xml", ".xml")),
    "github": SheetFormat("batch_github:GitHub", ()),
    "fhir": SheetFormat("batch_fhir:FhirBundle", (".fhir.json",)),
    "parquet": SheetFormat("batch_parquet:Parquet", (".parquet",), is_text=False),
    "xlsx": SheetFormat("batch_xlsx:Xlsx", (".xlsx",), is_text=False),
    "html": SheetFormat("batch_html:HtmlReport", (".html", ".htm"), is_text=False),
    "pdf": SheetFormat("batch_pdf:PdfReport", (".pdf",), is_text=False),
}
"""Longer endings stand for themselves: ``.sarif.json`` is SARIF."""


def format_of(file_name: str) -> str | None:
    """Return the format that a file's name asks for; the longest ending decides."""
    lower = file_name.lower()
    endings = {ending: name for name, known in FORMATS.items() for ending in known.endings}
    fitting = [ending for ending in endings if lower.endswith(ending)]
    return endings[max(fitting, key=len)] if fitting else None


def writer(name: str, file: IO[bytes], facts: SheetFacts) -> SheetWriter:
    """Return a writer of this format to a file."""
    module, _, kind = FORMATS[name].writer.partition(":")
    made: SheetWriter = getattr(import_module(f"itdose.render.sheets.{module}"), kind)(file, facts)
    return made
