"""One report as a FHIR R4 DetectedIssue. The verdict's word stands in it, so that nobody has to infer it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DISPLAYS = {"DOSE": "Dosage problem", "DOSEH": "High Dose Alert", "DOSEL": "Low Dose Alert"}
_SEVERITIES = {"stop": "high", "needs_review": "moderate", "cannot_check": "moderate", "within_limits": "low"}
_HIGH = ("-above-soft-limit", "-above-hard-limit", "-at-toxic-level")
_LOW = ("-below-soft-limit", "-below-hard-limit")
_DOSES = ("dose", "daily_dose", "cumulative_dose")
_BREAKS = " \n\t"


def detected_issue(
    body: Mapping[str, Any],
    *,
    name: str | None = None,
    implicated: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the resource; ``body`` is a report of schemas/report-1.schema.json."""
    verdict = body["verdict"]
    headline = f"not checked: {body['headline']}" if verdict == "cannot_check" else body["headline"]
    return {
        "resourceType": "DetectedIssue",
        **({"id": name} if name else {}),
        "status": "final",
        "code": {**_coding(body["findings"], verdict), "text": verdict},
        "severity": _SEVERITIES[verdict],
        "author": {"display": _author(body)},
        "implicated": [implicated or {"display": clear(body["order"]["title"])}],
        "evidence": [_evidence(finding) for finding in body["findings"]],
        "detail": clear(headline),
    }


def to_fhir(body: Mapping[str, Any]) -> str:
    """Return the report on one order as JSON."""
    return json.dumps(detected_issue(body), indent=2, ensure_ascii=True)


def clear(text: str) -> str:
    """Return a text that FHIR allows: not empty, and without characters that can't be seen."""
    seen = (c if c.isprintable() or c in _BREAKS else ascii(c)[1:-1] for c in text)
    return "".join(seen).strip() or "-"


def _coding(findings: Sequence[Mapping[str, Any]], verdict: str) -> dict[str, Any]:
    """Return HL7's code where the dose is high or low, or the order a stop; else no code says it.

    Of a stop only what stops it counts. Where rules disagree, the dose is high or
    low for one purpose and ordinary for another.
    """
    if verdict == "stop":
        findings = [finding for finding in findings if finding["verdict"] == "stop"]
    elif any(finding["code"] == "rules-disagree" for finding in findings):
        return {}
    codes = {code for finding in findings if (code := _direction(finding))}
    if not codes and verdict != "stop":
        return {}
    code = codes.pop() if len(codes) == 1 else "DOSE"
    return {"coding": [{"system": _ACT_CODES, "code": code, "display": _DISPLAYS[code]}]}


def _direction(finding: Mapping[str, Any]) -> str | None:
    if not str(finding.get("measure", "")).startswith(_DOSES):
        return None
    if finding["code"].endswith(_HIGH):
        return "DOSEH"
    return "DOSEL" if finding["code"].endswith(_LOW) else None


def _evidence(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return one finding with its sources."""
    said = f"{finding['code']} ({finding['verdict']}): {finding['message']}"
    sources = [{"display": clear(_source(citation))} for citation in finding["evidence"]]
    return {"code": [{"text": clear(said)}], **({"detail": sources} if sources else {})}


def _source(citation: Mapping[str, Any]) -> str:
    doi = f"doi:{citation['doi']}" if citation["doi"] else None
    pmid = f"PMID {citation['pmid']}" if citation["pmid"] else None
    parts = (
        citation["title"] or citation["source"],
        citation["year"],
        citation["where"],
        doi,
        pmid,
        citation["url"],
    )
    return ", ".join(str(part) for part in parts if part)


def _author(body: Mapping[str, Any]) -> str:
    formulary = body["formulary"]
    sites = "".join(f", site {layer['site']} {layer['version']}" for layer in formulary["layers"])
    return clear(f"itdose {body['itdose']}, formulary {formulary['version']} ({formulary['digest']}){sites}")
