from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict
from itdose.case.reading import read_order
from itdose.checks import pump

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "pump-lasts": {"flow_rate": "0.5 mL/day", "reservoir_volume": "20 mL"},
    "pump-empties-early": {"flow_rate": "25 mL/h", "volume": "50 mL", "over": "3 h"},
    "pump-overfilled": {"reservoir_volume": "20 mL", "volume": "25 mL"},
    "pump-concentration-change": {"flow_rate": "0.5 mL/day", "reservoir_volume": "20 mL"},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(pump.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(pump.CODES)


@pytest.mark.parametrize(
    "said", [{}, {"volume": "25 mL"}, {"flow_rate": "1 mL/h"}, {"reservoir_volume": "9 mL"}]
)
def test_without_a_flow_or_something_that_runs_out_nothing_is_said(
    formulary: Formulary, said: dict[str, str]
) -> None:
    assert check(formulary, dose="50 mg/h", **said) == []


@pytest.mark.parametrize(
    ("flow_rate", "said", "message"),
    [
        ("0.5 mL/day", {"reservoir_volume": "20 mL"}, "20 mL at 0.5 mL/day lasts 40 days"),
        ("0.5 mL/day", {"reservoir_volume": "0.02 L"}, "20 mL at 0.5 mL/day lasts 40 days"),
        ("0.0005 L/day", {"reservoir_volume": "20 mL"}, "20 mL at 0.0005 L/day lasts 40 days"),
        ("1 mL/day", {"reservoir_volume": "20 mL"}, "20 mL at 1 mL/day lasts 20 days"),
        ("0.5 mL/day", {"reservoir_volume": "20 mL", "volume": "18 mL"}, "18 mL at 0.5 mL/day lasts 36 days"),
        ("25 mL/h", {"volume": "600 mL"}, "600 mL at 25 mL/h lasts 1 day"),
        ("25 mL/h", {"volume": "599 mL"}, "599 mL at 25 mL/h lasts 23.96 h"),
        ("25 mL/h", {"volume": "50 mL", "over": "2 h"}, "50 mL at 25 mL/h lasts 2 h"),
        ("25 mL/h", {"volume": "50 mL", "over": "120 min"}, "50 mL at 25 mL/h lasts 2 h"),
        ("30 mL/h", {"volume": "50 mL"}, "50 mL at 30 mL/h lasts about 1.667 h"),
    ],
)
def test_what_is_in_it_divided_by_the_flow_is_how_long_it_lasts(
    formulary: Formulary, flow_rate: str, said: dict[str, str], message: str
) -> None:
    found = check(formulary, route="iv", dose="1 g/h", flow_rate=flow_rate, **said)
    assert [(one.code, one.verdict, one.message) for one in found] == [
        ("pump-lasts", Verdict.WITHIN_LIMITS, message)
    ]
    assert found[0].evidence


def test_the_flow_that_is_not_stated_is_not_made_up(formulary: Formulary) -> None:
    assert check(formulary, dose="1 g/h", concentration="40 mg/mL", volume="500 mL", route="iv") == []


@pytest.mark.parametrize(
    ("over", "is_early"), [("119 min", False), ("2 h", False), ("121 min", True), ("1 day", True)]
)
def test_a_bag_that_is_empty_before_its_time_needs_a_look(
    formulary: Formulary, over: str, is_early: bool
) -> None:
    [found] = check(formulary, dose="1 g/h", flow_rate="25 mL/h", volume="50 mL", over=over)
    assert found.code == ("pump-empties-early" if is_early else "pump-lasts")
    assert (found.verdict is Verdict.NEEDS_REVIEW) == is_early
    if over == "1 day":
        assert found.message == "50 mL at 25 mL/h lasts 2 h, which is less than the stated 1 day"


@pytest.mark.parametrize(
    ("fill", "is_over"),
    [("20 mL", False), ("0.02 L", False), ("19.9999 mL", False), ("20.0001 mL", True), ("0.025 L", True)],
)
def test_a_fill_above_the_reservoir_is_a_stop(formulary: Formulary, fill: str, is_over: bool) -> None:
    found = check(formulary, dose="50 mg/h", reservoir_volume="20 mL", volume=fill)
    assert [(one.code, one.verdict) for one in found] == (
        [("pump-overfilled", Verdict.STOP)] if is_over else []
    )
    if fill == "0.025 L":
        assert found[0].message == "the fill, 25 mL, is more than the reservoir holds, 20 mL"


def test_a_fill_that_follows_from_other_cells_is_compared_too(formulary: Formulary) -> None:
    # 5 mL drawn and 20 mL of diluent are 25 mL.
    said = {"draw_volume": "5 mL", "diluent_volume": "20 mL", "reservoir_volume": "20 mL"}
    assert [one.code for one in check(formulary, dose="50 mg/h", **said)] == ["pump-overfilled"]


@pytest.mark.parametrize(("route", "is_reminded"), [("it", True), ("epidural", True), ("iv", False)])
def test_what_is_left_in_the_tubing_is_recalled_for_neuraxial_pumps(
    formulary: Formulary, route: str, is_reminded: bool
) -> None:
    said = {"drug": "morphine", "dose": "1 mg/day", "flow_rate": "0.5 mL/day", "reservoir_volume": "20 mL"}
    found = [one for one in check(formulary, **said, route=route) if one.code == "pump-concentration-change"]
    assert bool(found) is is_reminded
    if is_reminded:
        # 0.1 mL of 0.5 mL a day is a fifth of 24 h.
        assert found[0].message.endswith("at 0.5 mL/day each 0.1 mL of the old one takes 4.8 h")
        assert found[0].verdict is Verdict.WITHIN_LIMITS
