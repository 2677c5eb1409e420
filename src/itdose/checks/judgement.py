"""What several rules say together: the mildest that compared the order, and whether they agree.

Where the indication or the mode is not stated, every rule that may be meant is
compared. A dose that one of them contains is not a stop, but a person must
look at why the others do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.case.matching import match_rules
from itdose.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.case import Case
    from itdose.case.matching import RuleMatch


class Judgement(NamedTuple):
    """The rules that cover an order, and the verdict that they give together."""

    matches: tuple[RuleMatch, ...]
    verdict: Verdict
    disagree: bool

    @property
    def compared(self) -> tuple[RuleMatch, ...]:
        """The rules with at least one measure compared."""
        return tuple(match for match in self.matches if match.comparisons)

    @property
    def contained(self) -> bool:
        """Whether at least one rule has the dose inside its soft limits."""
        return any(match.contains for match in self.matches)

    def cap(self, verdict: Verdict) -> Verdict:
        """Return what one rule's finding counts for beside the other rules."""
        return min(verdict, self.verdict)


def judge(case: Case, profile: Mapping[str, str] | None = None) -> Judgement:
    """Weigh the rules that cover the order, for the patient or, compared anew, another profile."""
    matches = match_rules(case, profile) if profile else case.matches
    verdicts = [match.verdict for match in matches if match.comparisons]
    if not verdicts:
        return Judgement(matches, Verdict.CANNOT_CHECK, disagree=False)
    mildest = min(verdicts)
    # Two thin rules need a person's look either way; that one contains the dose still matters.
    contained = {match.contains for match in matches}
    disagree = len(set(verdicts)) > 1 or len(contained) > 1 or len(verdicts) < len(matches)
    verdict = max(mildest, Verdict.NEEDS_REVIEW) if disagree else mildest
    return Judgement(matches, verdict, disagree)
