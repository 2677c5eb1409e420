"""The limits of the formulary as a table, and two ways of comparing doses with them that people write first.

Both compare a dose with the limits of adults and no more: no notation, patient, preparation, slips or report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pint
import pyarrow as pa
from sheets import MEASURES, is_mass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from itdose import Formulary

_MASSES = ("mcg", "mg", "g")
_TIMES = ("min", "h", "day")
_KINDS = ("lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from")


class Limits(NamedTuple):
    """The limits of one measure of one rule, in milligrams (by kg, by minute)."""

    drug: str
    route: str
    mode: str
    measure: str
    lower_hard: float | None
    lower_soft: float | None
    upper_soft: float | None
    upper_hard: float | None
    toxic_from: float | None


def units(formulary: Formulary) -> list[tuple[str, str, float]]:
    """Return every unit of a dose, with the measure that it makes and its milligrams."""
    table = formulary.units.spellings
    found = []
    for mass in _MASSES:
        for time in ("", *_TIMES):
            size = float(table[mass].size * 1000 / (table[time].size if time else 1))
            for per_kg in ("", "/kg"):
                text = f"{mass}{per_kg}{f'/{time}' if time else ''}"
                measure = f"dose{'_rate' if time else ''}{'_per_kg' if per_kg else ''}"
                found.append((text, measure, size))
    return found


def limits(formulary: Formulary) -> list[Limits]:
    """Return the limits for adults, a row for each name of the drug and each spelling of the route."""
    found = []
    routes = formulary.routes()
    for key, route, rule in formulary.rules():
        names = [formulary.drug_name(key), *formulary.drug(key).synonyms]
        spelled = [route, *routes[route]["spellings"]]
        for measure in rule.limits if "adult" in rule.categories else ():
            known = dict(measure.guardrail.limits())
            if measure.measure in MEASURES and known and all(map(is_mass, known.values())):
                bounds = [float(known[kind].size * 1000) if kind in known else None for kind in _KINDS]
                found += [
                    Limits(name.lower(), spelling.lower(), rule.mode, measure.measure, *bounds)
                    for name in names
                    for spelling in spelled
                ]
    return found


_JOIN = """
WITH orders AS (
  SELECT row_id, lower(drug) AS drug, lower(route) AS route, mode,
    CAST(regexp_extract(dose, '^([0-9.]+) ?([a-zA-Z/]+)$', 1) AS DOUBLE) AS number,
    regexp_extract(dose, '^([0-9.]+) ?([a-zA-Z/]+)$', 2) AS unit
  FROM read_csv($sheet, all_varchar = true)
), compared AS (
  SELECT row_id, any_value(orders.drug) AS drug, max(CASE
    WHEN limits.drug IS NULL THEN 2
    WHEN number * milligrams >= toxic_from OR number * milligrams > upper_hard
      OR number * milligrams < lower_hard THEN 3
    WHEN number * milligrams > upper_soft OR number * milligrams < lower_soft THEN 1
    ELSE 0 END) AS zone
  FROM orders LEFT JOIN units USING (unit)
    LEFT JOIN limits ON limits.drug = orders.drug AND limits.route = orders.route
      AND limits.mode = orders.mode AND limits.measure = units.measure
  GROUP BY row_id
)
SELECT drug, zone, count(*) FROM compared GROUP BY drug, zone
"""


def prepared(formulary: Formulary) -> duckdb.DuckDBPyConnection:
    """Return a database with units and limits, which computes with one thread."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    known = limits(formulary)
    by_column = {name: [row[place] for row in known] for place, name in enumerate(Limits._fields)}
    names = ("unit", "measure", "milligrams")
    of_units = dict(zip(names, map(list, zip(*units(formulary), strict=True)), strict=True))
    for name, columns in (("units", of_units), ("limits", by_column)):
        connection.register("columns", pa.table(columns))
        connection.sql("SELECT * FROM columns").create(name)
        connection.unregister("columns")
    return connection


def by_duckdb(sheet: str, connection: duckdb.DuckDBPyConnection) -> int:
    """Compare every row by a range join; return how many rows were counted."""
    return sum(count for _, _, count in connection.execute(_JOIN, {"sheet": sheet}).fetchall())


def pint_limits(formulary: Formulary) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the limits as quantities of pint, by drug, route, mode and measure."""
    registry: Any = pint.get_application_registry()  # type: ignore[no-untyped-call]
    by_measure = dict(zip(MEASURES, ("mg", "mg/kg", "mg/min", "mg/kg/min"), strict=True))
    found: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for one in limits(formulary):
        unit = registry.Unit(by_measure[one.measure])
        bounds = (None if bound is None else registry.Quantity(bound, unit) for bound in one[4:])
        found.setdefault(one[:4], []).append(tuple(bounds))
    return found


def by_pint(rows: Iterable[Sequence[str]], known: dict[tuple[str, ...], list[tuple[Any, ...]]]) -> int:
    """Compare every row with a quantity of pint of its own; return how many rows were compared."""
    registry: Any = pint.get_application_registry()  # type: ignore[no-untyped-call]
    compared = 0
    for _, drug, dose, route, mode, *_ in rows:
        quantity = registry.Quantity(dose)
        rate = "_rate" if dose.endswith(("/min", "/h", "/day")) else ""
        measure = f"dose{rate}{'_per_kg' if '/kg' in dose else ''}"
        for bounds in known.get((drug.lower(), route.lower(), mode, measure), ()):
            _zone(quantity, bounds)
        compared += 1
    return compared


def _zone(quantity: Any, bounds: tuple[Any, ...]) -> int:
    lower_hard, lower_soft, upper_soft, upper_hard, toxic_from = bounds
    if toxic_from is not None and quantity >= toxic_from:
        return 3
    if (upper_hard is not None and quantity > upper_hard) or (
        lower_hard is not None and quantity < lower_hard
    ):
        return 3
    outside = (upper_soft is not None and quantity > upper_soft) or (
        lower_soft is not None and quantity < lower_soft
    )
    return 1 if outside else 0
