"""Lint's remarks for a person, for GitHub's annotations, and as JSON."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from itdose.curation.remarks import Level
from itdose.render.layout import WIDEST, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.lint import Lint
    from itdose.curation.remarks import Remark

MOST_ANNOTATIONS = 50
"""GitHub shows no more for one step."""
_COMMANDS = {Level.WARNING: "warning", Level.NOTE: "notice"}


def lint_text(lint: Lint, *, width: int) -> str:
    """Return the remarks grouped by file, and then what was looked at."""
    width = min(width, WIDEST)
    lines: list[str] = []
    for file, remarks in groupby(lint.remarks, key=lambda remark: remark.file):
        lines.append(file)
        for remark in remarks:
            lines += wrap(f"line {remark.line}: {remark.level}: {remark.rule}", width, "  ", "    ")
            lines += wrap(remark.message, width, "    ")
        lines.append("")
    lines += wrap(_looked_at(lint), width, "", "  ")
    return "\n".join(lines) + "\n"


def _looked_at(lint: Lint) -> str:
    counted = ", ".join(_number(lint.count(level), str(level)) for level in Level)
    looked_at = f"{_number(lint.drugs, 'drug')}, {_number(lint.rules, 'dose rule')}"
    return f"{counted}: formulary {lint.version}, {looked_at}, as of {lint.as_of}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def lint_github(lint: Lint, *, folder: str) -> str:
    """Return annotations, warnings first; ``folder`` stands before the name of every file."""
    by_level = sorted(lint.remarks, key=lambda remark: list(Level).index(remark.level))
    lines = [_annotation(remark, folder) for remark in by_level[:MOST_ANNOTATIONS]]
    hidden = len(by_level) - len(lines)
    if hidden:
        lines.append(f"and {_number(hidden, 'more remark')}; --format text shows every one")
    return "\n".join([*lines, _looked_at(lint)]) + "\n"


def _annotation(remark: Remark, folder: str) -> str:
    file = f"{folder.rstrip('/')}/{remark.file}"
    where = f"file={_property(file)},line={remark.line},title={_property(remark.rule)}"
    return f"::{_COMMANDS[remark.level]} {where}::{_escaped(remark.message)}"


def _escaped(text: str) -> str:
    """Return a text as GitHub's workflow commands need it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def lint_json(lint: Lint) -> str:
    """Return every remark as JSON."""
    body = {
        "schema": "itdose.lint/1",
        "formulary": {"version": lint.version},
        "as_of": lint.as_of,
        "drugs": lint.drugs,
        "rules": lint.rules,
        "warnings": lint.count(Level.WARNING),
        "notes": lint.count(Level.NOTE),
        "remarks": list(_rows(lint)),
    }
    return json.dumps(body, indent=2) + "\n"


def _rows(lint: Lint) -> Iterator[dict[str, object]]:
    for remark in lint.remarks:
        yield remark._asdict()
