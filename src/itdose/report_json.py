"""A report as JSON, complete at every verbosity. The keys are those of schemas/report-1.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from itdose.plain_text import beside, number, plain, shown

if TYPE_CHECKING:
    from itdose.findings import Cell, Citation, Comparison, Finding, Limit, Report, RuleReview
    from itdose.quantity import Quantity

SCHEMA = "itdose.report/1"
Row = dict[str, Any]


def to_json(report: Report, *, indent: int | None = 2, row: int | None = None) -> str:
    """Return one report; ``row`` is its place in the sheet that it came from."""
    return json.dumps(report_row(report, row=row), indent=indent, ensure_ascii=True)


def report_row(report: Report, *, row: int | None = None) -> Row:
    """Return the report as plain values. Quantities are text with a unit, ratios text."""
    order = report.order
    body: Row = {
        "schema": SCHEMA,
        "verdict": str(report.verdict),
        "headline": report.headline,
        "cause": report.cause,
        "order": {
            "drug": order.drug,
            "route": order.route,
            "mode": order.mode,
            "dose": shown(order.dose) if order.dose else None,
            "text": order.text,
            "title": order.title,
            **({"together_with": list(order.together_with)} if order.together_with else {}),
        },
        "assumptions": list(report.assumptions),
        "findings": [_finding(finding) for finding in report.findings],
        "compared": [_comparison(comparison) for comparison in report.comparisons],
        **({"preparation": [_cell(cell) for cell in report.cells]} if report.cells else {}),
        "rules": [_rule(review) for review in report.reviews],
        "formulary": {
            "version": report.formulary_version,
            "digest": report.formulary_digest,
            "layers": [layer._asdict() for layer in report.layers],
        },
        "itdose": report.itdose_version,
    }
    return {"row": row, **body} if row is not None else body


def _cell(cell: Cell) -> Row:
    """Return one cell of the preparation; what was not stated, or does not follow, is null."""
    return {
        "cell": cell.name,
        "text": cell.text,
        "stated": shown(cell.stated) if cell.stated else None,
        "computed": shown(cell.computed) if cell.computed else None,
    }


def _rule(review: RuleReview) -> Row:
    """Return how far a rule was reviewed; what no site brought is left out."""
    of_sites = {
        "sign_off": review.sign_off._asdict() if review.sign_off else None,
        "site": review.site,
        "changes": [change._asdict() for change in review.changes],
    }
    return {
        "id": review.rule,
        "review": {"state": review.state, "on": review.on, "due": review.due},
        "signed_off": review.is_signed_off,
        **{key: value for key, value in of_sites.items() if value},
    }


def _limit(limit: Limit) -> Row:
    origin = {"origin": limit.origin} if limit.origin else {}
    return {"kind": limit.kind, "value": plain(limit.value), **origin}


def _finding(finding: Finding) -> Row:
    limit, observed = finding.limit, finding.observed
    optional = {
        "detail": finding.detail,
        "measure": finding.measure,
        "observed": _beside(observed, limit.value if limit else None) if observed else None,
        "limit": _limit(limit) if limit else None,
        "ratio": number(finding.ratio) if finding.ratio is not None else None,
        "rule": finding.rule,
        "drug": finding.drug,
        "mechanism": finding.mechanism,
        "explains": shown(finding.explains) if finding.explains else None,
    }
    return {
        "code": finding.code,
        "verdict": str(finding.verdict),
        "message": finding.message,
        **{key: value for key, value in optional.items() if value is not None},
        "evidence": [_citation(citation) for citation in finding.evidence],
    }


def _comparison(comparison: Comparison) -> Row:
    limits = dict(comparison.guardrail.limits())
    return {
        "rule": comparison.rule,
        "label": comparison.label,
        "measure": comparison.measure,
        "window": plain(comparison.window) if comparison.window else None,
        "observed": _beside(comparison.observed, next(iter(limits.values()), None)),
        "zone": comparison.zone.value,
        "limits": {kind: plain(value) for kind, value in limits.items()},
        **({"origins": dict(comparison.origins)} if comparison.origins else {}),
    }


def _beside(observed: Quantity, limit: Quantity | None) -> str:
    return beside(observed, limit) if limit is not None else shown(observed)


def _citation(citation: Citation) -> Row:
    return {
        "source": citation.source,
        "title": citation.title,
        "year": citation.year,
        "where": citation.where,
        "doi": citation.doi,
        "pmid": citation.pmid,
        "url": citation.url,
    }
