"""Ordinary doses of a rule, and what becomes of one after each known slip."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import convert
from itdose.case.measures import has_base
from itdose.case.product import containers
from itdose.quantity import Quantity

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from itdose.curation.bench import Bench
    from itdose.formulary import Slip
    from itdose.formulary.tables import DoseRule
    from itdose.quantity import Unit

_TENTH = Fraction(1, 10)
_FEW_DIGITS = (2, 3, 4)
_SMALL_SLIPS = 4


class SlippedDose(NamedTuple):
    """What a slip made of an ordinary dose."""

    mechanism: str
    dose: Quantity


def ordinary_doses(bench: Bench, chance: random.Random, count: int) -> Iterator[Quantity]:
    """Yield the ends of the ordinary range, and doses inside it as people write them."""
    low, high = bench.ordinary
    top = high or Fraction(1)
    bottom = low if low is not None else top * _TENTH
    for end in dict.fromkeys((bottom, top)):
        yield Quantity(end / bench.unit.size, bench.unit)
    for _ in range(count):
        share = Fraction(chance.randrange(1001), 1000)
        dose = Quantity((bottom + (top - bottom) * share) / bench.unit.size, bench.unit)
        for digits in _FEW_DIGITS:
            rounded = dose.times(_rounding(dose.amount, digits))
            if bench.holds(rounded) and bottom <= rounded.size:
                yield rounded
                break


def slipped(bench: Bench, dose: Quantity) -> Iterator[SlippedDose]:
    """Yield the dose after every slip that the formulary knows and that can happen to it."""
    for slip in bench.formulary.slips:
        for changed in _WAYS[slip.works_by](bench, dose, slip):
            few = changed.times(_rounding(changed.amount, _SMALL_SLIPS))
            yield SlippedDose(slip.mechanism, few)


def _rounding(amount: Fraction, digits: int) -> Fraction:
    """Return the factor that rounds an amount to so many digits."""
    exponent = 0
    while abs(amount) * Fraction(10) ** exponent < 10 ** (digits - 1):
        exponent += 1
    while abs(amount) * Fraction(10) ** exponent >= 10**digits:
        exponent -= 1
    scale = Fraction(10) ** exponent
    return Fraction(round(amount * scale)) / scale / amount


def _by_factor(_bench: Bench, dose: Quantity, slip: Slip) -> Iterator[Quantity]:
    factor = slip.factor or Fraction(1)
    yield dose.times(factor)
    yield dose.times(1 / factor)


def _by_rate_factor(bench: Bench, dose: Quantity, slip: Slip) -> Iterator[Quantity]:
    if bench.is_rate:
        yield from _by_factor(bench, dose, slip)


def _by_unit_number(bench: Bench, dose: Quantity, slip: Slip) -> Iterator[Quantity]:
    drug, units = bench.formulary.drug(bench.drug), bench.formulary.units
    if slip.unit is None or slip.unit not in drug.conversions or not has_base(dose, "mass"):
        return
    _, slash, below = dose.unit.symbol.partition("/")
    number = convert(dose, units[f"{slip.unit}{slash}{below}"], drug).amount
    for unit in ("mg", "g"):
        yield Quantity(number, units[f"{unit}{slash}{below}"])


def _by_salt(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    drug = bench.formulary.drug(bench.drug)
    if "mg_elemental" in drug.conversions and has_base(dose, "mass"):
        share = drug.conversions["mg_elemental"] / 1000
        yield dose.times(share)
        yield dose.times(1 / share)


def _by_body_weight(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    kilograms = bench.weight.to(bench.formulary.units["kg"]).amount
    if kilograms != 1:
        yield dose.times(kilograms)
        yield dose.times(1 / kilograms)


def _by_daily_dose(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield the daily dose of an infusion by the same route, given at once."""
    for rule in bench.formulary.drug(bench.drug).routes[bench.route].rules:
        for limits in rule.limits:
            daily = limits.guardrail.upper_soft
            if bench.is_rate or limits.measure != "daily_dose" or daily is None:
                continue
            whole = Quantity(
                daily.to(_per_day(bench, daily)).amount, bench.formulary.units[_drug_unit(daily)]
            )
            if whole.unit.dimension == dose.unit.dimension:
                yield whole


