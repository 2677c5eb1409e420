"""Turn validated models into plain rows: exact integers, text, and a name index."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from itdose.formulary.compile_side import (
    contraindication_row,
    growth_row,
    reminder_row,
    standard_row,
    syringe_row,
    vehicle_row,
)
from itdose.formulary.names import normal_name
from itdose.formulary.packing import evidence_rows, pack, pack_band, pack_span, pair
from itdose.formulary.quantity_fields import Absent, Span
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.formulary.layers import Layers
    from itdose.formulary.load import Models
    from itdose.formulary.model import (
        DrugModel,
        ForbiddenModel,
        LimitsModel,
        ProductModel,
        ReportModel,
        RouteEntryModel,
        RouteModel,
        RuleModel,
    )
    from itdose.formulary.side_model import SlipModel
    from itdose.quantity import UnitTable

Row = dict[str, Any]


def compile_rows(models: Models, units: UnitTable, digest: str) -> Row:
    """Return the whole formulary as plain rows that JSON can hold."""
    return {
        "version": models.formulary.version,
        "digest": digest,
        "units": units.to_rows(),
        "plausible_weight": pack_span(models.formulary.plausible_weight),
        "oldest_age": pack(models.formulary.oldest_age),
        "sources": {key: source.model_dump() for key, source in models.sources.items()},
        "routes": {key: _route(route) for key, route in models.routes.items()},
        "categories": {
            key: {
                **category.model_dump(exclude={"from_age"}),
                "from_age": pack(category.from_age) if category.from_age else None,
            }
            for key, category in models.categories.items()
        },
        "notation": {key: notation.model_dump() for key, notation in models.notation.items()},
        "slips": [_slip(slip) for slip in models.slips.values()],
        "rescue": {
            key: {"title": rescue.title, "says": rescue.says, "evidence": evidence_rows(rescue.evidence)}
            for key, rescue in models.rescue.items()
        },
        "conditions": {key: condition.name for key, condition in models.conditions.items()},
        "condition_names": _name_index({key: (c.name, *c.spellings) for key, c in models.conditions.items()}),
        "route_cautions": [
            contraindication_row(item) for item in models.contraindications.values() if item.drug is None
        ],
        "vehicles": {key: vehicle_row(vehicle) for key, vehicle in models.vehicles.items()},
        "syringes": {key: syringe_row(syringe) for key, syringe in models.syringes.items()},
        "growth": {key: growth_row(growth) for key, growth in models.growth.items()},
        "reminders": {key: reminder_row(reminder) for key, reminder in models.reminders.items()},
        "look_alikes": _look_alikes(models),
        "layers": [layer._asdict() for layer in models.layers.sites],
        "drugs": {key: _drug(key, drug, models) for key, drug in models.drugs.items()},
        "drug_names": _name_index({key: (drug.name, *drug.synonyms) for key, drug in models.drugs.items()}),
        "route_names": _name_index({key: (r.name, *r.spellings) for key, r in models.routes.items()}),
        "category_names": _name_index({key: (c.name, *c.spellings) for key, c in models.categories.items()}),
        "refused_names": {
            normal_name(name): advice.model_dump(exclude={"refused"})
            for advice in models.refused_names.values()
            for name in advice.refused
        },
    }


def _name_index(names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {normal_name(name): key for key, spellings in names.items() for name in (key, *spellings)}


def _look_alikes(models: Models) -> dict[str, list[str]]:
    """Return for each drug the drugs that it is confused with, whichever of the two files says so."""
    keys = _name_index({key: (drug.name, *drug.synonyms) for key, drug in models.drugs.items()})
    pairs = {
        frozenset((key, keys[normal_name(name)]))
        for key, drug in models.drugs.items()
        for name in drug.look_alikes
        if normal_name(name) in keys
    }
    return {
        key: others
        for key in models.drugs
        if (others := sorted(other for pair in pairs if key in pair for other in pair - {key}))
    }


def _route(route: RouteModel) -> Row:
    volume = route.volume
    usual = volume.usual if volume and isinstance(volume.usual, Span) else None
    return {
        **route.model_dump(exclude={"volume"}),
        "volume": {"usual": pack_span(usual), "evidence": evidence_rows(volume.evidence)}
        if volume and usual
        else None,
    }


def _drug(key: str, drug: DrugModel, models: Models) -> Row:
    conversions = drug.basis.conversions
    return {
        "name": drug.name,
        "synonyms": list(drug.synonyms),
        "form": drug.basis.form,
        "form_stated_by": [drug.basis.stated_by.source, drug.basis.stated_by.where],
        "by_volume": drug.basis.measured_by == "volume",
        "conversions": {item.unit: pair(Fraction(item.per_gram)) for item in conversions},
        "conversions_stated_by": {item.unit: [item.source, item.where] for item in conversions},
        "class": drug.drug_class,
        "ratio_strength": drug.ratio_strength is not None,
        "indications": dict(drug.indications),
        "look_alikes": list(drug.look_alikes),
        "rescue": list(drug.rescue),
        "products": [_product(product) for product in drug.products],
        "contraindications": [
            contraindication_row(item) for item in models.contraindications.values() if item.drug == key
        ],
        "standard_concentrations": [
            standard_row(item) for item in models.standard_concentrations.values() if item.drug == key
        ],
        "routes": {route: _by_route(entry, models.layers) for route, entry in drug.routes.items()},
    }


def _by_route(entry: RouteEntryModel, layers: Layers) -> Row:
    forbidden = entry.forbidden
    return {
        "status": entry.status,
        "note": entry.note,
        "forbidden": _forbidden(forbidden) if forbidden else None,
        "reports": [_report(report) for report in entry.reports],
        "rules": [_rule(rule, layers) for rule in entry.rules],
    }


def _forbidden(forbidden: ForbiddenModel) -> Row:
    return {"reason": forbidden.reason, "evidence": evidence_rows(forbidden.evidence)}


def _rule(rule: RuleModel, layers: Layers) -> Row:
    return {
        "id": rule.id,
        "mode": rule.mode,
        "categories": list(rule.category),
        "indications": list(rule.indication),
        "age": pack_band(rule.age),
        "weight": pack_band(rule.weight),
        "limits": [_limits(measure, limits) for measure, limits in rule.limits.items()],
        "evidence": evidence_rows(rule.evidence),
        "review": rule.review.model_dump(),
        "note": rule.note,
        "site": layers.site_of.get(rule.id),
        "changes": [change._asdict() for change in layers.changes.get(rule.id, ())],
        "sign_off": None,
    }


def limits_by_kind(limits: LimitsModel) -> dict[str, Quantity | Absent]:
    """Return the five limits by the names that reports use; the usual range is two of them."""
    usual = limits.usual
    if isinstance(usual, Span):
        lower_soft: Quantity | Absent = usual.low or Absent("the usual range has no lower end")
        upper_soft: Quantity | Absent = usual.high
    else:
        lower_soft = upper_soft = usual
    return {
        "lower_hard": limits.lower_hard,
        "lower_soft": lower_soft,
        "upper_soft": upper_soft,
        "upper_hard": limits.upper_hard,
        "toxic_from": limits.toxic_from,
    }


def _limits(measure: str, limits: LimitsModel) -> Row:
    kinds = limits_by_kind(limits)
    return {
        "measure": measure,
        "stated": {kind: pack(value) for kind, value in kinds.items() if isinstance(value, Quantity)},
        "absent": {kind: value.reason for kind, value in kinds.items() if isinstance(value, Absent)},
        "upper_hard_is": limits.upper_hard_is,
        "window": pack(limits.window) if limits.window else None,
        "note": limits.note,
    }


def _report(report: ReportModel) -> Row:
    dose = report.dose
    return {
        "dose": pack(dose) if isinstance(dose, Quantity) else dose.reason,
        "outcome": report.outcome,
        "population": report.population,
        "stated_by": [report.source, report.where],
    }


def _product(product: ProductModel) -> Row:
    return {
        "name": product.name,
        "strength": pack(product.strength),
        "containers": list(product.containers),
        "preservative": product.preservative,
        "labelled_routes": list(product.labelled_routes),
        "forbidden": {route: _forbidden(forbidden) for route, forbidden in product.forbidden.items()},
        "note": product.note,
        "stated_by": [product.source, product.where],
    }


def _slip(slip: SlipModel) -> Row:
    return {
        "mechanism": slip.mechanism,
        "works_by": slip.works_by,
        "factor": pair(Fraction(slip.factor)) if slip.factor else None,
        "unit": slip.unit,
        "why": slip.why,
        "stated_by": [slip.source, slip.where],
        "how_common": slip.how_common.says,
        "common_stated_by": [common.source, common.where or ""]
        if (common := slip.how_common).source
        else None,
    }
