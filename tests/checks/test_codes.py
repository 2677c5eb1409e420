from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from itdose import Order
from itdose.case.reading import read_order
from itdose.checks import (
    CHECKS,
    conditions,
    drawing,
    identity,
    latent_slips,
    limits,
    mixture,
    notation,
    paperwork,
    patient,
    preparation,
    product,
    pump,
    route,
    slips,
    standards,
)

if TYPE_CHECKING:
    from types import ModuleType

    from itdose import Formulary

MODULES = (
    identity, route, notation, limits, preparation, product, standards, drawing, pump, paperwork,
    slips, latent_slips, mixture, patient, conditions,
)  # fmt: skip
# These look at what an order need not state; where nothing was stated they compared nothing.
SILENT_WHERE_NOTHING_IS_STATED = {product, standards, drawing, pump, paperwork, mixture, conditions}
# The text about an overdose belongs to the route check; the limits check shows it beside a stop.
SHARED = {"limits": {"overdose-text"}}
ORDERS = [
    Order(drug=drug, dose=dose, route=by, mode=mode, weight=weight, concentration="50 mg/mL", volume="1 mL")
    for drug, by, dose, mode, weight in itertools.product(
        ("magnesium", "morphine", "bupivacaine", "ketamine", "vincristine", "epinephrine", "unobtainium", ""),
        ("it", "epidural", "iv", "caudal", "oral"),
        ("50 mg", "1 mg/kg", "300 mcg/h", "5 mg/m2", "5 mmol", "1,5 mg", ""),
        (None, "continuous_infusion", "sideways"),
        (None, "70 kg"),
    )
]


def test_the_checks_stand_in_reading_order() -> None:
    assert [module.__name__ for module in MODULES] == [check.__module__ for check in CHECKS]


@pytest.mark.parametrize("module", MODULES)
def test_a_check_always_speaks_and_only_in_its_own_codes(formulary: Formulary, module: ModuleType) -> None:
    own = set(module.CODES) | SHARED.get(module.__name__.rpartition(".")[2], set())
    for order in ORDERS:
        codes = {finding.code for finding in module.check(read_order(order, formulary))}
        assert codes or module in SILENT_WHERE_NOTHING_IS_STATED, order
        assert codes <= own, order


def test_no_code_belongs_to_two_checks() -> None:
    codes = [code for module in MODULES for code in module.CODES]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("module", MODULES)
def test_every_code_is_kebab_case_and_explained(module: ModuleType) -> None:
    for code, meaning in module.CODES.items():
        assert code.replace("-", "").isalpha()
        assert code.lower() == code or code == "slip-mg-mEq"
        assert len(meaning) > 15
