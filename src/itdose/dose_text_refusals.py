"""Why a text was refused: what is wrong with it and the safe way to write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.errors import DoseTextError

if TYPE_CHECKING:
    from itdose.dose_kind import Kind

# The first pattern that is found names the refusal, so the narrow ones stand first.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("empty", r"^$"),
    ("invisible-character", r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]"),
    ("not-a-number", r"(?i)^[-+\u2212]?(nan|inf(inity)?)\b"),
    ("sign", r"^[-+\u2212\u2012-\u2015]"),
    ("exponent", r"\d[eE][-+]?\d"),
    ("letter-for-digit", r"(?<![A-Za-z])[oO][.,\d]|\d[oO](?=[\d.,\s]|$)"),
    ("ratio-strength", r"\d\s*:\s*\d"),
    ("comma", r",|\u066b"),
    ("range", r"\d\s*(-|\u2010|\u2011|\u2012|\u2013|\u2014|\bto\b)\s*\d"),
    ("fraction", r"^\d+\s*[/\u2044]\s*\d"),
    ("number-below-the-line", r"/\s*\d"),
    ("grouped-number", r"\d[ \u00a0\u2009\u202f'_]\d"),
    ("calculation", r"[*^=]|\d\s*x\s*\d"),
    ("symbol", r"[<>\u2264\u2265@&+\u00b1~?]"),
    ("two-points", r"\d\.\d+\."),
    ("naked-decimal", r"^\.\d"),
    ("trailing-point", r"^\d+\.(?!\d)"),
    ("percent", r"\d\s*%"),
    ("other-digits", r"[^\x00-\x7f\u00b5\u03bc\u00a0]\s*|^[^\x00-\x7f\u00b5\u03bc]"),
    ("unit-with-point", r"[A-Za-z]\.$"),
    ("no-unit", r"^[\d.]+$"),
    ("no-number", r"^\D"),
    ("text-after-unit", r"[A-Za-z]\s+\S"),
)

# code: (what is wrong, how to write it). "{example}" is a text of the expected kind,
# "{safe}" the readings of this text, each written safely.
_MESSAGES: dict[str, tuple[str, str]] = {
    "empty": ("there is no text", "write {noun} such as '{example}'"),
    "invisible-character": (
        "it holds a character that can't be seen",
        "type it again; a copied text may have lost a letter such as the mu of a microgram sign",
    ),
    "not-a-number": ("it is not a number", "write {noun} such as '{example}'"),
    "sign": ("it starts with a sign", "write {noun} without a sign, such as '{example}'"),
    "exponent": ("an exponent is read wrongly by people", "write the digits out, such as '{example}'"),
    "letter-for-digit": ("a letter O stands where a zero is meant", "write {safe}"),
    "ratio-strength": (
        "a ratio strength is misread tenfold, and single drugs are no longer labelled so",
        "write the mass in each milliliter, such as '1 mg/mL'",
    ),
    "comma": (
        "a comma is a decimal sign to some readers and a group mark to others",
        "write {safe}; for a whole sheet, 'itdose batch --decimal comma' declares it",
    ),
    "range": ("it is a range, and one dose is needed", "write the one dose that is to be given"),
    "fraction": ("a fraction is misread as two numbers", "write it as a decimal, such as '{example}'"),
    "number-below-the-line": (
        "a number stands below the line",
        "write it for one unit: '50 mg/mL' and not '100 mg/2 mL', '1 mg/day' and not '1 mg/24 h'",
    ),
    "grouped-number": ("a gap in a number is read as two numbers", "write {safe}"),
    "calculation": ("it is a calculation", "write its result, such as '{example}'"),
    "symbol": ("it holds a symbol that is misread as a digit", "write it in words and digits only"),
    "percent": (
        "a percentage is a strength and not {noun}",
        "write '{example}', and the strength as the concentration: '--concentration 50%'",
    ),
    "percent-form": ("it is not one number and the percent sign", "write it as '50 %', or in mg/mL"),
    "two-points": ("it has two decimal points", "write it with one, such as '2.5 mg'"),
    "naked-decimal": ("the point without a zero before it is overlooked, tenfold", "write {safe}"),
    "trailing-point": ("the point after the number is misread", "write {safe}"),
    "other-digits": (
        "it holds characters other than plain letters and the digits 0 to 9",
        "type it with plain letters and digits, such as '{example}'",
    ),
    "unit-with-point": ("the point after the unit is misread as the digit 1", "leave the point out"),
    "no-unit": ("there is no unit", "add the unit, such as '{example}'"),
    "no-number": ("there is no number before the unit", "write {noun} such as '{example}'"),
    "text-after-unit": ("there is more text after the unit", "write {noun} alone, such as '{example}'{unit}"),
    "leading-zero": ("a zero before other digits hides a lost decimal point", "write {safe}"),
    "three-decimals": (
        "three decimals look like a group of thousands",
        "write {safe}",
    ),
    "long-number": (
        "a number has at most 7 digits before and 4 after its point",
        "write it in a larger or smaller unit",
    ),
    "zero": ("nothing is not {noun}", "write {noun} such as '{example}'"),
    "point-beside-comma": (
        "the comma was declared as decimal sign, so this point has two readings",
        "write it with a comma, or without a group mark",
    ),
    "other-kind": ("it is not {noun}", "write {noun} such as '{example}'{unit}"),
    "unknown-unit": ("its unit is not one that is accepted", "write {noun} such as '{example}'{unit}"),
}

# written unit: what to write, and why
_UNIT_ADVICE: dict[str, str] = {
    "U": "write 'units': U is read as 0, 4 or cc",
    "u": "write 'units': u is read as 0, 4 or cc",
    "IU": "write 'units': IU is read as IV or 10",
    "[IU]": "write 'units'",
    "mIU": "write it in full: 'milliunits' or 'million units'",
    "mU": "write 'milliunits' in full",
    "MIU": "write 'million units' in full",
    "MU": "write 'million units' in full",
    "K": "write the thousands in digits",
    "M": "write 'million units' in full",
    "MM": "write 'million units' in full",
    "ng": "write 'nanograms' in full: ng is read as mg",
    "ug": "write 'mcg': ug is read as mg",
    "MCG": "write 'mcg'",
    "Mcg": "write 'mcg'",
    "mgm": "write 'mg'",
    "mgs": "write 'mg'",
    "mg%": "write 'mg/mL' with the number that belongs to it",
    "Mg": "write 'mg': Mg is the symbol of magnesium and of a thousand kilograms",
    "MG": "write 'mg'",
    "mG": "write 'mg'",
    "G": "write 'g'",
    "gr": "gr is the gram to some and the grain to others: write 'g' for grams",
    "gm": "write 'g'",
    "gms": "write 'g'",
    "NG": "write 'nanograms' in full",
    "cc": "write 'mL': cc is read as units",
    "cm3": "write 'mL'",
    "ML": "write 'mL'",
    "mls": "write 'mL'",
    "l": "write 'L' or 'mL': l is read as the digit 1",
    "gtt": "write a volume in mL",
    "lb": "write the weight in kg: pounds are read as kilograms",
    "lbs": "write the weight in kg: pounds are read as kilograms",
    "pounds": "write the weight in kg",
    "k": "write 'kg'",
    "Kg": "write 'kg'",
    "KG": "write 'kg'",
    "m": "write 'min' for minutes",
    "d": "write 'day'",
    "hr": "write 'h'",
    "hrs": "write 'h'",
    "H": "write 'h'",
    "D": "write 'day'",
    "yr": "write 'years'",
    "meq": "write 'mEq'",
    "MEQ": "write 'mEq'",
    "qd": "write the interval in hours: '24 h'",
    "qod": "write the interval in hours: '48 h'",
    "QD": "write the interval in hours: '24 h'",
    "QOD": "write the interval in hours: '48 h'",
    "m²": "write 'm2'",
    "µL": "write the volume in mL",
    "ml": "write 'mL'",
    "µg": "write 'mcg'",
    "μg": "write 'mcg'",
}

_THREE_DECIMALS = re.compile(r"[1-9][0-9]*\.[0-9]{3}")
_SMALLER_UNIT = {"g": "mg", "mg": "mcg", "mcg": "nanograms", "L": "mL", "mol": "mmol", "mmol": "micromol"}
_STARTS_WITH_A_UNIT = re.compile(r"(?:[A-Za-z%]|[\u00b5\u03bc]g)[\x20-\x7e]*\Z")
_UNIT_TEXT = re.compile(r"^[0-9.]*[ \u00a0]?(?P<unit>.+)$", re.DOTALL)


def refusal(text: str, kind: Kind, code: str | None = None) -> DoseTextError:
    """Return the error for a text that the grammar did not read.

    ``code`` is given where the grammar knows why; otherwise the text is
    searched for the known ways of writing a dose badly.
    """
    if code and code.startswith("strict-"):
        return DoseTextError(
            text, code, "it is written in a risky way, and strict reading was asked for",
            f"write it plainly, such as '{kind.example}'",
        )  # fmt: skip
    code = code or next((name for name, pattern in _PATTERNS if re.search(pattern, text)), "unknown-unit")
    if code == "percent" and kind.noun == "a concentration":
        code = "percent-form"
    problem, remedy = _MESSAGES[code]
    fields = {
        "noun": kind.noun,
        "example": kind.example,
        "safe": _safe(text, code),
        "unit": _unit_advice(text) if "{unit}" in remedy else "",
    }
    return DoseTextError(text, code, problem.format(**fields), remedy.format(**fields))


def _safe(text: str, code: str) -> str:
    match _safe_readings(text, code):
        case []:
            return "the number with a decimal point and without group marks"
        case [only]:
            return f"'{only}', if that is meant"
        case [first, *others]:
            return f"'{first}' or '{others[0]}', whichever is meant"
    raise AssertionError


def _unit_advice(text: str) -> str:
    match = _UNIT_TEXT.match(text)
    for part in match["unit"].split("/") if match else ():
        if part.strip() in _UNIT_ADVICE:
            return f"; {_UNIT_ADVICE[part.strip()]}"
    return ""


def _safe_readings(text: str, code: str) -> list[str]:
    """Return every reading of a doubtful number, each written without doubt."""
    match = re.fullmatch(r"(?P<number>[0-9oO.,' \u00a0\u2009\u202f_]*[0-9oO.])(?P<rest>.*)", text, re.DOTALL)
    rest = match["rest"].strip() if match else ""
    if match is None or not _STARTS_WITH_A_UNIT.match(rest):
        return []
    number = match["number"].strip()
    candidates = {
        # Beside a point the comma has no reading that could be offered: "1.500,0" is 1500 or nothing.
        "comma": [] if "." in number else [number.replace(",", "."), *_grouped_by_comma(number)],
        "three-decimals": [number, number.replace(".", "")],
        "grouped-number": [re.sub(r"[ '\u00a0\u2009\u202f_]", "", number)],
        "letter-for-digit": [number.replace("o", "0").replace("O", "0")],
        "naked-decimal": ["0" + number],
        "trailing-point": [number.rstrip(".")],
        "leading-zero": [number.lstrip("0"), "0." + number.lstrip("0")],
    }.get(code, [])
    readings = (_safely(candidate, rest) for candidate in candidates)
    return [reading for reading in dict.fromkeys(readings) if reading]


def _grouped_by_comma(number: str) -> list[str]:
    """Return the number without its commas where each could be a group mark."""
    return [number.replace(",", "")] if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+", number) else []


def _safely(number: str, unit: str) -> str:
    """Return the number and its unit without trailing zeros, three decimals or risky units, or nothing."""
    unit = "/".join(_accepted(part) for part in unit.split("/"))
    if not re.fullmatch(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", number):
        return ""
    plainest = number.rstrip("0").rstrip(".") if "." in number else number
    if not _THREE_DECIMALS.fullmatch(plainest):
        return f"{plainest} {unit}"
    first, slash, below = unit.partition("/")
    smaller = _SMALLER_UNIT.get(first)
    return f"{plainest.replace('.', '')} {smaller}{slash}{below}" if smaller else ""


def _accepted(unit: str) -> str:
    """Return what to write for a unit where that is one unit, or the unit itself."""
    advice = re.match(r"write '([A-Za-z ]+)'", _UNIT_ADVICE.get(unit, ""))
    return advice[1] if advice else unit
