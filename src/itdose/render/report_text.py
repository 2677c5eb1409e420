"""A report for a person at a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import style

from itdose.errors import visible
from itdose.findings import Verdict
from itdose.order import CELL_NAMES
from itdose.plain_text import plain
from itdose.render.layout import WIDEST, wrap
from itdose.render.ruler import legend, observed_text, proposed, ruler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.findings import Citation, Comparison, Finding, Report

WORDS = {
    Verdict.WITHIN_LIMITS: "WITHIN LIMITS",
    Verdict.NEEDS_REVIEW: "NEEDS REVIEW",
    Verdict.CANNOT_CHECK: "CANNOT CHECK",
    Verdict.STOP: "STOP",
}
_COLORS = {
    Verdict.WITHIN_LIMITS: "green",
    Verdict.NEEDS_REVIEW: "yellow",
    Verdict.CANNOT_CHECK: "magenta",
    Verdict.STOP: "red",
}
_SHOWN_DIGEST = len("sha256:") + 12
_ZONE_WORDS = {
    "below-hard-limit": "below the hard limit",
    "below-soft-limit": "below usual",
    "within-limits": "within",
    "above-soft-limit": "ABOVE USUAL",
    "above-hard-limit": "ABOVE HARD LIMIT",
    "at-toxic-level": "AT TOXIC LEVEL",
}


class _Page:
    """Collects lines; headings are marked by position and case, and bold only where there is color."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = min(width, WIDEST)
        self._color = color
        self.lines: list[str] = []

    def heading(self, text: str) -> None:
        self.lines += ["", style(text, bold=True) if self._color else text]

    def text(self, text: str, indent: str = "  ", hanging: str | None = None) -> None:
        self.lines += wrap(text, self.width, indent, hanging)

    def verdict(self, verdict: Verdict, title: str) -> None:
        word = WORDS[verdict]
        first, *rest = wrap(f"{word}  {title}", self.width, "", "  ")
        if self._color:
            first = first.replace(word, style(word, fg=_COLORS[verdict], bold=True, reverse=True), 1)
        self.lines += [first, *rest]


def report_text(report: Report, *, width: int, color: bool = False, explain: bool = False) -> str:
    """Return the report as text; with ``explain``, every finding with its code and evidence."""
    page = _Page(width, color=color)
    page.verdict(report.verdict, report.order.title)
    page.text(report.headline)
    for section in (_reasons, _compared, _preparation, _slips, _overdose, _not_checked, _assumed, _evidence):
        section(page, report)
    if explain:
        _all_findings(page, report)
    page.lines.append("")
    page.text(_footer(report, whole=explain), "")
    return "\n".join(page.lines) + "\n"


def _reasons(page: _Page, report: Report) -> None:
    """Say why the verdict is not better, where the headline has not said it."""
    disagree = any(finding.code == "rules-disagree" for finding in report.findings)
    others = [
        finding
        for finding in report.findings
        if finding.verdict is report.verdict
        and report.verdict is not Verdict.WITHIN_LIMITS
        and finding.message != report.headline
        and finding.limit is None
        and not finding.code.startswith(_SLIPS)
        and finding.code not in _SAID_ELSEWHERE
        and not (finding.code == "rule-thin" and disagree)
    ]
    deciding = [f for f in report.findings if f.message == report.headline and f.detail]
    for finding in deciding[:1]:
        page.text(f"{finding.detail}")
    for finding in others:
        page.text(f"- {finding.message}", "  ", "    ")


_SAID_ELSEWHERE = frozenset(
    {"limits-not-compared", "slips-not-checked", "slip-not-found", "route-not-checked", "weight-missing"}
)
_SLIPS = ("slip-", "latent-slip-")


def _compared(page: _Page, report: Report) -> None:
    if not report.comparisons:
        return
    page.heading("Compared")
    label = None
    for comparison in report.comparisons:
        if comparison.label != label:
            label = comparison.label
            page.text(label)
        page.text(_comparison_line(comparison), "    ", "      ")
    drawn = _most_telling(report)
    page.lines.append("")
    page.lines += [f"  {line}" for line in ruler(drawn.guardrail, drawn.observed, page.width - 4)]
    page.lines += side_by_side([*legend(drawn.guardrail), proposed(drawn)], page.width)


def _comparison_line(comparison: Comparison) -> str:
    name = comparison.measure.replace("_", " ")
    window = f" in any {plain(comparison.window)}" if comparison.window else ""
    limits = "; ".join(entry[2:] for entry in legend(comparison.guardrail))
    return f"{name} {observed_text(comparison)}{window}: {_ZONE_WORDS[comparison.zone.value]} ({limits})"


def side_by_side(entries: list[str], width: int) -> list[str]:
    """Put legend entries side by side as far as they fit; an entry is never broken."""
    lines = ["  "]
    for entry in entries:
        if len(lines[-1]) + len(entry) + 3 > width and lines[-1].strip():
            lines.append("  ")
        lines[-1] += entry if not lines[-1].strip() else f"   {entry}"
    return lines


