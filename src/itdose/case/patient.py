"""Who the dose is for: one category on every axis, stated or assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from itdose.formulary import Formulary
    from itdose.quantity import Quantity


class Patient(NamedTuple):
    """The patient as far as the order says, with what is assumed where it says nothing."""

    profile: Mapping[str, str]
    """One category on each axis: age, pregnancy, opioids, breathing."""
    assumed: frozenset[str]
    """The axes on which nothing was stated."""
    contradictions: tuple[str, ...]
    """Stated facts that can't all be true, in words."""
    weight: Quantity | None
    """None also where nobody has the stated weight: nothing is compared with it."""
    age: Quantity | None


def describe_patient(
    categories: Iterable[str], age: Quantity | None, weight: Quantity | None, formulary: Formulary
) -> Patient:
    """Combine stated categories and age; keep contradictions for the patient check to report."""
    population = formulary.population
    stated: dict[str, str] = {}
    contradictions = []
    by_age = _category_of_age(age, formulary) if age else None
    for category in (*([by_age] if by_age else []), *categories):
        axis = population.axis[category]
        earlier = stated.setdefault(axis, category)
        if earlier != category:
            contradictions.append(f"{_name(formulary, earlier)} and {_name(formulary, category)}")
    if age is not None and formulary.oldest_age < age:
        contradictions.append("an age that nobody reaches")
    low, high = formulary.plausible_weight
    if weight is not None and (high < weight or (low is not None and weight < low)):
        contradictions.append("a body weight that nobody has")
        weight = None
    assumed = {axis: key for axis, key in population.assumed.items() if axis not in stated}
    return Patient(
        profile={**assumed, **stated},
        assumed=frozenset(assumed),
        contradictions=tuple(contradictions),
        weight=weight,
        age=age,
    )


def _category_of_age(age: Quantity, formulary: Formulary) -> str:
    categories = formulary.age_categories
    reached = [key for key, from_age in categories if from_age is None or from_age <= age]
    return reached[-1]


def _name(formulary: Formulary, category: str) -> str:
    return str(formulary.category(category)["name"])
