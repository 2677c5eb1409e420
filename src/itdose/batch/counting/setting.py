"""What an order says beside dose, age and body weight, with the limits and bands that these meet there."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch.counting.sides import Sides
from itdose.batch.counting.written_size import is_per_kilogram
from itdose.case.measures import NOT_OF_THE_DOSE
from itdose.case.reading import read_order
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from fractions import Fraction

    from itdose.band import Band
    from itdose.batch.counting.people import People, Person
    from itdose.batch.counting.written_size import SizeReader, WrittenSize
    from itdose.batch.sheet import SheetRow
    from itdose.case import Case
    from itdose.findings import Comparison
    from itdose.formulary import Formulary
    from itdose.guardrail import Zone
    from itdose.sheet_report import Judged

    Ask = Callable[[Any, SheetRow], Judged]

_OF_THE_PERSON = frozenset({"dose", "age", "weight"})


class Setting:
    """Judges the orders that differ in dose, age and body weight alone.

    ``ask`` judges a row by the signature of its order: all of it that a verdict depends on.
    """

    def __init__(self, case: Case, people: People, reader: SizeReader, ask: Ask) -> None:
        self._formulary: Formulary = case.formulary
        self._ask = ask
        self._people = people
        self._doses = reader.doses(case.drug, decimal_comma=case.order.decimal_comma)
        rules = case.by_route.rules if case.by_route else ()
        self._age_bands = Sides(_ends(rule.age for rule in rules))
        self._weight_bands = Sides(_ends(rule.weight for rule in rules))
        self._tables: dict[tuple[int, int, int, int], _Table] = {}

    def judge(self, cells: Sequence[str], row: SheetRow) -> Judged | None:
        """Return what the cells of dose, age and weight come to; None where the row holds no order."""
        written, pair = cells[0], (cells[1], cells[2])
        dose, person = self._doses.get(written), self._people.get(pair)
        if dose is None or person is None:
            order = row.order
            if order is None:
                return None
            dose = self._doses.learn(written, order.dose)
            person = self._people.learn(pair, order)
        key = (
            dose.shape,
            person.kind,
            person.age.place_in(self._age_bands) if self._age_bands.tells_apart else 0,
            person.weight.place_in(self._weight_bands) if self._weight_bands.tells_apart else 0,
        )
        table = self._tables.get(key)
        if table is None:
            order = row.order
            if order is None:
                return None
            table = self._tables[key] = _Table(read_order(order, self._formulary), dose, person)
        return table.judge(dose, person.weight, row, self._ask)


class _Factor(NamedTuple):
    """What is compared is the dose times a factor, and times (1) or per (-1) the body weight or neither."""

    comparison: Comparison
    power: int
    factor: Fraction

    def zone(self, dose: WrittenSize, weight: WrittenSize) -> Zone:
        """Return the zone in which another dose for another weight lies."""
        unit = self.comparison.observed.unit
        size = dose.size * weight.size**self.power * self.factor
        return self.comparison.guardrail.zone(Quantity(size / unit.size, unit))


class _Scale(NamedTuple):
    """The limits of the dose itself, of the dose per body weight (-1), or of the dose times it (1)."""

    power: int
    sides: Sides

    def place(self, dose: WrittenSize, weight: WrittenSize) -> int:
        """Return where a dose for a body weight lies among these limits."""
        power, sides = self
        rounded = dose.rounded * weight.rounded**power if power else dose.rounded
        place = sides.rounded_place(rounded)
        return sides.exact_place(dose.size * weight.size**power) if place < 0 else place


class _Table:
    """The verdict for each place that a dose can have among its limits, for one kind of person."""

    def __init__(self, case: Case, dose: WrittenSize, person: Person) -> None:
        compared = [comparison for match in case.matches for _, comparison in match.comparisons]
        fixed = tuple(one.zone for one in compared if one.measure in NOT_OF_THE_DOSE)
        self._factors = tuple(
            _factor(one, dose, person.weight) for one in compared if one.measure not in NOT_OF_THE_DOSE
        )
        self._facts = (_facts(case), dose.shape, person.oddities, fixed)
        limits: dict[int, list[Fraction]] = {}
        for comparison, power, factor in self._factors:
            bounds = (limit.size / factor for _, limit in comparison.guardrail.limits())
            limits.setdefault(power, []).extend(bounds)
        self._scales = tuple(_Scale(power, Sides(found)) for power, found in sorted(limits.items()))
        self._judged: dict[tuple[int, ...], Judged] = {}

    def judge(self, dose: WrittenSize, weight: WrittenSize, row: SheetRow, ask: Ask) -> Judged:
        """Return what an earlier dose at the same place came to, or ask what this one comes to."""
        place = tuple([scale.place(dose, weight) for scale in self._scales])
        found = self._judged.get(place)
        if found is None:
            zones = tuple(factor.zone(dose, weight) for factor in self._factors)
            found = self._judged[place] = ask((self._facts, zones), row)
        return found


def _factor(comparison: Comparison, dose: WrittenSize, weight: WrittenSize) -> _Factor:
    power = dose.is_per_kilogram - is_per_kilogram(comparison.observed)
    return _Factor(comparison, power, comparison.observed.size / (dose.size * weight.size**power))


def _facts(case: Case) -> tuple[object, ...]:
    """Return what of an order a verdict depends on, beside its dose, its person and the zones."""
    order = case.order
    return (
        case.drug.key if case.drug else None,
        case.route,
        frozenset(field.split()[0] for field in case.unknown_names),
        frozenset(case.refusals),
        tuple(
            (field, tuple(remark.code for remark in reading.remarks))
            for field, reading in case.readings.items()
            if field not in _OF_THE_PERSON and reading.remarks
        ),
        case.conditions,
        (order.not_read, order.not_beside, order.in_hidden_row),
        tuple(
            (
                match.rule.id,
                match.is_thin,
                tuple((limits.measure, limits.window) for limits, _ in match.comparisons),
                tuple((limits.measure, limits.window, missing.code) for limits, missing in match.missing),
            )
            for match in case.matches
        ),
    )


def _ends(bands: Iterable[Band | None]) -> Iterator[Fraction]:
    ends = chain.from_iterable((band.low, band.high) for band in bands if band is not None)
    return (end.size for end in ends if end is not None)
