"""Published ordinary regimens as orders: itdose does not cry wolf over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from itdose import Order, Verdict, assess

if TYPE_CHECKING:
    from itdose import Formulary

FOLDER = Path(__file__).parent
_MOST_IN_NEED_OF_REVIEW = 0.05


def table(name: str) -> list[dict[str, Any]]:
    rows = yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"), yaml.CBaseLoader)  # noqa: S506 - text alone
    assert isinstance(rows, list)
    return rows


def order(row: dict[str, Any]) -> Order:
    said: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row["order"].items()
    }
    return Order(**said)


REVIEWED = table("cross_checked")
DRAFTED = table("drafted")
UPPER_ENDS = table("upper_ends")


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("row", REVIEWED, ids=ids(REVIEWED))
def test_an_ordinary_regimen_of_a_reviewed_rule_is_within_limits_or_explained(
    row: dict[str, Any], formulary: Formulary
) -> None:
    verdict = assess(order(row), formulary).verdict
    assert verdict is (Verdict.NEEDS_REVIEW if "needs_review" in row else Verdict.WITHIN_LIMITS)


def test_at_most_one_ordinary_regimen_in_twenty_needs_review() -> None:
    explained = [row["id"] for row in REVIEWED if "needs_review" in row]
    assert len(REVIEWED) >= 100
    assert len(explained) <= _MOST_IN_NEED_OF_REVIEW * len(REVIEWED)


@pytest.mark.parametrize("row", DRAFTED, ids=ids(DRAFTED))
def test_a_drafted_rule_asks_for_a_person_and_for_nothing_else(
    row: dict[str, Any], formulary: Formulary
) -> None:
    report = assess(order(row), formulary)
    reasons = {finding.code for finding in report.findings if finding.verdict is Verdict.NEEDS_REVIEW}
    assert report.verdict is Verdict.NEEDS_REVIEW
    if "needs_review" not in row:
        assert reasons == {"rule-thin"}


@pytest.mark.parametrize("row", UPPER_ENDS, ids=ids(UPPER_ENDS))
def test_the_upper_end_of_a_published_range_is_never_a_stop(
    row: dict[str, Any], formulary: Formulary
) -> None:
    assert assess(order(row), formulary).verdict <= Verdict.NEEDS_REVIEW


def test_every_regimen_has_a_source_that_can_be_found(formulary: Formulary) -> None:
    beside = yaml.load((FOLDER / "sources.yaml").read_text("utf-8"), yaml.CBaseLoader)  # noqa: S506 - text alone
    known = {**formulary.rows["sources"], **beside}
    for row in (*REVIEWED, *DRAFTED, *UPPER_ENDS):
        source = known[row["source"]["key"]]
        assert source.get("doi") or source.get("pmid") or source.get("url")
        assert row["source"]["where"]
    assert not set(beside) & set(formulary.rows["sources"])
