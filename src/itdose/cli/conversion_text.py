"""The words of ``itdose convert``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.conversion import convert, factors_used, substance
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError, QuantityError, quote
from itdose.plain_text import number, plain
from itdose.render.report_text import citation_text

if TYPE_CHECKING:
    from itdose.dose_text import Reading
    from itdose.formulary import Drug, Formulary
    from itdose.quantity import Quantity, Unit


def converted(text: str, unit_text: str, drug: Drug | None, formulary: Formulary) -> list[str]:
    """Return the conversion in words, then the factors used; raise for what can't be converted."""
    dialect = Dialect(formulary.units, ratio_strength=drug is not None and drug.ratio_strength)
    reading = _read_any(text, dialect)
    unit = _unit(unit_text, dialect)
    quantity = reading.quantity
    if drug is not None:
        quantity = convert(quantity, unit, drug)
    elif quantity.unit.dimension != unit.dimension and _both_measure_drug(quantity, unit):
        raise QuantityError(
            f"{quantity.unit.symbol} becomes {unit.symbol} only by a drug's own factor; name it with --drug"
        )
    lines = [f"{plain(reading.quantity)} = {plain(quantity.to(unit))}"]
    if drug is not None:
        lines[0] += f" ({drug.form})"
        have, want = substance(reading.quantity.unit.dimension), substance(unit.dimension)
        for factor, citation in factors_used(have, want, drug) if have != want else ():
            per_gram = f"{number(drug.conversions[factor])} {factor.replace('_', ' ')}"
            lines.append(f"1 g is {per_gram}: {citation_text(citation)}")
    lines += [f"{quote(remark.fragment)} is safer as '{remark.safe}'" for remark in reading.remarks]
    return lines


def _both_measure_drug(quantity: Quantity, unit: Unit) -> bool:
    return None not in {substance(quantity.unit.dimension), substance(unit.dimension)}


def _read_any(text: str, dialect: Dialect) -> Reading:
    refused = None
    for kind in (Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.FLOW_RATE, Kind.DURATION, Kind.WEIGHT):
        try:
            return read(text, kind, dialect)
        except DoseTextError as error:
            if refused is None or error.code not in {"other-kind", "percent", "ratio-strength"}:
                refused = error
    raise refused or QuantityError(f"{quote(text)} is not a quantity")


def _unit(text: str, dialect: Dialect) -> Unit:
    if "%" in text or ":" in text:
        raise QuantityError(f"{quote(text)} is a way to write a strength and no unit; ask for mg/mL")
    # Read as part of a quantity, so that a unit is spelled here as in a dose.
    return _read_any(f"1 {text.strip()}", dialect).quantity.unit
