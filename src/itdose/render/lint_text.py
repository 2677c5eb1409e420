"""Lint's remarks for a person, for GitHub's annotations, and as JSON."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from itdose.curation.remarks import Level
from itdose.render.github import Annotation, github_lines, in_folder
from itdose.render.layout import WIDEST, counted, wrap

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from itdose.curation.lint import Lint

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
    remarks = ", ".join(counted(lint.count(level), str(level)) for level in Level)
    looked_at = f"{counted(lint.drugs, 'drug')}, {counted(lint.rules, 'dose rule')}"
    return f"{remarks}: formulary {lint.version}, {looked_at}, as of {lint.as_of}"


def lint_github(lint: Lint, *, folder: str, overlays: Container[str] = ()) -> str:
    """Return annotations, warnings first; ``folder`` stands before the names of the formulary's files."""
    by_level = sorted(lint.remarks, key=lambda remark: list(Level).index(remark.level))
    found = [
        Annotation(
            _COMMANDS[remark.level],
            in_folder(folder, remark.file, overlays),
            remark.line,
            remark.rule,
            remark.message,
        )
        for remark in by_level
    ]
    return f"{github_lines(found)}{_looked_at(lint)}\n"


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
