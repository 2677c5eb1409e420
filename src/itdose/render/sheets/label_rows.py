"""Labels beside the marks of a drawing, in rows, so that none covers another or the line to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LETTER = 7.8
"""A width that the letters of an ordinary face do not exceed on average, at 14 units of type."""
BOLD_LETTER = 8.9
"""The same of a bold face."""
BESIDE = 4.0
"""Between a mark's line and a text that stands to the left or right of it."""
_GAP = 8.0
_CLEAR = 3.0


class Mark(NamedTuple):
    """A place on the axis with what is to be written beside it."""

    x: float
    text: str
    letter: float = LETTER

    @property
    def width(self) -> float:
        """How much room the text takes at most."""
        return len(self.text) * self.letter


class Label(NamedTuple):
    """A text in its row; row 0 is next to the axis. Its line runs from the axis at ``mark`` to the row."""

    mark: float
    text: str
    left: float
    right: float
    anchor: str
    row: int

    @property
    def x(self) -> float:
        """Where the text is anchored."""
        return {"start": self.left, "end": self.right}.get(self.anchor, (self.left + self.right) / 2)


def staggered(marks: Sequence[Mark], width: float) -> tuple[Label, ...]:
    """Return a label for each mark, in as few rows as are needed.

    Texts never overlap. Where no arrangement keeps every line clear of every
    text, each label has a row of its own.
    """
    for rows in range(1, len(marks) + 1):
        labels = _arranged(tuple(marks), (), width, rows)
        if labels is not None:
            return labels
    return tuple(
        next(_candidates(mark, width, row), Label(mark.x, mark.text, 0.0, mark.width, "start", row))
        for row, mark in enumerate(marks)
    )


def _arranged(
    marks: tuple[Mark, ...], placed: tuple[Label, ...], width: float, rows: int
) -> tuple[Label, ...] | None:
    """Return the labels that are placed and those still to be placed; None where they do not fit."""
    if not marks:
        return placed
    for row in range(rows):
        for label in _candidates(marks[0], width, row):
            if not any(_meet(label, other) for other in placed):
                found = _arranged(marks[1:], (*placed, label), width, rows)
                if found is not None:
                    return found
    return None


def _candidates(mark: Mark, width: float, row: int) -> Iterator[Label]:
    """Yield the text centered at its mark, to the right and to the left of it, and at either end."""
    long = mark.width
    for left, anchor in (
        (mark.x - long / 2, "middle"),
        (mark.x + BESIDE, "start"),
        (mark.x - BESIDE - long, "end"),
        (0.0, "start"),
        (width - long, "end"),
    ):
        near = left - BESIDE <= mark.x <= left + long + BESIDE
        if near and left >= 0 and left + long <= width:
            yield Label(mark.x, mark.text, left, left + long, anchor, row)


def _meet(one: Label, other: Label) -> bool:
    if one.row == other.row:
        return one.left < other.right + _GAP and other.left < one.right + _GAP
    return _crosses(one, other) or _crosses(other, one)


def _crosses(deeper: Label, nearer: Label) -> bool:
    """Return whether the line to the deeper label runs through the text of the nearer one."""
    return deeper.row > nearer.row and nearer.left - _CLEAR < deeper.mark < nearer.right + _CLEAR
