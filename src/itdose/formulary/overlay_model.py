"""The keys that a site's overlay and its sign-offs may have. Everything else is refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from itdose.formulary.model import (
    DrugModel,
    EvidenceModel,
    ForbiddenModel,
    IsoDate,
    Key,
    Measure,
    ProductModel,
    ReportModel,
    ReviewModel,
    RuleModel,
    SourceModel,
    Strict,
    Text,
    UpperHardIs,
)
from itdose.formulary.quantity_fields import DurationField, LimitField, SpanField

Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$")]

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""32 bytes in base64."""


class SiteModel(Strict):
    """Whose overlay this is, and which version of it."""

    name: Text
    version: Text


class SignerModel(Strict):
    """A named person of the site who may sign rules."""

    name: Text
    role: Text
    public_key: PublicKey
    """Ed25519, as 'itdose formulary sign-off --new-key' prints it."""


class LimitsChangeModel(Strict):
    """The limits of one measure that the site sets anew; what is left out stays as it is."""

    lower_hard: LimitField | None = None
    usual: SpanField | None = None
    upper_hard: LimitField | None = None
    upper_hard_is: UpperHardIs | None = None
    toxic_from: LimitField | None = None
    window: DurationField | None = None
    note: Text | None = None


class ChangeModel(Strict):
    """What the site changes in one rule, and why."""

    reason: Text
    limits: dict[Measure, LimitsChangeModel] = Field(min_length=1)
    evidence: tuple[EvidenceModel, ...] = ()
    review: ReviewModel | None = None


class WithdrawalModel(Strict):
    """Why the site does not use a rule."""

    reason: Text


class OverlayModel(Strict):
    """What a site adds to a formulary, tightens, forbids and withdraws."""

    site: SiteModel
    signers: dict[Key, SignerModel] = {}
    sources: dict[Key, SourceModel] = {}
    drugs: dict[Key, DrugModel] = {}
    """Drugs that the formulary does not have."""
    products: dict[Key, tuple[ProductModel, ...]] = {}
    reports: dict[Key, dict[Key, tuple[ReportModel, ...]]] = {}
    rules: dict[Key, dict[Key, tuple[RuleModel, ...]]] = {}
    """Further rules by drug and route."""
    change: dict[Text, ChangeModel] = {}
    """Changed limits by the id of their rule."""
    withdraw: dict[Text, WithdrawalModel] = {}
    forbid: dict[Key, dict[Key, ForbiddenModel]] = {}


class SignOffModel(Strict):
    """One rule as one person signed it."""

    signer: Key
    signed_on: IsoDate
    signature: Base64
