"""One report of a sheet as a line of JSON, with the row's own text beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from itdose.render.to_json import report_row

if TYPE_CHECKING:
    from itdose.batch import RowReport


def row_line(row: RowReport) -> str:
    """Return the line, with its line end."""
    body = report_row(row.report, row=row.row)
    body["row_id"] = row.row_id
    body["cells"] = dict(row.cells)
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")) + "\n"
