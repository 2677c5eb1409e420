"""Workflow commands that GitHub shows beside the lines of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

MOST_ANNOTATIONS = 50
"""GitHub shows no more for one step."""


class Annotation(NamedTuple):
    """One remark beside a line of a file."""

    level: str
    """``error``, ``warning`` or ``notice``."""
    file: str
    line: int
    title: str
    message: str

    def __str__(self) -> str:
        where = f"file={_property(self.file)},line={self.line},title={_property(self.title)}"
        return f"::{self.level} {where}::{_message(self.message)}"


def github_lines(found: Sequence[Annotation]) -> str:
    """Return the first annotations as lines, and how many more there are."""
    lines = [f"{annotation}\n" for annotation in found[:MOST_ANNOTATIONS]]
    rest = len(found) - len(lines)
    if rest:
        lines.append(f"and {rest} more; --format text shows every one\n")
    return "".join(lines)


def in_folder(folder: str, file: str, overlays: Container[str]) -> str:
    """Return a formulary's file as GitHub looks for it; an overlay's name is whole already."""
    return file if file in overlays else f"{folder.rstrip('/')}/{file}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
