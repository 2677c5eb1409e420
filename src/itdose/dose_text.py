"""The one grammar that reads doses, rates, concentrations, volumes, weights, durations and ages.

It is narrow on purpose. A text with two readings is refused and never
repaired; what is read although it is risky is read with a remark. Clinical
text never reaches a general unit parser, ``float`` or ``Decimal``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.dose_kind import Kind
from itdose.errors import DoseTextError
from itdose.plain_text import number as plain_number
from itdose.plain_text import plain, preferred
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from itdose.quantity import Unit, UnitTable

REMARKS = frozenset(
    {
        "run-together",
        "decimal-below-one",
        "large-number",
        "lower-case-l",
        "micro-sign",
        "percent-strength",
        "ratio-strength",
        "trailing-zero",
    }
)
"""The codes of what is read although it is risky."""


class Remark(NamedTuple):
    """Something risky in a text that was read all the same, and how to write it safely."""

    code: str
    fragment: str
    safe: str


class Reading(NamedTuple):
    """A text, the quantity that it says, and what is risky about the way it says it."""

    text: str
    quantity: Quantity
    remarks: tuple[Remark, ...] = ()


class Dialect(NamedTuple):
    """How texts are to be read: the accepted units, and what the writer declared."""

    units: UnitTable
    decimal_comma: bool = False
    strict: bool = False
    ratio_strength: bool = False
    """Accept ``1:200000`` as a concentration. True only for drugs labelled so in mixtures."""


# U+00B5 and U+03BC look the same, and both are typed.
_MICROGRAM_SIGNS = frozenset({"\u00b5g", "\u03bcg"})
_SPELLINGS_OF_A_KIND = {("g", Kind.WEIGHT): "g_bodyweight", ("y", Kind.AGE): "year"}

_TEXT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<gap>[ \u00a0]?)(?P<unit>[^\W\d_].*)")
_PERCENT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?%(?: w/v)?", re.ASCII)
_RATIO = re.compile(r"1:(?P<number>[1-9][0-9]{0,2}(?: ?[0-9]{3}){0,2})", re.ASCII)
_MOST_DIGITS = 7
_MOST_DECIMALS = 4
_GROUP_OF_DIGITS = 3
# Words in full may start a line; abbreviations never change case: MG is no mg.
_WORDS = frozenset(
    f"{word}{plural}"
    for word in (
        *("gram", "milligram", "microgram", "nanogram", "liter", "litre", "milliliter", "millilitre"),
        *("unit", "milliunit", "million_unit", "international_unit"),
        *("minute", "hour", "day", "week", "month", "year"),
    )
    for plural in ("", "s")
)
_LARGEST_PLAIN = 1000


def read(text: str, kind: Kind, dialect: Dialect) -> Reading:
    """Read ``text`` as one quantity of ``kind``.

    The number has a zero before its point, no sign, no exponent, no grouping
    and at most four decimals. Raises DoseTextError for everything else; the
    error shows the text, what is wrong and the safe way to write it.
    """
    stripped = text.strip(" \t\u00a0")
    reading = _read_with_comma(stripped, kind, dialect) if dialect.decimal_comma else None
    reading = reading or _read_with_point(stripped, kind, dialect)
    if dialect.strict and reading.remarks:
        raise _refusal(stripped, kind, f"strict-{reading.remarks[0].code}")
    return reading


def _read_with_comma(text: str, kind: Kind, dialect: Dialect) -> Reading:
    """Read a text whose writer declared the comma, and answer in commas too."""
    # H-01: a point can only be a group mark here, and "1.500 mg" would be
    # read a thousand times too small.
    if "." in text:
        raise _refusal(text, kind, "point-beside-comma")
    try:
        reading = _read_with_point(text.replace(",", ".", 1), kind, dialect)
    except DoseTextError as error:
        # A second comma was not declared by the first, so the advice to declare it goes.
        remedy = error.remedy.partition(";")[0] if error.code == "comma" else error.remedy
        raise DoseTextError(text, error.code, error.problem, _with_comma(remedy)) from None
    remarks = (Remark(r.code, _with_comma(r.fragment), _with_comma(r.safe)) for r in reading.remarks)
    return Reading(text, reading.quantity, tuple(remarks))


def _read_with_point(text: str, kind: Kind, dialect: Dialect) -> Reading:
    strength = _read_strength(text, dialect) if kind is Kind.CONCENTRATION else None
    return strength or _read_quantity(text, kind, dialect)


def _with_comma(text: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _read_quantity(text: str, kind: Kind, dialect: Dialect) -> Reading:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise _refusal(text, kind)
    unit, unit_remarks = _read_unit(text, match["unit"], kind, dialect.units)
    amount, remarks = _read_number(text, match["number"], kind)
    remarks += unit_remarks
    quantity = Quantity(amount, unit)
    if not match["gap"]:
        remarks.append(Remark("run-together", text, plain(quantity)))
    if kind is Kind.DOSE:
        remarks += _size_remarks(quantity)
    return Reading(text, quantity, tuple(remarks))


def _read_strength(text: str, dialect: Dialect) -> Reading | None:
    """Read ``50 %`` and, where the drug allows it, ``1:200000``; return None for other texts."""
    unit = dialect.units["mg/mL"]
    match = _PERCENT.fullmatch(text)
    if match:
        # 1 % w/v is 1 g in 100 mL, which is 10 mg/mL.
        amount, remarks = _read_number(text, match["number"], Kind.CONCENTRATION)
        strength = Quantity(amount * 10, unit)
        remarks.append(Remark("percent-strength", text, plain(strength)))
        return Reading(text, strength, tuple(remarks))
    match = _RATIO.fullmatch(text)
    if match and dialect.ratio_strength:
        # 1:N is 1 g in N mL.
        strength = Quantity(Fraction(1000, int(match["number"].replace(" ", ""))), unit)
        micrograms = strength.to(dialect.units["mcg/mL"])
        if plain_number(micrograms.amount).startswith("about"):
            return None
        return Reading(text, micrograms, (Remark("ratio-strength", text, plain(micrograms)),))
    return None


def _read_number(text: str, number: str, kind: Kind) -> tuple[Fraction, list[Remark]]:
    whole, _, decimals = number.partition(".")
    code = _number_fault(whole, decimals)
    if code:
        raise _refusal(text, kind, code)
    amount = Fraction(number)
    if not amount:
        raise _refusal(text, kind, "zero")
    remarks = []
    if decimals.endswith("0"):
        remarks.append(Remark("trailing-zero", number, plain_number(amount)))
    return amount, remarks


def _number_fault(whole: str, decimals: str) -> str | None:
    if len(whole) > 1 and whole.startswith("0"):
        return "leading-zero"
    # H-02: "1.500" is one and a half to one reader and fifteen hundred to another.
    if len(decimals) == _GROUP_OF_DIGITS and whole != "0":
        return "three-decimals"
    if len(whole) > _MOST_DIGITS or len(decimals) > _MOST_DECIMALS:
        return "long-number"
    return None


def _read_unit(text: str, written: str, kind: Kind, units: UnitTable) -> tuple[Unit, list[Remark]]:
    remarks: list[Remark] = []
    parts = [_unit_name(part, kind, units, remarks) for part in written.split("/")]
    if None in parts:
        raise _refusal(text, kind)
    unit = units["/".join(part for part in parts if part)]
    if not kind.accepts(unit.dimension):
        raise _refusal(text, kind, "other-kind")
    return unit, remarks


def _unit_name(part: str, kind: Kind, units: UnitTable, remarks: list[Remark]) -> str | None:
    """Return the unit table's spelling of one written unit, or None if it is not accepted."""
    if part in _MICROGRAM_SIGNS:
        remarks.append(Remark("micro-sign", part, "mcg"))
        return "mcg"
    if part == "ml":
        remarks.append(Remark("lower-case-l", part, "mL"))
        return "mL"
    if (part, kind) in _SPELLINGS_OF_A_KIND:
        return _SPELLINGS_OF_A_KIND[part, kind]
    if "_" in part:
        return None
    name = part.replace(" ", "_", 1)
    if name.lower() in _WORDS:
        name = name.lower()
    return name if name in units else None


def _size_remarks(quantity: Quantity) -> list[Remark]:
    """Remark on a decimal that a smaller unit avoids, and on zeros that a larger one avoids."""
    if quantity.unit.symbol.partition("/")[0] not in {"g", "mg", "mcg"}:
        return []
    if quantity.amount < 1:
        code = "decimal-below-one"
    elif quantity.amount > _LARGEST_PLAIN:
        code = "large-number"
    else:
        return []
    better = preferred(quantity)
    if better.unit.symbol == quantity.unit.symbol:
        return []
    return [Remark(code, plain(quantity), plain(better))]


def _refusal(text: str, kind: Kind, code: str | None = None) -> DoseTextError:
    # Imported here: most texts are read, and the table of refusals is long.
    from itdose.dose_text_refusals import refusal  # noqa: PLC0415

    return refusal(text, kind, code)
