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
    from collections.abc import Callable

    from itdose import Formulary
    from itdose.dose_text import Dialect
    from itdose.findings import Finding
    from itdose.formulary.tables import DoseRule, MeasureLimits
    from itdose.quantity import Quantity

    PatientOf = Callable[[DoseRule], dict[str, Any]]
    Limits = dict[tuple[str, str], MeasureLimits]

# The loader in C takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
DOSE_MEASURES = {
    "dose",
    "dose_per_kg",
    "dose_per_m2",
    "dose_rate",
    "dose_rate_per_kg",
    "daily_dose",
    "daily_dose_per_kg",
}


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
        for rule, measures in yaml.load(file.read_text("utf-8"), Loader=_LOADER).items()  # noqa: S506 - a safe loader
        for measure, kinds in measures.items()
        for kind, entry in kinds.items()
    ]


def _one(rule: str, measure: str, kind: str, entry: dict[str, Any]) -> Typed:
    # Where the two readings differ, the file says what was settled and why.
    settled = entry.get("resolved", entry)
    return Typed(rule, measure, kind, settled["value"], settled["other_unit"])


TYPED = _typed()
# One test for each drug: a test for each of the limits would cost more than the limits themselves.
BY_DRUG = {
    drug: [typed for typed in TYPED if typed.rule.partition(".")[0] == drug]
    for drug in sorted({typed.rule.partition(".")[0] for typed in TYPED})
}


@pytest.fixture(scope="module")
def limits_of(formulary: Formulary) -> Limits:
    return {
        (rule.id, limits.measure): limits
        for key in formulary.drug_keys()
        for entry in formulary.drug(key).routes.values()
        for rule in entry.rules
        for limits in rule.limits
    }


@pytest.fixture(scope="module")
def rules(formulary: Formulary) -> dict[str, tuple[str, DoseRule]]:
    """Return every rule, with its route, by its id."""
    return {
        rule.id: (route, rule)
        for key in formulary.drug_keys()
        for route, entry in formulary.drug(key).routes.items()
        for rule in entry.rules
    }


def _quantity(text: str, dialect: Dialect) -> Quantity:
    for kind in (Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.DURATION, Kind.VOLUME_DOSE):
        try:
            return read(text, kind, dialect).quantity
        except DoseTextError:
            continue
    raise AssertionError(text)


def test_every_limit_of_the_formulary_was_typed_a_second_time(limits_of: Limits) -> None:
    stated = {
        (rule, measure, kind)
        for (rule, measure), limits in limits_of.items()
        for kind in KINDS
        if getattr(limits.guardrail, kind) is not None
    }
    assert {(typed.rule, typed.measure, typed.kind) for typed in TYPED} == stated


@pytest.mark.parametrize("drug", BY_DRUG)
def test_a_limit_is_what_its_source_says(drug: str, limits_of: Limits, dialect: Dialect) -> None:
    wrong = []
    for typed in BY_DRUG[drug]:
        limit = getattr(limits_of[typed.rule, typed.measure].guardrail, typed.kind)
        for text in (typed.value, typed.other_unit):
            expected = _quantity(text, dialect)
            if (limit.unit.dimension, limit.size) != (expected.unit.dimension, expected.size):
                wrong.append((str(typed), text))
    assert wrong == []


@pytest.mark.parametrize("drug", BY_DRUG)
def test_the_zone_changes_at_the_limit_in_two_units(drug: str, limits_of: Limits, dialect: Dialect) -> None:
    wrong = []
    for typed in BY_DRUG[drug]:
        guardrail = limits_of[typed.rule, typed.measure].guardrail
        outward = -STEP if typed.kind.startswith("lower") else STEP
        for text in (typed.value, typed.other_unit):
            limit = _quantity(text, dialect)
            # A value equal to a limit is inside it; the toxic level itself is toxic.
            is_so = (
                guardrail.zone(limit.times(1 + outward)) in BEYOND[typed.kind]
                and guardrail.zone(limit.times(1 - outward)) is not OWN[typed.kind]
                and (guardrail.zone(limit) is OWN[typed.kind]) is (typed.kind == "toxic_from")
            )
            if not is_so:
                wrong.append((str(typed), text))
    assert wrong == []


def _order(dose: str, route: str, rule: DoseRule, patient: dict[str, Any]) -> Order:
    """Return an order that a rule covers, and as few others as can be."""
    # A weight that picks no rule would only add what mg and mg/kg say of each other.
    stated = patient if rule.weight else {**patient, "weight": None}
    return Order(
        drug=rule.id.partition(".")[0],
        dose=dose,
        route=route,
        mode=rule.mode,
        indication=rule.indications[0] if rule.indications else None,
        **stated,
    )


def _judged_inside(finding: Finding, typed: Typed) -> bool:
    """Return whether a finding says of a dose at its limit what it must."""
    if finding.code.endswith("at-toxic-level"):
        return True
    return not finding.code.endswith(OWN[typed.kind].value) and typed.kind != "toxic_from"


@pytest.mark.parametrize("drug", BY_DRUG)
def test_a_dose_typed_at_its_limit_is_judged_by_its_rule(
    drug: str, rules: dict[str, tuple[str, DoseRule]], formulary: Formulary, patient_of: PatientOf
) -> None:
    wrong = []
    for typed in BY_DRUG[drug]:
        if typed.measure not in DOSE_MEASURES:
            continue
        route, rule = rules[typed.rule]
        codes = set()
        for text in (typed.value, typed.other_unit):
            report = assess(_order(text, route, rule, patient_of(rule)), formulary)
            found = [f for f in report.findings if f.rule == typed.rule and f.measure == typed.measure]
            if [_judged_inside(finding, typed) for finding in found] != [True]:
                wrong.append((str(typed), text, [finding.code for finding in found]))
            codes |= {finding.code for finding in found}
        if len(codes) != 1:
            wrong.append((str(typed), "in two units", sorted(codes)))
    assert wrong == []
