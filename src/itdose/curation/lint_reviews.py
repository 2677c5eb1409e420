"""Reviews that are overdue, and those that soon will be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from itdose.curation.places import rules_of
from itdose.curation.remarks import remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.remarks import Remark
    from itdose.formulary.load import Models

_SOON = timedelta(days=60)


def review_remarks(models: Models, today: str) -> Iterator[Remark]:
    """Yield a remark for every rule whose review is overdue or falls due within 60 days."""
    day = date.fromisoformat(today)
    for document, path, rule in rules_of(models):
        _, due = rule.review.dates()
        at = (*path, "review", "due")
        if due < day:
            message = (
                f"{rule.id} was due for review on {due} and can't give within_limits; "
                "read its sources again, then set on and due"
            )
            yield remark(document, at, "review-overdue", message)
        elif due <= day + _SOON:
            message = f"{rule.id} is due for review on {due}; read its sources again before that day"
            yield remark(document, at, "review-due-soon", message)
