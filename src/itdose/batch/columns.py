"""The columns of a sheet: which header names which canonical field, and a row as an order."""

from __future__ import annotations

import re
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from itdose.batch.header_names import FIELDS, normal_header
from itdose.errors import SheetError, quote
from itdose.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from itdose.batch.options import SheetOptions

NEEDED = ("row_id", "drug", "dose", "route")
# Read into the order's field of the same name, as they stand.
_SAME_NAME = (
    "drug", "dose", "route", "mode", "over", "every", "indication", "age", "weight", "product", "strength",
    "units_used", "draw_volume", "diluent", "diluent_volume", "flow_rate", "reservoir_volume", "label_text",
    "expiry", "prepared_by", "checked_by",
)  # fmt: skip
_OTHER_NAME = {"final_concentration": "concentration", "final_volume": "volume"}
_LISTS = {"category": "categories", "conditions": "conditions"}
NOT_READ_YET = ("height",)
"""Canonical columns that change what a dose means, and that no check reads yet."""
_OF_THE_SHEET = ("row_id", "preparation_id")
KEPT = ("lot",)
CANONICAL = (*_OF_THE_SHEET, *_SAME_NAME, *_OTHER_NAME, *_LISTS, *NOT_READ_YET, *KEPT)
"""Every field that a column can name."""
_READ = frozenset(CANONICAL) - {*KEPT, "row_id"}
_QUANTITIES = frozenset(
    {
        *("dose", "over", "every", "age", "weight", "height", "strength", "draw_volume", "diluent_volume"),
        *("final_volume", "final_concentration", "flow_rate", "reservoir_volume"),
    }
)
"""Fields whose header may say the unit of bare numbers."""
_UNIT_IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])")
_UNIT = (
    r"(?:mcg|[\u00b5\u03bc]g|mg|g|kg|mL|ml|L|mmol|mEq|units|%|min|minutes|h|hours|days?|weeks|months|years|cm)"
    r"(?:/(?:kg|m2|min|h|day|mL|ml))*"
)
# Only a unit that is known may follow "in" without brackets: "dose in total" says no unit.
_UNIT_AFTER_IN = re.compile(rf"(?P<name>.+?)\s+(?i:in|en|em)\s+(?P<unit>{_UNIT})")
_KNOWN_UNIT = re.compile(_UNIT)
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_BARE_NUMBER = re.compile(_NUMBER)
_NUMBER_WITH_UNIT = re.compile(rf"{_NUMBER}[ \u00a0]?(?P<unit>\D.*)", re.DOTALL)
# Not every blank: one that can't be seen is refused by the grammar.
_BLANKS = " \t\r\n\u00a0"
_SHOWN_HEADERS = 40
# A header that is longer names no field, and patterns take long over it.
_LONGEST_HEADER = 200


