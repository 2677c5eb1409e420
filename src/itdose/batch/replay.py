"""Judge the rows of an earlier report once more, by another formulary.

Each line holds the row's cells as they stood in the sheet, so that the order is rebuilt from them
and read as it was read then. What can't be rebuilt is told and never taken for the same.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch import sheet_reports
from itdose.batch.columns import CANONICAL, Columns, columns_of, field_of
from itdose.batch.earlier_report import bodies
from itdose.batch.fhir import cells as fhir_cells
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import Sheet, SheetRow
from itdose.errors import SheetError, quote
from itdose.replay_report import Replayed, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from itdose.formulary import Formulary
    from itdose.replay_report import ReplayFacts
    from itdose.sheet_report import SheetReport

    _Shape = Callable[[tuple[str, ...], tuple[tuple[str, str], ...], bool], Columns]

_NEEDED = frozenset({"drug", "dose", "route"})
_KEPT_SHAPES = 1000
"""Lines may each have other columns; what is known of the last so many is kept."""


class _Earlier(NamedTuple):
    """A line of the earlier report, and the row that it is about."""

    body: Mapping[str, Any]
    row: SheetRow
    fault: str | None
    """Why the row can't be judged again."""


def replay(report: Path, formulary: Formulary, facts: ReplayFacts) -> Iterator[Replayed]:
    """Yield every row of a report that ``itdose batch`` wrote as JSON Lines, judged again.

    Raises SheetError where a line is no report on a row, with its number.
    """
    waiting: deque[_Earlier] = deque()

    def again() -> Iterator[SheetRow]:
        shape = lru_cache(maxsize=_KEPT_SHAPES)(_columns)
        for body in bodies(report):
            earlier = _rebuilt(body, shape)
            said = earlier.body["formulary"]
            facts.old_formularies[said["digest"]] = said["version"]
            if earlier.body["itdose"] not in facts.old_itdose:
                facts.old_itdose.append(earlier.body["itdose"])
            waiting.append(earlier)
            yield earlier.row

    for new in sheet_reports(Sheet(str(report), again()), formulary):
        yield _compared(waiting.popleft(), new)


def _compared(earlier: _Earlier, new: SheetReport) -> Replayed:
    body = earlier.body
    fault = earlier.fault or _not_beside_the_same(body["order"], new.body["order"])
    return Replayed(
        row=new.row,
        worksheet=new.worksheet,
        row_id=new.row_id,
        order=body["order"]["title"],
        old=judged(body),
        new=None if fault else judged(new.body),
        fault=fault,
    )


def _not_beside_the_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Return a fault where a row stands beside more or fewer rows of its preparation than it did."""
    then, now = (len(order.get("together_with", ())) for order in (old, new))
    if then == now:
        return None
    return f"{then} other rows of its preparation stood in the sheet, and {now} in this file"


def _rebuilt(body: Mapping[str, Any], shape: _Shape) -> _Earlier:
    """Return the row of a line as it stood in its sheet; one that can't be read again has a fault."""
    cells: dict[str, str] = body["cells"]
    read_as = {header: field for header, field in body.get("read_as", {}).items() if header in cells}
    codes = {finding["code"] for finding in body["findings"]}
    fault = f"it could not be read then: {body['headline']}" if "row-unreadable" in codes else None
    try:
        columns = shape(tuple(cells), tuple(read_as.items()), body.get("decimal") == "comma")
    except SheetError as error:
        columns, fault = Columns((), {}, SheetOptions()), fault or str(error)
    row = SheetRow(
        body["row"], tuple(cells.values()), columns, fault, body.get("worksheet"), "row-hidden" in codes
    )
    return _Earlier(body, row, fault or row.problem or _read_otherwise(row, body["order"]["text"]))


def _columns(headers: tuple[str, ...], read_as: tuple[tuple[str, str], ...], decimal_comma: bool) -> Columns:  # noqa: FBT001 - part of a cache's key
    """Return the columns as they were read then; without ``read_as``, by their own names or aliases."""
    if headers == fhir_cells.HEADERS:
        return fhir_cells.COLUMNS
    options, named = SheetOptions(decimal_comma=decimal_comma), dict(read_as)
    own = {
        header: header
        for header in headers
        if header in CANONICAL and header not in named and header not in named.values()
    }
    if not named and not own.keys() >= _NEEDED:
        return columns_of("its cells", headers, options)
    # A header that was mapped by hand gave its numbers no unit, also where it names one.
    mapped = {header: field for header, field in read_as if field_of(header, options) != field}
    return Columns(headers, own | named, SheetOptions(decimal_comma=decimal_comma, fields=mapped))


def _read_otherwise(row: SheetRow, then: str) -> str | None:
    """Return a fault where the drug and the dose are not those that the report names."""
    order = row.order
    now = f"{order.drug} {order.dose}" if order else ""
    return None if now == then else f"its cells say {quote(now)}, and the report is on {quote(then)}"
