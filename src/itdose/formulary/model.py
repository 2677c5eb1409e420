"""The keys that formulary files may have. Everything else is refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from itdose.formulary.quantity_fields import (
    AgeBandField,
    AgeField,
    DurationField,
    LimitField,
    SpanField,
    StrengthField,
    WeightBandField,
    WeightSpanField,
)
from itdose.order import Mode

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Factor = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]*(\.[0-9]*[1-9])?|0\.[0-9]*[1-9])$")]
IsoDate = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]

Measure = Literal[
    "dose",
    "dose_per_kg",
    "dose_per_m2",
    "daily_dose",
    "daily_dose_per_kg",
    "dose_rate",
    "dose_rate_per_kg",
    "concentration",
    "volume",
    "duration",
    "cumulative_dose",
    "cumulative_dose_per_kg",
]
UpperHardIs = Literal["label_maximum", "guideline_maximum", "edge_of_evidence", "judgement", "site_decision"]
"""What kind of limit the upper hard limit is; ``site_decision`` only in a site's overlay."""


class Strict(BaseModel):
    """Base of every part: unknown keys are refused, values don't change."""

    # Built once for each kind of file and not once more for every part of it.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        defer_build=True,
        use_attribute_docstrings=True,
    )


class SourceModel(Strict):
    """One document in the bibliography."""

    title: Text
    authors: Text
    year: Text
    kind: Literal[
        "label", "label_copy", "guideline", "systematic_review", "review", "trial", "case_report",
        "safety_bulletin", "textbook", "standard",
    ]  # fmt: skip
    doi: Text | None = None
    pmid: Annotated[str, StringConstraints(pattern=r"^\d+$")] | None = None
    url: Text | None = None


class EvidenceModel(Strict):
    """A place in a source, and the limits of the rule that it supports."""

    source: Key
    where: Text
    """The place in the source, such as ``section 4.2``."""
    supports: tuple[Text, ...] = ()
    """Limits that stand in the source, such as ``dose.usual``."""
    differs: tuple[Text, ...] = ()
    """Limits for which this source says something else, told in ``says``."""
    says: Text | None = None


class ReviewModel(Strict):
    """How far the rule has been reviewed."""

    state: Literal["drafted", "cross_checked", "signed_off"]
    """``drafted``: one source, or a judgement. ``cross_checked``: two sources, or read twice."""
    on: IsoDate
    due: IsoDate
    second_reading: Text | None = None
    """What was read again; needed with ``cross_checked``."""

    def dates(self) -> tuple[date, date]:
        """Return both dates; raises ValueError for a day that does not exist."""
        return date.fromisoformat(self.on), date.fromisoformat(self.due)


class LimitsModel(Strict):
    """The limits of one measure. A limit that does not apply is written ``none, <reason>``."""

    lower_hard: LimitField
    usual: SpanField
    """What published regimens use; its ends are the lower and upper soft limit."""
    upper_hard: LimitField
    upper_hard_is: UpperHardIs | None = None
    """What kind of limit upper_hard is; the two go together."""
    toxic_from: LimitField
    """The lowest dose reported to have harmed; one of the route's reports."""
    window: DurationField | None = None
    """With a cumulative dose alone: the time that doses are summed over."""
    note: Text | None = None
    """Why the limits lie as they do, such as far apart."""


class RuleModel(Strict):
    """The limits for one drug, route, mode, patient category and indication."""

    id: Text
    """Unique: ``<drug>.<route>.<mode>.<whom or what for>``."""
    mode: Mode
    category: tuple[Key, ...] = Field(min_length=1)
    indication: tuple[Key, ...] = ()
    """Left out: the rule holds for any indication."""
    age: AgeBandField | None = None
    weight: WeightBandField | None = None
    limits: dict[Measure, LimitsModel] = Field(min_length=1)
    """By measure, such as ``dose``."""
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)
    review: ReviewModel
    note: Text | None = None


