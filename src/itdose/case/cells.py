"""The cells of a preparation, and the arithmetic that ties them: each is recomputed from the others.

Exact, and without a word about drugs: a cell is a name, its value a fraction
in base units. What can't all be true is found, and so is the one cell whose
change alone makes the rest agree.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

Cells = dict[str, Fraction]
# A person who rounds a figure keeps this many digits; with fewer the rounding is no small matter.
_FEWEST_DIGITS_ROUNDED = 3
# Two rounded cells in one preparation happen, such as a concentration and a flow rate.
_MOST_ROUNDED = 2


class Times(NamedTuple):
    """Cells whose product is another cell: strength times drawn volume is the content."""

    factors: tuple[str, ...]
    product: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell that the relation ties."""
        return (*self.factors, self.product)

    def solve(self, cell: str, known: Mapping[str, Fraction]) -> Fraction | None:
        """Return one cell from all the others, or None where they leave it open."""
        if cell == self.product:
            return prod((known[factor] for factor in self.factors), start=Fraction(1))
        rest = prod((known[factor] for factor in self.factors if factor != cell), start=Fraction(1))
        return known[self.product] / rest if rest else None


class Plus(NamedTuple):
    """Two cells whose sum is a third: drawn volume and diluent make the final volume.

    Only the second part, the diluent, may be nothing.
    """

    parts: tuple[str, str]
    whole: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell that the relation ties."""
        return (*self.parts, self.whole)

    def solve(self, cell: str, known: Mapping[str, Fraction]) -> Fraction | None:
        """Return one cell from the others; it may come out below zero, which no volume is."""
        if cell == self.whole:
            return sum((known[part] for part in self.parts), start=Fraction(0))
        return known[self.whole] - sum(known[part] for part in self.parts if part != cell)


class Dilution(NamedTuple):
    """Strength, drawn volume, diluent and concentration: two equations in one, for want of the content."""

    strength: str
    drawn: str
    diluent: str
    concentration: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell that the relation ties."""
        return tuple(self)

    def solve(self, cell: str, known: Mapping[str, Fraction]) -> Fraction | None:
        """Return the drawn volume, the diluent, the strength or the concentration from the other three."""
        if cell == self.drawn:
            excess = known[self.strength] - known[self.concentration]
            if not excess:
                # As strong as before: with nothing added any volume will do, with something none.
                return Fraction(0) if known[self.diluent] else None
            return known[self.concentration] * known[self.diluent] / excess
        drawn = known[self.drawn]
        if cell == self.diluent:
            return drawn * known[self.strength] / known[self.concentration] - drawn
        share = drawn / (drawn + known[self.diluent])
        if cell == self.strength:
            return known[self.concentration] / share
        return known[self.strength] * share


Relation = Times | Plus | Dilution


class Clash(NamedTuple):
    """A relation that the cells break, and every cell as it stood when that was found."""

    relation: Relation
    known: Cells


class Odd(NamedTuple):
    """A cell whose change alone makes the rest agree."""

    cell: str
    expected: Fraction


def solve(stated: Mapping[str, Fraction], relations: Collection[Relation]) -> tuple[Cells, Clash | None]:
    """Return every cell that follows from the stated ones, and the first relation that they break."""
    known: Cells = dict(stated)
    checked: set[Relation] = set()
    may_be_nothing = {relation.parts[1] for relation in relations if isinstance(relation, Plus)}
    while len(checked) < len(relations):
        ready = [
            (relation, open_cells)
            for relation in relations
            if relation not in checked
            and len(open_cells := [cell for cell in relation.cells if cell not in known]) <= 1
        ]
        if not ready:
            break
        for relation, open_cells in ready:
            checked.add(relation)
            cell = open_cells[0] if open_cells and open_cells[0] not in known else relation.cells[-1]
            value = relation.solve(cell, known)
            if value is None:
                continue
            is_impossible = value < 0 or (not value and cell not in may_be_nothing)
            if known.setdefault(cell, value) != value or is_impossible:
                return known, Clash(relation, {**known, cell: known[cell]})
    return known, None


def odd_cells(stated: Mapping[str, Fraction], relations: Collection[Relation]) -> Iterator[Odd]:
    """Yield each stated cell whose change alone makes the others agree, with what they make it."""
    for cell in stated:
        others = {name: value for name, value in stated.items() if name != cell}
        known, clash = solve(others, relations)
        if clash is None and known.get(cell, 0) > 0:
            yield Odd(cell, known[cell])


def rounded_cells(
    stated: Mapping[str, Fraction],
    relations: Collection[Relation],
    rounds_to: Callable[[str, Fraction], bool],
) -> tuple[str, ...]:
    """Return the few cells that agree with the others but for the rounding of what was written."""
    for count in range(1, _MOST_ROUNDED + 1):
        for cells in combinations(stated, count):
            others = {name: value for name, value in stated.items() if name not in cells}
            known, clash = solve(others, relations)
            if clash is None and all(cell in known and rounds_to(cell, known[cell]) for cell in cells):
                return cells
    return ()


def is_rounding(exact: Fraction, written: Fraction, decimals: int) -> bool:
    """Return whether ``written`` is a number without an end, rounded to its decimals and three digits."""
    scale = Fraction(10) ** decimals
    rounded = round(exact * scale)
    ends = 10**4 % exact.denominator == 0
    return not ends and rounded >= 10 ** (_FEWEST_DIGITS_ROUNDED - 1) and Fraction(rounded) / scale == written
