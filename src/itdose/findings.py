"""What a check says: findings with their evidence, and the report that holds them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from itdose.guardrail import Guardrail, Zone
    from itdose.quantity import Quantity


class Verdict(IntEnum):
    """Outcomes from best to worst, so that ``max`` picks the one that counts."""

    WITHIN_LIMITS = 0
    NEEDS_REVIEW = 1
    CANNOT_CHECK = 2
    STOP = 3

    def __str__(self) -> str:
        return self.name.lower()


def overall(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict; without findings nothing has been checked."""
    return max((finding.verdict for finding in findings), default=Verdict.CANNOT_CHECK)


class Citation(NamedTuple):
    """One place in one source."""

    source: str
    """Key of the source in the formulary's bibliography."""
    title: str
    year: str
    where: str
    doi: str | None
    pmid: str | None
    url: str | None


class Limit(NamedTuple):
    """One limit that an observed quantity was compared with."""

    kind: str
    """``lower_hard``, ``lower_soft``, ``upper_soft``, ``upper_hard`` or ``toxic_from``."""
    value: Quantity
    origin: str | None = None
    """The site whose overlay set it, or None for the formulary's own."""


class Finding(NamedTuple):
    """One statement of one check."""

    code: str
    verdict: Verdict
    message: str
    """One short statement."""
    detail: str | None = None
    """What a reader may want to know next, in full sentences."""
    measure: str | None = None
    observed: Quantity | None = None
    limit: Limit | None = None
    ratio: Fraction | None = None
    """How many times the limit goes into the observed quantity."""
    rule: str | None = None
    """Id of the dose rule in the formulary."""
    evidence: tuple[Citation, ...] = ()
    mechanism: str | None = None
    """Of a slip: how an intended dose could have become the written one."""
    explains: Quantity | None = None
    """Of a slip: the dose that the mechanism would explain. Never a dose to give."""
    drug: str | None = None
    """Of a mixture: the other drug that the finding is about."""


class Comparison(NamedTuple):
    """One measure of the order beside the limits of one rule."""

    rule: str
    label: str
    """The rule in words: ``single dose, adult``."""
    measure: str
    observed: Quantity
    guardrail: Guardrail
    zone: Zone
    window: Quantity | None = None
    """The time that a cumulative dose is summed over."""
    origins: Mapping[str, str] = {}
    """The site of each limit that is not the formulary's own, by its kind."""


class SignOff(NamedTuple):
    """Who signed a rule for which site, and when."""

    site: str
    name: str
    role: str
    on: str
    is_valid: bool
    """False where the rule is no longer the one that was signed."""


class SiteChange(NamedTuple):
    """A limit that a site's overlay set anew."""

    site: str
    limit: str
    """Such as ``dose.upper_hard``."""
    old: str | None
    new: str | None
    reason: str


class RuleReview(NamedTuple):
    """How far a rule that was used has been reviewed, and by this site or not."""

    rule: str
    state: str
    on: str
    due: str
    sign_off: SignOff | None
    site: str | None
    """The site that added the rule, or None for the formulary's own."""
    changes: tuple[SiteChange, ...]
    """What sites changed in it."""

    @property
    def is_signed_off(self) -> bool:
        """Whether a named person of the site signed the rule as it stands."""
        return self.sign_off is not None and self.sign_off.is_valid


class Layer(NamedTuple):
    """One overlay: whose it is, its version, and the digest of its file and sign-offs."""

    site: str
    version: str
    digest: str


class Cell(NamedTuple):
    """One cell of the preparation: as written, as read, and as it follows from the others."""

    name: str
    """``draw_volume``, ``concentration`` … as the order and the sheet name it."""
    text: str | None
    """None for a cell that was not stated."""
    stated: Quantity | None
    computed: Quantity | None


class OrderAsRead(NamedTuple):
    """The order as the report repeats it; ``None`` is what could not be read."""

    drug: str | None
    route: str | None
    mode: str | None
    dose: Quantity | None
    text: str
    title: str
    """The order in words, for the first line of a report."""
    together_with: tuple[str, ...]
    """The other drugs of a mixture, each with its dose."""


class Report(NamedTuple):
    """The answer to one order, with everything needed to reproduce it."""

    order: OrderAsRead
    verdict: Verdict
    headline: str
    cause: str
    """The code of the finding that decided, whose message is the headline."""
    assumptions: tuple[str, ...]
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]
    reviews: tuple[RuleReview, ...]
    cells: tuple[Cell, ...]
    """The preparation, as far as it was stated or follows."""
    formulary_version: str
    formulary_digest: str
    layers: tuple[Layer, ...]
    """The sites' overlays over the formulary, in order."""
    itdose_version: str
