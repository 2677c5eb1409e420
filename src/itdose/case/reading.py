"""Read an order: every text through the grammar once, every name looked up once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from itdose.case import Case
from itdose.case.matching import match_rules
from itdose.case.patient import describe_patient
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, Reading, read
from itdose.errors import DoseTextError, UnknownNameError
from itdose.formulary.names import near_names, normal_name
from itdose.order import MODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.formulary import Drug, Formulary
    from itdose.order import Order
    from itdose.quantity import Quantity

_KINDS = {
    "dose": Kind.DOSE,
    "over": Kind.DURATION,
    "every": Kind.DURATION,
    "age": Kind.AGE,
    "weight": Kind.WEIGHT,
    "concentration": Kind.CONCENTRATION,
    "volume": Kind.VOLUME,
}


class _Names:
    """Looks names up and keeps those that are not found."""

    def __init__(self) -> None:
        self.unknown: dict[str, UnknownNameError] = {}

    def find(self, field: str, text: str | None, look_up: Callable[[str], str]) -> str | None:
        if text is None:
            return None
        try:
            return look_up(text)
        except UnknownNameError as error:
            self.unknown[field] = error
            return None


def read_order(order: Order, formulary: Formulary) -> Case:
    """Read every part of the order; what can't be read is kept with its error, never dropped."""
    names = _Names()
    drug_key = names.find("drug", order.drug, formulary.find_drug)
    drug = formulary.drug(drug_key) if drug_key else None
    route = names.find("route", order.route, formulary.find_route)
    mode = names.find("mode", order.mode, _find_mode)
    indication = names.find("indication", order.indication, lambda text: _find_indication(text, drug))
    categories = [
        category
        for text in order.categories
        if (category := names.find(f"category {text}", text, formulary.find_category))
    ]
    readings, refusals = _read_texts(order, drug, formulary)

    def said(field: str) -> Quantity | None:
        return readings[field].quantity if field in readings else None

    patient = describe_patient(categories, said("age"), said("weight"), formulary)
    case = Case(order, formulary, drug, route, mode, indication, patient, readings, refusals, names.unknown)
    return replace(case, matches=match_rules(case))


def _read_texts(
    order: Order, drug: Drug | None, formulary: Formulary
) -> tuple[dict[str, Reading], dict[str, DoseTextError]]:
    dialect = Dialect(
        formulary.units,
        decimal_comma=order.decimal_comma,
        strict=order.strict,
        ratio_strength=drug is not None and drug.ratio_strength,
    )
    readings: dict[str, Reading] = {}
    refusals: dict[str, DoseTextError] = {}
    for field, usual_kind in _KINDS.items():
        text = getattr(order, field)
        if text is None:
            continue
        by_volume = field == "dose" and drug is not None and drug.by_volume
        kind = Kind.VOLUME_DOSE if by_volume else usual_kind
        try:
            readings[field] = read(text, kind, dialect)
        except DoseTextError as error:
            refusals[field] = error
    return readings, refusals


def _find_mode(text: str) -> str:
    names = {normal_name(mode): mode for mode in MODES}
    return _exact("mode", text, names, f"Known modes: {', '.join(MODES)}.")


def _find_indication(text: str, drug: Drug | None) -> str:
    if drug is None:
        raise UnknownNameError("indication", text, (), "It is looked up once the drug is known.")
    names = {normal_name(name): key for key, label in drug.indications.items() for name in (key, label)}
    known = ", ".join(drug.indications) or "none"
    return _exact("indication", text, names, f"Known for {drug.name}: {known}.")


def _exact(kind: str, text: str, names: dict[str, str], advice: str) -> str:
    key = names.get(normal_name(text))
    if key is None:
        near = tuple(dict.fromkeys(names[name] for name in near_names(text, names)))
        raise UnknownNameError(kind, text, near, advice)
    return key
