"""What is being prepared, as far as the order says: every cell beside what the others make it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.cells import (
    Dilution,
    Plus,
    Times,
    is_rounding,
    odd_cells,
    rounded_cells,
    solve,
)
from itdose.case.conversion import convert, substance
from itdose.case.measures import has_base, whole_dose
from itdose.errors import QuantityError
from itdose.order import says_undiluted
from itdose.quantity import Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.case import Case
    from itdose.case.cells import Clash, Relation
    from itdose.dose_text import Reading

_CONCENTRATIONS = frozenset({"product", "strength", "concentration"})
_VOLUMES = frozenset({"draw_volume", "diluent_volume", "volume"})
# With one of these stated, what is injected need not be what the product holds.
_SAY_DILUTION = ("diluent", "diluent_volume", "draw_volume", "concentration")
_DECIMALS = re.compile(r"[0-9]+(?:[.,](?P<decimals>[0-9]+))?", re.ASCII)
_ALWAYS: tuple[Relation, ...] = (
    Times(("product",), "strength"),
    Times(("strength", "draw_volume"), "content"),
    Times(("concentration", "volume"), "content"),
    Plus(("draw_volume", "diluent_volume"), "volume"),
    Dilution("strength", "draw_volume", "diluent_volume", "concentration"),
)
_WHOLE_DOSE: tuple[Relation, ...] = (Times(("dose",), "content"), Times(("flow_rate", "over"), "volume"))
_RATE: tuple[Relation, ...] = (Times(("concentration", "flow_rate"), "dose"),)
_DOSE_BY_VOLUME: tuple[Relation, ...] = (Times(("dose",), "volume"),)


class Disagreement(NamedTuple):
    """A stated cell whose change alone makes the others agree."""

    cell: str
    stated: Quantity
    expected: Quantity


class Preparation(NamedTuple):
    """Every cell as stated or as it follows from the others, and where they disagree."""

    stated: Mapping[str, Quantity]
    """In one unit of drug, with the dose for the whole body."""
    computed: Mapping[str, Quantity]
    """What follows from the stated cells; empty where they disagree."""
    confirmed: frozenset[str]
    """Stated cells that follow from the others as well."""
    rounded: tuple[str, ...]
    """Cells that agree but for the rounding of what was written."""
    odd: tuple[Disagreement, ...]
    """Each cell whose change alone makes the rest agree; with none, more than one cell is wrong."""
    clash: Clash | None
    at_clash: Mapping[str, Quantity]
    """Every cell as it stood when the disagreement was found; empty where there is none."""
    undiluted: bool
    """The product is taken as given undiluted, for want of a diluent."""
    problem: str | None
    """Why some cells could not be compared."""
    drug_unit: Unit
    """In which the drug is counted here."""

    def quantity(self, cell: str) -> Quantity | None:
        """Return a cell as stated or else as computed."""
        return self.stated.get(cell) or self.computed.get(cell)

    def quantity_of(self, relation: Relation, cell: str) -> Quantity:
        """Return what a relation makes of a cell that was known when the disagreement was found."""
        sizes = {name: quantity.size for name, quantity in self.at_clash.items()}
        unit = self.at_clash[cell].unit
        size = relation.solve(cell, sizes)
        return Quantity((size or Fraction(0)) / unit.size, unit)

    def content(self, volume: Quantity, strength: Quantity) -> Quantity:
        """Return how much drug a volume of a strength holds."""
        return Quantity(volume.size * strength.size / self.drug_unit.size, self.drug_unit)


def prepare(case: Case) -> Preparation:
    """Recompute every cell of what an order says of its preparation."""
    reading = _Cells(case)
    sizes = {cell: quantity.size for cell, quantity in reading.stated.items()}
    if reading.undiluted:
        sizes["diluent_volume"] = Fraction(0)
    known, clash = solve(sizes, reading.relations)
    rounded: tuple[str, ...] = ()
    if clash is not None:
        rounded = rounded_cells(sizes, reading.relations, reading.rounds_to)
        if rounded:
            exact = {cell: size for cell, size in sizes.items() if cell not in rounded}
            known, clash = solve(exact, reading.relations)
    odd = tuple(odd_cells(sizes, reading.relations)) if not rounded else ()
    as_quantity = reading.as_quantity
    # An assumption is not a cell that somebody wrote.
    stated_odd = [item for item in odd if item.cell in reading.stated]
    return Preparation(
        stated=reading.stated,
        computed={}
        if clash
        else {cell: as_quantity(cell, size) for cell, size in known.items() if cell not in reading.stated},
        confirmed=frozenset(rounded or (item.cell for item in stated_odd if clash is None)),
        rounded=rounded,
        odd=tuple(
            Disagreement(item.cell, reading.stated[item.cell], as_quantity(item.cell, item.expected))
            for item in stated_odd
            if clash is not None
        ),
        clash=clash,
        at_clash={cell: as_quantity(cell, size) for cell, size in clash.known.items()} if clash else {},
        undiluted=reading.undiluted,
        problem=reading.problem,
        drug_unit=reading.drug_unit,
    )


def is_written_rounding(reading: Reading, exact: Fraction) -> bool:
    """Return whether what was written is a rounding of ``exact``, a size in base units."""
    match = _DECIMALS.match(reading.text)
    decimals = len(match["decimals"] or "") if match else 0
    return is_rounding(exact / reading.quantity.unit.size, reading.quantity.amount, decimals)


class _Cells:
    """The stated cells in one unit of drug, and the relations that hold between them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._units = case.formulary.units
        self.problem: str | None = None
        self.stated: dict[str, Quantity] = {}
        dose = case.quantity("dose")
        self.drug_unit = self._unit_of_drug(dose)
        for cell in ("product", "strength", "concentration"):
            self._add(cell, case.quantity(cell), self.drug_unit / self._units["mL"])
        for cell in ("draw_volume", "diluent_volume", "volume", "flow_rate", "over"):
            self._add(cell, case.quantity(cell), None)
        self.relations = _ALWAYS + self._dose_relations(dose)
        self.undiluted = self._is_undiluted()

    def _add(self, cell: str, quantity: Quantity | None, unit: Unit | None) -> None:
        if quantity is None:
            return
        drug = self._case.drug
        if unit is None or drug is None:
            self.stated[cell] = quantity
            return
        try:
            self.stated[cell] = convert(quantity, unit, drug)
        except QuantityError as error:
            self.problem = str(error)

    def _unit_of_drug(self, dose: Quantity | None) -> Unit:
        """Return the unit in which the drug is counted here: that of the dose, or of a strength."""
        for quantity in (dose, *(self._case.quantity(cell) for cell in sorted(_CONCENTRATIONS))):
            if quantity is not None and substance(quantity.unit.dimension) is not None:
                return self._units[quantity.unit.symbol.partition("/")[0].replace(" ", "_")]
        return self._units["mg"]

    def _dose_relations(self, dose: Quantity | None) -> tuple[Relation, ...]:
        if dose is None or self._case.mode == "patient_controlled_dose":
            return ()
        if self._case.drug is not None and self._case.drug.by_volume:
            whole = self._for_whole_body(dose)
            if whole is None or whole.unit.dimension != self._units["mL"].dimension:
                return ()
            self.stated["dose"] = whole
            return _DOSE_BY_VOLUME
        whole = self._for_whole_body(dose)
        if whole is None:
            return ()
        self.stated["dose"] = whole
        return _RATE if has_base(whole, "time") else _WHOLE_DOSE

    def _for_whole_body(self, dose: Quantity) -> Quantity | None:
        if has_base(dose, "body_surface"):
            self.problem = "the dose per m2 needs the body surface"
            return None
        if not has_base(dose, "bodyweight"):
            return dose
        weight = self._case.patient.weight
        if weight is None:
            self.problem = "the dose per kg needs the body weight"
            return None
        return whole_dose(dose, weight, self._case)

    def _is_undiluted(self) -> bool:
        case = self._case
        if "diluent_volume" not in self.stated and says_undiluted(case.order):
            return True
        # Without a volume nothing says what is injected; the product may still be diluted.
        is_volume = "volume" in self.stated or (self._case.drug is not None and self._case.drug.by_volume)
        has_both = is_volume and ("product" in self.stated or "strength" in self.stated)
        says_dilution = any(getattr(case.order, field) is not None for field in _SAY_DILUTION)
        return has_both and not says_dilution

    def rounds_to(self, cell: str, exact: Fraction) -> bool:
        """Return whether the cell was written as a rounding of ``exact``, a size in base units."""
        reading = self._case.readings.get(cell)
        if reading is None or reading.quantity.unit.dimension != self.stated[cell].unit.dimension:
            return False
        return is_written_rounding(reading, exact)

    def as_quantity(self, cell: str, size: Fraction) -> Quantity:
        """Return a size as a quantity, in the unit of the stated cell where there is one."""
        unit = self.stated[cell].unit if cell in self.stated else self._unit(cell)
        return Quantity(size / unit.size, unit)

    def _unit(self, cell: str) -> Unit:
        drug = self.drug_unit
        if cell in _CONCENTRATIONS:
            return drug / self._units["mL"]
        if cell in _VOLUMES:
            return self._units["mL"]
        if cell == "flow_rate":
            return self._units["mL"] / self._units["h"]
        if cell == "over":
            return self._units["min"]
        is_rate = cell == "dose" and "flow_rate" in self.stated
        return drug / self._units["h"] if is_rate else drug
