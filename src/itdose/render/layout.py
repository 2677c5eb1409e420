"""Lines of plain text at a given width, with numbers never parted from their units."""

from __future__ import annotations

import re
import textwrap
import unicodedata

NARROWEST = 40
WIDEST = 110
_NO_BREAK = "\u00a0"
_UNITS = "g mg mcg nanograms? mL L mmol mol mEq kg h min days? years? months? weeks? units? times"
_NUMBER_AND_UNIT = re.compile(rf"(?<=\d) (?=(?:{_UNITS.replace(' ', '|')})\b|%)")
_ASCII = str.maketrans(
    {"\u2026": "...", "\u2013": "-", "\u2014": "-", "\u00d7": "x", "\u2212": "-", "\u00b5": "u"}
)


def bind(text: str, joint: str = _NO_BREAK) -> str:
    """Return the text with every number bound to its unit by ``joint`` instead of a space."""
    return _NUMBER_AND_UNIT.sub(joint, text)


def wrap(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break a text into lines; a long word is kept whole and never cut off."""
    lines = textwrap.wrap(
        bind(text),
        width=max(width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines] or [indent.rstrip()]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 rule``, ``2 rules``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def for_encoding(text: str, encoding: str | None) -> str:
    """Return a text that the stream's encoding can hold, losing no letter, digit or unit."""
    name = encoding or "ascii"
    try:
        text.encode(name)
    except (UnicodeEncodeError, LookupError):
        plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
        kept = "".join(c for c in plain if not unicodedata.combining(c))
        return kept.encode("ascii", "backslashreplace").decode("ascii")
    return text
