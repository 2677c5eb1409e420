"""Places of cells: C5 is row 5 and the column at place 2."""

from __future__ import annotations

import re
from functools import lru_cache

MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
"""What spreadsheet programs hold; a file that claims more is damaged or hostile."""
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


def letters(place: int) -> str:
    """Return the letters of a column: A for place 0, AA for place 26."""
    text, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def place_of(reference: str) -> tuple[int, int]:
    """Return row and column of a cell: row 5 and place 2 for C5."""
    match = _PLACE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} is no cell")
    return int(match[2]), _place_of_letters(match[1])


@lru_cache(1024)
def _place_of_letters(text: str) -> int:
    place = 0
    for letter in text:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def whole(text: str) -> int:
    """Return the number that a row, a column, a style or a shared text has."""
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no number of a row, a column, a style or a text")
    return int(text)