class Columns:
    """The headers of a sheet, each with the field that it names, or none.

    ``key`` returns what of a row makes its order, so that equal rows are read once.
    """

    def __init__(self, headers: Sequence[str], fields: Mapping[str, str], options: SheetOptions) -> None:
        self.headers = tuple(headers)
        self.fields = dict(fields)
        """The canonical field of each header that names one."""
        self.options = options
        self._place = {field: self.headers.index(header) for header, field in fields.items()}
        self._units = {
            field: unit
            for header, field in fields.items()
            if field in _QUANTITIES and (unit := _split(header, options)[1])
        }
        self.read = tuple(field for field in self._place if field in _READ)
        """The fields that make an order, as far as the sheet has them."""
        self.key = self.getter(self.read)
        self.has_preparations = "preparation_id" in self._place

    def getter(self, fields: Iterable[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Return a function that takes the cells of these fields; one that the sheet lacks is empty."""
        places = [self._place.get(field) for field in fields]
        present = [place for place in places if place is not None]
        if len(present) < 2 or len(present) < len(places):  # noqa: PLR2004 - itemgetter of one gives no tuple
            return lambda texts: tuple([texts[place] if place is not None else "" for place in places])
        return itemgetter(*present)

    @property
    def renamed(self) -> dict[str, str]:
        """The headers that name a field otherwise than by its canonical name."""
        return {header: field for header, field in self.fields.items() if header != field}

    def text(self, field: str, texts: Sequence[str]) -> str:
        """Return what a row says in a field, or an empty text."""
        place = self._place.get(field)
        return texts[place].strip(_BLANKS) if place is not None and place < len(texts) else ""

    def cells(self, texts: Sequence[str]) -> dict[str, str]:
        """Return every cell by its header; one beyond the header by its place."""
        nameless = [nameless_header(place) for place in range(len(self.headers), len(texts))]
        return dict(zip((*self.headers, *nameless), texts, strict=False))

    def fault(self, texts: Sequence[str]) -> str | None:
        """Return why a row of these columns holds no order, and how to mend it."""
        missing = [field for field in ("drug", "dose", "route") if not self.text(field, texts)]
        if missing:
            return f"{' and '.join(missing)} not stated; fill in the cell"
        for field, unit in self._units.items():
            text = self.text(field, texts)
            if text and not _BARE_NUMBER.fullmatch(text) and not _says(text, unit):
                return (
                    f"the header gives {field} in {quote(unit)} and the cell says {quote(text)}; "
                    "write the number alone, or with that unit"
                )
        return None

    def order(self, texts: Sequence[str], *, in_hidden_row: bool = False) -> Order:
        """Return a row as an order. Empty cells are facts that were not stated."""
        said = {field: text for field in self._place if (text := self._with_unit(field, texts))}
        stated: dict[str, Any] = {field: said[field] for field in _SAME_NAME if field in said}
        stated |= {name: said[field] for field, name in _OTHER_NAME.items() if field in said}
        stated |= {name: _parts(said[field]) for field, name in _LISTS.items() if field in said}
        return Order(
            **stated,
            decimal_comma=self.options.decimal_comma,
            not_read=tuple(field for field in NOT_READ_YET if field in said),
            in_hidden_row=in_hidden_row,
        )

    def _with_unit(self, field: str, texts: Sequence[str]) -> str:
        """Return a cell's text; a bare number takes the unit that its header names."""
        text = self.text(field, texts)
        unit = self._units.get(field)
        return f"{text} {unit}" if unit and _BARE_NUMBER.fullmatch(text) else text


def columns_of(
    where: str, headers: Sequence[str], options: SheetOptions, *, every_mapped: bool = True
) -> Columns:
    """Return the columns of a header row; raise SheetError for one with two readings.

    Every header of ``--map`` must stand in it, unless rows have headers of their own.
    """
    if every_mapped:
        check_mapped(where, headers, options)
    repeated = sorted(name for name, times in Counter(headers).items() if times > 1)
    if repeated:
        raise SheetError(f"{where} names {_list(repeated)} more than once; keep one column of each")
    fields: dict[str, str] = {}
    for header in headers:
        field = field_of(header, options)
        if field is None:
            continue
        other = next((name for name, taken in fields.items() if taken == field), None)
        if other is not None:
            raise SheetError(
                f"{where}: both {quote(other)} and {quote(header)} name {field}; rename one of them, or "
                f"choose with --map {quote(f'{header}={field}')}"
            )
        fields[header] = field
    return Columns(headers, fields, options)


def field_of(header: str, options: SheetOptions) -> str | None:
    """Return the canonical field that a header names, or None for a column that is only kept."""
    if header in options.fields:
        return options.fields[header]
    if len(header) > _LONGEST_HEADER:
        return None
    name, unit = _split(header, options)
    field = FIELDS.get(normal_header(name))
    if unit and field not in _QUANTITIES:
        return None  # "drug (allergy)" is not the drug
    # What --map gives to another column is not found by its alias as well.
    return None if field in options.fields.values() else field


def missing_fields(fields: Mapping[str, str]) -> list[str]:
    """Return the needed fields that no header names."""
    return [field for field in NEEDED if field not in fields.values()]


def named(headers: Iterable[str]) -> list[str]:
    """Return the headers of a table without blanks around them, and with a name for each that has none."""
    return [header.strip(_BLANKS) or nameless_header(place) for place, header in enumerate(headers)]


def nameless_header(place: int) -> str:
    """Return a name for a column without one, so that its cells are kept."""
    return f"column {place + 1}"


def check_mapped(where: str, headers: Sequence[str], options: SheetOptions) -> None:
    """Raise SheetError for a header of ``--map`` that is not there."""
    absent = [header for header in options.fields if header not in headers]
    if absent:
        raise SheetError(f"{where} has no column {_list(absent)}, which --map names; it has {_list(headers)}")


def _split(header: str, options: SheetOptions) -> tuple[str, str | None]:
    """Return a header's name and the unit that it gives its numbers: ``dose (mg)``, ``dose in mg``."""
    if normal_header(header) in FIELDS:
        return header, None
    match = _UNIT_IN_BRACKETS.fullmatch(header)
    if match is not None:
        unit = (match["round"] or match["square"] or "").strip() or None
    else:
        match = _UNIT_AFTER_IN.fullmatch(header)
        unit = match["unit"] if match else None
    if match is None or (header in options.fields and not _KNOWN_UNIT.fullmatch(unit or "")):
        return header, None
    return match["name"], unit


def _says(text: str, unit: str) -> bool:
    """Return whether a cell is a number with the unit that its header says too."""
    match = _NUMBER_WITH_UNIT.fullmatch(text)
    return match is not None and match["unit"] == unit


def _list(names: Sequence[str]) -> str:
    rest = " ..." if len(names) > _SHOWN_HEADERS else ""
    return ", ".join(quote(name) for name in names[:_SHOWN_HEADERS]) + rest


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
