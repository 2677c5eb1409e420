"""What a number format makes of a number: it stays one, becomes percent or a date, or is given a unit."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
    # Dates of East Asia, which each language shows in its own way.
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd"),
}  # fmt: skip
"""The formats that a workbook names by number only (ECMA-376, part 1, 18.8.30)."""

# A color, or a language: neither adds to what is shown. [$-409] is a language and [$mg-409] a text.
_UNSEEN = re.compile(r"\[(?:[A-Za-z]+ ?[0-9]*|\$-[^\]]*)\]|_.|\\ |\*.", re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]', re.DOTALL)
_PLAIN = re.compile(r"[#0? ]*(?:,[#0?]+)*(?:\.[#0?]*)?(?:E[+-][#0?]+)? *", re.IGNORECASE)

_LONGEST = 255
"""Spreadsheet programs allow no more characters."""


class NumberFormat(Enum):
    """How a number appears."""

    PLAIN = "as its digits"
    PERCENT = "a hundred times as large, with %"
    DATE = "as a day, or a day and a time"
    MONTH = "as a month of a year"
    DATE_WITHOUT_YEAR = "as a day or a month without its year"
    TIME = "as a time"
    OTHER = "with a unit, scaled, or not at all"


@lru_cache(1000)
def number_format(code: str) -> NumberFormat:
    """Return what a format does to a number above zero; its first section tells."""
    return _number_format(code) if len(code) <= _LONGEST else NumberFormat.OTHER


def _number_format(code: str) -> NumberFormat:
    if _ELAPSED.search(code):
        return NumberFormat.TIME
    section = _first_section(_UNSEEN.sub("", code))
    bare = _LITERAL.sub("", section).replace("AM/PM", "h").replace("A/P", "h")
    if section.strip().lower() in {"general", "@"}:
        return NumberFormat.PLAIN
    if bare.strip().lower() != "general" and re.search(r"[dmyhs]", bare, re.IGNORECASE):
        return _kind_of_date(bare.lower())
    if section.count("%") == 1 and section.strip() != "%" and _PLAIN.fullmatch(section.replace("%", "")):
        return NumberFormat.PERCENT
    if section.strip() and _PLAIN.fullmatch(section):
        return NumberFormat.PLAIN
    return NumberFormat.OTHER


def decimals_shown(code: str) -> int | None:
    """Return how many digits a format shows behind the point; None where it rounds to no fixed place."""
    section = _LITERAL.sub("", _first_section(_UNSEEN.sub("", code))).lower()
    if "e" in section or "@" in section:
        return None
    return sum(character in "0#?" for character in section.partition(".")[2])


def _first_section(code: str) -> str:
    """Return the code up to the semicolon that is not within quotes or escaped."""
    match = re.match(r'(?:"[^"]*"|\\.|[^;"\\])*', code, re.DOTALL)
    return match.group() if match else ""


def _kind_of_date(letters: str) -> NumberFormat:
    if "y" in letters:
        return NumberFormat.DATE if "d" in letters else NumberFormat.MONTH
    if "d" in letters or not re.search(r"[hs]", letters):
        return NumberFormat.DATE_WITHOUT_YEAR
    return NumberFormat.TIME
