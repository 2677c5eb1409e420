"""What is allowed in a formulary and still worth a look: every remark of every rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.curation.lint_bibliography import bibliography_remarks
from itdose.curation.lint_cover import cover_remarks
from itdose.curation.lint_drugs import drug_remarks
from itdose.curation.lint_limits import limit_remarks
from itdose.curation.lint_reviews import review_remarks
from itdose.curation.places import rules_of

if TYPE_CHECKING:
    from itdose.curation.remarks import Level, Remark
    from itdose.formulary.load import Models


class Lint(NamedTuple):
    """The remarks on one formulary as of one day, and how much was looked at."""

    remarks: tuple[Remark, ...]
    """In the order of files and lines."""
    drugs: int
    rules: int
    version: str
    as_of: str

    def count(self, level: Level) -> int:
        """Return how many remarks have this level."""
        return sum(remark.level is level for remark in self.remarks)


def lint(models: Models, today: str) -> Lint:
    """Look at every part of a formulary; ``today`` is a day such as ``2026-11-22``.

    The formulary must be valid: what contradicts itself is a problem and no remark.
    """
    remarks = [
        *limit_remarks(models),
        *cover_remarks(models),
        *review_remarks(models, today),
        *bibliography_remarks(models),
        *drug_remarks(models),
    ]
    return Lint(
        remarks=tuple(sorted(remarks)),
        drugs=len(models.drugs),
        rules=sum(1 for _ in rules_of(models)),
        version=models.formulary.version,
        as_of=today,
    )
