"""A FHIR MedicationRequest or MedicationAdministration as rows, one for each dose that it states."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from itdose.batch.fhir.cells import OrderCells
from itdose.batch.fhir.concept import drug_name
from itdose.batch.fhir.dates import age_text, day_of
from itdose.batch.fhir.dosage import DOSES, doses_of, read_dosage, read_dose
from itdose.batch.fhir.json_text import digits, element, elements, flag, refuse_modifiers, words
from itdose.batch.fhir.references import Medication, contained_in, later
from itdose.errors import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.fhir.json_text import Element
    from itdose.batch.fhir.references import References
    from itdose.batch.sheet import SheetRow

_CHECKED = {
    "MedicationRequest": ("active", "draft", "on-hold", "completed"),
    "MedicationAdministration": ("in-progress", "on-hold", "completed"),
}
ORDERS = tuple(_CHECKED)
"""The kinds of resource that are orders."""
_INTENTS = (
    *("proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order"),
)


def order_rows(number: int, resource: Element, known: References) -> Iterator[SheetRow]:
    """Yield the rows of one order, at least one."""
    said = OrderCells()
    said.read(lambda: _identity(resource, said))
    said.read(lambda: refuse_modifiers(resource))
    said.read(lambda: _standing(resource, said))
    said.read(lambda: _drug(resource, known, said))
    said.read(lambda: _person(resource, known, said))
    dosages: list[Element] = []
    said.read(lambda: dosages.extend(_dosages(resource)))
    if not dosages:
        said.faults.append("it has no dosage; state the dose as a number with a unit")
        yield said.row(number)
    sequences: Counter[str] = Counter()
    said.read(lambda: sequences.update(digits(dosage, "sequence") for dosage in dosages))
    for place, dosage in enumerate(dosages, start=1):
        one = said.branch()
        if len(dosages) > 1:
            one.read(partial(_others, sequences, dosage, one))
        yield from _rows(number, dosage, one, f"/{place}" if len(dosages) > 1 else "")


def _rows(number: int, dosage: Element, said: OrderCells, suffix: str) -> Iterator[SheetRow]:
    read_dosage(dosage, said)
    doses: list[Element] = []
    said.read(lambda: doses.extend(doses_of(dosage, said)))
    for place, dose in enumerate(doses or [{}], start=1):
        one = said.branch()
        read_dose(dose, one)
        ending = f"{suffix}/{place}" if len(doses) > 1 else suffix
        if ending and one.cells.get("row_id"):
            one.cells["row_id"] += ending
        yield one.row(number)


def _identity(resource: Element, said: OrderCells) -> None:
    said.keep("resource", words(resource, "resourceType"))
    said.keep("row_id", words(resource, "id"))


def _standing(resource: Element, said: OrderCells) -> None:
    """Refuse an order that is not to be given, or of which that is not known."""
    standing = words(resource, "status")
    said.keep("status", standing)
    checked = _CHECKED[words(resource, "resourceType")]
    if standing not in checked:
        raise ValueError(f"its status is {quote(standing)}; only {', '.join(checked)} are checked")
    tags = elements(element(resource, "meta") or {}, "tag")
    if any(words(tag, "code") == "SUBSETTED" for tag in tags):
        raise ValueError("it is tagged as incomplete (SUBSETTED); ask for the whole resource")
    if flag(resource, "doNotPerform"):
        raise ValueError("it says doNotPerform; it orders that the drug is not given")
    intent = words(resource, "intent")
    if words(resource, "resourceType") == "MedicationRequest" and intent not in _INTENTS:
        raise ValueError(f"its intent is {quote(intent)}; only {', '.join(_INTENTS)} are checked")


def _drug(resource: Element, known: References, said: OrderCells) -> None:
    concept, reference = (
        element(resource, "medicationCodeableConcept"),
        element(resource, "medicationReference"),
    )
    if (concept is None) == (reference is None):
        raise ValueError("it needs either medicationCodeableConcept or medicationReference, and not both")
    if concept is not None:
        found: Medication | None = Medication(*drug_name(concept, "medicationCodeableConcept"))
    else:
        target = words(reference or {}, "reference")
        found = (contained_in(resource) if target.startswith("#") else known).medication(target)
    if found is None:
        raise ValueError(
            f"the file has no medication {quote(words(reference or {}, 'reference'))}; put it into the file"
        )
    if found.fault:
        raise ValueError(found.fault)
    said.keep("drug", found.drug)
    said.keep("ingredient", found.ingredient)
    if found.more:
        said.not_checked.append(f"the medication's coding {quote(found.more)}")


def _person(resource: Element, known: References, said: OrderCells) -> None:
    """Read age and weight where the file states them; names and identifiers are never read."""
    subject = words(element(resource, "subject") or {}, "reference")
    inside = contained_in(resource)
    patient = (inside if subject.startswith("#") else known).patient(subject)
    weights = [one for one in (known.weight(subject), inside.weight(subject)) if one is not None]
    if patient is not None and patient.fault:
        raise ValueError(patient.fault)
    if patient is not None and patient.birth_date:
        said.keep("age", _age(patient.birth_date, resource, said))
    if weights:
        weight = later(*weights) if len(weights) > 1 else weights[0]
        said.keep("weight", weight.text)
        said.keep("weight measured", weight.measured)
        said.not_checked += [weight.fault] if weight.fault else []


def _age(birth_date: str, resource: Element, said: OrderCells) -> str:
    """Return the age on the day of the order; an empty text where a date is not whole."""
    period = element(resource, "effectivePeriod") or {}
    dates = (words(resource, "authoredOn"), words(resource, "effectiveDateTime"), words(period, "start"))
    birth, day = day_of(birth_date), day_of(next((one for one in dates if one), ""))
    age = age_text(birth, day) if birth is not None and day is not None else ""
    if not age:
        said.not_checked.append("the age, since the birth date or the day of the order is not whole")
    return age


def _dosages(resource: Element) -> list[Element]:
    if words(resource, "resourceType") == "MedicationRequest":
        return elements(resource, "dosageInstruction")
    dosage = element(resource, "dosage")
    return [] if dosage is None else [dosage]


def _others(sequences: Counter[str], dosage: Element, said: OrderCells) -> None:
    """Say that the doses of the other instructions were not added; given at once they are one dose."""
    sequence, number = digits(dosage, "sequence"), sequences.total()
    if sequences[""] or sequences[sequence] > 1:
        said.adds_up.append(
            f"the other dosage instructions of this order ({number} in all), which may add up"
        )
    else:
        said.not_checked.append(f"the dosage instructions before or after this one ({number} in all)")


def is_older_shape(resource: Element) -> bool:
    """Return whether a request states its dose directly, as in the release before R4."""
    instructions = resource.get("dosageInstruction")
    return isinstance(instructions, list) and any(
        isinstance(one, dict) and any(one.get(name) is not None for name in DOSES) for one in instructions
    )
