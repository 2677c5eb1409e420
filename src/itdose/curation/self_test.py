"""Ordinary doses and seeded slips for every rule: what itdose notices, and what it wrongly doubts.

For each dose rule, doses inside its usual range are assessed, and each of them
again after every known slip. The same seed gives the same doses.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from itdose.assessment import assess
from itdose.curation.bench import bench_of
from itdose.curation.cases import mechanisms
from itdose.curation.seeding import ordinary_doses, slipped
from itdose.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from itdose.curation.bench import Bench
    from itdose.formulary import Formulary, RuleAt
    from itdose.quantity import Quantity

ORDINARY = "ordinary dose"
DECIMAL_SLIPS = frozenset({"tenfold", "hundredfold", "thousandfold"})
NOTICED_OF_A_HUNDRED = 99
SLIPS_IN_A_FAMILY = 300


class Cell(NamedTuple):
    """A drug by a route, the review state of the rule, and the slip."""

    drug: str
    route: str
    state: str
    mechanism: str


class Tally:
    """What became of the doses of one or more cells."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.named = 0
        """How often the slip was named as an explanation."""
        self.still_ordinary = 0
        """How often the slipped dose was an ordinary one again: nothing can notice that."""

    @property
    def total(self) -> int:
        """How many doses were assessed."""
        return self.verdicts.total()

    @property
    def noticed(self) -> int:
        """How many were stopped or given to a person to look at."""
        return self.verdicts[Verdict.STOP] + self.verdicts[Verdict.NEEDS_REVIEW]

    def add(self, other: Tally) -> None:
        """Count what another tally counted."""
        self.verdicts += other.verdicts
        self.named += other.named
        self.still_ordinary += other.still_ordinary


class SelfTest(NamedTuple):
    """The confusion matrix of a formulary."""

    seed: int
    matrix: dict[Cell, Tally]
    not_tested: dict[str, str]
    """Rules that no dose could be taken from, with the reason."""

    def sum(self, **wanted: str | Iterable[str]) -> Tally:
        """Return what became of all doses of the cells with these values, such as ``state="drafted"``."""
        whole = Tally()
        for cell, found in self.matrix.items():
            if all(_matches(getattr(cell, name), values) for name, values in wanted.items()):
                whole.add(found)
        return whole

    @property
    def slips(self) -> tuple[str, ...]:
        """The slips that were seeded."""
        return tuple(dict.fromkeys(cell.mechanism for cell in self.matrix if cell.mechanism != ORDINARY))

    @property
    def failures(self) -> tuple[str, ...]:
        """What should hold of every formulary and does not, in words."""
        slips, decimal = self.sum(mechanism=self.slips), self.sum(mechanism=DECIMAL_SLIPS)
        reviewed = self.sum(mechanism=ORDINARY, state=("cross_checked", "signed_off"))
        drafted = self.sum(mechanism=ORDINARY, state="drafted")
        counts = {
            "slips outside the usual range that are within_limits": slips.verdicts[Verdict.WITHIN_LIMITS],
            "decimal slips beyond one in a hundred that nobody is asked about": max(
                0, NOTICED_OF_A_HUNDRED * decimal.total - 100 * decimal.noticed
            ),
            "ordinary doses of reviewed rules that are not within_limits": (
                reviewed.total - reviewed.verdicts[Verdict.WITHIN_LIMITS]
            ),
            "ordinary doses of drafted rules that are not needs_review": (
                drafted.total - drafted.verdicts[Verdict.NEEDS_REVIEW]
            ),
        }
        return tuple(f"{count} {what}" for what, count in counts.items() if count)


def run_self_test(formulary: Formulary, seed: int, rules: Sequence[RuleAt]) -> Iterator[SelfTest]:
    """Assess ordinary and slipped doses of these rules; yield the result so far after each."""
    result = SelfTest(seed, {}, {})
    laid_out = [(rule, bench_of(formulary, drug, route, rule)) for drug, route, rule in rules]
    families = Counter((bench.drug, bench.route) for _, bench in laid_out if bench)
    for rule, bench in laid_out:
        if bench is None:
            result.not_tested[rule.id] = (
                "no usual range in whole doses or per kg, or none at an ordinary weight"
            )
        else:
            chance = random.Random(f"{seed} {rule.id}")  # noqa: S311 - doses, not secrets
            _test_rule(bench, result, chance, families[bench.drug, bench.route])
        yield result


def _test_rule(bench: Bench, result: SelfTest, chance: random.Random, rules_of_family: int) -> None:
    """Assess doses until this rule has its share of its family's slips."""
    share = -(-SLIPS_IN_A_FAMILY // rules_of_family)
    seeded = 0
    for dose in ordinary_doses(bench, chance, SLIPS_IN_A_FAMILY):
        if seeded >= share:
            return
        _assess(bench, result, ORDINARY, dose)
        for mechanism, slipped_dose in slipped(bench, dose):
            if bench.holds(slipped_dose):
                _tally(bench, result, mechanism).still_ordinary += 1
            else:
                seeded += _assess(bench, result, mechanism, slipped_dose)


def _assess(bench: Bench, result: SelfTest, mechanism: str, dose: Quantity) -> bool:
    """Assess one dose; return whether it could be written as an order."""
    order = bench.order(dose)
    if order is None:
        return False
    report = assess(order, bench.formulary)
    tally = _tally(bench, result, mechanism)
    tally.verdicts[report.verdict] += 1
    tally.named += mechanism in mechanisms(report)
    return True


def _tally(bench: Bench, result: SelfTest, mechanism: str) -> Tally:
    cell = Cell(bench.drug, bench.route, bench.rule.review.state, mechanism)
    return result.matrix.setdefault(cell, Tally())


def _matches(value: str, wanted: str | Iterable[str]) -> bool:
    return value == wanted if isinstance(wanted, str) else value in wanted
