"""One dosage of a FHIR order as cells: dose, rate, route, timing, and what of it was not checked."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from itdose.batch.fhir.amounts import names_another_amount
from itdose.batch.fhir.concept import has_code, name_or_code, route_name
from itdose.batch.fhir.json_text import element, elements, flag, words
from itdose.batch.fhir.quantity import is_flow, is_short, quantity_text, ratio_parts, ratio_text
from itdose.batch.fhir.timing import read_timing
from itdose.order import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.fhir.cells import OrderCells
    from itdose.batch.fhir.json_text import Element

DOSE_TYPES = "http://terminology.hl7.org/CodeSystem/dose-rate-type"
_RATES = ("rateQuantity", "rateRatio", "rateRange")
DOSES = ("dose", "doseQuantity", "doseRange", *_RATES)
_LOOKED_AT = {
    *("id", "extension", "modifierExtension", "sequence", "text", "additionalInstruction"),
    *("patientInstruction", "timing", "asNeededBoolean", "asNeededCodeableConcept", "site", "route"),
    *("method", "doseAndRate", "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime", *DOSES),
}


def read_dosage(dosage: Element, said: OrderCells) -> None:
    """Read what all doses of one instruction share."""
    said.read(lambda: _texts(dosage, said))
    said.read(lambda: _route(dosage, said))
    said.read(lambda: _method(dosage, said))
    said.read(lambda: read_timing(dosage, said))
    said.read(lambda: _as_needed(dosage, said))
    said.read(lambda: _maximum(dosage, said))
    unknown = sorted(name for name in dosage if name not in _LOOKED_AT and not name.startswith("_"))
    said.not_checked += [f"{name} of the dosage" for name in unknown]


def read_dose(stated: Element, said: OrderCells) -> None:
    """Read one dose and rate; a range or two readings are a fault."""
    said.read(lambda: _dose_and_rate(stated, said))
    said.read(lambda: _refuse_another_amount(said))


def _dose_and_rate(stated: Element, said: OrderCells) -> None:
    for name in ("doseRange", "rateRange"):
        if stated.get(name) is not None:
            raise ValueError(f"{name} states two amounts; order a single one")
    names = [name for name in ("dose", "doseQuantity") if stated.get(name) is not None]
    rates = [name for name in _RATES if stated.get(name) is not None]
    if len(names) > 1 or len(rates) > 1:
        raise ValueError(
            f"{' and '.join(names if len(names) > 1 else rates)} stand beside each other; keep one"
        )
    if not names and not rates:
        raise ValueError("it has no dose as a number with a unit; free text is not read")
    dose = quantity_text(element(stated, names[0]) or {}, names[0]) if names else ""
    said.keep("dose", dose)
    kind = element(stated, "type")
    if kind is not None and not any(has_code(kind, DOSE_TYPES, code) for code in ("ordered", "calculated")):
        said.not_checked.append(f"the type of the dose {name_or_code(kind)}".rstrip())
    if rates:
        _rate(stated, rates[0], dose, said)


def _rate(stated: Element, name: str, dose: str, said: OrderCells) -> None:
    """Read a rate: of volume, of the drug alone, or beside a dose."""
    found = element(stated, name) or {}
    above, time = ratio_parts(found, name) if name == "rateRatio" else ("", "")
    # A dose in minutes or hours is how long it runs; in a day it may as well be the dose of the whole day.
    if dose and above == dose and is_short(time):
        if said.cells.get("over", time) != time:
            raise ValueError(f"it runs over {said.cells['over']} by its timing and {time} by its {name}")
        said.keep("over", time)
        return
    rate = ratio_text(found, name) if name == "rateRatio" else quantity_text(found, name)
    if is_flow(rate):
        said.keep("flow_rate", rate)
        if not dose:
            raise ValueError(f"it states the flow rate {rate} and no dose; state the dose of the drug")
    elif dose:
        said.not_checked.append(f"the rate {rate} beside the dose")
    else:
        said.keep("dose", rate)


def _refuse_another_amount(said: OrderCells) -> None:
    text, dose = said.cells.get("dosage text", ""), said.cells.get("dose", "")
    if dose and names_another_amount(text, dose):
        raise ValueError("the dosage text names another amount than the dose; correct one of them")


def _texts(dosage: Element, said: OrderCells) -> None:
    more = [name_or_code(one) for one in elements(dosage, "additionalInstruction")]
    texts = [words(dosage, "text"), *more, words(dosage, "patientInstruction")]
    said.keep("dosage text", " / ".join(text for text in texts if text))


def _route(dosage: Element, said: OrderCells) -> None:
    route = element(dosage, "route")
    if route is None:
        raise ValueError("it has no route; state it as text, or as a code with its display")
    said.keep("route", route_name(route, "route"))


def _method(dosage: Element, said: OrderCells) -> None:
    """Read the method; one that is word for word a mode of itdose is the mode."""
    method = element(dosage, "method")
    if method is None:
        return
    said.keep("method", name_or_code(method))
    mode = words(method, "text").lower().replace(" ", "_")
    said.keep("mode", mode if mode in MODES else "")


def _as_needed(dosage: Element, said: OrderCells) -> None:
    reason = element(dosage, "asNeededCodeableConcept")
    if reason is not None:
        said.keep("as needed", name_or_code(reason) or "yes")
    elif flag(dosage, "asNeededBoolean"):
        said.keep("as needed", "yes")


def _maximum(dosage: Element, said: OrderCells) -> None:
    """Keep a stated maximum; the dose is not compared with it."""
    texts = list(_maxima(dosage))
    said.keep("maximum dose", ", ".join(texts))
    if texts:
        said.not_checked.append("the maximum dose")


def _maxima(dosage: Element) -> Iterator[str]:
    period = element(dosage, "maxDosePerPeriod")
    if period is not None:
        yield " in ".join(ratio_parts(period, "maxDosePerPeriod"))
    for name, words_for in (("maxDosePerAdministration", "at once"), ("maxDosePerLifetime", "in all")):
        most = element(dosage, name)
        if most is not None:
            yield f"{quantity_text(most, name)} {words_for}"


def doses_of(dosage: Element, said: OrderCells) -> list[Element]:
    """Return every dose of one instruction, at least an empty one; that of an older shape as well."""
    doses = elements(dosage, "doseAndRate")
    direct = {name: dosage[name] for name in DOSES if dosage.get(name) is not None}
    if direct and doses:
        said.faults.append(f"{', '.join(direct)} stands beside doseAndRate; keep one of them")
    if len(doses) > 1:
        kinds = [element(dose, "type") for dose in doses]
        stated = [name_or_code(kind) for kind in kinds if kind is not None]
        named = f" ({', '.join(stated)})" if any(stated) else ""
        said.not_checked.append(f"the other doseAndRate of {len(doses)} of the same instruction{named}")
    return list(chain(doses, [direct] if direct or not doses else []))
