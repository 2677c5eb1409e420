"""What a formulary covers: a matrix for a person, every row in full, and both as Markdown."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from itdose.order import MODES
from itdose.render.layout import WIDEST, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.curation.coverage import CoverageRow

_SHORT_MODES = {
    "single_dose": "single",
    "screening_dose": "screen",
    "loading_dose": "load",
    "short_infusion": "short",
    "continuous_infusion": "cont",
    "patient_controlled_dose": "PCA",
}
_STATES = {"cross_checked": "checked", "drafted": "drafted", "signed_off": "signed", "overdue": "overdue"}
_NARROWEST_MODES = len("conversion only")
_ALWAYS = ("cross_checked", "drafted")
_FULL_HEADER = ("drug", "route", "mode", "patients", "indications", "review", "due", "limits")
_LEGEND = (
    "Modes: single, screening and loading dose, short (an infusion over a stated time) and continuous "
    "infusion, patient-controlled dose. Checked: cross-checked. A drafted or overdue rule never gives "
    "within_limits. --drug NAME shows every rule."
)


def matrix(rows: Sequence[CoverageRow], *, width: int) -> str:
    """Return one line for every drug and route, what the words mean, and the total."""
    width = min(width, WIDEST)
    header, *cells = _matrix_cells(rows)
    routes = max(len(route) for _, route, *_ in [header, *cells])
    lines = _matrix_line(header, routes, width)
    for drug, group in groupby(cells, key=lambda line: line[0]):
        lines += wrap(drug, width)
        for line in group:
            lines += _matrix_line(line, routes, width)
    lines += ["", *wrap(_LEGEND, width), "", *wrap(total(rows), width, "", "  ")]
    return "\n".join(lines) + "\n"


def _matrix_line(cells: tuple[str, ...], routes: int, width: int) -> list[str]:
    _, route, *counts, modes = cells
    numbers = "".join(f" {count:>7}" for count in counts)
    start = f"  {route:<{routes}}{numbers}  "
    if width < len(start) + _NARROWEST_MODES:
        return [start.rstrip(), *wrap(modes, width, "    ")]
    return wrap(modes, width, start, " " * len(start))


def _matrix_cells(rows: Sequence[CoverageRow]) -> Iterator[tuple[str, ...]]:
    """Yield the header, and a line for every drug and route; a state that no rule has is left out."""
    totals = _states(rows)
    states = [state for state in _STATES if state in _ALWAYS or totals[state]]
    yield "drug", "route", *(_STATES[state] for state in states), "modes"
    for (drug, route), group in groupby(rows, key=lambda row: (row.drug, row.route)):
        of_route = list(group)
        counts = _states(of_route)
        yield drug, route, *(str(counts[state] or "-") for state in states), _modes(of_route)


def _modes(rows: Sequence[CoverageRow]) -> str:
    given = {row.mode for row in rows}
    known = [_SHORT_MODES[mode] for mode in MODES if mode in given]
    return " ".join(known) or rows[0].status.replace("_", " ")


def _states(rows: Sequence[CoverageRow]) -> Counter[str]:
    return Counter(row.review for row in rows) + Counter(overdue=sum(row.is_overdue for row in rows))


def total(rows: Sequence[CoverageRow]) -> str:
    """Return how much there is, and how far it has been reviewed."""
    counts = _states(rows)
    drugs = len({row.drug for row in rows})
    routes = len({(row.drug, row.route) for row in rows if row.route})
    rules = sum(1 for row in rows if row.rule)
    without = Counter(row.status.replace("_", " ") for row in rows if not row.rule)
    said = [
        f"{drugs} {_word('drug', drugs)} with {routes} {_word('route', routes)}",
        f"{rules} dose {_word('rule', rules)} ({', '.join(_counted(counts))})",
        *(f"{count} {status}" for status, count in sorted(without.items())),
    ]
    return "; ".join(said)


def _counted(counts: Counter[str]) -> Iterator[str]:
    for state in _STATES:
        if state in _ALWAYS or counts[state]:
            yield f"{counts[state]} {state.replace('_', '-')}"


def _word(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def full_text(rows: Sequence[CoverageRow], *, width: int) -> str:
    """Return every row in full, under its drug and route, and the total."""
    width = min(width, WIDEST)
    lines: list[str] = []
    for (drug, route, status), group in groupby(rows, key=lambda row: (row.drug, row.route, row.status)):
        lines += wrap(", ".join(filter(None, (drug, route, status.replace("_", " ")))), width, "", "  ")
        for row in group:
            lines += _rule_lines(row, width) if row.rule else wrap(row.reason, width, "  ")
        lines.append("")
    return "\n".join([*lines, *wrap(total(rows), width)]) + "\n"


def _rule_lines(row: CoverageRow, width: int) -> list[str]:
    _, mode, patients, indications, review, due, limits = _full_cells(row)
    return [
        *wrap(f"{mode}, {patients}, {indications}", width, "  ", "    "),
        *wrap(f"{review}, due {due}; {limits} {_word('limit', row.limits)}", width, "    "),
    ]


def markdown(rows: Sequence[CoverageRow], *, full: bool) -> str:
    """Return the matrix, or every row in full, as a table in Markdown."""
    every_row = [_FULL_HEADER, *((row.drug, *_full_cells(row)) for row in rows)]
    header, *cells = every_row if full else _matrix_cells(rows)
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, cells)]
    return "\n".join([*lines, "", total(rows)]) + "\n"


def _full_cells(row: CoverageRow) -> tuple[str, ...]:
    if not row.rule:
        return row.route, row.status.replace("_", " "), "", row.reason, "", "", ""
    return (
        row.route,
        row.mode.replace("_", " "),
        ", ".join([key.replace("_", " ") for key in row.categories] + list(row.bands)),
        ", ".join(key.replace("_", " ") for key in row.indications) or "any indication",
        row.review.replace("_", "-") + (", overdue" if row.is_overdue else ""),
        row.due,
        str(row.limits),
    )


def _line(cells: Sequence[str]) -> str:
    # A bar would end the cell.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
