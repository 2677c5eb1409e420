"""Two formularies side by side: every difference, and the regression cases that change their verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.assessment import assess
from itdose.findings import Verdict
from itdose.formulary.difference import Effect, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.formulary import Formulary
    from itdose.formulary.case_files import RegressionCase
    from itdose.formulary.difference import Difference

_ORDER = tuple(Effect)


class ChangedVerdict(NamedTuple):
    """A regression case that the two formularies judge differently."""

    case: RegressionCase
    old: Verdict
    new: Verdict

    @property
    def is_new(self) -> bool:
        """Whether the old formulary could not judge the case at all."""
        return self.old is Verdict.CANNOT_CHECK

    @property
    def is_milder(self) -> bool:
        """Whether the new formulary lets through what the old one did not; a new rule loosens nothing."""
        return self.new < self.old and not self.is_new


class Comparison(NamedTuple):
    """Everything that sets two formularies apart."""

    differences: tuple[Difference, ...]
    """What lets most through stands first."""
    verdicts: tuple[ChangedVerdict, ...]

    @property
    def lets_more_through(self) -> bool:
        """Whether anything is loosened or withdrawn, or any case is judged more mildly."""
        effects = {found.effect for found in self.differences}
        milder = any(changed.is_milder for changed in self.verdicts)
        return milder or bool(effects & {Effect.LOOSENED, Effect.WITHDRAWN})


def compare(old: Formulary, new: Formulary, cases: Iterable[RegressionCase]) -> Comparison:
    """Compare two formularies, and judge each case with both."""
    found = sorted(differences(old, new), key=lambda item: (_ORDER.index(item.effect), not item.is_hard))
    return Comparison(tuple(found), tuple(_changed_verdicts(old, new, cases)))


def _changed_verdicts(
    old: Formulary, new: Formulary, cases: Iterable[RegressionCase]
) -> Iterator[ChangedVerdict]:
    for case in cases:
        before, after = (assess(case.order, formulary).verdict for formulary in (old, new))
        if before is not after:
            yield ChangedVerdict(case, before, after)
