"""How each known mechanism is undone: from the written dose back to the one that may have been meant."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import convert
from itdose.case.measures import has_base, whole_dose
from itdose.case.volumes import content_of, volume_of
from itdose.checks.stock import is_drawn, stocked, whole_contents
from itdose.dose_text import Reading
from itdose.errors import QuantityError
from itdose.plain_text import beside, number, plain, shown
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from itdose.case import Case
    from itdose.formulary import Drug, Slip

_MILLIGRAMS = ("mg", "g")
_STRENGTH_TEXTS = ("product", "strength", "concentration")
_PER_KILOGRAM = "_per_kg"


class Fit(IntEnum):
    """How the meant dose fits, the closest first."""

    SAME_FIGURE = 0
    SAME_VOLUME = 1
    OTHER_ROUTE = 2
    LOOK_ALIKE = 3
    STATED_PERCENT = 4
    THIS_RULE = 5
    OTHER_INDICATION = 6
    OTHER_MODE = 7
    OTHER_STRENGTH = 8


class Words(NamedTuple):
    """Arithmetic in words, put together when it is shown: of most ways that are tried nothing is."""

    template: str
    parts: tuple[Quantity | Fraction | str, ...]

    def __str__(self) -> str:
        return self.template.format(*(_said(part) for part in self.parts))


def _said(part: Quantity | Fraction | str) -> str:
    if isinstance(part, Quantity):
        return shown(part)
    return number(part) if isinstance(part, Fraction) else part


class Undone(NamedTuple):
    """One way in which a mechanism may be undone."""

    dose: Quantity | None
    """What may have been meant; None where the mechanism says nothing of it."""
    words: Words
    """``500 mg / 10 = 50 mg``."""
    fit: Fit
    factor: Fraction | None = None
    """Meant dose by written dose, where the rules stay the same."""
    moved: Case | None = None
    """The order as it would have been, where other rules are asked."""


def with_dose(case: Case, dose: Quantity) -> Case:
    """Return the case with another dose, which nobody wrote, and nothing of what was drawn up."""
    readings = {**case.readings, "dose": Reading("", dose)}
    for field in ("volume", "concentration"):
        readings.pop(field, None)
    return case._replace(readings=readings, preparation=None)


def _scaled(
    dose: Quantity, factor: Fraction, template: str, *parts: Fraction | str, fit: Fit = Fit.THIS_RULE
) -> Undone:
    meant = dose.times(factor)
    return Undone(meant, Words(f"{template} = {{}}", (dose, *parts, meant)), fit, factor)


def _by_factor(_case: Case, dose: Quantity, slip: Slip) -> Iterator[Undone]:
    factor = slip.factor or Fraction(1)
    yield _scaled(dose, 1 / factor, "{} / {}", factor)
    yield _scaled(dose, factor, "{} x {}", factor)


def _by_rate_factor(case: Case, dose: Quantity, slip: Slip) -> Iterator[Undone]:
    """Undo a confused unit of time, showing the meant rate in the longer unit: 60 mcg/h for 60 mcg/day."""
    if not has_base(dose, "time") or slip.factor is None:
        return
    longer = dose.unit.symbol.rpartition("/")[0].replace(" ", "_") + f"/{slip.unit}"
    for factor, sign in ((1 / slip.factor, "/"), (slip.factor, "x")):
        meant = dose.times(factor).to(case.formulary.units[longer])
        words = Words("{} {} {} = {}", (dose, sign, slip.factor, meant))
        yield Undone(meant, words, Fit.SAME_FIGURE, factor)


def _by_unit_number(case: Case, dose: Quantity, slip: Slip) -> Iterator[Undone]:
    """Keep the number and exchange the unit: 16 g for 16 mEq, 10 mmol for 10 mg."""
    units = case.formulary.units
    unit, _, below = dose.unit.symbol.partition("/")
    if case.drug is None or slip.unit is None or slip.unit not in case.drug.conversions:
        return
    others = (slip.unit,) if unit in _MILLIGRAMS else _MILLIGRAMS if unit == slip.unit else ()
    for other in others:
        meant = Quantity(dose.amount, units[f"{other}/{below}" if below else other])
        same = convert(meant, dose.unit, case.drug)
        words = Words("{} for {}, which is {}", (plain(dose), plain(meant), beside(same, dose)))
        yield Undone(meant, words, Fit.SAME_FIGURE, same.ratio(dose))


def _by_salt(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    drug = case.drug
    if drug is None or "mg_elemental" not in drug.conversions:
        return
    if has_base(dose, "elemental_mass"):
        salt = Quantity(dose.amount, case.formulary.units[dose.unit.symbol.replace(" elemental", "", 1)])
        words = Words("{} for {} of the salt", (dose, salt))
        yield Undone(salt, words, Fit.SAME_FIGURE, convert(salt, dose.unit, drug).ratio(dose))
    if not has_base(dose, "mass"):
        return
    share = drug.conversions["mg_elemental"] / 1000
    yield _scaled(dose, share, "{} of salt x {} of element", share)
    yield _scaled(dose, 1 / share, "{} of element / {}", share)


def _by_body_weight(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    units = case.formulary.units
    weight = case.patient.weight
    symbol = dose.unit.symbol.replace(" ", "_")
    if has_base(dose, "bodyweight"):
        meant = Quantity(dose.amount, units[symbol.replace("/kg", "", 1)])
        words = Words("{} for {}", (dose, meant))
        yield Undone(meant, words, Fit.SAME_FIGURE, moved=with_dose(case, meant))
    elif weight is not None and not has_base(dose, "body_surface"):
        kilograms = weight.to(units["kg"]).amount
        yield _scaled(dose, 1 / kilograms, "{} / {} kg", kilograms)
        first, slash, below = symbol.partition("/")
        per_kg = Quantity(dose.amount, units[f"{first}/kg{slash}{below}"])
        whole = whole_dose(per_kg, weight, case)
        words = Words("{} for {} {}, which is {}", (dose, per_kg.amount, per_kg.unit.symbol, whole))
        yield Undone(whole, words, Fit.SAME_FIGURE, kilograms)


def _by_pounds(case: Case, dose: Quantity, slip: Slip) -> Iterator[Undone]:
    """Undo a weight in pounds taken for kilograms, where a limit of these rules is per kg."""
    weight, pound = case.patient.weight, slip.factor
    compared = {item.measure for match in case.matches for _, item in match.comparisons}
    by_weight = any(measure.endswith(_PER_KILOGRAM) for measure in compared)
    if weight is None or pound is None or not by_weight or has_base(dose, "bodyweight"):
        return
    kilograms = weight.to(case.formulary.units["kg"]).amount
    for factor, used, meant_unit in ((pound, "lb", "kg"), (1 / pound, "kg", "lb")):
        meant = dose.times(factor)
        parts = (dose, meant, kilograms, used, kilograms, meant_unit)
        words = Words("{} is {} for {} {} in place of {} {}", parts)
        yield Undone(meant, words, Fit.THIS_RULE, factor)


def _by_daily_dose(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    if has_base(dose, "time"):
        return
    daily = Quantity(dose.amount, case.formulary.units[f"{dose.unit.symbol.replace(' ', '_')}/day"])
    words = Words("{} at once for {}", (dose, daily))
    moved = with_dose(case, daily)._replace(mode=None)
    yield Undone(daily, words, Fit.OTHER_MODE, moved=moved)


def _by_other_route(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    for route, entry in case.drug.routes.items() if case.drug else ():
        if route != case.route and entry.rules:
            words = Words("{} is an ordinary {} dose", (dose, route))
            there = with_dose(case, dose)._replace(route=route, indication=None)
            mode = _only_mode(case)
            yield Undone(dose, words, Fit.OTHER_ROUTE, moved=there._replace(mode=mode))
            # An infusion by another route is a weaker likeness to one injection.
            yield Undone(dose, words, Fit.OTHER_MODE, moved=there._replace(mode=None))


def _only_mode(case: Case) -> str | None:
    """Return the mode of the order: as stated, or the one of every rule that it was compared with."""
    modes = {match.rule.mode for match in case.matches}
    return case.mode or (next(iter(modes)) if len(modes) == 1 else None)


def _by_look_alike(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    """Take another drug for this one: the same figure, or the same volume of its own product."""
    for other in look_alikes(case):
        words = Words("{} is an ordinary dose of {}", (dose, other.name))
        moved = with_dose(case, dose)._replace(drug=other, indication=None, product=None)
        yield Undone(dose, words, Fit.LOOK_ALIKE, moved=moved)
        yield from _swapped(case, dose, other)


def look_alikes(case: Case) -> Iterator[Drug]:
    """Yield the drugs that are confused with this one and that have rules by this route."""
    for key in case.formulary.look_alikes(case.drug.key) if case.drug else ():
        other = case.formulary.drug(key)
        entry = other.routes.get(case.route or "")
        if entry is not None and entry.rules:
            yield other


def _swapped(case: Case, dose: Quantity, other: Drug) -> Iterator[Undone]:
    """Undo a swap of ampoules: the stated volume is an ordinary one of the other drug."""
    volume = case.quantity("volume") or case.quantity("draw_volume")
    if volume is None:
        return
    there = case._replace(drug=other, product=None, indication=None)
    for product in stocked(there):
        unit = case.formulary.units[product.strength.unit.symbol.partition("/")[0].replace(" ", "_")]
        meant = content_of(product.strength, volume, unit, there)
        if meant is not None:
            words = Words("{}, which holds {}, is {} of {}", (volume, dose, meant, product.name))
            yield Undone(meant, words, Fit.SAME_VOLUME, moved=with_dose(there, meant))


def _by_strength_text(case: Case, dose: Quantity, slip: Slip) -> Iterator[Undone]:
    """Undo a percent or ratio strength that was reckoned ten times too high or too low."""
    texts = [case.readings[field].text for field in _STRENGTH_TEXTS if field in case.readings]
    for text in dict.fromkeys(text for text in texts if "%" in text or ":" in text):
        factor = slip.factor or Fraction(1)
        said = f"with {text} reckoned tenfold wrong, "
        yield _scaled(dose, 1 / factor, said + "{} / {}", factor, fit=Fit.STATED_PERCENT)
        yield _scaled(dose, factor, said + "{} x {}", factor, fit=Fit.STATED_PERCENT)


def _by_volume_number(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    """Undo a number of milligrams drawn as so many milliliters: 10 mL of 5 mg/mL for 10 mg."""
    for product in stocked(case):
        volume = volume_of(dose, product.strength, case)
        if volume is None or product.strength.amount == 1 or not is_drawn(volume, case):
            continue
        unit = product.strength.unit.symbol.partition("/")[0].replace(" ", "_")
        meant = Quantity(volume.amount, case.formulary.units[unit])
        words = Words("{} of {} for {}: it holds {}", (volume, product.name, meant, dose))
        try:
            factor = convert(meant, dose.unit, case.drug).ratio(dose) if case.drug else None
        except QuantityError:
            continue
        yield Undone(meant, words, Fit.OTHER_STRENGTH, factor)


def _by_whole_container(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    """Find the container whose whole content is the written dose."""
    for product, container, content in whole_contents(case, dose.unit):
        if content.size == dose.size:
            parts = (dose, container.volume, container.kind, product.name)
            words = Words("{} is the whole {} {} of {}", parts)
            yield Undone(None, words, Fit.OTHER_STRENGTH)


def _by_other_strength(case: Case, dose: Quantity, _slip: Slip) -> Iterator[Undone]:
    """Undo a volume that was right for one stocked strength and was drawn from another."""
    sizes = [(item, item.strength.size, item.strength.unit.dimension) for item in stocked(case)]
    seen = {Fraction(1)}
    for used, used_size, dimension in sizes[:1] if case.product else sizes:
        volume = volume_of(dose, used.strength, case)
        if volume is None or not is_drawn(volume, case):
            continue
        for other, size, other_dimension in sizes:
            factor = size / used_size
            if other_dimension != dimension or factor in seen:
                continue
            seen.add(factor)
            meant = dose.times(factor)
            words = Words("{} holds {} of {}, and {} of {}", (volume, dose, used.name, meant, other.name))
            yield Undone(meant, words, Fit.OTHER_STRENGTH, factor)


WAYS: dict[str, Callable[[Case, Quantity, Slip], Iterator[Undone]]] = {
    "factor": _by_factor,
    "rate_factor": _by_rate_factor,
    "unit_number": _by_unit_number,
    "salt": _by_salt,
    "body_weight": _by_body_weight,
    "pounds": _by_pounds,
    "daily_dose": _by_daily_dose,
    "other_route": _by_other_route,
    "look_alike": _by_look_alike,
    "strength_text": _by_strength_text,
    "volume_number": _by_volume_number,
    "whole_container": _by_whole_container,
    "other_strength": _by_other_strength,
}
"""By the word with which data/slips.yaml says how a mechanism works."""
