"""What a row's report comes down to, for formats with one line or one box a row."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.findings import Citation, Verdict
from itdose.render.report_text import citation_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from itdose.sheet_report import SheetFacts, SheetReport

WORST_FIRST = tuple(str(verdict) for verdict in sorted(Verdict, reverse=True))
"""The verdicts in the order in which a person should meet them."""
# Rows of equal orders share one text of their report, so its digest is kept and not made anew.
_KEPT = 4096


class Brief(NamedTuple):
    """One report in short, each part in words."""

    verdict: str
    code: str
    """Of the finding that decided the verdict."""
    headline: str
    title: str
    """The order in words."""
    order: str
    """The order's drug and dose as written."""
    rule: str
    """Of the finding that decided; empty where none did."""
    slips: tuple[str, ...]
    """What may have slipped. It explains; it is never a dose to give."""
    also: tuple[str, ...]
    """What else is not within limits, or was not checked."""
    cited: tuple[tuple[Citation, ...], ...]
    """The places that the finding that decided rests on, those of one source together."""
    rules: tuple[str, ...]
    """The dose rules that were used, and how far each was reviewed."""
    assumptions: tuple[str, ...]
    formulary: str

    @property
    def evidence(self) -> list[str]:
        """The sources of the finding that decided, in words, each with where to find it."""
        return [citation_text(*citations) for citations in self.cited]


def brief(report: SheetReport) -> Brief:
    """Return the report in short."""
    return _brief(report.text)


@lru_cache(maxsize=_KEPT)
def _brief(text: str) -> Brief:
    body = json.loads(text)
    deciding = _deciding(body)
    slips = [finding for finding in body["findings"] if _is_slip(finding)]
    others = [finding for finding in body["findings"] if finding is not deciding and finding not in slips]
    also = [finding["message"] for finding in others if finding["verdict"] != str(Verdict.WITHIN_LIMITS)]
    return Brief(
        verdict=body["verdict"],
        code=deciding["code"],
        headline=body["headline"],
        title=body["order"]["title"],
        order=body["order"]["text"],
        rule=deciding.get("rule", ""),
        slips=tuple(_slip(finding) for finding in slips),
        also=tuple(dict.fromkeys(also)),
        cited=_by_source(deciding["evidence"]),
        rules=tuple(_rule(rule) for rule in body["rules"]),
        assumptions=tuple(body["assumptions"]),
        formulary=formulary_line(body["formulary"]),
    )


def _deciding(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the finding that decided, which the headline repeats."""
    wanted = (body["cause"], body["headline"])
    found: Mapping[str, Any] = next(
        finding for finding in body["findings"] if (finding["code"], finding["message"]) == wanted
    )
    return found


def _is_slip(finding: Mapping[str, Any]) -> bool:
    return finding["code"].startswith("slip-") and "mechanism" in finding


def _slip(finding: Mapping[str, Any]) -> str:
    about = f"{finding['drug']}, " if "drug" in finding else ""
    would = f" would explain {finding['explains']}" if "explains" in finding else ""
    return f"{about}{finding['mechanism'].replace('_', ' ')}{would}: {finding['message']}"


def _by_source(evidence: Iterable[Mapping[str, Any]]) -> tuple[tuple[Citation, ...], ...]:
    by_source: dict[str, list[Citation]] = {}
    for entry in evidence:
        by_source.setdefault(entry["source"], []).append(Citation(**entry))
    return tuple(tuple(citations) for citations in by_source.values())


def _rule(rule: Mapping[str, Any]) -> str:
    review = rule["review"]
    signed = "signed off by this site" if rule["signed_off"] else "not signed off by this site"
    return f"{rule['id']} ({review['state'].replace('_', ' ')} on {review['on']}, {signed})"


def formulary_line(formulary: Mapping[str, Any]) -> str:
    """Return the formulary and its overlays with their digests, so that a report can be made again."""
    layers = formulary["layers"]
    sites = "".join(f", {layer['site']} {layer['version']} {layer['digest']}" for layer in layers)
    return f"{formulary['version']} {formulary['digest']}{sites}"


class Tally:
    """Counts rows by verdict. A row that can't be checked is counted as a row, and as not checked."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(WORST_FIRST, 0)

    def add(self, verdict: str) -> None:
        """Count one row."""
        self.counts[verdict] += 1

    @property
    def coverage(self) -> dict[str, int]:
        """How many rows there were, and how many of them were checked and not."""
        rows = sum(self.counts.values())
        unchecked = self.counts[str(Verdict.CANNOT_CHECK)]
        return {"rows": rows, "checked": rows - unchecked, "not_checked": unchecked}

    @property
    def line(self) -> str:
        """The whole in one sentence."""
        rows, checked, unchecked = self.coverage.values()
        counted = "; ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in self.counts.items())
        return f"{rows} rows: {checked} checked, {unchecked} not ({counted})"


def head_of(facts: SheetFacts) -> dict[str, Any]:
    """Return what is known of the sheet before its rows, as plain values."""
    return {
        "sheet": facts.sheet,
        "itdose": facts.itdose,
        "formulary": dict(facts.formulary),
        "decimal": "comma" if facts.decimal_comma else "point",
    }


def end_of(facts: SheetFacts, tally: Tally) -> dict[str, Any]:
    """Return what is known after the last row, as plain values."""
    return {"remarks": list(facts.remarks), "counts": tally.counts, "coverage": tally.coverage}
