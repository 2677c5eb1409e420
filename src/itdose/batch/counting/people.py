"""Ages and body weights of a sheet, as far as a verdict depends on them, each pair looked at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.counting.sides import Sides
from itdose.case.patient import describe_patient
from itdose.checks.patient import unusual_growth
from itdose.dose_kind import Kind
from itdose.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from itdose.batch.counting.written_size import SizeReader, WrittenSize
    from itdose.formulary import Formulary
    from itdose.order import Order

_MOST_REMEMBERED = 50_000
"""Pairs of cells, so that memory stays flat in the number of rows."""


class Person(NamedTuple):
    """An age and a body weight, either of which may be unstated or refused."""

    age: WrittenSize
    weight: WrittenSize
    kind: int
    """One for all people for whom the same categories hold, and the same is odd."""
    oddities: tuple[object, ...]
    """What of the person alone makes a verdict worse: how it is written, and what can't be."""


class People:
    """The people of orders that state the same patient categories."""

    def __init__(self, order: Order, formulary: Formulary, reader: SizeReader) -> None:
        self._formulary = formulary
        self._categories = tuple(_known_categories(order, formulary))
        self._ages = reader.sizes(Kind.AGE, decimal_comma=order.decimal_comma)
        self._weights = reader.sizes(Kind.WEIGHT, decimal_comma=order.decimal_comma)
        self._age_sides = Sides(_age_limits(formulary))
        self._weight_sides = Sides(_weight_limits(formulary))
        self._known: dict[tuple[str, str], Person] = {}
        self.get = self._known.get
        """Return what is known of the cells of an age and a weight, or None."""
        self._at: dict[tuple[int, int, int, int], tuple[int, tuple[object, ...]]] = {}
        self._kinds: dict[object, int] = {}

    def learn(self, cells: tuple[str, str], order: Order) -> Person:
        """Read the age and the weight that two cells stand for."""
        age = self._ages.get(cells[0]) or self._ages.learn(cells[0], order.age)
        weight = self._weights.get(cells[1]) or self._weights.learn(cells[1], order.weight)
        place = (age.shape, age.place_in(self._age_sides), weight.shape, weight.place_in(self._weight_sides))
        if place not in self._at:
            self._at[place] = self._described(age, weight)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[cells] = found = Person(age, weight, *self._at[place])
        return found

    def _described(self, age: WrittenSize, weight: WrittenSize) -> tuple[int, tuple[object, ...]]:
        formulary = self._formulary
        patient = describe_patient(self._categories, age.quantity, weight.quantity, formulary)
        unusual = (
            any(unusual_growth(patient.age, patient.weight, formulary))
            if patient.age is not None and patient.weight is not None
            else False
        )
        oddities = (age.shape, weight.shape, bool(patient.contradictions), patient.weight is None, unusual)
        said = (tuple(sorted(patient.profile.items())), oddities)
        return self._kinds.setdefault(said, len(self._kinds)), oddities


def _known_categories(order: Order, formulary: Formulary) -> Iterator[str]:
    for text in order.categories:
        try:
            yield formulary.find_category(text)
        except UnknownNameError:
            continue


def _age_limits(formulary: Formulary) -> Iterator[Fraction]:
    yield formulary.oldest_age.size
    yield from (age.size for _, age in formulary.age_categories if age is not None)
    ends = chain.from_iterable((growth.age.low, growth.age.high) for growth in formulary.growth)
    yield from (end.size for end in ends if end is not None)


def _weight_limits(formulary: Formulary) -> Iterator[Fraction]:
    yield from (weight.size for weight in formulary.plausible_weight if weight is not None)
    yield from (end.size for growth in formulary.growth for end in (growth.low, growth.high))
