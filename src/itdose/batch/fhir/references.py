"""What orders of a FHIR file refer to: medications, birth dates and body weights, by their references."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.fhir.concept import drug_name, has_code
from itdose.batch.fhir.dates import day_of, is_later, is_same_moment
from itdose.batch.fhir.json_text import element, elements, refuse_modifiers, words
from itdose.batch.fhir.quantity import quantity_text
from itdose.errors import quote

if TYPE_CHECKING:
    from itdose.batch.fhir.json_text import Element

LOINC = "http://loinc.org"
BODY_WEIGHT = "29463-7"
_MEASURED = ("final", "amended", "corrected")


class Medication(NamedTuple):
    """A drug that orders refer to, or why it can't be read."""

    drug: str = ""
    more: str = ""
    """What the coding says beyond the drug's name."""
    ingredient: str = ""
    fault: str = ""


class Patient(NamedTuple):
    """Of a patient only the birth date is kept."""

    birth_date: str = ""
    fault: str = ""


class Weight(NamedTuple):
    """The latest body weight of a patient, or why none is the latest."""

    text: str = ""
    measured: str = ""
    fault: str = ""


class References:
    """Everything that orders may refer to, small enough to keep for a whole file."""

    def __init__(self) -> None:
        self.others: Counter[str] = Counter()
        """Resources of kinds that are not read."""
        self._medications: dict[str, Medication] = {}
        self._patients: dict[str, Patient] = {}
        self._weights: dict[str, Weight] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def add(self, resource: Element, full_url: str) -> None:
        """Keep what orders may refer to; other resources are only counted."""
        kind = words(resource, "resourceType")
        identity = words(resource, "id")
        names = tuple(name for name in (full_url, f"{kind}/{identity}" if identity else "") if name)
        if kind == "Medication":
            for name in names:
                self._keep_medication(name, _medication_or_fault(resource))
        elif kind == "Patient":
            for name in names:
                self._keep_patient(name, _patient(resource))
                self._names[name] = names
        elif kind == "Observation" and _is_weight(resource):
            self._add_weight(resource)
        else:
            self.others[kind or "without a resourceType"] += 1

    def medication(self, reference: str) -> Medication | None:
        """Return the medication that a reference names, or None where the file has none."""
        return self._medications.get(_unversioned(reference))

    def patient(self, reference: str) -> Patient | None:
        """Return the patient that a reference names, or None where the file has none."""
        return self._patients.get(_unversioned(reference))

    def weight(self, reference: str) -> Weight | None:
        """Return the latest body weight of a patient, or None where the file has none."""
        plain = _unversioned(reference)
        found = [
            self._weights[name] for name in {plain, *self._names.get(plain, ())} if name in self._weights
        ]
        latest = found[0] if found else None
        for other in found[1:]:
            latest = later(latest, other) if latest else other
        return latest

    def _keep_medication(self, name: str, found: Medication) -> None:
        if self._medications.setdefault(name, found) != found:
            self._medications[name] = Medication(fault=f"{quote(name)} stands in the file twice, and differs")

    def _keep_patient(self, name: str, found: Patient) -> None:
        if self._patients.setdefault(name, found) != found:
            self._patients[name] = Patient(fault="the patient stands in the file twice, and differs")

    def _add_weight(self, observation: Element) -> None:
        if words(observation, "status") not in _MEASURED:
            self.others["Observation of a body weight that is not final"] += 1
            return
        subject = _unversioned(words(element(observation, "subject") or {}, "reference"))
        if not subject:
            self.others["Observation of a body weight without a subject"] += 1
            return
        found = _weight(observation)
        before = self._weights.get(subject)
        self._weights[subject] = found if before is None else later(before, found)


def contained_in(order: Element) -> References:
    """Return what stands inside an order itself, by references such as ``#m1``."""
    inside = References()
    for resource in elements(order, "contained"):
        inside.add(resource, f"#{words(resource, 'id')}")
    return inside


def _medication_or_fault(resource: Element) -> Medication:
    try:
        return _medication(resource)
    except ValueError as error:
        return Medication(fault=f"the medication can't be read: {error}")


def _medication(resource: Element) -> Medication:
    refuse_modifiers(resource)
    standing = words(resource, "status")
    if standing not in {"", "active"}:
        raise ValueError(f"its status is {quote(standing)}")
    parts = elements(resource, "ingredient")
    if len(parts) > 1:
        raise ValueError(f"it has {len(parts)} ingredients; order each drug on its own, with its own dose")
    concepts = [concept for part in parts if (concept := element(part, "itemCodeableConcept")) is not None]
    if len(concepts) < len(parts):
        raise ValueError("its ingredient is not named in itemCodeableConcept")
    inside = drug_name(concepts[0], "ingredient") if concepts else ("", "")
    code = element(resource, "code")
    if code is None:
        return Medication(*(inside if concepts else drug_name({}, "code")), ingredient=inside[0])
    drug, more = drug_name(code, "code")
    if inside[0] and inside[0].casefold() != drug.casefold():
        raise ValueError(f"it is called {quote(drug)} and its ingredient {quote(inside[0])}; name one drug")
    return Medication(drug, more or inside[1], inside[0])


def _patient(resource: Element) -> Patient:
    try:
        refuse_modifiers(resource)
        return Patient(words(resource, "birthDate"))
    except ValueError as error:
        return Patient(fault=str(error))


def _is_weight(observation: Element) -> bool:
    return has_code(element(observation, "code") or {}, LOINC, BODY_WEIGHT)


def _weight(observation: Element) -> Weight:
    measured = words(observation, "effectiveDateTime")
    try:
        refuse_modifiers(observation)
        return Weight(quantity_text(element(observation, "valueQuantity") or {}, "valueQuantity"), measured)
    except ValueError as error:
        return Weight("", measured, f"the body weight: {error}")


def later(first: Weight, second: Weight) -> Weight:
    """Return the later of two weights; where neither is the later, say so instead of choosing."""
    if first == second:
        return first
    if not day_of(first.measured) or not day_of(second.measured):
        return Weight(fault="the body weight: there are several, and not all have a full date")
    if is_same_moment(first.measured, second.measured):
        return Weight("", first.measured, "the body weight: there are several of one moment, and they differ")
    return second if is_later(second.measured, first.measured) else first


def _unversioned(reference: str) -> str:
    return reference.partition("/_history/")[0]
