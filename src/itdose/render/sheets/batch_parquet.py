"""A sheet's reports as Parquet, for audits of many rows: what decided, the whole report, the cells."""

from __future__ import annotations

import json
import weakref
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from itdose.errors import SheetError
from itdose.render.sheets.sheet_brief import Tally, brief, end_of, head_of
from itdose.render.sheets.sheet_columns import SheetColumns
from itdose.render.sheets.spelling import unicode_text

if TYPE_CHECKING:
    from itdose.sheet_report import SheetFacts, SheetReport

COLUMNS = ("row", "worksheet", "row_id", "verdict", "code", "headline", "report")
_ROWS_OF_A_GROUP = 10_000
_TEXT_OF_A_GROUP = 1 << 25
"""Characters of reports that are held before they are written."""


class Parquet:
    """Writes rows in groups; the file's metadata holds what is known of the whole sheet."""

    def __init__(self, file: IO[bytes], facts: SheetFacts) -> None:
        self._arrow, parquet = _arrow()
        self._facts = facts
        self._columns = SheetColumns(facts)
        self._tally = Tally()
        self._rows: list[list[Any]] = []
        self._held = 0
        string = self._arrow.string()
        own = [(name, self._arrow.int64() if name == "row" else string) for name in COLUMNS]
        others = [(unicode_text(name), string) for name in self._columns.names(COLUMNS)]
        self._schema = self._arrow.schema([*own, *others])
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        # Given up half way, it would still write its last bytes, to a file that is closed.
        weakref.finalize(self, _give_up, self._writer)

    def add(self, report: SheetReport) -> None:
        """Hold one row until its group is whole."""
        said = brief(report)
        texts = [
            report.worksheet, report.row_id, said.verdict, said.code, said.headline, report.text,
            *self._columns.cells(report),
        ]  # fmt: skip
        self._rows.append([report.row, *(text if text is None else unicode_text(text) for text in texts)])
        self._tally.add(said.verdict)
        self._held += len(report.text)
        if len(self._rows) == _ROWS_OF_A_GROUP or self._held > _TEXT_OF_A_GROUP:
            self._write_group()

    def finish(self) -> None:
        """Write the last group and the metadata."""
        self._write_group()
        whole = {"schema": "itdose.sheet/1", **head_of(self._facts), **end_of(self._facts, self._tally)}
        self._writer.add_key_value_metadata({"itdose": json.dumps(whole, ensure_ascii=True)})
        self._writer.close()

    def _write_group(self) -> None:
        if self._rows:
            columns = [
                self._arrow.array(column, type=kind)
                for column, kind in zip(zip(*self._rows, strict=True), self._schema.types, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))
        self._rows, self._held = [], 0


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise SheetError("writing .parquet needs pyarrow; pip install 'itdose[audit]'") from error


def _give_up(writer: Any) -> None:
    writer.is_open = False
