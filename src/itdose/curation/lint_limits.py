"""Limits and strengths: without a source, far apart, or written in a unit that needs decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.curation.places import rules_of
from itdose.curation.remarks import Level, remark
from itdose.formulary.compile import limits_by_kind
from itdose.formulary.quantity_fields import Absent, Span
from itdose.formulary.rule_consistency import UNSUPPORTED
from itdose.plain_text import number, plain, preferred
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.remarks import Remark
    from itdose.formulary.layers import Layers
    from itdose.formulary.load import Models
    from itdose.formulary.model import LimitsModel, RuleModel

Found = tuple[str, str, str]

_NEED_A_SOURCE = ("lower_hard", "usual", "upper_hard")
_FAR = 10
_KEYS = {"lower_soft": "usual", "upper_soft": "usual"}
"""The key in the file where it is not the name of the limit."""


def limit_remarks(models: Models) -> Iterator[Remark]:
    """Yield the remarks on every stated limit and every strength."""
    for document, path, rule in rules_of(models):
        for measure, limits in rule.limits.items():
            at = (*path, "limits", measure)
            for key, message, level in _without_source(rule, measure, limits, models.layers):
                yield remark(document, (*at, key), "limit-without-source", message, level=level)
            for key, name, message in (*_far_above(rule, measure, limits), *_decimals(rule, measure, limits)):
                yield remark(document, (*at, key), name, message)
    yield from _strength_remarks(models)


def _strength_remarks(models: Models) -> Iterator[Remark]:
    for key, drug in models.drugs.items():
        for place, product in enumerate(drug.products):
            message = _simpler(f"the strength of {product.name}", [product.strength])
            if message:
                document = models.documents[models.drug_files[key]]
                yield remark(document, (key, "products", place, "strength"), "unit-needs-decimals", message)


def _without_source(
    rule: RuleModel, measure: str, limits: LimitsModel, layers: Layers
) -> Iterator[tuple[str, str, Level]]:
    # What a site sets stands on the reason that the site gives.
    supported = {limit for item in rule.evidence for limit in item.supports} | layers.changed_limits(rule.id)
    for key in _NEED_A_SOURCE:
        limit = f"{measure}.{key}"
        if isinstance(getattr(limits, key), Absent) or limit in supported:
            continue
        if key == "upper_hard" and limits.upper_hard_is in UNSUPPORTED:
            kind = str(limits.upper_hard_is).replace("_", " ")
            message = f"{limit} of {rule.id} is a {kind}; look for a source that supports it"
            yield key, message, Level.NOTE
        else:
            message = (
                f"no evidence supports {limit} of {rule.id}; cite where it stands, or write none, <reason>"
            )
            yield key, message, Level.WARNING


def _far_above(rule: RuleModel, measure: str, limits: LimitsModel) -> Iterator[Found]:
    usual, hard = limits.usual, limits.upper_hard
    if limits.note or not isinstance(usual, Span) or not isinstance(hard, Quantity):
        return
    if usual.high.amount and hard.ratio(usual.high) >= _FAR:
        times = number(hard.ratio(usual.high))
        message = (
            f"{measure}.upper_hard of {rule.id}, {plain(hard)}, is {times} times the top of the usual range, "
            f"{plain(usual.high)}: a tenfold slip does not pass it; say why in the note of these limits"
        )
        yield "upper_hard", "hard-limit-far-above", message


def _decimals(rule: RuleModel, measure: str, limits: LimitsModel) -> Iterator[Found]:
    written: dict[str, list[Quantity]] = {}
    for kind, limit in limits_by_kind(limits).items():
        if isinstance(limit, Quantity):
            written.setdefault(_KEYS.get(kind, kind), []).append(limit)
    for key, quantities in written.items():
        message = _simpler(f"{measure}.{key} of {rule.id}", quantities)
        if message:
            yield key, "unit-needs-decimals", message


def _simpler(what: str, quantities: list[Quantity]) -> str | None:
    """Return how to write what has a decimal below 1 that a smaller unit would spare, if anything has."""
    # A usual range of one dose is both its ends.
    simpler = {
        plain(quantity): plain(preferred(quantity)) for quantity in quantities if _needs_decimals(quantity)
    }
    if not simpler:
        return None
    return f"{what} is written {' and '.join(simpler)}; write {' and '.join(simpler.values())}"


def _needs_decimals(quantity: Quantity) -> bool:
    """Return whether a smaller unit would spare a decimal below 1."""
    simpler = preferred(quantity)
    is_whole = simpler.amount.denominator == 1 and simpler.unit.symbol != quantity.unit.symbol
    return 0 < quantity.amount < 1 and is_whole
