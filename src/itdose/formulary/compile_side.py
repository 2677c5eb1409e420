"""Turn what stands beside the drugs into plain rows: conditions, excipients, syringes, weights, standards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itdose.formulary.packing import evidence_rows, pack, pack_band, pack_span

if TYPE_CHECKING:
    from itdose.formulary.side_model import (
        ContraindicationModel,
        GrowthModel,
        ReminderModel,
        StandardModel,
        SyringeModel,
        VehicleModel,
    )

Row = dict[str, Any]


def contraindication_row(item: ContraindicationModel) -> Row:
    """Return one entry as a row."""
    return {
        "routes": list(item.routes),
        "condition": item.condition,
        "strength": item.strength,
        "only": item.only,
        "says": item.says,
        "evidence": evidence_rows(item.evidence),
    }


def vehicle_row(vehicle: VehicleModel) -> Row:
    """Return one entry as a row."""
    return {
        "name": vehicle.name,
        "spellings": list(vehicle.spellings),
        "routes": dict(vehicle.routes),
        "neonates": vehicle.neonates,
        "says": vehicle.says,
        "evidence": evidence_rows(vehicle.evidence),
    }


def reminder_row(reminder: ReminderModel) -> Row:
    """Return one entry as a row."""
    return {
        "says": reminder.says,
        "more_than": reminder.more_than,
        "evidence": evidence_rows(reminder.evidence),
    }


def standard_row(item: StandardModel) -> Row:
    """Return one entry as a row."""
    return {
        "route": item.route,
        "mode": item.mode,
        "concentrations": [pack(strength) for strength in item.concentrations],
        "evidence": evidence_rows(item.evidence),
    }


def syringe_row(syringe: SyringeModel) -> Row:
    """Return one entry as a row."""
    return {
        "volume": pack(syringe.volume),
        "graduation": pack(syringe.graduation),
        "measures_from": pack(syringe.measures_from),
        "evidence": evidence_rows(syringe.evidence),
    }


def growth_row(growth: GrowthModel) -> Row:
    """Return one entry as a row."""
    return {
        "age": pack_band(growth.age),
        "weight": pack_span(growth.weight),
        "evidence": evidence_rows(growth.evidence),
    }
