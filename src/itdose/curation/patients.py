"""The patients of a formulary as cells: kinds of patient by age by weight, none of them cut by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.band import Band

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from itdose.formulary.coverage import Profile
    from itdose.formulary.load import Models
    from itdose.formulary.model import RuleModel
    from itdose.quantity import Quantity


class Line:
    """Ages or weights, cut wherever a category or a band begins or ends."""

    def __init__(self, cuts: Iterable[Quantity | None]) -> None:
        by_size = {cut.size: cut for cut in cuts if cut is not None and cut.amount}
        self._starts: tuple[Quantity | None, ...] = (None, *(by_size[size] for size in sorted(by_size)))

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, place: int) -> Quantity | None:
        """Return where a piece begins; ``None`` is the very beginning."""
        return self._starts[place]

    def holds(self, band: Band | None, place: int) -> bool:
        """Return whether a piece lies in a band; no band is cut by a piece."""
        if band is None:
            return True
        start = self._starts[place]
        if start is None:
            return band.low is None or not band.low.amount
        return band.holds(start)

    def band(self, first: int, last: int) -> Band:
        """Return the band of the pieces from ``first`` to ``last``."""
        return Band(self._starts[first], self._starts[last + 1] if last + 1 < len(self) else None)


class Cell(NamedTuple):
    """Patients that no rule tells apart."""

    others: tuple[str, ...]
    """The categories on the axes beside age."""
    age: int
    weight: int


class Patients:
    """Every patient that the rules of one drug by one route tell apart."""

    def __init__(self, models: Models, rules: Sequence[RuleModel]) -> None:
        categories = models.categories
        self.population = models.population()
        begins = {key: row.from_age for key, row in categories.items() if row.axis == "age"}
        bands = [rule.age for rule in rules if rule.age]
        self.ages = Line([*begins.values(), *(end for band in bands for end in (band.low, band.high))])
        heavy = [rule.weight for rule in rules if rule.weight]
        self.weights = Line([end for band in heavy for end in (band.low, band.high)])
        self._begins = sorted((age.size if age else 0, key) for key, age in begins.items())
        self._rules = rules

    @property
    def others(self) -> tuple[tuple[str, ...], ...]:
        """Every combination of categories on the axes beside age."""
        return tuple(dict.fromkeys(self._beside_age(profile) for profile in self.population.profiles))

    def cells(self) -> Iterable[Cell]:
        """Yield every kind of patient."""
        for others in self.others:
            for age in range(len(self.ages)):
                yield from (Cell(others, age, weight) for weight in range(len(self.weights)))

    def category(self, age: int) -> str:
        """Return the category of a piece of the ages."""
        start = self.ages.start(age)
        size = start.size if start else 0
        return [key for begin, key in self._begins if begin <= size][-1]

    def covering(self, places: Iterable[int], cell: Cell) -> list[int]:
        """Return the places of the rules that are for these patients, whichever is the closest."""
        profile = self._profile(cell)
        return [
            place
            for place in places
            if self.population.specificity(self._rules[place].category, profile) is not None
            and self.ages.holds(self._rules[place].age, cell.age)
            and self.weights.holds(self._rules[place].weight, cell.weight)
        ]

    def chosen(self, places: Sequence[int], cell: Cell) -> list[int]:
        """Return the places of the rules that cover these patients most closely."""
        covering = self.covering(places, cell)
        categories = [self._rules[place].category for place in covering]
        return [covering[best] for best in self.population.most_specific(categories, self._profile(cell))]

    def _profile(self, cell: Cell) -> Profile:
        keys = (self.category(cell.age), *cell.others)
        return {self.population.axis[key]: key for key in keys}

    def _beside_age(self, profile: Profile) -> tuple[str, ...]:
        return tuple(key for axis, key in profile.items() if axis != "age")
