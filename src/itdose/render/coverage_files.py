"""What a formulary covers, for other programs: every row in full, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from itdose.curation.coverage import CoverageRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.formulary import Formulary


def coverage_csv(rows: Sequence[CoverageRow]) -> str:
    """Return a header and one line a row; lists are joined by semicolons."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CoverageRow._fields)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def _cell(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "; ".join(cell) if isinstance(cell, tuple) else str(cell)


def coverage_json(formulary: Formulary, rows: Sequence[CoverageRow]) -> str:
    """Return every row, with the formulary that it is of and the day of the answer."""
    body = {
        "schema": "itdose.coverage/1",
        "formulary": {"version": formulary.version, "digest": formulary.digest},
        "as_of": formulary.as_of,
        "rows": [row._asdict() for row in rows],
    }
    return json.dumps(body, indent=2) + "\n"
