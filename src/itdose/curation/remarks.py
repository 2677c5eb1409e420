"""What lint says: one remark with its place, its rule, its level, and what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from itdose.formulary.strict_yaml import Document, Path


class Level(StrEnum):
    """How much a remark asks for, most first."""

    WARNING = "warning"
    """A person must look."""
    NOTE = "note"
    """Allowed, and worth knowing."""


RULES = {
    "limit-without-source": Level.WARNING,
    "hard-limit-far-above": Level.WARNING,
    "category-gap": Level.WARNING,
    "category-overlap": Level.WARNING,
    "review-overdue": Level.WARNING,
    "review-due-soon": Level.WARNING,
    "source-unused": Level.WARNING,
    "same-source-twice": Level.WARNING,
    "strengths-tenfold-apart": Level.WARNING,
    "rule-without-indication": Level.NOTE,
    "unit-needs-decimals": Level.NOTE,
    "look-alike-unknown": Level.NOTE,
    "look-alike-one-sided": Level.NOTE,
}
"""Every rule of lint with the level of its remarks."""


class Remark(NamedTuple):
    """One place of a formulary that is allowed and still worth a look."""

    file: str
    """The file's name inside the formulary's folder."""
    line: int
    rule: str
    level: Level
    message: str


def remark(document: Document, path: Path, rule: str, message: str, *, level: Level | None = None) -> Remark:
    """Return a remark at a value of a file, at the level of its rule unless stated."""
    file, line, _ = document.problem(path, message)
    return Remark(file, line, rule, level or RULES[rule], message)
