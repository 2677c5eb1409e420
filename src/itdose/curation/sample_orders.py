"""Orders for a sample sheet: ordinary ones of a rule, and the same after a known slip.

The doses and slips are those of the self-test. What a rule gives is worked out when it is
first drawn, by numbers of its own, so that it doesn't depend on what was drawn before.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from itdose.assessment import assess
from itdose.curation.bench import bench_of
from itdose.curation.sample_words import messy_dose, messy_name
from itdose.curation.seeding import ordinary_doses, slipped
from itdose.findings import Verdict
from itdose.plain_text import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from itdose.curation.bench import Bench
    from itdose.formulary import Formulary
    from itdose.formulary.tables import Product
    from itdose.order import Order
    from itdose.quantity import Quantity

_DOSES_OF_A_RULE = 12
_SLIPPED_DOSES_OF_A_RULE = 3
_DRAWS = 50
_ONE_IN_WITH_A_PRODUCT = 3
_DRAWN_HUNDREDTHS = range(10, 5001)
"""Volumes that are drawn into one syringe, in hundredths of a milliliter."""
_SAME = ("drug", "dose", "route", "mode", "over", "indication", "age", "weight", "product", "draw_volume")


class Planted(NamedTuple):
    """A slip: how it came about, what was meant, and what stands in the sheet."""

    mechanism: str
    intended: str
    written: str


class SampleOrder(NamedTuple):
    """The columns of an order that are filled in, and the slip that was planted in it."""

    fields: tuple[tuple[str, str], ...]
    planted: Planted | None


class SampleOrders:
    """Draws orders: each drug by each route as likely as another, and so each of its rules.

    Raises ValueError where the formulary has no rule from which an order could be made.
    """

    def __init__(self, formulary: Formulary, seed: int, *, is_tidy: bool) -> None:
        # Whether a review is overdue must not depend on the day on which the sheet is made.
        self._families = tuple(_families(formulary.on_day(formulary.reviewed_on)))
        self._seed, self._is_tidy = seed, is_tidy
        self._ordinary = lru_cache(maxsize=None)(lambda place: self._maker(place).ordinary())
        self._slipped = lru_cache(maxsize=None)(lambda place: self._maker(place).slipped())

    def ordinary(self, chance: random.Random) -> SampleOrder:
        """Draw an order within the usual range of its rule."""
        for place in self._places(chance):
            if orders := self._ordinary(place):
                return orders[chance.randrange(len(orders))]
        raise ValueError("no rule of the formulary gives an ordinary dose that can be written")

    def slipped(self, chance: random.Random) -> SampleOrder:
        """Draw an order that a slip has taken out of the usual range."""
        for place in self._places(chance):
            if mechanisms := self._slipped(place):
                orders = mechanisms[chance.randrange(len(mechanisms))]
                return orders[chance.randrange(len(orders))]
        raise ValueError("no slip of the formulary leads out of the usual range of any rule")

    def _places(self, chance: random.Random) -> Iterator[tuple[int, int]]:
        """Yield some rules by chance and, should none of them do, every one."""
        for _ in range(_DRAWS if self._families else 0):
            family = chance.randrange(len(self._families))
            yield family, chance.randrange(len(self._families[family]))
        for family, benches in enumerate(self._families):
            yield from ((family, rule) for rule in range(len(benches)))

    def _maker(self, place: tuple[int, int]) -> _Maker:
        bench = self._families[place[0]][place[1]]
        chance = random.Random(f"sample {self._seed} {bench.rule.id}")  # noqa: S311 - doses, not secrets
        return _Maker(bench, chance, is_tidy=self._is_tidy)


class _Maker:
    """Makes the orders of one rule."""

    def __init__(self, bench: Bench, chance: random.Random, *, is_tidy: bool) -> None:
        self._bench, self._chance, self._is_tidy = bench, chance, is_tidy

    def ordinary(self) -> Sequence[SampleOrder]:
        """Return ordinary orders."""
        return [
            SampleOrder(tuple(self._fields(dose, order, is_slip=False).items()), None)
            for dose, order in self._doses(_DOSES_OF_A_RULE)
        ]

    def slipped(self) -> Sequence[Sequence[SampleOrder]]:
        """Return what slips make of ordinary orders, by mechanism, so that each is as likely as another."""
        by_mechanism: dict[str, list[SampleOrder]] = {}
        for dose, order in self._doses(_SLIPPED_DOSES_OF_A_RULE):
            for mechanism, changed, written in self._slips(dose):
                fields = self._fields(changed, written, is_slip=True)
                planted = Planted(mechanism, order.dose, fields["dose"])
                by_mechanism.setdefault(mechanism, []).append(SampleOrder(tuple(fields.items()), planted))
        return tuple(by_mechanism[mechanism] for mechanism in sorted(by_mechanism))

    def _doses(self, count: int) -> Iterator[tuple[Quantity, Order]]:
        """Yield ordinary doses that can be written, each with its order."""
        for dose in ordinary_doses(self._bench, self._chance, count):
            if order := self._bench.order(dose):
                yield dose, order

    def _slips(self, dose: Quantity) -> list[tuple[str, Quantity, Order]]:
        """Return what every slip makes of a dose, where it is no ordinary one again, in a fixed order."""
        found = [
            (mechanism, changed, order)
            for mechanism, changed in slipped(self._bench, dose)
            if not self._bench.holds(changed) and (order := self._bench.order(changed))
        ]
        return sorted(found, key=lambda slip: (slip[0], slip[1].size, slip[2].dose))

    def _fields(self, dose: Quantity, order: Order, *, is_slip: bool) -> dict[str, str]:
        """Return the cells of an order by their canonical columns."""
        if not self._chance.randrange(_ONE_IN_WITH_A_PRODUCT):
            order = self._drawn_up(dose, order, is_slip=is_slip)
        fields = {name: text for name in _SAME if (text := getattr(order, name))}
        formulary, chance = self._bench.formulary, self._chance
        drug = formulary.drug(self._bench.drug)
        fields["drug"] = drug.name
        if order.categories:
            fields["category"] = "; ".join(order.categories)
        if not self._is_tidy:
            names, route = (*(drug.name,) * 4, *drug.synonyms), formulary.routes()[self._bench.route]
            spellings = (route["name"], *route["spellings"])
            fields["drug"] = messy_name(names[chance.randrange(len(names))], chance)
            fields["route"] = messy_name(spellings[chance.randrange(len(spellings))], chance)
            fields["dose"] = messy_dose(fields["dose"], chance)
        return fields

    def _drawn_up(self, dose: Quantity, order: Order, *, is_slip: bool) -> Order:
        """Return the order with the product and the volume that holds the dose, where there is one."""
        products = self._bench.formulary.drug(self._bench.drug).products
        for product in products if not self._bench.is_rate else ():
            volume = self._volume(dose, product)
            if volume is None:
                continue
            drawn = replace(order, product=product.name, draw_volume=f"{number(volume)} mL")
            # An ordinary row is one that a ward would prepare: not from a product that is stopped.
            if is_slip or assess(drawn, self._bench.formulary).verdict is not Verdict.STOP:
                return drawn
        return order

    def _volume(self, dose: Quantity, product: Product) -> Fraction | None:
        """Return the milliliters of a product labelled for the route that hold the dose exactly."""
        unit, _, below = product.strength.unit.symbol.partition("/")
        units = self._bench.formulary.units
        if self._bench.route not in product.labelled_routes or below != "mL":
            return None
        mass = units[unit.replace(" ", "_")]
        if mass.dimension != dose.unit.dimension:
            return None
        hundredths = dose.to(mass).amount / product.strength.amount * 100
        fits = hundredths.denominator == 1 and int(hundredths) in _DRAWN_HUNDREDTHS
        return hundredths / 100 if fits else None


def _families(formulary: Formulary) -> Iterator[tuple[Bench, ...]]:
    """Yield the rules of each drug by each route, laid out for taking doses from them."""
    by_family: dict[tuple[str, str], list[Bench]] = {}
    for drug, route, rule in formulary.rules():
        if bench := bench_of(formulary, drug, route, rule):
            by_family.setdefault((drug, route), []).append(bench)
    yield from map(tuple, by_family.values())
