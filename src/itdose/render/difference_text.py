"""Differences of two formularies: for a person, as JSON, and as GitHub annotations."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from itdose.findings import Verdict
from itdose.formulary.difference import Effect
from itdose.render.github import Annotation, github_lines
from itdose.render.layout import wrap

if TYPE_CHECKING:
    from itdose.curation.comparison import Comparison
    from itdose.formulary.difference import Difference

_SHOUTED = frozenset({Effect.LOOSENED, Effect.WITHDRAWN})


def text(comparison: Comparison, *, width: int) -> str:
    """Return the differences by what they do, and the cases that change their verdict."""
    lines: list[str] = []
    for effect, group in groupby(comparison.differences, key=lambda found: found.effect):
        word = effect.value.upper() if effect in _SHOUTED else effect.value
        lines.append(f"{word}")
        for found in group:
            lines += wrap(_said(found), width, "  ", "    ")
    judged = [changed for changed in comparison.verdicts if not changed.is_new]
    if judged:
        lines.append("regression cases with another verdict")
    for case, old, new in judged:
        lines += wrap(f"{case.title}: {old} -> {new} ({case.file}:{case.line})", width, "  ", "    ")
    if len(judged) < len(comparison.verdicts):
        lines.append(f"{len(comparison.verdicts) - len(judged)} cases could not be checked before")
    if not lines:
        lines.append("no difference")
    return "\n".join(lines) + "\n"


def to_json(comparison: Comparison) -> str:
    """Return everything as one JSON object."""
    body = {
        "schema": "itdose.formulary-diff/1",
        "lets_more_through": comparison.lets_more_through,
        "differences": [
            {**found._asdict(), "effect": found.effect.value} for found in comparison.differences
        ],
        "verdicts": [
            {
                "case": case.title,
                "file": case.file,
                "line": case.line,
                "old": str(old),
                "new": str(new),
            }
            for case, old, new in comparison.verdicts
        ],
    }
    return json.dumps(body, indent=2) + "\n"


def github(comparison: Comparison, file: str) -> str:
    """Return a warning for whatever lets more through."""
    found = [
        Annotation("warning", file, 1, item.effect.value, _said(item))
        for item in comparison.differences
        if item.effect in _SHOUTED
    ]
    found += [
        Annotation("warning", case.file, case.line, case.title, f"{old} -> {new}")
        for case, old, new in comparison.verdicts
        if old is not Verdict.CANNOT_CHECK
    ]
    return github_lines(found)


def _said(found: Difference) -> str:
    return f"{found.where}: {found.what} {found.old or 'none'} -> {found.new or 'none'}"