def _most_telling(report: Report) -> Comparison:
    """Return the comparison that the headline speaks of, or else the first."""
    for finding in report.findings:
        if finding.message == report.headline and finding.rule:
            for comparison in report.comparisons:
                if comparison.rule == finding.rule and comparison.measure == finding.measure:
                    return comparison
    inside = [c for c in report.comparisons if c.zone.value == "within-limits" and c.guardrail.upper_soft]
    return (inside or list(report.comparisons))[0]


def _preparation(page: _Page, report: Report) -> None:
    if not report.cells:
        return
    page.heading("Preparation")
    for cell in report.cells:
        name = CELL_NAMES[cell.name]
        said = plain(cell.stated) if cell.stated else visible(cell.text) if cell.text else "not stated"
        follows = f"; the other cells make it {plain(cell.computed)}" if cell.computed else ""
        page.text(f"{name} {said}{follows}", "  ", "    ")


def _slips(page: _Page, report: Report) -> None:
    slips = [finding for finding in report.findings if finding.code.startswith("slip-") and finding.mechanism]
    latent = [finding for finding in report.findings if finding.code == "latent-slip-found"]
    if slips:
        page.heading("What may have slipped (it explains; no dose to give)")
        for finding in slips:
            words = (finding.mechanism or "").replace("_", " ")
            about = f"{finding.drug}, " if finding.drug else ""
            page.text(f"{about}{words}: {finding.message.removeprefix(f'{finding.drug}: ')}", "  ", "    ")
            # How it happens is told with --explain.
            rank = (finding.detail or "").partition(" How it happens: ")[0]
            page.text(rank, "    ")
    if latent:
        page.heading("A slip away")
        for finding in latent:
            page.text(finding.message, "  ", "    ")


def _overdose(page: _Page, report: Report) -> None:
    texts = [finding for finding in report.findings if finding.code == "overdose-text"]
    if texts:
        page.heading("If it has been given (what sources say, not advice)")
        for finding in texts:
            page.text(finding.detail or finding.message)


def _not_checked(page: _Page, report: Report) -> None:
    missing = [f for f in report.findings if f.code.endswith(("-missing", "-not-compared", "not-checked"))]
    missing = [f for f in missing if f.code != "latent-slips-not-checked" and f.message != report.headline]
    if missing:
        page.heading("Not checked")
        for message in dict.fromkeys(finding.message for finding in missing):
            page.text(f"- {message}", "  ", "    ")


def _assumed(page: _Page, report: Report) -> None:
    if report.assumptions:
        page.heading("Assumed")
        page.text("; ".join(report.assumptions))
    for finding in report.findings:
        # A condition asks for a person at most; where one is asked for already it changes nothing.
        is_open = finding.code == "conditions-not-stated" and report.verdict is Verdict.WITHIN_LIMITS
        if finding.code == "category-would-change" or is_open:
            page.text(finding.message)


def _evidence(page: _Page, report: Report) -> None:
    cited = [
        finding
        for finding in report.findings
        if not finding.code.startswith(_SLIPS)
        and (finding.code.startswith(_CITED) or finding.limit is not None)
    ]
    by_source: dict[str, dict[Citation, None]] = {}
    for finding in cited:
        for citation in finding.evidence:
            by_source.setdefault(citation.source, {})[citation] = None
    if by_source:
        page.heading("Evidence")
    for citations in by_source.values():
        page.text(citation_text(*citations), "  ", "    ")
    for finding in report.findings:
        if finding.code in {"rule-thin", "rule-reviewed"}:
            page.text(finding.message, "  ", "    ")


_CITED = ("route-forbidden", "overdose-text", "product-", "condition-", "weight-implausible")


def citation_text(citation: Citation, *others: Citation) -> str:
    """Return places in one source as a line: what it is, the places, and where to find it."""
    found_at = [f"doi:{citation.doi}"] if citation.doi else []
    found_at += [f"PMID {citation.pmid}"] if citation.pmid else []
    found_at += [citation.url] if citation.url and not found_at else []
    year = f", {citation.year}" if citation.year.isdigit() else ""
    places = "; ".join(place.where for place in (citation, *others))
    return f"[{citation.source}] {citation.title}{year}: {places}. {' '.join(found_at)}"


def _all_findings(page: _Page, report: Report) -> None:
    page.heading("All findings")
    for finding in report.findings:
        page.lines += list(_finding_lines(finding, page.width))


def _finding_lines(finding: Finding, width: int) -> Iterator[str]:
    yield from wrap(
        f"{finding.code} [{WORDS[finding.verdict].lower()}]: {finding.message}", width, "  ", "    "
    )
    if finding.detail:
        yield from wrap(finding.detail, width, "    ")
    for citation in finding.evidence:
        yield from wrap(citation_text(citation), width, "    ", "      ")


def _footer(report: Report, *, whole: bool) -> str:
    digest = report.formulary_digest if whole else report.formulary_digest[:_SHOWN_DIGEST]
    sites = "".join(f", {layer.site} {layer.version}" for layer in report.layers)
    return f"itdose {report.itdose_version}, formulary {report.formulary_version}{sites} ({digest})"
