"""What sources disagree about, and where no usable figure was found, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.formulary.layers import as_supported
from itdose.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.formulary import Drug, Formulary
    from itdose.formulary.tables import DoseRule

_HEAD = """# What sources disagree about

Made by `itdose formulary evidence`, formulary {version}. Where sources differ, both are kept: the
formulary's limit is the cautious one, and the other stands here and in `itdose show`.

"""
_NONE = """
# Where no usable figure was found

These routes were looked at. itdose answers `cannot_check` for them, with this reason.

"""


def evidence_tables(formulary: Formulary) -> str:
    """Return both tables for a whole formulary."""
    drugs = [formulary.drug(key) for key in formulary.drug_keys()]
    differs = "".join(line for drug in drugs for line in _differences(drug))
    absent = "".join(line for drug in drugs for line in _absent(drug))
    return (
        _HEAD.format(version=formulary.version)
        + "| rule | limit | the formulary has | another source | says |\n| --- | --- | --- | --- | --- |\n"
        + differs
        + _NONE
        + "| drug | route | reason |\n| --- | --- | --- |\n"
        + absent
    )


def _differences(drug: Drug) -> Iterator[str]:
    for entry in drug.routes.values():
        for rule in entry.rules:
            for item in rule.evidence:
                for limit in item.differs:
                    citation = item.citation
                    found = f"{citation.title} ({citation.where})"
                    yield _row(f"`{rule.id}`", limit, _stated(rule, limit), found, item.says or "")


def _absent(drug: Drug) -> Iterator[str]:
    for route, entry in drug.routes.items():
        if entry.status == "no_figure":
            yield _row(drug.name, route, entry.note or "")


def _stated(rule: DoseRule, limit: str) -> str:
    """Return what the rule has for a limit as evidence names it; the usual range has two ends."""
    found = [
        plain(value)
        for limits in rule.limits
        for kind, value in limits.guardrail.limits()
        if as_supported(f"{limits.measure}.{kind}") == limit
    ]
    return " to ".join(dict.fromkeys(found)) or "none"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"