class ReportModel(Strict):
    """What has happened to people at a dose."""

    dose: LimitField
    """``none, <what was given>`` where the source gives no figure."""
    outcome: Text
    population: Text
    source: Key
    where: Text


class ForbiddenModel(Strict):
    """Why a drug must never go by a route."""

    reason: Text
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class RouteEntryModel(Strict):
    """One drug by one route."""

    status: Literal["labelled", "off_label", "forbidden", "no_figure"]
    """``no_figure``: the route was looked at and no usable figure exists; note says why."""
    note: Text | None = None
    forbidden: ForbiddenModel | None = None
    gaps: Text | None = None
    """Why no rule covers some ages or weights between those that have one."""
    reports: tuple[ReportModel, ...] = ()
    rules: tuple[RuleModel, ...] = ()


class ConversionModel(Strict):
    """How much of another unit is in one gram of the drug as its doses are written."""

    unit: Literal["mmol", "mEq", "mg_elemental"]
    per_gram: Factor
    source: Key
    where: Text


class BasisModel(Strict):
    """What the milligrams of a dose are milligrams of."""

    form: Text
    stated_by: EvidenceModel
    measured_by: Literal["volume"] | None = None
    """Set where doses are volumes of the product, such as mL/kg of an emulsion."""
    conversions: tuple[ConversionModel, ...] = ()


class ProductModel(Strict):
    """What is on the shelf."""

    name: Text
    strength: StrengthField
    containers: tuple[Text, ...] = ()
    preservative: Text
    labelled_routes: tuple[Key, ...]
    forbidden: dict[Key, ForbiddenModel] = {}
    """Routes by which this product must never go, although the drug may."""
    note: Text | None = None
    source: Key
    where: Text


class DrugModel(Strict):
    """One active substance."""

    name: Text
    synonyms: tuple[Text, ...] = ()
    basis: BasisModel
    drug_class: Literal["local_anaesthetic", "opioid"] | None = Field(default=None, alias="class")
    """Drugs of one class are looked at together in a mixture."""
    ratio_strength: Literal["accepted"] | None = None
    indications: dict[Key, Text] = {}
    """The closed list of what the drug is given for, each with its wording."""
    look_alikes: tuple[Text, ...] = ()
    """Names of drugs that this one has been taken for."""
    rescue: tuple[Key, ...] = ()
    """Texts of rescue.yaml."""
    products: tuple[ProductModel, ...] = ()
    routes: dict[Key, RouteEntryModel] = {}


class RouteVolumeModel(Strict):
    """How much is injected at once by a route, whatever the drug."""

    usual: SpanField
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class RouteModel(Strict):
    """A route with every spelling that people type."""

    name: Text
    spellings: tuple[Text, ...] = ()
    neuraxial: Literal["yes", "no"]
    volume: RouteVolumeModel | None = None
    """For drugs whose own rules say nothing of the volume."""


class CategoryModel(Strict):
    """One patient category, and the one that is assumed on its axis."""

    name: Text
    axis: Literal["age", "pregnancy", "opioids", "breathing"]
    spellings: tuple[Text, ...] = ()
    assumed: Text | None = None
    """Set for the one category of its axis that is taken where none is stated."""
    includes: tuple[Key, ...] = ()
    from_age: AgeField | None = None
    """An age belongs to the oldest category whose from_age it has reached."""
    source: Key | None = None
    where: Text | None = None


class NotationModel(Strict):
    """A risky way of writing: what it does to a verdict, and who says so."""

    verdict: Literal["within_limits", "needs_review"]
    misread_as: Text
    write: Text
    source: Key
    where: Text


class NameAdviceModel(Strict):
    """A name that is refused as a drug name."""

    refused: tuple[Text, ...]
    advice: Text
    source: Key
    where: Text


class RescueModel(Strict):
    """What sources say about treating an overdose of a kind of drug."""

    title: Text
    says: Text
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class FormularyModel(Strict):
    """Version of the formulary, and the bounds of what a person's weight and age can be."""

    version: Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,2}\.\d+$")]
    plausible_weight: WeightSpanField
    oldest_age: AgeField
