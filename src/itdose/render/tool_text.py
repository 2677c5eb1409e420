"""What the formulary tools print for machines: GitHub annotations and JUnit reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.errors import Problem

# GitHub shows no more of one kind in one job.
_MOST_ANNOTATIONS = 50


def github_annotations(level: str, problems: Sequence[Problem], title: str = "itdose") -> str:
    """Return workflow commands that GitHub shows beside the lines of a change."""
    lines = [
        f"::{level} file={_property(problem.file)},line={problem.line},title={_property(title)}"
        f"::{_message(problem.message)}\n"
        for problem in problems[:_MOST_ANNOTATIONS]
    ]
    rest = len(problems) - _MOST_ANNOTATIONS
    if rest > 0:
        lines.append(f"::{level} title={_property(title)}::{rest} more, not shown here\n")
    return "".join(lines)


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
