"""What stands on a ward's sheet beside the order: headers as people write them, wards, initials, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

SPARE_COLUMNS = ("ward", "remark", "lot", "diluent")
"""Columns that no reader needs; the last two stay empty."""
WARDS = ("ICU", "theatre 2", "labour ward", "pain clinic", "PICU", "day surgery", "oncology", "recovery")
PEOPLE = ("A. B.", "C. D.", "E. F.", "")
REMARKS = (
    "call before preparing",
    "second request, see ward round",
    "patient moved, send to ward 3",
    'nurse asked: "as yesterday"',
    "fridge",
)
_STYLES = (str, str.title, str.upper, str.capitalize)
_JOINTS = (" ", "_", "-", " ")


def styled_header(column: str, spellings: Sequence[str], chance: random.Random) -> str:
    """Return one of the spellings of a column, in a person's capitals and with a person's joints."""
    known = spellings or (column.replace("_", " "),)
    spelling = known[chance.randrange(len(known))]
    style, joint = _STYLES[chance.randrange(len(_STYLES))], _JOINTS[chance.randrange(len(_JOINTS))]
    return style(spelling).replace(" ", joint)


def messy_dose(text: str, chance: random.Random) -> str:
    """Return a dose in a notation that people use and that has one reading."""
    number, _, unit = text.partition(" ")
    return _NOTATIONS[chance.randrange(len(_NOTATIONS))](number, unit)


def messy_name(text: str, chance: random.Random) -> str:
    """Return a drug's or a route's name in a person's capitals."""
    return _STYLES[chance.randrange(len(_STYLES))](text)


def _in_full(number: str, unit: str) -> str:
    return f"{number} {_UNITS_IN_FULL.get(unit, unit)}"


def _plain(number: str, unit: str) -> str:
    return f"{number} {unit}"


def _run_together(number: str, unit: str) -> str:
    return f"{number}{unit}"


def _with_hard_blank(number: str, unit: str) -> str:
    return f"{number}\u00a0{unit}"


def _with_blanks_around(number: str, unit: str) -> str:
    return f" {number} {unit} "


_UNITS_IN_FULL = {"mg": "milligrams", "mcg": "micrograms"}
# As often as each stands here; most doses are written plainly.
_NOTATIONS = (
    *(_plain,) * 6,
    *(_run_together,) * 2,
    _with_hard_blank,
    _with_blanks_around,
    _in_full,
)
