"""Which patients the rules of one drug and route leave out, and which rules never cover anybody."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from itdose.curation.patients import Cell, Patients
from itdose.curation.places import routes_of
from itdose.curation.remarks import remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.curation.remarks import Remark
    from itdose.formulary.load import Models
    from itdose.formulary.model import RouteEntryModel
    from itdose.formulary.strict_yaml import Path

Found = tuple["Path", str, str]


class _Use(NamedTuple):
    """One mode and indication, with the places of the rules that are for them."""

    mode: str
    indication: str
    own: tuple[int, ...]
    unstated: tuple[int, ...]
    """Rules for the same mode without an indication, which hold for this one too."""

    def __str__(self) -> str:
        return " for ".join(filter(None, (self.mode, self.indication)))


def cover_remarks(models: Models) -> Iterator[Remark]:
    """Yield the remarks on gaps between rules, on rules never chosen, and on uses not stated."""
    for document, path, entry in routes_of(models):
        uses = _uses(entry)
        patients = Patients(models, entry.rules)
        gaps = () if entry.gaps else _gaps(patients, uses)
        for found in (gaps, _never_chosen(patients, entry, uses), _unstated(entry, uses)):
            for at, rule, message in found:
                yield remark(document, (*path, "rules", *at), rule, message)


def _uses(entry: RouteEntryModel) -> tuple[_Use, ...]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, rule in enumerate(entry.rules):
        for indication in rule.indication or ("",):
            groups.setdefault((rule.mode, indication), []).append(place)
    return tuple(
        _Use(mode, indication, tuple(own), tuple(groups.get((mode, ""), ())) if indication else ())
        for (mode, indication), own in groups.items()
    )


def _gaps(patients: Patients, uses: Sequence[_Use]) -> Iterator[Found]:
    for use in uses:
        for (first, last), place in _age_gaps(patients, use).items():
            categories = dict.fromkeys(patients.category(age) for age in range(first, last + 1))
            who = f"{' and '.join(categories)}, {patients.ages.band(first, last)}"
            yield _gap(place, use, who)
        for (first, last), (place, categories) in _weight_gaps(patients, use).items():
            yield _gap(place, use, f"{' and '.join(categories)}, {patients.weights.band(first, last)}")


def _gap(place: int, use: _Use, who: str) -> Found:
    message = f"{use}: no rule covers {who}, between patients with a rule; add one, or widen a neighbour"
    return (place,), "category-gap", message


def _age_gaps(patients: Patients, use: _Use) -> dict[tuple[int, int], int]:
    """Return the gaps along the ages, each with the place of the rule below it."""
    gaps: dict[tuple[int, int], int] = {}
    for others, weight in product(patients.others, range(len(patients.weights))):
        cells = [Cell(others, age, weight) for age in range(len(patients.ages))]
        for first, last, place in _between(patients, use, cells):
            gaps.setdefault((first, last), place)
    return gaps


def _weight_gaps(patients: Patients, use: _Use) -> dict[tuple[int, int], tuple[int, dict[str, None]]]:
    """Return the gaps along the weights, each with the rule below it and the categories that have it."""
    gaps: dict[tuple[int, int], tuple[int, dict[str, None]]] = {}
    for others, age in product(patients.others, range(len(patients.ages))):
        cells = [Cell(others, age, weight) for weight in range(len(patients.weights))]
        for first, last, place in _between(patients, use, cells):
            _, categories = gaps.setdefault((first, last), (place, {}))
            categories[patients.category(age)] = None
    return gaps


def _between(patients: Patients, use: _Use, cells: Sequence[Cell]) -> Iterator[tuple[int, int, int]]:
    """Yield first and last of each run of cells without a rule between cells of this use's own rules."""
    own = [patients.covering(use.own, cell) for cell in cells]
    ends = [place for place, rules in enumerate(own) if rules]
    if not ends:
        return
    below = own[ends[0]][0]
    run: list[int] = []
    for place in range(ends[0], ends[-1] + 1):
        if not own[place] and not patients.covering(use.unstated, cells[place]):
            run.append(place)
            continue
        if run:
            yield run[0], run[-1], below
        run = []
        below = own[place][0] if own[place] else below


def _never_chosen(patients: Patients, entry: RouteEntryModel, uses: Sequence[_Use]) -> Iterator[Found]:
    instead: dict[int, dict[int, None]] = {}
    chosen: set[int] = set()
    for use, cell in product(uses if len(entry.rules) > 1 else (), patients.cells()):
        best = patients.chosen(use.own, cell)
        chosen.update(best)
        for place in patients.covering(use.own, cell):
            instead.setdefault(place, {}).update(dict.fromkeys(best))
    for place, others in instead.items():
        if place not in chosen:
            names = " and ".join(entry.rules[other].id for other in others)
            message = (
                f"{entry.rules[place].id} is never chosen: {names} cover every patient that it could cover; "
                "narrow them or take it out"
            )
            yield (place,), "category-overlap", message


def _unstated(entry: RouteEntryModel, uses: Sequence[_Use]) -> Iterator[Found]:
    with_indication = {use.mode for use in uses if use.indication}
    for place, rule in enumerate(entry.rules):
        if not rule.indication and rule.mode in with_indication:
            message = (
                f"{rule.id} has no indication beside rules for {rule.mode} that have one, "
                "so it also covers every use that is not stated; say what it is for"
            )
            yield (place,), "rule-without-indication", message
