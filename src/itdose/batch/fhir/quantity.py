"""A FHIR Quantity or Ratio as text with a unit, for the grammar that reads all doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.batch.fhir.json_text import digits, element, words
from itdose.errors import quote

if TYPE_CHECKING:
    from itdose.batch.fhir.json_text import Element

UCUM = "http://unitsofmeasure.org"
# Case counts in UCUM: "mg" is a milligram and "Mg" a thousand kilograms.
_MASS = {"g": "g", "mg": "mg", "ug": "mcg", "ng": "nanograms"}
_AMOUNT = {"mol": "mol", "mmol": "mmol", "umol": "micromol", "eq": "Eq", "meq": "mEq"}
_ACTIVITY = {"[iU]": "units", "[IU]": "units"}
_VOLUME = {"L": "L", "l": "L", "mL": "mL", "ml": "mL"}
CODES = {**_MASS, **_AMOUNT, **_ACTIVITY, **_VOLUME}
"""What can be counted, by its UCUM code, as it is spelled in a dose."""
DIVISORS = {"kg": "kg", "m2": "m2", "min": "min", "h": "h", "d": "day", "wk": "week"}
"""What a dose can be per, by its UCUM code."""
TIMES = {"min": "min", "h": "h", "d": "days", "wk": "weeks", "mo": "months", "a": "years"}
"""Spans of time, by their UCUM code."""
_WHOLE = {**CODES, **TIMES, "kg": "kg"}
_SPELLED = (
    ("mcg", "ug", "\u00b5g", "\u03bcg", "microgram", "micrograms"),
    ("mg", "milligram", "milligrams"),
    ("g", "gram", "grams"),
    ("nanograms", "ng", "nanogram"),
    ("mol",),
    ("mmol", "millimole", "millimoles"),
    ("micromol", "umol", "micromole", "micromoles"),
    ("Eq", "eq"),
    ("mEq", "meq"),
    ("units", "unit", "IU", "[iU]", "[IU]", "international units"),
    ("L", "l", "liter", "liters", "litre", "litres"),
    ("mL", "ml", "milliliter", "milliliters", "millilitre", "millilitres"),
    ("kg", "kilogram", "kilograms"),
    ("m2",),
    ("min", "minute", "minutes"),
    ("h", "hr", "hour", "hours"),
    ("day", "d", "days"),
    ("week", "wk", "weeks"),
    ("months", "mo", "month"),
    ("years", "a", "year"),
)
_SPELLINGS = {spelling: spellings[0] for spellings in _SPELLED for spelling in spellings}
"""How the text of a unit may be spelled beside its code."""
_FLOW_PARTS = 2


def quantity_text(quantity: Element, where: str) -> str:
    """Return ``50 mg``; raise ValueError for what has no number or unit, or two that disagree."""
    amount = digits(quantity, "value")
    if not amount:
        raise ValueError(f"{where} has no value; state it as a number with its unit")
    comparator = words(quantity, "comparator")
    if comparator:
        raise ValueError(f"{where} is {quote(f'{comparator} {amount}')}, which is no single amount")
    return f"{amount} {_unit(quantity, where)}"


def ratio_text(ratio: Element, where: str) -> str:
    """Return ``2 mg/h``; a rate per anything but one unit of time is never computed."""
    above, below = ratio_parts(ratio, where)
    number, _, unit = below.partition(" ")
    if number != "1":
        raise ValueError(f"{where} is {above} in {below}; state it per one minute, hour or day")
    return f"{above}/{unit.removesuffix('s') if unit in TIMES.values() else unit}"


def ratio_parts(ratio: Element, where: str) -> tuple[str, str]:
    """Return what stands above and below the line, each with its unit."""
    above, below = element(ratio, "numerator"), element(ratio, "denominator")
    if above is None or below is None:
        raise ValueError(f"{where} needs a numerator and a denominator")
    return quantity_text(above, f"{where}.numerator"), quantity_text(below, f"{where}.denominator")


def is_flow(text: str) -> bool:
    """Return whether a rate is one of volume: ``2 mL/h``."""
    unit = text.partition(" ")[2].split("/")
    return len(unit) == _FLOW_PARTS and _SPELLINGS.get(unit[0]) in {"mL", "L"}


def is_short(text: str) -> bool:
    """Return whether a time is stated in minutes or hours."""
    return _SPELLINGS.get(text.partition(" ")[2]) in {"min", "h"}


def _unit(quantity: Element, where: str) -> str:
    code, text = words(quantity, "code"), words(quantity, "unit")
    if not code or words(quantity, "system") != UCUM:
        if not text:
            raise ValueError(f"{where} has no unit that itdose reads; state a UCUM code or the unit as text")
        return text
    coded = _of_code(code)
    if coded is None:
        raise ValueError(f"{where} has the UCUM code {quote(code)}, which itdose does not read")
    if text and text != code and _same(text) != _same(coded):
        raise ValueError(
            f"{where}: the unit is {quote(text)} and its code {quote(code)}; correct one of them"
        )
    return coded


def _of_code(code: str) -> str | None:
    """Return how a UCUM code is spelled in a dose; None for one outside the closed table."""
    first, *others = code.split("/")
    if not others:
        return _WHOLE.get(first)
    parts = [CODES.get(first), *(DIVISORS.get(other) for other in others)]
    return None if None in parts else "/".join(part for part in parts if part)


def _same(text: str) -> tuple[str | None, ...]:
    """Return a unit in one spelling, by its parts; a part that is not known agrees with nothing."""
    return tuple(_SPELLINGS.get(part, f"?{part}") for part in text.split("/"))
