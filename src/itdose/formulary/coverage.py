"""Which rule covers which patient: the most specific one, and never two."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Profile = dict[str, str]
"""One category on each axis: ``{"age": "adult", "pregnancy": "not_obstetric", …}``."""


class Population:
    """The patient categories of a formulary, on their axes."""

    def __init__(self, categories: Mapping[str, Mapping[str, object]]) -> None:
        self.axis = {key: str(row["axis"]) for key, row in categories.items()}
        self.assumed = {str(row["axis"]): key for key, row in categories.items() if row["assumed"]}
        self._includes = {key: frozenset(row["includes"]) for key, row in categories.items()}  # type: ignore[call-overload]

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Every kind of patient."""
        axes = sorted(set(self.axis.values()))
        values = [[key for key, axis in self.axis.items() if axis == wanted] for wanted in axes]
        return tuple(dict(zip(axes, combination, strict=True)) for combination in product(*values))

    def specificity(self, categories: Iterable[str], profile: Profile) -> int | None:
        """Return how closely these categories describe the patient, or None where they don't.

        An axis that is not named says nothing; a named category counts two, one that only
        includes the patient's category (adult for the elderly) counts one.
        """
        by_axis: dict[str, int] = {}
        for category in categories:
            axis = self.axis[category]
            patient = profile[axis]
            score = 2 if patient == category else int(patient in self._includes[category])
            by_axis[axis] = max(by_axis.get(axis, 0), score)
        if 0 in by_axis.values():
            return None
        return sum(by_axis.values())

    def most_specific(self, rules: Sequence[Sequence[str]], profile: Profile) -> list[int]:
        """Return the places of the rules, given by their categories, that describe the patient best."""
        scores = [self.specificity(categories, profile) for categories in rules]
        best = max((score for score in scores if score is not None), default=None)
        return [place for place, score in enumerate(scores) if score is not None and score == best]
