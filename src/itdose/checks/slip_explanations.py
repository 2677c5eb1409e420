"""Which slips explain a dose: undone, they land inside a usual range. Ranked, with the reason.

A combination of two is looked for only where no single slip explains.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.matching import match_rules
from itdose.case.measures import NOT_OF_THE_DOSE, has_base
from itdose.checks.limit_texts import usual_range
from itdose.checks.slip_ways import WAYS, Fit, Undone, with_dose
from itdose.guardrail import Zone
from itdose.plain_text import beside, number, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.case import Case
    from itdose.case.matching import RuleMatch
    from itdose.findings import Comparison
    from itdose.formulary import Slip
    from itdose.quantity import Quantity

# Where a usual range has no lower end, a tenth of its top is inside it too; only a
# dose that comes close to the top is taken for what was meant.
_CLOSE_TO_THE_TOP = Fraction(1, 4)
_ONE = Fraction(1)
# A figure that is ordinary just as it is written, with another unit, route or drug, is less likely a
# coincidence than one that becomes ordinary when it is changed.
_TIERS = {
    Fit.SAME_FIGURE: 0,
    Fit.SAME_VOLUME: 0,
    Fit.OTHER_ROUTE: 1,
    Fit.LOOK_ALIKE: 2,
    Fit.STATED_PERCENT: 2,
    Fit.THIS_RULE: 3,
    Fit.OTHER_INDICATION: 4,
    Fit.OTHER_MODE: 4,
    Fit.OTHER_STRENGTH: 5,
}


class Explanation(NamedTuple):
    """One slip, or two, that lead from an ordinary dose to the written one."""

    slips: tuple[Slip, ...]
    explains: Quantity | None
    arithmetic: str
    """``500 mg / 10 = 50 mg``."""
    usual: str
    label: str
    rule: str
    fit: Fit


class _Lead(NamedTuple):
    """A mechanism undone in one way, with the rules that its meant dose is compared with."""

    slip: Slip
    undone: Undone
    matches: tuple[RuleMatch, ...]
    is_other_indication: bool


def explanations(case: Case) -> list[Explanation]:
    """Return the slips that explain the dose, the likeliest first; two together where no one does."""
    dose = case.quantity("dose")
    if dose is None or case.drug is None:
        return []
    plain_case = with_dose(case, dose)
    leads = list(_leads(plain_case, case, dose))
    single = list(_best_of_each(_single(leads)))
    return sorted(single or _best_of_each(_double(leads, case)), key=lambda item: _rank(item, case))


def _leads(plain_case: Case, case: Case, dose: Quantity) -> Iterator[_Lead]:
    here = match_rules(plain_case)
    elsewhere: tuple[RuleMatch, ...] = ()
    if case.indication is not None:
        any_indication = match_rules(plain_case._replace(indication=None))
        known = {match.rule.id for match in here}
        elsewhere = tuple(match for match in any_indication if match.rule.id not in known)
    for slip in case.formulary.slips:
        for undone in WAYS[slip.works_by](case, dose, slip):
            if undone.moved is not None:
                yield _Lead(slip, undone, match_rules(undone.moved), is_other_indication=False)
            else:
                yield _Lead(slip, undone, here, is_other_indication=False)
                if elsewhere:
                    yield _Lead(slip, undone, elsewhere, is_other_indication=True)


def _single(leads: list[_Lead]) -> Iterator[Explanation]:
    for lead in leads:
        found = _explained(lead, _ONE)
        if found is not None:
            yield found


def _double(leads: list[_Lead], case: Case) -> Iterator[Explanation]:
    """Look for a tenfold slip beside one that leaves the figure as written, such as another route."""
    tenfold = next((slip for slip in case.formulary.slips if slip.mechanism == "tenfold"), None)
    if tenfold is None or tenfold.factor is None:
        return
    for lead in leads:
        # Two changed figures explain almost any dose, and so nothing.
        if lead.undone.fit > Fit.LOOK_ALIKE:
            continue
        for shift, sign in ((1 / tenfold.factor, "/"), (tenfold.factor, "x")):
            found = _explained(lead, shift)
            if found is not None and found.explains is not None:
                shifted = f"{sign} {number(tenfold.factor)} = {shown(found.explains)}"
                yield found._replace(slips=(lead.slip, tenfold), arithmetic=_both(found.arithmetic, shifted))


def _both(first: str, shifted: str) -> str:
    """Return the words of two slips: ``35 mg / 10 = 3.5 mg, an ordinary epidural dose``."""
    dose, is_ordinary, rest = first.partition(" is an ordinary ")
    return f"{dose} {shifted}, an ordinary {rest}" if is_ordinary else f"{first}; {shifted}"


def _explained(lead: _Lead, shift: Fraction) -> Explanation | None:
    undone = lead.undone
    factor = (undone.factor or _ONE) * shift
    for match in lead.matches:
        if undone.dose is None:
            if not _is_above(match):
                continue
        elif not _contains(match, factor):
            continue
        _, comparison = match.comparisons[0]
        usual = usual_range(comparison.guardrail)
        if usual is None:
            continue
        meant = undone.dose.times(shift) if undone.dose is not None else None
        more = _in_the_limit_s_unit(meant, comparison, factor) if meant is not None else ""
        words = str(undone.words)
        words = words.removesuffix(more) + more if shift == _ONE else words
        fit = Fit.OTHER_INDICATION if lead.is_other_indication else undone.fit
        return Explanation((lead.slip,), meant, words, usual, comparison.label, match.rule.id, fit)
    return None


def _contains(match: RuleMatch, factor: Fraction) -> bool:
    """Return whether the rule would contain ``factor`` times the dose that it was compared with."""
    if not match.comparisons:
        return False
    for _, item in match.comparisons:
        observed = item.observed if item.measure in NOT_OF_THE_DOSE else item.observed.times(factor)
        if item.guardrail.zone(observed) is not Zone.WITHIN_LIMITS:
            return False
    return _is_close(match.comparisons[0][1], factor)


def _is_above(match: RuleMatch) -> bool:
    """Return whether the written dose is above what the rule calls usual."""
    above = {Zone.ABOVE_SOFT_LIMIT, Zone.ABOVE_HARD_LIMIT, Zone.AT_TOXIC_LEVEL}
    return bool(match.comparisons) and match.comparisons[0][1].zone in above


def _is_close(comparison: Comparison, factor: Fraction) -> bool:
    bounds = comparison.guardrail
    if bounds.upper_soft is None:
        return False
    meant = comparison.observed.times(factor)
    return bounds.lower_soft is not None or bounds.upper_soft.times(_CLOSE_TO_THE_TOP) <= meant


def _in_the_limit_s_unit(dose: Quantity, comparison: Comparison, factor: Fraction) -> str:
    """Say the dose once more where the limit is per day, or of the salt, so that the two compare at sight."""
    limit = comparison.guardrail.upper_soft
    if limit is None:
        return ""
    same_kind = dose.unit.dimension == limit.unit.dimension
    same_time = dose.unit.symbol.rpartition("/")[2] == limit.unit.symbol.rpartition("/")[2]
    comparable = same_kind and (same_time or not has_base(dose, "time"))
    return "" if comparable else f", which is {beside(comparison.observed.times(factor), limit)}"


def _best_of_each(found: Iterable[Explanation]) -> Iterable[Explanation]:
    """Keep the best fitting way of each mechanism, or pair of them."""
    best: dict[tuple[str, ...], Explanation] = {}
    for item in found:
        key = tuple(slip.mechanism for slip in item.slips)
        if key not in best or _TIERS[item.fit] < _TIERS[best[key].fit]:
            best[key] = item
    return best.values()


def _rank(item: Explanation, case: Case) -> tuple[int, int, int]:
    """Rank what keeps the figure as written before a changed figure, then by how common it is."""
    order = [slip.mechanism for slip in case.formulary.slips]
    places = [order.index(slip.mechanism) for slip in item.slips]
    return _TIERS[item.fit], sum(places), item.fit
