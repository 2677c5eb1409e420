"""Count a sheet without writing every report: orders that no limit tells apart share one assessment.

The verdict depends on dose, age and body weight only through the side of each
limit and band on which they lie. So orders that say the same otherwise, and
lie on the same sides, have one verdict for one cause, and the first of them is
assessed for all. What has more to compare, such as a preparation, is assessed
by itself.
"""

from __future__ import annotations

from dataclasses import fields
from hashlib import blake2b
from marshal import dumps
from typing import TYPE_CHECKING, Any

from itdose.assessment import decide
from itdose.batch.counting.people import People
from itdose.batch.counting.setting import Setting
from itdose.batch.counting.written_size import SizeReader
from itdose.batch.row_report import report_of, report_text, sheet_report
from itdose.case.reading import read_order
from itdose.errors import UnknownNameError
from itdose.findings import Verdict
from itdose.order import Order
from itdose.sheet_report import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import SheetRow
    from itdose.formulary import Formulary
    from itdose.sheet_report import SheetReport

UNREADABLE = Judged(Verdict.CANNOT_CHECK, None, "row-unreadable")
_VARYING = ("dose", "age", "weight")
# What more than limits may look at; such an order is assessed by itself.
_OF_PREPARATIONS = (
    "concentration", "volume", "product", "strength", "units_used", "draw_volume", "diluent",
    "diluent_volume", "flow_rate", "reservoir_volume", "label_text", "expiry", "prepared_by", "checked_by",
)  # fmt: skip
# Every other field, so that one that is added to Order later can't be forgotten here.
_REST = tuple(
    field.name for field in fields(Order) if field.name not in {"drug", "route", *_VARYING, *_OF_PREPARATIONS}
)
_MOST_REMEMBERED = 50_000
"""Bounds what is remembered of texts and orders, so that memory stays flat in the number of rows."""
_MOST_ROWS = 250_000
"""Digests of rows: sheets repeat, and a row that was met costs a fifth of one that was not."""
_DIGEST = 16


class Screen:
    """Judges the rows of one sheet."""

    def __init__(self, formulary: Formulary) -> None:
        self._formulary = formulary
        self._sizes = SizeReader(formulary)
        self._by_columns: dict[Columns, _ColumnsScreen] = {}
        self._alone: dict[Order, Judged] = {}
        self._by_signature: dict[Any, Judged] = {}
        self._settings: dict[Any, Setting] = {}
        self._people: dict[Any, People] = {}

    def judged(self, rows: Iterable[SheetRow]) -> Iterator[tuple[SheetRow, Judged]]:
        """Yield every row with verdict, drug and cause, as its report would have them."""
        columns, judge = None, None
        # Millions of rows come through here.
        for row in rows:
            if row.fault is not None:
                yield row, UNREADABLE
            elif row.joined is not None:
                yield row, self.assessed(row.joined)
            else:
                if judge is None or row.columns is not columns:
                    columns, judge = row.columns, self._judge_of(row.columns)
                yield row, judge(row)

    def _judge_of(self, columns: Columns) -> Callable[[SheetRow], Judged]:
        screen = self._by_columns.get(columns)
        if screen is None:
            screen = _ColumnsScreen(columns, self)
            _remember(self._by_columns, columns, screen)
        return screen.judge

    def report(self, row: SheetRow) -> SheetReport:
        """Return the whole report on one row."""
        return sheet_report(row, report_text(report_of(row, self._formulary)))

    def assessed(self, order: Order) -> Judged:
        """Assess one order by itself."""
        found = self._alone.get(order)
        if found is None:
            found = Judged(*decide(order, self._formulary))
            _remember(self._alone, order, found)
        return found

    def setting(self, order: Order) -> Setting | None:
        """Return what doses, ages and weights are compared with; None for an order to assess by itself."""
        if any(getattr(order, field) is not None for field in _OF_PREPARATIONS):
            return None
        # Another spelling of the same drug or route makes no difference to a verdict.
        drug = _key(self._formulary.find_drug, order.drug)
        names = (drug, _key(self._formulary.find_route, order.route))
        rest = tuple(getattr(order, field) for field in _REST)
        setting = self._settings.get((names, rest))
        if setting is None:
            case = read_order(order, self._formulary)
            setting = Setting(case, self._people_of(order), self._sizes, self._ask)
            _remember(self._settings, (names, rest), setting)
        return setting

    def _people_of(self, order: Order) -> People:
        key = order.categories, order.decimal_comma
        people = self._people.get(key)
        if people is None:
            people = People(order, self._formulary, self._sizes)
            _remember(self._people, key, people)
        return people

    def _ask(self, signature: Any, row: SheetRow) -> Judged:
        found = self._by_signature.get(signature)
        if found is None:
            found = Judged(*decide(row.order, self._formulary)) if row.order else UNREADABLE
            _remember(self._by_signature, signature, found)
        return found


class _ColumnsScreen:
    """Judges rows of the same columns."""

    def __init__(self, columns: Columns, screen: Screen) -> None:
        self._screen = screen
        self._rest = columns.getter(field for field in columns.read if field not in _VARYING)
        self._varying = columns.getter(_VARYING)
        self._settings: dict[Any, Setting | None] = {}
        self._of_hidden_rows: dict[Any, Setting | None] = {}
        self._all = columns.key
        self._rows: dict[bytes, Judged] = {}

    def judge(self, row: SheetRow) -> Judged:
        """Return verdict, drug and cause of one row."""
        # Marshalled, because no two rows come out alike, whatever stands in their cells.
        key = blake2b(dumps((row.is_hidden, self._all(row.texts)), 2), digest_size=_DIGEST).digest()
        found = self._rows.get(key)
        if found is None:
            found = self._looked_up(row)
            _remember(self._rows, key, found, _MOST_ROWS)
        return found

    def _looked_up(self, row: SheetRow) -> Judged:
        texts = row.texts
        settings = self._of_hidden_rows if row.is_hidden else self._settings
        key = self._rest(texts)
        try:
            setting = settings[key]
        except KeyError:
            if row.order is None:
                return UNREADABLE
            setting = self._screen.setting(row.order)
            _remember(settings, key, setting)
        if setting is None:
            return self._screen.assessed(row.order) if row.order else UNREADABLE
        return setting.judge(self._varying(texts), row) or UNREADABLE


def _remember(known: dict[Any, Any], key: Any, found: Any, most: int = _MOST_REMEMBERED) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = found


def _key(find: Callable[[str], str], text: str) -> str:
    """Return the key of a name; one that is not known stands for itself, and is no key."""
    try:
        return find(text)
    except UnknownNameError:
        return f"unknown {text}"
