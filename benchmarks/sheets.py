"""Sheets of orders for measuring: as many rows and as many distinct orders as asked for, by a seed.

Drugs, routes, modes, patients and sizes of doses are those of the formulary's rules, of adults more
often. Nine in ten doses lie about the usual range; the others are smaller, larger, or ten times larger.
No dose here is advice.
"""

from __future__ import annotations

import csv
import math
import random
from array import array
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from itdose import Formulary
    from itdose.quantity import Quantity

HEADERS = ("row_id", "drug", "dose", "route", "mode", "every", "age", "weight", "category", "ward")
MEASURES = ("dose", "dose_per_kg", "dose_rate", "dose_rate_per_kg")
"""Those of which the text of a dose is enough to compare it."""
_WARDS = ("theatre", "recovery", "labour", "intensive care", "pain clinic", "oncology", "ward 7")
_INTERVALS = ("", "", "4 h", "6 h", "8 h", "12 h", "24 h")
_AGES = {"neonate": (1, 27, "days"), "infant": (2, 20, "months"), "child": (3, 17, "years"),
         "adult": (18, 69, "years"), "elderly": (76, 95, "years")}  # fmt: skip
_TIMES_AN_ADULT = 5
_AT_ONCE = 1000
_WEIGHTS = {"neonate": (2, 5), "infant": (5, 12), "child": (14, 60), "adult": (45, 120), "elderly": (45, 95)}


class Kind(NamedTuple):
    """What a rule of the formulary is about, and its usual doses."""

    drug: str
    routes: tuple[str, ...]
    mode: str
    of_age: str
    other: str
    low: float
    high: float
    unit: str


def is_mass(quantity: Quantity) -> bool:
    """Return whether a quantity is a mass of drug, or a mass by weight or time."""
    return ("mass", 1) in quantity.unit.dimension


def kinds(formulary: Formulary) -> list[Kind]:
    """Return what orders can be about."""
    found = []
    for drug, route, rule in formulary.rules():
        of_age = [category for category in rule.categories if category in _AGES]
        other = [category for category in rule.categories if category not in _AGES]
        spellings = (route, *formulary.routes()[route]["spellings"][:2])
        for limits in rule.limits:
            high = limits.guardrail.upper_soft
            if limits.measure in MEASURES and high is not None and is_mass(high) and high.amount > 0:
                low = limits.guardrail.lower_soft
                ends = float(high.amount) / 5 if low is None else float(low.to(high.unit).amount)
                found.append(
                    Kind(
                        formulary.drug_name(drug), spellings, rule.mode, (of_age or ["adult"])[0],
                        ";".join(other[:1]), ends or float(high.amount) / 5, float(high.amount),
                        high.unit.symbol,
                    )
                )  # fmt: skip
    return found


def _written(amount: float) -> str:
    """Return a number by its first two digits, or all before the point, as a person would write it."""
    digits = max(0, 1 - math.floor(math.log10(amount)))
    text = f"{amount:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dose(kind: Kind, chance: random.Random) -> str:
    amount = kind.low * (kind.high / kind.low) ** chance.uniform(-0.1, 1.1)
    amount *= chance.choices((1, 0.3, 2, 10), (90, 3, 5, 2))[0]
    unit = kind.unit
    if unit.startswith("mg") and amount < 1:
        amount, unit = amount * 1000, f"mcg{unit[2:]}"
    return f"{_written(amount)} {unit}"


def _order(kind: Kind, chance: random.Random) -> tuple[str, ...]:
    low, high, unit = _AGES[kind.of_age]
    age = f"{chance.randint(low, high)} {unit}"
    weight = f"{chance.randint(*_WEIGHTS[kind.of_age])} kg"
    every = "" if kind.mode == "continuous_infusion" else chance.choice(_INTERVALS)
    return (
        kind.drug, _dose(kind, chance), chance.choice(kind.routes), kind.mode, every, age, weight, kind.other,
    )  # fmt: skip


def orders(formulary: Formulary, distinct: int, seed: int = 1) -> list[tuple[str, ...]]:
    """Return so many orders, each different from every other in what is read of it."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    known = kinds(formulary)
    often = [_TIMES_AN_ADULT if kind.of_age == "adult" else 1 for kind in known]
    found: dict[tuple[str, ...], None] = {}
    while len(found) < distinct:
        found |= {_order(kind, chance): None for kind in chance.choices(known, often, k=_AT_ONCE)}
    return list(found)[:distinct]


def rows(formulary: Formulary, count: int, distinct: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sheet: every order at least once, some far more often, in no order."""
    chance = random.Random(seed)  # noqa: S311
    choice = orders(formulary, distinct, seed)
    places = array("I", range(distinct))
    places.extend(int(distinct * chance.random() ** 3) for _ in range(count - distinct))
    chance.shuffle(places)
    for number, place in enumerate(places, start=1):
        yield (f"r{number}", *choice[place], _WARDS[number % len(_WARDS)])


def write(file: Path, formulary: Formulary, count: int, distinct: int) -> None:
    """Write a sheet as CSV."""
    if distinct > count:
        raise SystemExit(f"{count} rows can't hold {distinct} distinct orders")
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADERS)
        writer.writerows(rows(formulary, count, distinct))
