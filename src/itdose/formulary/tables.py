"""The compiled formulary as values: what the checks look things up in.

``row_reader`` builds them from plain JSON rows, without YAML, pydantic or pint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from itdose.band import Band
    from itdose.findings import Citation, RuleReview
    from itdose.guardrail import Guardrail
    from itdose.quantity import Quantity


class Evidence(NamedTuple):
    """A citation, with the limits of its rule that it supports (``dose.usual``)."""

    citation: Citation
    supports: tuple[str, ...]
    differs: tuple[str, ...]
    """Limits for which this source says something else."""
    says: str | None


class MeasureLimits(NamedTuple):
    """The limits of one measure of one rule."""

    measure: str
    guardrail: Guardrail
    absent: Mapping[str, str]
    """Limits that do not apply, each with its reason."""
    upper_hard_is: str | None
    """``label_maximum``, ``guideline_maximum``, ``edge_of_evidence`` or ``judgement``."""
    window: Quantity | None
    note: str | None
    origins: Mapping[str, str]
    """The site of each limit that is not the formulary's own, by its kind."""


class DoseRule(NamedTuple):
    """The limits for one drug, route, mode, patient category and indication."""

    id: str
    mode: str
    categories: tuple[str, ...]
    indications: tuple[str, ...]
    age: Band | None
    """The ages that the rule is for, within its categories."""
    weight: Band | None
    """The body weights that the rule is for, likewise."""
    limits: tuple[MeasureLimits, ...]
    evidence: tuple[Evidence, ...]
    review: RuleReview
    note: str | None

    def citations(self, supported: str) -> tuple[Citation, ...]:
        """Return where one limit stands, such as ``dose.upper_hard``."""
        return tuple(item.citation for item in self.evidence if supported in item.supports)

    def is_thin(self, today: str) -> bool:
        """Return whether the rule is only drafted, or its review is overdue."""
        return self.review.state == "drafted" or self.review.due < today


class RuleAt(NamedTuple):
    """A dose rule with its drug and route."""

    drug: str
    route: str
    rule: DoseRule


class HarmReport(NamedTuple):
    """What has happened to people at a dose by this route."""

    dose: Quantity | str
    outcome: str
    population: str
    citation: Citation


class Forbidden(NamedTuple):
    """Why a drug or a product must never go by a route."""

    reason: str
    evidence: tuple[Evidence, ...]


class DrugByRoute(NamedTuple):
    """One drug by one route: its rules, or why it must never go there."""

    status: str
    note: str | None
    forbidden: Forbidden | None
    reports: tuple[HarmReport, ...]
    rules: tuple[DoseRule, ...]


class Product(NamedTuple):
    """What is on the shelf."""

    name: str
    strength: Quantity
    containers: tuple[str, ...]
    preservative: str
    labelled_routes: tuple[str, ...]
    forbidden: Mapping[str, Forbidden]
    """Routes by which this product must never go, although the drug may."""
    note: str | None
    citation: Citation


class Contraindication(NamedTuple):
    """A condition with which a source warns of a drug, or of any drug, by some routes."""

    routes: tuple[str, ...]
    condition: str
    is_contraindicated: bool
    """False for a caution."""
    only: str | None
    says: str
    evidence: Iterable[Evidence]


class Standard(NamedTuple):
    """The standard concentrations that one source gives for a drug by a route."""

    route: str
    mode: str
    concentrations: tuple[Quantity, ...]
    evidence: Iterable[Evidence]


class Syringe(NamedTuple):
    """A size of syringe, and the smallest volume that is measured with it."""

    volume: Quantity
    graduation: Quantity
    measures_from: Quantity
    evidence: Iterable[Evidence]


class Drug(NamedTuple):
    """One active substance, with everything known of it."""

    key: str
    name: str
    synonyms: tuple[str, ...]
    form: str
    """What the milligrams of a dose are milligrams of."""
    form_citation: Citation
    by_volume: bool
    """Doses are volumes of the product, such as mL/kg of an emulsion."""
    conversions: Mapping[str, Fraction]
    """Units of amount, charge or element in one gram of the form: ``{"mmol": 203/50}``."""
    conversion_citations: Mapping[str, Citation]
    drug_class: str | None
    """``local_anaesthetic``, ``opioid`` or None."""
    ratio_strength: bool
    indications: Mapping[str, str]
    look_alikes: tuple[str, ...]
    rescue: tuple[str, ...]
    products: tuple[Product, ...]
    contraindications: tuple[Contraindication, ...]
    standard_concentrations: Iterable[Standard]
    routes: Mapping[str, DrugByRoute]


class Slip(NamedTuple):
    """A known mechanism that turns an intended dose into the written one."""

    mechanism: str
    works_by: str
    factor: Fraction | None
    unit: str | None
    why: str
    how_common: str
    citations: Iterable[Citation]
    """Where the mechanism stands, and where its frequency does."""
