"""When a FHIR dosage is given: the interval, how long one dose runs, and what of it was not read."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.batch.fhir.concept import name_or_code
from itdose.batch.fhir.json_text import digits, element, words
from itdose.batch.fhir.quantity import TIMES, quantity_text

if TYPE_CHECKING:
    from itdose.batch.fhir.cells import OrderCells
    from itdose.batch.fhir.json_text import Element

_MINUTES = {"min": 1, "h": 60, "d": 1440, "wk": 10_080}
_PLAIN = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,4})?")
_READ = {"frequency", "period", "periodUnit", "duration", "durationUnit"}
_BOUNDS = {"boundsDuration", "boundsPeriod", "boundsRange"}
_NOT_ELEMENTS = {"id", "extension", "modifierExtension"}


def read_timing(dosage: Element, said: OrderCells) -> None:
    """Read ``every`` and ``over``; all else of the timing is named as not checked."""
    timing = element(dosage, "timing")
    if timing is None:
        return
    repeat = element(timing, "repeat") or {}
    said.read(lambda: _interval(repeat, said))
    said.read(lambda: _duration(repeat, said))
    said.read(lambda: _course(repeat, said))
    is_single = digits(repeat, "count") == "1"
    if is_single:
        said.keep("timing", said.cells.get("timing", "once"))
    code = element(timing, "code")
    if code is not None:
        said.not_checked.append(f"the timing's code {name_or_code(code)}".rstrip())
    named = {*timing} - {"repeat", "code"} | ({*repeat} - _READ - _BOUNDS)
    # A single dose needs no interval.
    named -= {"count"} if is_single else set()
    unread = sorted(name for name in named - _NOT_ELEMENTS if not name.startswith("_"))
    said.not_checked += [f"{name} of the timing" for name in unread]


def _interval(repeat: Element, said: OrderCells) -> None:
    times, period, unit = digits(repeat, "frequency"), digits(repeat, "period"), words(repeat, "periodUnit")
    if not (times or period or unit):
        return
    said.keep("timing", f"{times or '?'} x in {period or '?'} {unit or '?'}")
    every = _every(times, period, unit)
    said.keep("every", every)
    if not every:
        said.not_checked.append("the interval")


def _every(times: str, period: str, unit: str) -> str:
    """Return the interval; an empty text where it is not stated whole, or would have to be rounded."""
    if times == "1" and period and unit in TIMES:
        return _span(period, unit)
    if not (_PLAIN.fullmatch(times) and _PLAIN.fullmatch(period)) or unit not in _MINUTES or not float(times):
        return ""
    minutes = Fraction(period) * _MINUTES[unit] / Fraction(times)
    if minutes.denominator != 1:
        return ""
    hours = minutes / 60
    return f"{hours} h" if hours.denominator == 1 else f"{minutes} min"


def _duration(repeat: Element, said: OrderCells) -> None:
    duration, unit = digits(repeat, "duration"), words(repeat, "durationUnit")
    if duration and unit in TIMES:
        said.keep("over", _span(duration, unit))
    elif duration or unit:
        said.not_checked.append("the duration")


def _course(repeat: Element, said: OrderCells) -> None:
    """Keep how long the whole course lasts; it is not looked at."""
    bounds, period = element(repeat, "boundsDuration"), element(repeat, "boundsPeriod")
    if bounds is not None:
        said.keep("course", quantity_text(bounds, "boundsDuration"))
    elif period is not None:
        said.keep("course", f"{words(period, 'start') or '?'} to {words(period, 'end') or '?'}")
    elif repeat.get("boundsRange") is not None:
        said.keep("course", "a range")


def _span(number: str, unit: str) -> str:
    return f"{number} {TIMES[unit].removesuffix('s') if number == '1' else TIMES[unit]}"
