from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from itdose import Order
from itdose.case.reading import read_order
from itdose.checks import (
    CHECKS,
    identity,
    latent_slips,
    limits,
    notation,
    patient,
    preparation,
    route,
    slips,
)

if TYPE_CHECKING:
    from types import ModuleType

    from itdose import Formulary

MODULES = (identity, route, notation, limits, preparation, slips, latent_slips, patient)
# The text about an overdose belongs to the route check; the limits check shows it beside a stop.
SHARED = {"limits": {"overdose-text"}}
ORDERS = [
    Order(drug=drug, dose=dose, route=by, mode=mode, weight=weight, concentration="50 mg/mL", volume="1 mL")
    for drug, by, dose, mode, weight in product(
        ("magnesium", "morphine", "bupivacaine", "ketamine", "vincristine", "epinephrine", "unobtainium", ""),
        ("it", "epidural", "iv", "caudal", "oral"),
        ("50 mg", "1 mg/kg", "300 mcg/h", "5 mg/m2", "5 mmol", "1,5 mg", ""),
        (None, "continuous_infusion", "sideways"),
        (None, "70 kg"),
    )
]


def test_the_checks_stand_in_reading_order() -> None:
    assert [module.check for module in MODULES] == list(CHECKS)


@pytest.mark.parametrize("module", MODULES)
def test_a_check_always_speaks_and_only_in_its_own_codes(formulary: Formulary, module: ModuleType) -> None:
    own = set(module.CODES) | SHARED.get(module.__name__.rpartition(".")[2], set())
    for order in ORDERS:
        codes = {finding.code for finding in module.check(read_order(order, formulary))}
        assert codes, order
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
