"""What stands around the numbers: the label of the finished syringe, its last day, and who checked it.

Within limits: a label that says the same as the cells; a second person who checked.
Outside: a label of 5 mg/mL on a syringe of 50 mg/mL; one person who prepared and checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.checks.label import compare_label
from itdose.errors import quote
from itdose.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case

CODES = {
    "label-agrees": "what the label says agrees with the cells",
    "label-differs": "the label says something else than the cells",
    "label-names-another-drug": "the label names a drug that is not in the preparation",
    "label-names-another-route": "the label names another route",
    "label-without-drug": "the label does not name the drug",
    "label-not-read": "a figure of the label could not be read or compared",
    "expired": "the last day of use is over",
    "not-expired": "the last day of use has not passed",
    "checker-not-independent": "the same person prepared and checked",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield what the label, the last day of use and the names say; nothing where none was stated."""
    if case.order.label_text is not None:
        yield from compare_label(case, case.order.label_text)
    if case.expiry is not None:
        yield _expiry(case, case.expiry, case.order.expiry or "")
    prepared, checked = (_name(text) for text in (case.order.prepared_by, case.order.checked_by))
    if prepared and prepared == checked:
        yield Finding(
            code="checker-not-independent",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"{quote(case.order.prepared_by or '')} prepared and checked; "
            "a second person must compute it again",
        )


def _expiry(case: Case, day: str, written: str) -> Finding:
    said = day if written.strip() == day else f"the last of {day[:7]}"
    # A sheet may be of the past, so that a day gone by is a question and no stop.
    if day < case.formulary.as_of:
        return Finding(
            code="expired",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"its last day was {said}, and today is {case.formulary.as_of}",
        )
    return Finding(code="not-expired", verdict=Verdict.WITHIN_LIMITS, message=f"its last day is {said}")


def _name(text: str | None) -> str:
    return " ".join((text or "").casefold().replace(".", " ").split())
