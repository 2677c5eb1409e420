"""The keys of the files beside the drugs: slips, conditions, excipients, syringes, weights, standards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from itdose.formulary.model import EvidenceModel, Factor, Key, Strict, Text
from itdose.formulary.quantity_fields import AgeBandField, StrengthField, VolumeField, WeightSpanField
from itdose.order import Mode


class HowCommonModel(Strict):
    """What was published on how often a mechanism happens; it decides the order of the file."""

    says: Text
    source: Key | None = None
    """Left out where no figure was found, which ``says`` then says."""
    where: Text | None = None


class SlipModel(Strict):
    """A known mechanism that turns an intended dose into the written one."""

    mechanism: Literal[
        "tenfold", "hundredfold", "thousandfold", "hour_day", "minute_hour", "per_kg", "lb_kg",
        "salt_elemental", "mg_mmol", "mg_mEq", "percent_strength", "volume_as_mass", "whole_ampoule",
        "ampoule_strength", "bolus_daily", "route", "look_alike_drug",
    ]  # fmt: skip
    works_by: Literal[
        "factor", "rate_factor", "unit_number", "salt", "body_weight", "pounds", "strength_text",
        "volume_number", "whole_container", "other_strength", "daily_dose", "other_route", "look_alike",
    ]  # fmt: skip
    factor: Factor | None = None
    unit: Text | None = None
    why: Text
    source: Key
    where: Text
    how_common: HowCommonModel


class ConditionModel(Strict):
    """What a patient may have, be given, or be given a drug by, that may matter."""

    name: Text
    spellings: tuple[Text, ...] = ()


class ContraindicationModel(Strict):
    """A condition with which a source warns of a drug by some routes."""

    drug: Key | None = None
    """Left out: any drug by these routes, such as any neuraxial injection."""
    routes: tuple[Key, ...] = Field(min_length=1)
    condition: Key
    strength: Literal["contraindicated", "caution"]
    only: Text | None = None
    """What the source restricts this to: a product, a strength, a setting."""
    says: Text
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


WarningWord = Literal["forbidden", "caution"]


class VehicleModel(Strict):
    """A preservative or other excipient that must not go by some routes."""

    name: Text
    spellings: tuple[Text, ...] = ()
    routes: dict[Key, WarningWord] = Field(min_length=1)
    neonates: WarningWord | None = None
    says: Text
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class StandardModel(Strict):
    """The standard concentrations that one source gives for a drug by a route."""

    drug: Key
    route: Key
    mode: Mode
    concentrations: tuple[StrengthField, ...] = Field(min_length=1)
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class ReminderModel(Strict):
    """What sources say of mixtures, pumps and preparations in general."""

    says: Text
    more_than: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*$")] | None = None
    """A number above which a person must look, where the reminder has one."""
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class SyringeModel(Strict):
    """A size of syringe, and the smallest volume that is measured with it."""

    volume: VolumeField
    graduation: VolumeField
    measures_from: VolumeField
    """The smallest volume that the cited rule lets one measure with it."""
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)


class GrowthModel(Strict):
    """Between which weights people of an age are, taken wide: bounds against a slip, no diagnosis."""

    age: AgeBandField
    weight: WeightSpanField
    evidence: tuple[EvidenceModel, ...] = Field(min_length=1)
