"""Tables for the terminal. Every datum goes in as plain text: no markup, nothing cut off."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from itdose.render.layout import NARROWEST, bind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from itdose.formulary import Formulary

# Rich breaks lines at every kind of space, so a number is bound to its unit by a private character.
_JOINT = "\ue000"


_WITHOUT_RULES = {"forbidden": "no dose is allowed", "no_figure": "no usable figure"}


def drugs_table(formulary: Formulary, *, width: int) -> str:
    """Return every drug with its routes and how far its rules have been reviewed."""
    rows = []
    for key in formulary.drug_keys():
        drug = formulary.drug(key)
        for route, entry in drug.routes.items():
            states = Counter(rule.review.state.replace("_", "-") for rule in entry.rules)
            reviewed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            rows.append(
                (
                    drug.name,
                    route,
                    entry.status.replace("_", " "),
                    reviewed or _WITHOUT_RULES.get(entry.status, "no rule"),
                )
            )
        if not drug.routes:
            rows.append((drug.name, "none", "for conversion only", ""))
    return table(("drug", "route", "status", "rules"), rows, width=width)


def routes_table(formulary: Formulary, *, width: int) -> str:
    """Return every route with its spellings."""
    rows = [
        (key, ", ".join(route["spellings"]), "neuraxial" if route["neuraxial"] == "yes" else "")
        for key, route in formulary.routes().items()
    ]
    return table(("route", "also read", ""), rows, width=width)


def table(
    header: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, width: int, first: int | None = None
) -> str:
    """Return a table that folds long cells instead of cutting them.

    ``first`` is the least width of the first column, for a table of narrow figures beside words.
    """
    drawn = Table(
        box=SIMPLE_HEAD, safe_box=True, pad_edge=False, show_edge=False, collapse_padding=first is not None
    )
    for place, title in enumerate(header):
        drawn.add_column(Text(title), overflow="fold", min_width=first if place == 0 else None)
    for row in rows:
        drawn.add_row(*(Text(bind(cell, _JOINT)) for cell in row))
    # The box is drawn with hyphens, which every encoding has.
    console = Console(
        file=io.StringIO(), width=max(width, NARROWEST), color_system=None, legacy_windows=False
    )
    console.print(drawn)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    plain = text.replace(_JOINT, " ").replace("\u2500", "-")
    return "\n".join(line.rstrip() for line in plain.splitlines()) + "\n"