def _by_other_route(bench: Bench, _dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield ordinary single doses of other routes."""
    for route, entry in bench.formulary.drug(bench.drug).routes.items():
        yield from _usual_tops(entry.rules if route != bench.route and not bench.is_rate else (), bench)


def _usual_tops(rules: tuple[DoseRule, ...], bench: Bench) -> Iterator[Quantity]:
    """Yield the upper end of the usual dose of every rule, in units of the same kind."""
    for rule in rules:
        for limits in rule.limits:
            top = limits.guardrail.upper_soft
            if limits.measure == "dose" and top and top.unit.dimension == bench.unit.dimension:
                yield top


def _by_pounds(bench: Bench, dose: Quantity, slip: Slip) -> Iterator[Quantity]:
    """Yield the dose for a weight in pounds taken for kilograms, where a limit is per kg."""
    if slip.factor and any(item.measure.endswith("_per_kg") for item in bench.rule.limits):
        yield from _by_factor(bench, dose, slip)


def _by_look_alike(bench: Bench, _dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield ordinary single doses of the drugs that are confused with this one."""
    for key in bench.formulary.look_alikes(bench.drug) if not bench.is_rate else ():
        entry = bench.formulary.drug(key).routes.get(bench.route)
        yield from _usual_tops(entry.rules if entry else (), bench)


def _by_volume_number(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield what so many milliliters hold as milligrams were meant."""
    for strength in _strengths(bench, dose):
        if strength.unit.symbol.partition("/")[0] == dose.unit.symbol.partition("/")[0]:
            per_milliliter = strength.to(bench.formulary.units[f"{_drug_unit(strength)}/mL"]).amount
            yield dose.times(per_milliliter)


def _by_other_strength(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield the volume of one stocked strength drawn from another."""
    strengths = list(_strengths(bench, dose))
    for factor in {used.ratio(meant) for used in strengths for meant in strengths} - {1}:
        yield dose.times(factor)


def _by_whole_container(bench: Bench, dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield the whole content of every container that holds more than the dose."""
    if bench.is_rate:
        return
    for product in bench.formulary.drug(bench.drug).products:
        for container in containers(product, bench.formulary.units):
            unit = bench.formulary.units[_drug_unit(product.strength)]
            content = Quantity(product.strength.size * container.volume.size / unit.size, unit)
            if content.unit.dimension == dose.unit.dimension and dose < content:
                yield content.to(dose.unit)


def _by_strength_text(_bench: Bench, _dose: Quantity, _slip: Slip) -> Iterator[Quantity]:
    """Yield nothing: without a stated strength this is the tenfold slip."""
    yield from ()


def _strengths(bench: Bench, dose: Quantity) -> Iterator[Quantity]:
    """Yield the stocked strengths that are counted as the dose is."""
    for product in bench.formulary.drug(bench.drug).products if not bench.is_rate else ():
        unit = bench.formulary.units[_drug_unit(product.strength)]
        if unit.dimension == dose.unit.dimension:
            yield product.strength


def _per_day(bench: Bench, daily: Quantity) -> Unit:
    return bench.formulary.units[f"{_drug_unit(daily)}/day"]


def _drug_unit(quantity: Quantity) -> str:
    return quantity.unit.symbol.partition("/")[0].replace(" ", "_")


_WAYS = {
    "factor": _by_factor,
    "rate_factor": _by_rate_factor,
    "unit_number": _by_unit_number,
    "salt": _by_salt,
    "body_weight": _by_body_weight,
    "daily_dose": _by_daily_dose,
    "other_route": _by_other_route,
    "pounds": _by_pounds,
    "look_alike": _by_look_alike,
    "strength_text": _by_strength_text,
    "volume_number": _by_volume_number,
    "whole_container": _by_whole_container,
    "other_strength": _by_other_strength,
}
