"""Products that are easily taken for one another, and look-alike names."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from itdose.curation.remarks import remark
from itdose.formulary.names import normal_name
from itdose.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.remarks import Remark
    from itdose.formulary.load import Models
    from itdose.formulary.model import DrugModel, ProductModel
    from itdose.formulary.strict_yaml import Path

Found = tuple["Path", str, str]
LookAlikes = dict[str, tuple[tuple[str, str | None], ...]]
"""Every drug's look-alikes as they are written, each with the key of the drug that it is."""

_POWERS_OF_TEN = frozenset({10, 100, 1000})


def drug_remarks(models: Models) -> Iterator[Remark]:
    """Yield the remarks on every drug's products and look-alikes."""
    look_alikes = _look_alikes(models)
    for key, drug in models.drugs.items():
        document = models.documents[models.drug_files[key]]
        for path, rule, message in (*_strengths(drug), *_names(models, key, look_alikes)):
            yield remark(document, (key, *path), rule, message)


def _strengths(drug: DrugModel) -> Iterator[Found]:
    for (_, one), (place, other) in combinations(enumerate(drug.products), 2):
        times = _times(one, other)
        if times in _POWERS_OF_TEN and not (one.note or other.note):
            strengths = f"{plain(one.strength)} and {plain(other.strength)}"
            message = (
                f"{one.name} and {other.name} ({strengths}) are {times} times apart; "
                "give one of them a note that says how they are told apart"
            )
            yield ("products", place), "strengths-tenfold-apart", message


def _times(one: ProductModel, other: ProductModel) -> int | None:
    """Return how many times stronger one product is, where that is a whole number."""
    weak, strong = one.strength, other.strength
    if weak.unit.dimension != strong.unit.dimension:
        return None
    if strong < weak:
        weak, strong = strong, weak
    times = strong.ratio(weak) if weak.amount else None
    return times.numerator if times is not None and times.denominator == 1 else None


def _look_alikes(models: Models) -> LookAlikes:
    owners = {
        normal_name(name): key
        for key, drug in models.drugs.items()
        for name in (key, drug.name, *drug.synonyms)
    }
    return {
        key: tuple((name, owners.get(normal_name(name))) for name in drug.look_alikes)
        for key, drug in models.drugs.items()
    }


def _names(models: Models, key: str, look_alikes: LookAlikes) -> Iterator[Found]:
    for place, (name, other) in enumerate(look_alikes[key]):
        path = ("look_alikes", place)
        if other is None:
            message = (
                f"look-alike {name!r} is no drug of this formulary; correct the spelling or add the drug"
            )
            yield path, "look-alike-unknown", message
        elif key not in {mate for _, mate in look_alikes[other]}:
            own, mate = models.drugs[key].name, models.drugs[other].name
            message = f"{own} names {mate} as a look-alike, and {mate} does not name {own}; name it there too"
            yield path, "look-alike-one-sided", message
