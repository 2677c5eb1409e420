"""One dose rule laid out for testing: an order that meets it, and which doses are ordinary for it.

The ordinary range is worked out here from the limits alone, apart from the
checks that are tested with it.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import substance
from itdose.order import Order
from itdose.plain_text import plain, preferred
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.band import Band
    from itdose.formulary import Formulary
    from itdose.formulary.tables import DoseRule, MeasureLimits
    from itdose.quantity import Unit

# A body weight in kg that plausibly goes with each category of age.
_WEIGHTS = {"neonate": 3, "infant": 8, "child": 20, "adult": 70, "elderly": 70}
_NOT_OF_A_DOSE = frozenset({"concentration", "volume", "duration"})
_LONGEST_NUMBER = 10**7
_DECIMALS = 10**4


class Span(NamedTuple):
    """From a lower to an upper size in base units; ``None`` is an open end."""

    low: Fraction | None
    high: Fraction | None

    def within(self, other: Span) -> Span:
        """Return what both spans hold."""
        lows = [end for end in (self.low, other.low) if end is not None]
        highs = [end for end in (self.high, other.high) if end is not None]
        return Span(max(lows, default=None), min(highs, default=None))


class Bench(NamedTuple):
    """A rule, an order that meets it but for its dose, and the span of its ordinary doses."""

    formulary: Formulary
    drug: str
    route: str
    rule: DoseRule
    unit: Unit
    """Of the whole dose or, for an infusion, of the rate."""
    weight: Quantity
    over: Quantity | None
    ordinary: Span

    @property
    def is_rate(self) -> bool:
        """Whether the rule is about a rate."""
        return self.rule.mode == "continuous_infusion"

    def holds(self, dose: Quantity) -> bool:
        """Return whether a dose is ordinary for this rule."""
        low, high = self.ordinary
        return (low is None or low <= dose.size) and (high is None or dose.size <= high)

    def order(self, dose: Quantity) -> Order | None:
        """Return an order of this dose, or None where no plain text says the dose exactly."""
        text = written(dose, self.formulary)
        if text is None:
            return None
        rule = self.rule
        age = _inside(rule.age) if rule.age else None
        axis = self.formulary.population.axis
        categories = [key for key in rule.categories if age is None or axis[key] != "age"]
        first_of_axis = {axis[key]: key for key in reversed(categories)}
        return Order(
            drug=self.drug,
            dose=text,
            route=self.route,
            mode=rule.mode,
            indication=rule.indications[0] if rule.indications else None,
            categories=tuple(first_of_axis.values()),
            age=plain(age) if age else None,
            weight=plain(self.weight),
            over=plain(self.over) if self.over else None,
        )


def bench_of(formulary: Formulary, drug: str, route: str, rule: DoseRule) -> Bench | None:
    """Lay out a rule, or return None where its limits give no ordinary dose that could be taken."""
    limits = [item for item in rule.limits if item.measure not in _NOT_OF_A_DOSE and _span(item).high]
    if not limits or any("m2" in item.measure for item in limits):
        return None
    unit = _whole_unit(formulary, rule, limits)
    weight = _weight(formulary, rule)
    over = _over(formulary, rule, weight)
    ordinary = Span(None, None)
    for item in limits:
        if _base(item) != substance(unit.dimension) and _base(item) is not None:
            return None
        ordinary = ordinary.within(_as_whole(item, rule, weight, over))
    low, high = ordinary
    if high is None or (low is not None and high < low):
        return None
    return Bench(formulary, drug, route, rule, unit, weight, over, ordinary)


def written(dose: Quantity, formulary: Formulary) -> str | None:
    """Write a dose as the grammar reads it, in the unit that needs fewest decimals."""
    for unit in _units_for(preferred(dose)):
        quantity = dose.to(formulary.units[unit])
        scaled = quantity.amount * _DECIMALS
        looks_grouped = quantity.amount >= 1 and (quantity.amount * 1000).denominator == 1
        looks_grouped = looks_grouped and (quantity.amount * 100).denominator != 1
        if scaled.denominator == 1 and quantity.amount < _LONGEST_NUMBER and not looks_grouped:
            return plain(quantity)
    return None


def _units_for(best: Quantity) -> Iterator[str]:
    """Yield the units in which a dose may be written, the plainest first; a rate also by the day."""
    first, *below = best.unit.symbol.replace(" ", "_").split("/")
    masses = (first, "mcg", "mg", "g") if first in {"mcg", "mg", "g"} else (first,)
    divisors = [below, ["day" if part == "h" else part for part in below]]
    for parts in divisors:
        for mass in dict.fromkeys(masses):
            yield "/".join([mass, *parts])


def _span(limits: MeasureLimits) -> Span:
    """Return the usual range or, where no source gives one, what the hard limits leave."""
    bounds = limits.guardrail
    low = bounds.lower_soft or bounds.lower_hard
    high = bounds.upper_soft or bounds.upper_hard
    return Span(low.size if low else None, high.size if high else None)


def _base(limits: MeasureLimits) -> str | None:
    first = next(limit for _, limit in limits.guardrail.limits())
    return substance(first.unit.dimension)


def _whole_unit(formulary: Formulary, rule: DoseRule, limits: list[MeasureLimits]) -> Unit:
    """Return the unit of the first limit without its divisors, per hour for an infusion."""
    first = next(limit for _, limit in limits[0].guardrail.limits()).unit.symbol.partition("/")[0]
    name = first.replace(" ", "_")
    return formulary.units[f"{name}/h" if rule.mode == "continuous_infusion" else name]


def _as_whole(item: MeasureLimits, rule: DoseRule, weight: Quantity, over: Quantity | None) -> Span:
    """Return which whole doses, or rates, one measure allows."""
    factor = Fraction(1)
    if item.measure.endswith("_per_kg"):
        factor *= weight.size
    measure = item.measure.removesuffix("_per_kg")
    is_rate = rule.mode == "continuous_infusion"
    if measure == "daily_dose" and not is_rate:
        factor *= 24 * 60
    elif measure == "dose_rate" and not is_rate:
        factor *= over.size if over else 60
    elif measure == "cumulative_dose" and item.window is not None:
        if is_rate:
            factor /= item.window.size
        elif over is not None and item.window < over:
            factor *= over.size / item.window.size
    low, high = _span(item)
    return Span(low * factor if low is not None else None, high * factor if high is not None else None)


def _over(formulary: Formulary, rule: DoseRule, weight: Quantity) -> Quantity | None:
    """Return a time in which a dose can run, where the rule limits its rate or its duration."""
    by_measure = {item.measure: item for item in rule.limits}
    minute = formulary.units["min"]
    if "duration" in by_measure:
        low, high = _span(by_measure["duration"])
        return Quantity(high or low or Fraction(60), minute)
    rates = [_as_whole(item, rule, weight, Quantity(Fraction(1), minute)).high for item in _rates(rule)]
    if rule.mode == "continuous_infusion" or not any(rates):
        return None
    doses = [
        _as_whole(item, rule, weight, None).high
        for item in rule.limits
        if item.measure in {"dose", "dose_per_kg"}
    ]
    fastest, most = min(filter(None, rates)), min(filter(None, doses), default=None)
    return Quantity(Fraction(max(ceil(most / fastest), 1) if most else 60), minute)


def _rates(rule: DoseRule) -> Iterator[MeasureLimits]:
    return (item for item in rule.limits if item.measure in {"dose_rate", "dose_rate_per_kg"})


def _weight(formulary: Formulary, rule: DoseRule) -> Quantity:
    """Return a body weight that goes with the rule's ages and categories and lies in its band."""
    usual = Quantity(Fraction(_typical(rule)), formulary.units["kg"])
    age = _inside(rule.age) if rule.age else None
    for growth in formulary.growth if age is not None else ():
        if age is not None and growth.age.holds(age) and not growth.low <= usual <= growth.high:
            kilograms = (growth.low.size + growth.high.size) / 2 / usual.unit.size
            usual = Quantity(Fraction(ceil(kilograms)), usual.unit)
    return usual if rule.weight is None or rule.weight.holds(usual) else _inside(rule.weight)


def _typical(rule: DoseRule) -> int:
    return next((_WEIGHTS[key] for key in rule.categories if key in _WEIGHTS), 70)


def _inside(band: Band) -> Quantity:
    """Return something in the band: its lower end, or half of its upper one."""
    if band.low is not None:
        return band.low
    if band.high is None:
        raise ValueError("a band has at least one end")
    return band.high.times(Fraction(1, 2))
