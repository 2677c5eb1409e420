"""Every limit beside a second transcription of its source, and the zone below, at and above it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from itdose import Order, assess
from itdose.dose_kind import Kind
from itdose.dose_text import read
from itdose.errors import DoseTextError
from itdose.guardrail import Zone

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.dose_text import Dialect
    from itdose.formulary.tables import MeasureLimits
    from itdose.quantity import Quantity

KINDS = ("lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from")
BEYOND = {
    "lower_hard": {Zone.BELOW_HARD_LIMIT},
    "lower_soft": {Zone.BELOW_SOFT_LIMIT, Zone.BELOW_HARD_LIMIT},
    "upper_soft": {Zone.ABOVE_SOFT_LIMIT, Zone.ABOVE_HARD_LIMIT, Zone.AT_TOXIC_LEVEL},
    "upper_hard": {Zone.ABOVE_HARD_LIMIT, Zone.AT_TOXIC_LEVEL},
    "toxic_from": {Zone.AT_TOXIC_LEVEL},
}
OWN = {
    "lower_hard": Zone.BELOW_HARD_LIMIT,
    "lower_soft": Zone.BELOW_SOFT_LIMIT,
    "upper_soft": Zone.ABOVE_SOFT_LIMIT,
    "upper_hard": Zone.ABOVE_HARD_LIMIT,
    "toxic_from": Zone.AT_TOXIC_LEVEL,
}
STEP = Fraction(1, 1000)
DOSE_MEASURES = {"dose", "dose_per_kg", "dose_rate", "dose_rate_per_kg", "daily_dose"}


@dataclass(frozen=True)
class Typed:
    """One limit as typed from its source."""

    rule: str
    measure: str
    kind: str
    value: str
    other_unit: str

    def __str__(self) -> str:
        return f"{self.rule}-{self.measure}-{self.kind}"


def _typed() -> list[Typed]:
    files = sorted((Path(__file__).parent / "limits").glob("*.yaml"))
    return [
        _one(rule, measure, kind, entry)
        for file in files
        for rule, measures in yaml.safe_load(file.read_text("utf-8")).items()
        for measure, kinds in measures.items()
        for kind, entry in kinds.items()
    ]


def _one(rule: str, measure: str, kind: str, entry: dict[str, Any]) -> Typed:
    # Where the two readings differ, the file says what was settled and why.
    settled = entry.get("resolved", entry)
    return Typed(rule, measure, kind, settled["value"], settled["other_unit"])


TYPED = _typed()


def _limits(formulary: Formulary) -> dict[tuple[str, str], MeasureLimits]:
    return {
        (rule.id, limits.measure): limits
        for key in formulary.drug_keys()
        for entry in formulary.drug(key).routes.values()
        for rule in entry.rules
        for limits in rule.limits
    }


def _quantity(text: str, dialect: Dialect) -> Quantity:
    for kind in (Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.DURATION, Kind.VOLUME_DOSE):
        try:
            return read(text, kind, dialect).quantity
        except DoseTextError:
            continue
    raise AssertionError(text)


def test_every_limit_of_the_formulary_was_typed_a_second_time(formulary: Formulary) -> None:
    stated = {
        (rule, measure, kind)
        for (rule, measure), limits in _limits(formulary).items()
        for kind in KINDS
        if getattr(limits.guardrail, kind) is not None
    }
    assert {(typed.rule, typed.measure, typed.kind) for typed in TYPED} == stated


@pytest.mark.parametrize("typed", TYPED, ids=str)
def test_a_limit_is_what_its_source_says(typed: Typed, formulary: Formulary, dialect: Dialect) -> None:
    limit = getattr(_limits(formulary)[typed.rule, typed.measure].guardrail, typed.kind)
    for text in (typed.value, typed.other_unit):
        expected = _quantity(text, dialect)
        assert (limit.unit.dimension, limit.size) == (expected.unit.dimension, expected.size)


@pytest.mark.parametrize("typed", TYPED, ids=str)
def test_the_zone_changes_at_the_limit_in_two_units(
    typed: Typed, formulary: Formulary, dialect: Dialect
) -> None:
    guardrail = _limits(formulary)[typed.rule, typed.measure].guardrail
    outward = -STEP if typed.kind.startswith("lower") else STEP
    for text in (typed.value, typed.other_unit):
        limit = _quantity(text, dialect)
        assert guardrail.zone(limit.times(1 + outward)) in BEYOND[typed.kind]
        assert guardrail.zone(limit.times(1 - outward)) is not OWN[typed.kind]
        # A value equal to a limit is inside it; the toxic level itself is toxic.
        assert (guardrail.zone(limit) is OWN[typed.kind]) is (typed.kind == "toxic_from")


def _order(typed: Typed, dose: str, formulary: Formulary) -> Order:
    """Return an order that the typed rule covers, and as few others as can be."""
    drug = typed.rule.partition(".")[0]
    route, rule = next(
        (route, rule)
        for route, entry in formulary.drug(drug).routes.items()
        for rule in entry.rules
        if rule.id == typed.rule
    )
    return Order(
        drug=drug,
        dose=dose,
        route=route,
        mode=rule.mode,
        categories=rule.categories[:1] + rule.categories[-1:],
        indication=rule.indications[0] if rule.indications else None,
    )


@pytest.mark.parametrize("typed", [typed for typed in TYPED if typed.measure in DOSE_MEASURES], ids=str)
def test_a_dose_typed_at_its_limit_is_judged_by_its_rule(typed: Typed, formulary: Formulary) -> None:
    codes = set()
    for text in (typed.value, typed.other_unit):
        report = assess(_order(typed, text, formulary), formulary)
        [finding] = [f for f in report.findings if f.rule == typed.rule and f.measure == typed.measure]
        codes.add(finding.code)
        at_toxic_level = finding.code.endswith("at-toxic-level")
        assert at_toxic_level or not finding.code.endswith(OWN[typed.kind].value)
        assert at_toxic_level or typed.kind != "toxic_from"
    assert len(codes) == 1
