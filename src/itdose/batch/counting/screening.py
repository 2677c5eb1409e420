"""Count a sheet without writing every report: orders that no limit tells apart share one assessment.

The verdict depends on dose, age and body weight only through the side of each
limit and band on which they lie. So orders that say the same otherwise, and
lie on the same sides, have one verdict for one cause, and the first of them is
assessed for all. What has more to compare, such as a preparation, is assessed
by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itdose.assessment import assess
from itdose.batch.counting.setting import Setting
from itdose.batch.counting.written_size import SizeReader
from itdose.batch.row_report import report_of, report_text, sheet_report
from itdose.findings import Verdict
from itdose.sheet_report import Judged, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import SheetRow
    from itdose.formulary import Formulary
    from itdose.order import Order
    from itdose.sheet_report import SheetReport

UNREADABLE = Judged(Verdict.CANNOT_CHECK, None, "row-unreadable")
_VARYING = ("dose", "age", "weight")
# What more than limits may look at; such an order is assessed by itself.
_OF_PREPARATIONS = (
    "concentration", "volume", "product", "strength", "units_used", "draw_volume", "diluent",
    "diluent_volume", "flow_rate", "reservoir_volume", "label_text", "expiry", "prepared_by", "checked_by",
)  # fmt: skip
_MOST_REMEMBERED = 50_000
"""Bounds what is remembered of texts and orders, so that memory stays flat in the number of rows."""


class Screen:
    """Judges the rows of one sheet."""

    def __init__(self, formulary: Formulary) -> None:
        self._formulary = formulary
        self._sizes = SizeReader(formulary)
        self._by_columns: dict[Columns, _ColumnsScreen] = {}
        self._alone: dict[Order, Judged] = {}

    def judged(self, rows: Iterable[SheetRow]) -> Iterator[tuple[SheetRow, Judged]]:
        """Yield every row with what it comes to."""
        for row in rows:
            yield row, self.judge(row)

    def judge(self, row: SheetRow) -> Judged:
        """Return verdict, drug and cause of one row, as its report would have them."""
        if row.fault is not None:
            return UNREADABLE
        if row.joined is not None:
            return self.assessed(row.joined)
        screen = self._by_columns.get(row.columns)
        if screen is None:
            screen = _ColumnsScreen(row.columns, self)
            _remember(self._by_columns, row.columns, screen)
        return screen.judge(row)

    def assessed(self, order: Order) -> Judged:
        """Assess one order by itself."""
        found = self._alone.get(order)
        if found is None:
            found = self._judged(order)
            _remember(self._alone, order, found)
        return found

    def report(self, row: SheetRow) -> SheetReport:
        """Return the whole report on one row."""
        return sheet_report(row, report_text(report_of(row, self._formulary)))

    def _judged(self, order: Order) -> Judged:
        return judged(assess(order, self._formulary))

    def setting(self, order: Order) -> Setting | None:
        """Return what doses, ages and weights are compared with; None for an order to assess by itself."""
        if any(getattr(order, field) is not None for field in _OF_PREPARATIONS):
            return None
        return Setting(order, self._formulary, self._sizes, self._judged)


class _ColumnsScreen:
    """Judges rows of the same columns."""

    def __init__(self, columns: Columns, screen: Screen) -> None:
        self._columns = columns
        self._screen = screen
        self._rest = columns.getter(field for field in columns.read if field not in _VARYING)
        self._varying = columns.getter(_VARYING)
        self._settings: dict[Any, Setting | None] = {}

    def judge(self, row: SheetRow) -> Judged:
        texts = row.texts
        key = self._rest(texts), row.is_hidden
        try:
            setting = self._settings[key]
        except KeyError:
            if row.order is None:
                return UNREADABLE
            setting = self._screen.setting(row.order)
            _remember(self._settings, key, setting)
        if setting is None:
            return self._screen.assessed(row.order) if row.order else UNREADABLE
        return setting.judge(self._varying(texts), lambda: row.order) or UNREADABLE


def _remember(known: dict[Any, Any], key: Any, found: Any) -> None:
    if len(known) >= _MOST_REMEMBERED:
        known.clear()
    known[key] = found
