"""Read an order: every text through the grammar once, every name looked up once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.case import Case
from itdose.case.matching import match_rules
from itdose.case.measures import has_base
from itdose.case.patient import describe_patient
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, Reading, read
from itdose.errors import DoseTextError, UnknownNameError
from itdose.formulary.names import near_names, normal_name
from itdose.order import CELL_NAMES, MODES, NO_DILUENT, Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.case.product import UnitsUsed
    from itdose.formulary import Drug, Formulary
    from itdose.formulary.tables import Product
    from itdose.quantity import Quantity

_KINDS = {
    "dose": Kind.DOSE,
    "over": Kind.DURATION,
    "every": Kind.DURATION,
    "age": Kind.AGE,
    "weight": Kind.WEIGHT,
    "concentration": Kind.CONCENTRATION,
    "volume": Kind.VOLUME,
    "strength": Kind.CONCENTRATION,
    "draw_volume": Kind.VOLUME,
    "diluent_volume": Kind.VOLUME,
    "flow_rate": Kind.FLOW_RATE,
    "reservoir_volume": Kind.VOLUME,
}
_OF_PREPARATIONS = tuple(name for name in CELL_NAMES if name not in {"dose", "over"})
_DAY = r"(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))(?:-(?P<day>[0-9]{2}))?"


# What holds of a whole syringe, bag or pump, and of the patient.
_SHARED_WITH_PARTNERS = (
    "route", "categories", "age", "weight", "volume", "conditions", "decimal_comma", "strict",
)  # fmt: skip


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

    def find_all(self, kind: str, texts: tuple[str, ...], look_up: Callable[[str], str]) -> list[str]:
        """Return every name of a list that is known."""
        found = (self.find(f"{kind} {text}", text, look_up) for text in texts)
        return [key for key in found if key is not None]


def read_order(order: Order, formulary: Formulary) -> Case:
    """Read every part of the order; what can't be read is kept with its error, never dropped."""
    names = _Names()
    drug_key = names.find("drug", order.drug, formulary.find_drug)
    drug = formulary.drug(drug_key) if drug_key else None
    texts = _Texts(order, drug, formulary)
    categories = names.find_all("category", order.categories, formulary.find_category)
    product = _find_product(order, drug, names, texts)
    case = Case(
        order,
        formulary,
        drug,
        route=names.find("route", order.route, formulary.find_route),
        mode=names.find("mode", order.mode, _find_mode),
        indication=names.find("indication", order.indication, lambda text: _find_indication(text, drug)),
        patient=describe_patient(categories, texts.quantity("age"), texts.quantity("weight"), formulary),
        readings=texts.readings,
        refusals=texts.refusals,
        unknown_names=names.unknown,
        product=product,
        units_used=texts.units_used(product),
        expiry=texts.expiry(),
        conditions=tuple(names.find_all("condition", order.conditions, formulary.find_condition)),
    )
    if any(getattr(order, field) is not None for field in _OF_PREPARATIONS):
        # Imported here, as below: most orders at a bedside state a dose alone.
        from itdose.case.preparation import prepare  # noqa: PLC0415

        case = case._replace(preparation=prepare(case))
    case = case._replace(matches=match_rules(case))
    if not order.together_with:
        return case
    return case._replace(partners=tuple(_partner(text, case) for text in order.together_with))


class _Texts:
    """Reads the texts of an order by the grammar, and keeps what is refused."""

    def __init__(self, order: Order, drug: Drug | None, formulary: Formulary) -> None:
        self._order = order
        self.dialect = Dialect(
            formulary.units,
            decimal_comma=order.decimal_comma,
            strict=order.strict,
            ratio_strength=drug is not None and drug.ratio_strength,
        )
        self.readings: dict[str, Reading] = {}
        self.refusals: dict[str, DoseTextError] = {}
        for field, usual_kind in _KINDS.items():
            text = getattr(order, field)
            if text is None or (field == "diluent_volume" and text.strip().lower() in NO_DILUENT):
                continue
            by_volume = field == "dose" and drug is not None and drug.by_volume
            self._read(field, text, Kind.VOLUME_DOSE if by_volume else usual_kind)

    def _read(self, field: str, text: str, kind: Kind) -> None:
        try:
            self.readings[field] = read(text, kind, self.dialect)
        except DoseTextError as error:
            self.refusals[field] = error

    def quantity(self, field: str) -> Quantity | None:
        """Return what one field says, or None."""
        return self.readings[field].quantity if field in self.readings else None

    def units_used(self, product: Product | None) -> UnitsUsed | None:
        """Return how many units of the product were used."""
        text = self._order.units_used
        if not text:
            return None
        from itdose.case.product import read_units_used  # noqa: PLC0415

        try:
            return read_units_used(text, product, self.dialect)
        except DoseTextError as error:
            self.refusals["units_used"] = error
            return None

    def expiry(self) -> str | None:
        """Return the last day of use; a month ends with its last day."""
        text = self._order.expiry
        if text is None:
            return None
        match = re.fullmatch(_DAY, text.strip(), re.ASCII)
        if match is None or not _is_day(match["month"], match["day"]):
            self.refusals["expiry"] = DoseTextError(
                text, "date", "it is no date with one reading", "write '2026-11-30', or '2026-11' for a month"
            )
            return None
        return f"{match['month']}-{match['day'] or '31'}"


def _is_day(month: str, day: str | None) -> bool:
    """Return whether a month has a day; a month without a day is fine."""
    from datetime import date  # noqa: PLC0415 - few orders state one

    try:
        date.fromisoformat(f"{month}-{day or '01'}")
    except ValueError:
        return False
    return True


def _find_product(order: Order, drug: Drug | None, names: _Names, texts: _Texts) -> Product | None:
    """Return the product; its strength is kept as read, also where no one product has it."""
    if order.product is None or drug is None:
        return None
    from itdose.case.product import find_product  # noqa: PLC0415

    try:
        product, strength = find_product(order.product, drug, texts.dialect)
    except UnknownNameError as error:
        names.unknown["product"] = error
        return None
    if strength is not None:
        texts.readings["product"] = strength
    return product


def _partner(text: str, case: Case) -> Case:
    """Return another drug of the mixture as a case: same route, patient and final volume.

    How long it runs, how often and in which mode are shared where both are
    doses or both are rates; the indication where the other drug knows it too.
    """
    from itdose.case.mixture import split_partner  # noqa: PLC0415

    drug, dose = split_partner(text, case.formulary)
    shared = {field: getattr(case.order, field) for field in _SHARED_WITH_PARTNERS}
    partner = read_order(Order(drug=drug, dose=dose, **shared), case.formulary)
    own, other = case.quantity("dose"), partner.quantity("dose")
    if own is not None and other is not None and has_base(own, "time") == has_base(other, "time"):
        shared |= {field: getattr(case.order, field) for field in ("over", "every", "mode")}
        partner = read_order(Order(drug=drug, dose=dose, **shared), case.formulary)
    known = partner.drug.indications if partner.drug else {}
    if case.indication not in known:
        return partner
    partner = partner._replace(indication=case.indication)
    return partner._replace(matches=match_rules(partner))


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
