"""The lines of a report that ``itdose batch`` wrote as JSON Lines, each looked at before it is used."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from itdose.batch.columns import CANONICAL
from itdose.errors import SheetError
from itdose.findings import Verdict
from itdose.report_json import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_VERDICTS = tuple(str(verdict) for verdict in Verdict)
_HOW = "'itdose batch SHEET --output reports.ndjson' writes such lines"


def bodies(report: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the report of every line; raise SheetError, with its number, for the first that is none."""
    found = False
    try:
        with report.open(encoding="utf-8-sig", errors="strict") as file:
            for body in _bodies(report, file):
                found = True
                yield body
    except UnicodeDecodeError as error:
        raise SheetError(f"{report}: it is not UTF-8 text, and no report; {_HOW}") from error
    except OSError as error:
        raise SheetError(f"{report}: it can't be read: {error.strerror}") from error
    if not found:
        raise SheetError(f"{report}: it is empty; {_HOW}")


def _bodies(report: Path, file: IO[str]) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SheetError(f"{report}: line {number}: it is not one JSON object; {_HOW}") from error
        fault = _fault_of(body)
        if fault:
            raise SheetError(f"{report}: line {number}: it is no report on a row ({fault}); {_HOW}")
        yield body


def _fault_of(body: Any) -> str | None:
    """Return why a line is no report on a row, as far as it is used here."""
    if not isinstance(body, dict):
        return "it is not an object"
    if body.get("schema") != SCHEMA:
        return f"its schema is not {SCHEMA}"
    is_good = {
        "row": isinstance(body.get("row"), int),
        "worksheet": isinstance(body.get("worksheet", ""), str),
        "row_id": isinstance(body.get("row_id"), str),
        "cells": _is_texts(body.get("cells")),
        "read_as": _names_fields(body.get("read_as", {})),
        "verdict": body.get("verdict") in _VERDICTS,
        "headline": isinstance(body.get("headline"), str),
        "order": _is_order(body.get("order")),
        "findings": _are_findings(body.get("findings"), body.get("verdict")),
        "formulary": _has_texts(body.get("formulary"), "version", "digest"),
        "itdose": isinstance(body.get("itdose"), str),
    }
    return next((f"see its {key}" for key, good in is_good.items() if not good), None)


def _is_texts(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(text, str) for text in item.values())


def _names_fields(item: Any) -> bool:
    return _is_texts(item) and set(item.values()) <= set(CANONICAL)


def _has_texts(item: Any, *keys: str) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in keys)


def _is_order(item: Any) -> bool:
    return _has_texts(item, "text", "title") and isinstance(item.get("together_with", []), list)


def _are_findings(items: Any, verdict: Any) -> bool:
    """Return whether these are findings, and one of them has the report's verdict."""
    return (
        isinstance(items, list)
        and all(_is_finding(item) for item in items)
        and any(item["verdict"] == verdict for item in items)
    )


def _is_finding(item: Any) -> bool:
    limit = item.get("limit") if isinstance(item, dict) else None
    return _has_texts(item, "code", "verdict", "message") and (
        limit is None or _has_texts(limit, "kind", "value")
    )
