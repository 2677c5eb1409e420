"""The columns of a Parquet file as texts; what is no text and no number can't stand for a dose."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.types as kinds

from itdose.batch.workbook.cell_texts import plain

if TYPE_CHECKING:
    from collections.abc import Callable

# Of a time that a program stored with a day: 2026-11-30 00:00:00.000.
_NO_TIME = re.compile(r"[ T]00:00:00(?:\.0+)?\Z")
_ZEROS = re.compile(r"(:[0-9]{2}(?:\.[0-9]*[1-9])?)\.?0*\Z")
_NOT_FINITE = frozenset({"nan", "inf", "-inf"})


def texts_of(column: Any) -> list[str]:
    """Return the cells of a column's batch; one without anything in it is an empty text."""
    column = _stored(column)
    kind = column.type
    if kinds.is_floating(kind) or kinds.is_decimal(kind):
        return _written(column, _digits)
    if kinds.is_temporal(kind):
        return _written(_in_utc(column), _moment_in_utc if getattr(kind, "tz", None) else _moment)
    if kinds.is_integer(kind) or kinds.is_boolean(kind) or _is_text(kind):
        return _written(column, str)
    return ["" if not cell.is_valid else _shown(cell) for cell in column]


def may_fault(kind: Any) -> bool:
    """Return whether a cell of a column of this kind may be one that can't be taken as it is."""
    kind = _stored_kind(kind)
    return not (_is_text(kind) or kinds.is_integer(kind) or kinds.is_decimal(kind))


def fault_of(kind: Any, field: str, text: str) -> str | None:
    """Return why a cell of a column of this kind can't be taken as that field, and how to mend it."""
    kind = _stored_kind(kind)
    if not text:
        return None
    if kinds.is_floating(kind):
        return f"{field} holds {text}, which is no number; write it as text" if text in _NOT_FINITE else None
    if field == "expiry" and (kinds.is_date(kind) or (kinds.is_timestamp(kind) and kind.tz is None)):
        return None
    return f"the column of {field} is of the type {kind}; write it as text"


def is_number(kind: Any) -> bool:
    """Return whether a column of this kind holds numbers, whose decimal sign is a point."""
    kind = _stored_kind(kind)
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def _stored_kind(kind: Any) -> Any:
    if kinds.is_dictionary(kind):
        return _stored_kind(kind.value_type)
    return _stored_kind(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def _stored(column: Any) -> Any:
    if kinds.is_dictionary(column.type):
        return _stored(column.dictionary_decode())
    return _stored(column.storage) if isinstance(column, pa.ExtensionArray) else column


def _is_text(kind: Any) -> bool:
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind))


def _written(column: Any, write: Callable[[str], str]) -> list[str]:
    texts = column.cast(pa.string()).to_pylist()
    return ["" if text is None else write(text) for text in texts]


def _digits(text: str) -> str:
    return text if text in _NOT_FINITE else plain(Decimal(text))


def _moment(text: str) -> str:
    return _ZEROS.sub(r"\1", _NO_TIME.sub("", text))


def _moment_in_utc(text: str) -> str:
    return _ZEROS.sub(r"\1", text) + "Z"


def _in_utc(column: Any) -> Any:
    """Return moments of a time zone as those of UTC, so that no table of time zones is needed."""
    kind = column.type
    return column.cast(pa.timestamp(kind.unit)) if getattr(kind, "tz", None) else column


def _shown(cell: Any) -> str:
    try:
        return str(cell.as_py())
    except (ValueError, OverflowError, pa.ArrowException):
        # Such as a day that Python's calendar does not reach; it can't be written out at all.
        return f"a cell of the type {cell.type}"
