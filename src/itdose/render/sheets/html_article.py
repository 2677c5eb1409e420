"""The report on one row, put in order for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote as quoted

from itdose.order import CELL_NAMES
from itdose.plain_text import number
from itdose.render.sheets.overview_counts import furthest
from itdose.render.sheets.ruler_svg import ruler, usual
from itdose.render.sheets.written import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from itdose.quantity import UnitTable
    from itdose.render.sheets.ruler_svg import Ruler
    from itdose.sheet_report import SheetReport

Said = dict[str, Any]
_SLIPS = ("slip-", "latent-slip-")
_DOI = "https://doi.org/"
_PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
_STATES = {"drafted": "drafted", "cross_checked": "cross-checked", "signed_off": "signed off"}
_LIMIT_WORDS = {
    "upper_soft": "the upper end of the usual range",
    "upper_hard": "the hard limit",
    "toxic_from": "the toxic level",
}
VERDICT_WORDS = {
    "stop": "stop",
    "cannot_check": "cannot check",
    "needs_review": "needs review",
    "within_limits": "within limits",
}


class Compared(NamedTuple):
    """One measure beside its limits."""

    measure: str
    label: str
    observed: str
    zone: str
    usual: str
    hard: str
    toxic: str


class PreparationCell(NamedTuple):
    """One cell of the preparation as it stood, was read, and follows from the others."""

    name: str
    text: str
    stated: str
    computed: str
    differs: bool


class Reference(NamedTuple):
    """One source with the places in it, and where it is found."""

    title: str
    year: str
    places: str
    link: str | None
    found_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the page says of one stopped row."""

    anchor: str
    place: str
    row_id: str
    title: str
    headline: str
    distance: str
    ruler: Ruler | None
    drawn: Compared | None
    """What the ruler shows."""
    compared: tuple[Compared, ...]
    """Every other measure."""
    findings: tuple[Said, ...]
    """Those that make it a stop, without slips."""
    lesser: tuple[Said, ...]
    """Those that alone would be cannot check or needs review, in this order."""
    slips: tuple[Said, ...]
    others: int
    """How many findings were within limits."""
    cells: tuple[PreparationCell, ...]
    evidence: tuple[Reference, ...]
    """What the stop rests on."""
    rules: tuple[str, ...]
    assumptions: tuple[str, ...]
    row: tuple[tuple[str, str], ...]
    """The row's own cells that are not empty."""


def place_of(report: SheetReport) -> str:
    """Return where the row stands in the sheet, in words."""
    return f"row {report.row}" + (f", worksheet {report.worksheet}" if report.worksheet else "")


def article(report: SheetReport, number_on_page: int, units: UnitTable) -> Article:
    """Return what the page says of a row that is a stop."""
    body = report.body
    said = [finding for finding in body["findings"] if finding["verdict"] != "within_limits"]
    said.sort(key=lambda finding: list(VERDICT_WORDS).index(finding["verdict"]))
    slips = tuple(
        finding for finding in said if finding["code"].startswith(_SLIPS) and "mechanism" in finding
    )
    drawn = most_telling(body)
    return Article(
        anchor=f"stop-{number_on_page}",
        place=place_of(report),
        row_id=report.row_id,
        title=body["order"]["title"],
        headline=body["headline"],
        distance=distance(body, units),
        ruler=ruler(drawn, said, units) if drawn else None,
        drawn=_compared(drawn, units) if drawn else None,
        compared=tuple(_compared(item, units) for item in body["compared"] if item is not drawn),
        findings=tuple(f for f in said if f["verdict"] == "stop" and f not in slips),
        lesser=tuple(f for f in said if f["verdict"] != "stop" and f not in slips),
        slips=slips,
        others=len(body["findings"]) - len(said),
        cells=tuple(_cell(cell) for cell in body.get("preparation", ())),
        evidence=tuple(_references([finding for finding in said if finding["verdict"] == "stop"])),
        rules=tuple(_rule(rule) for rule in body["rules"]),
        assumptions=tuple(body["assumptions"]),
        row=tuple((header, text) for header, text in report.cells.items() if text.strip()),
    )


def most_telling(body: Said) -> Said | None:
    """Return the comparison that the headline speaks of, or else the one furthest out, or the first."""
    compared: list[Said] = body["compared"]
    for finding in body["findings"]:
        if finding["message"] == body["headline"] and finding.get("rule"):
            for item in compared:
                if (item["rule"], item["measure"]) == (finding["rule"], finding.get("measure")):
                    return item
    out = [item for item in compared if item["zone"] != "within-limits"]
    return next(iter(out or compared), None)


def distance(body: Said, units: UnitTable) -> str:
    """Return how far above its upper limit the order is; an empty text where it is not above one."""
    found = furthest(body, units)
    return f"{number(found.ratio)} times {_LIMIT_WORDS[found.kind]}" if found and found.ratio > 1 else ""


def _compared(item: Said, units: UnitTable) -> Compared:
    limits: Mapping[str, str] = item["limits"]
    window = f" in any {item['window']}" if item["window"] else ""
    readable = shown_text(item["observed"], units)
    lower = f"not below {limits['lower_hard']}; " if "lower_hard" in limits else ""
    return Compared(
        measure=f"{item['measure'].replace('_', ' ')}{window}",
        label=item["label"],
        observed=item["observed"] if readable == item["observed"] else f"{item['observed']} ({readable})",
        zone=item["zone"].replace("-", " "),
        usual=usual(limits) or "none stated",
        hard=f"{lower}{limits.get('upper_hard') or 'none stated'}",
        toxic=limits.get("toxic_from") or "none stated",
    )


def _cell(cell: Said) -> PreparationCell:
    stated, computed = cell["stated"], cell["computed"]
    return PreparationCell(
        name=CELL_NAMES.get(cell["cell"], cell["cell"].replace("_", " ")),
        text=cell["text"] or "not stated",
        stated=stated or ("not read" if cell["text"] else "not stated"),
        computed=computed or "does not follow",
        differs=bool(stated and computed and stated != computed),
    )


def _references(findings: Sequence[Said]) -> Iterator[Reference]:
    """Yield each source once, with every place of it that a finding rests on."""
    by_source: dict[str, list[Said]] = {}
    for finding in findings:
        for citation in finding["evidence"]:
            by_source.setdefault(citation["source"], []).append(citation)
    for citations in by_source.values():
        first = citations[0]
        link, found_at = _found_at(first)
        yield Reference(
            title=first["title"],
            year=first["year"] if first["year"].isdigit() else "year not known",
            places="; ".join(dict.fromkeys(citation["where"] for citation in citations)),
            link=link,
            found_at=found_at,
        )


def _found_at(citation: Said) -> tuple[str | None, str]:
    """Return an address only where it is one of two known registers; any other is text."""
    if citation["doi"]:
        return f"{_DOI}{quoted(citation['doi'])}", f"doi:{citation['doi']}"
    if citation["pmid"]:
        return f"{_PUBMED}{citation['pmid']}/", f"PMID {citation['pmid']}"
    return None, citation["url"] or "no address known"


def _rule(rule: Said) -> str:
    review = rule["review"]
    sign_off = rule.get("sign_off")
    signed = (
        f"signed off by {sign_off['name']}, {sign_off['site']}" if rule["signed_off"] and sign_off else ""
    )
    signed = signed or ("signed off" if rule["signed_off"] else "not signed off by a site")
    site = f" (rule of {rule['site']})" if rule.get("site") else ""
    return f"{rule['id']}{site}: {_STATES[review['state']]} on {review['on']}, due {review['due']}; {signed}"
