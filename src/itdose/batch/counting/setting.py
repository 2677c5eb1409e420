"""What an order says beside dose, age and body weight, with the limits and bands that these meet there."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch.counting.sides import Sides
from itdose.batch.counting.written_size import UNSTATED, is_per_kilogram
from itdose.case.measures import NOT_OF_THE_DOSE
from itdose.case.reading import read_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from fractions import Fraction

    from itdose.band import Band
    from itdose.batch.counting.written_size import SizeReader, WrittenSize
    from itdose.case import Case
    from itdose.formulary import Formulary
    from itdose.order import Order
    from itdose.quantity import Quantity
    from itdose.sheet_report import Judged

    Assess = Callable[[Order], Judged]


class Setting:
    """Judges the orders that differ in dose, age and body weight alone."""

    def __init__(self, order: Order, formulary: Formulary, reader: SizeReader, assess: Assess) -> None:
        case = read_order(order, formulary)
        self._formulary = formulary
        self._assess = assess
        self._bands = tuple(_bands(case))
        comma = order.decimal_comma
        self._doses = reader.doses(case.drug, decimal_comma=comma)
        self._ages = reader.ages(decimal_comma=comma)
        self._weights = reader.weights(decimal_comma=comma)
        self._age_sides = {stated: Sides(self._age_limits(with_weight=stated)) for stated in (False, True)}
        self._weight_sides: dict[Any, Sides] = {}
        self._tables: dict[Any, _Table] = {}

    def judge(self, cells: Sequence[str], order_of: Callable[[], Order | None]) -> Judged | None:
        """Return what the cells of dose, age and weight come to; None where the row holds no order."""
        dose, age, weight = self._doses.get(cells[0]), self._ages.get(cells[1]), self._weights.get(cells[2])
        if dose is None or age is None or weight is None:
            order = order_of()
            if order is None:
                return None
            dose = self._doses.learn(cells[0], order.dose)
            age = self._ages.learn(cells[1], order.age)
            weight = self._weights.learn(cells[2], order.weight)
        of_age = age.shape, self._age_sides[weight is not UNSTATED].place(age)
        of_weight = weight.shape, self._sides_of_weight(of_age, order_of).place(weight)
        key = dose.shape, of_age, of_weight
        table = self._tables.get(key)
        if table is None:
            order = order_of()
            if order is None:
                return None
            table = self._tables[key] = _Table(read_order(order, self._formulary), dose, weight)
        return table.judge(dose, weight, order_of, self._assess)

    def _sides_of_weight(self, of_age: Any, order_of: Callable[[], Order | None]) -> Sides:
        sides = self._weight_sides.get(of_age)
        if sides is None:
            order = order_of()
            case = read_order(order, self._formulary) if order else None
            sides = self._weight_sides[of_age] = Sides(
                self._weight_limits(case.patient.age if case else None)
            )
        return sides

    def _age_limits(self, *, with_weight: bool) -> Iterator[Fraction]:
        formulary = self._formulary
        yield formulary.oldest_age.size
        yield from _sizes(from_age for _, from_age in formulary.age_categories)
        yield from _ends(age for age, _ in self._bands)
        if with_weight:
            yield from _ends(growth.age for growth in formulary.growth)

    def _weight_limits(self, age: Quantity | None) -> Iterator[Fraction]:
        yield from _sizes(self._formulary.plausible_weight)
        yield from _ends(weight for _, weight in self._bands)
        for growth in self._formulary.growth:
            if age is not None and growth.age.holds(age):
                yield from _sizes((growth.low, growth.high))


class _Table:
    """The verdict for each place that a dose can have among its limits, for one kind of patient."""

    def __init__(self, case: Case, dose: WrittenSize, weight: WrittenSize) -> None:
        limits: dict[int, list[Fraction]] = {}
        for match in case.matches:
            for _, comparison in match.comparisons:
                if comparison.measure in NOT_OF_THE_DOSE:
                    continue
                power = dose.per_kilogram - is_per_kilogram(comparison.observed)
                # What is compared is the dose times a factor, and times or per the body weight or neither.
                factor = comparison.observed.size / (dose.size * weight.size**power)
                bounds = (limit.size / factor for _, limit in comparison.guardrail.limits())
                limits.setdefault(power, []).extend(bounds)
        self._scales = tuple(_Scale(power, Sides(found)) for power, found in sorted(limits.items()))
        self._judged: dict[tuple[int, ...], Judged] = {}

    def judge(
        self, dose: WrittenSize, weight: WrittenSize, order_of: Callable[[], Order | None], assess: Assess
    ) -> Judged | None:
        """Return what an earlier dose at the same place came to, or assess this one."""
        place = tuple([scale.place(dose, weight) for scale in self._scales])
        found = self._judged.get(place)
        if found is None and (order := order_of()) is not None:
            found = self._judged[place] = assess(order)
        return found


class _Scale(NamedTuple):
    """Limits of the dose itself, of the dose per body weight (-1), or of the dose times it (1)."""

    power: int
    sides: Sides

    def place(self, dose: WrittenSize, weight: WrittenSize) -> int:
        """Return where a dose for a body weight lies among these limits."""
        power = self.power
        rounded = dose.rounded * weight.rounded**power if power else dose.rounded
        return self.sides.place_of(rounded, lambda: dose.size * weight.size**power)


def _bands(case: Case) -> Iterator[tuple[Band | None, Band | None]]:
    for rule in case.by_route.rules if case.by_route else ():
        yield rule.age, rule.weight


def _ends(bands: Iterable[Band | None]) -> Iterator[Fraction]:
    return _sizes(chain.from_iterable((band.low, band.high) for band in bands if band is not None))


def _sizes(limits: Iterable[Quantity | None]) -> Iterator[Fraction]:
    return (limit.size for limit in limits if limit is not None)
