"""Change every limit of a formulary, one at a time, and see whether a regression case notices.

A limit that can be ten times too high without any case failing is a limit that
nothing guards. A change that the formulary itself refuses, such as a hard limit
below the usual range, counts as noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.curation.cases import is_as_expected
from itdose.errors import QuantityError, UnknownNameError
from itdose.formulary.difference import HARD_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.formulary import Formulary
    from itdose.formulary.case_files import RegressionCase

Row = dict[str, Any]
_NEIGHBORS = {"g": "mg", "mg": "mcg", "mcg": "mg", "L": "mL", "mL": "L", "mEq": "mmol", "mmol": "mEq"}
_TIMES = {"day": "h", "h": "day", "min": "h"}


class Mutant(NamedTuple):
    """One changed limit, or a forbidden route that is gone."""

    drug: str
    rule: str
    """The id of the rule, or drug and route."""
    limit: str
    change: str
    is_hard: bool
    """It concerns a hard limit, a toxic level or a forbidden route."""
    row: Row
    """The drug's compiled row with the change."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.limit} {self.change}"


class Trial(NamedTuple):
    """A mutant, and whether anything noticed it."""

    mutant: Mutant
    is_noticed: bool


def mutants(formulary: Formulary, key: str) -> Iterator[Mutant]:
    """Yield every mutant of one drug."""
    drug = formulary.rows["drugs"][key]
    for route, entry in drug["routes"].items():
        if entry["forbidden"]:
            rest = {name: other for name, other in drug["routes"].items() if name != route}
            row = {**drug, "routes": rest}
            yield Mutant(key, f"{key}.{route}", "forbidden route", "dropped", is_hard=True, row=row)
        for place, rule in enumerate(entry["rules"]):
            yield from _of_rule(key, drug, (route, place), rule)


def try_mutants(
    formulary: Formulary, cases: Sequence[RegressionCase], drugs: Sequence[str]
) -> Iterator[Trial]:
    """Run the cases of its drug against each mutant of these drugs until one fails."""
    by_drug: dict[str, list[RegressionCase]] = {}
    for case in cases:
        try:
            by_drug.setdefault(formulary.find_drug(case.order.drug), []).append(case)
        except UnknownNameError:
            # A case about an unknown name guards no limit.
            continue
    for key in drugs:
        for mutant in mutants(formulary, key):
            changed = formulary.with_drug(key, mutant.row)
            yield Trial(mutant, _is_noticed(changed, _nearest(mutant, by_drug.get(key, []))))


def _nearest(mutant: Mutant, cases: list[RegressionCase]) -> list[RegressionCase]:
    """Put the cases of the changed rule first: one of them is likely to fail."""
    return sorted(cases, key=lambda case: case.rule != mutant.rule)


def _is_noticed(formulary: Formulary, cases: Sequence[RegressionCase]) -> bool:
    try:
        return not all(is_as_expected(case, formulary) for case in cases)
    except QuantityError:
        # The limits no longer stand in order, so the formulary would be refused.
        return True


def _of_rule(key: str, drug: Row, at: tuple[str, int], rule: Row) -> Iterator[Mutant]:
    for number, limits in enumerate(rule["limits"]):
        for kind, packed in limits["stated"].items():
            for change, mutated in _changes(packed):
                if _says_the_same(drug, limits["stated"], kind, mutated):
                    continue
                stated = {**limits["stated"], kind: mutated}
                changed = [*rule["limits"]]
                changed[number] = {**limits, "stated": stated}
                row = _with_rule(drug, at, {**rule, "limits": changed})
                limit = f"{limits['measure']}.{kind}"
                yield Mutant(key, rule["id"], limit, change, is_hard=kind in HARD_KINDS, row=row)


def _says_the_same(drug: Row, stated: Row, kind: str, mutated: list[Any]) -> bool:
    """Return whether no order could tell the difference.

    A millimole is a milliequivalent of a drug with equal factors, and a hard
    limit that moves up behind the toxic level was never reached.
    """
    packed, toxic = stated[kind], stated.get("toxic_from")
    units = [limit[2].partition("/")[0] for limit in (packed, mutated)]
    factors = [drug["conversions"].get(unit) for unit in units]
    if units[0] != units[1] and factors[0] is not None and factors[0] == factors[1]:
        return True
    behind = [
        kind == "upper_hard" and toxic is not None and _reaches(limit, toxic) for limit in (packed, mutated)
    ]
    return all(behind)


def _reaches(limit: list[Any], toxic: list[Any]) -> bool:
    """Return whether a limit in the unit of the toxic level is at least as high."""
    return bool(limit[2] == toxic[2] and limit[0] * toxic[1] >= toxic[0] * limit[1])


def _with_rule(drug: Row, at: tuple[str, int], rule: Row) -> Row:
    route, place = at
    entry = drug["routes"][route]
    rules = [*entry["rules"]]
    rules[place] = rule
    return {**drug, "routes": {**drug["routes"], route: {**entry, "rules": rules}}}


def _changes(packed: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    numerator, denominator, unit = packed
    yield "times ten", [numerator * 10, denominator, unit]
    yield "divided by ten", [numerator, denominator * 10, unit]
    first, *rest = unit.split("/")
    if first in _NEIGHBORS:
        swapped = "/".join([_NEIGHBORS[first], *rest])
        yield f"in {swapped} for {unit}", [numerator, denominator, swapped]
    for time in set(rest) & set(_TIMES):
        swapped = unit.replace(f"/{time}", f"/{_TIMES[time]}")
        yield f"in {swapped} for {unit}", [numerator, denominator, swapped]
