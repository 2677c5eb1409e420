"""Dates as FHIR writes them, and a person's age between two of them. A partial date is never filled up."""

from __future__ import annotations

from datetime import date, datetime

_DAY = 10
_MONTHS = 12
_YOUNG = 2


def day_of(text: str) -> date | None:
    """Return the day of a date or a moment; None where it is not stated whole."""
    try:
        return date.fromisoformat(text[:_DAY]) if len(text) == _DAY or text[_DAY : _DAY + 1] == "T" else None
    except ValueError:
        return None


def is_same_moment(first: str, second: str) -> bool:
    """Return whether two dates can't be put in order: one day, and not both with a time of day."""
    if day_of(first) != day_of(second):
        return False
    one, other = _moment(first), _moment(second)
    return one is None or other is None or one == other


def is_later(first: str, second: str) -> bool:
    """Return whether the first of two full dates is the later one."""
    one, other = _moment(first), _moment(second)
    if one is not None and other is not None:
        return one > other
    return first[:_DAY] > second[:_DAY]


def age_text(birth: date, day: date) -> str:
    """Return an age in completed years, of the young in months or days; empty for the day of birth.

    Raises ValueError where the day lies before the birth.
    """
    if day < birth:
        raise ValueError("the birth date lies after the order; correct one of the dates")
    months = (day.year - birth.year) * _MONTHS + day.month - birth.month - (day.day < birth.day)
    if months >= _YOUNG * _MONTHS:
        return f"{months // _MONTHS} years"
    if months:
        return "1 month" if months == 1 else f"{months} months"
    days = (day - birth).days
    return ("1 day" if days == 1 else f"{days} days") if days else ""


def _moment(text: str) -> datetime | None:
    """Return a moment with its time zone; None for a date alone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
