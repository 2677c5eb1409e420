from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import drawing
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "volume-measurable": {"volume": "1 mL"},
    "volume-too-small": {"volume": "0.09 mL"},
    "volume-between-marks": {"volume": "1.05 mL"},
    "volume-unusual-for-route": {"volume": "6 mL"},
    "units-contradiction": {"dose": "2.5 g", "units_used": "2 x 2 mL", "draw_volume": "5 mL"},
    "units-more-than-needed": {"dose": "1 g", "units_used": "2 x 2 mL", "draw_volume": "2 mL"},
    "units-many": {"units_used": "6", "volume": "1 mL"},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **said}
    return list(drawing.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(drawing.CODES)


def test_without_a_volume_or_with_a_contradiction_nothing_is_said(formulary: Formulary) -> None:
    assert check(formulary) == []
    assert check(formulary, volume="1 mL", concentration="500 mg/mL") == []


# A fifth of each size, from the table of the source and not from the data: 0.5, 1, 3, 5, 10, 20 and 50 mL.
@pytest.mark.parametrize(
    ("place", "capacity", "fifth"),
    [
        (0, "0.5", "0.1"),
        (1, "1", "0.2"),
        (2, "3", "0.6"),
        (3, "5", "1"),
        (4, "10", "2"),
        (5, "20", "4"),
        (6, "50", "10"),
    ],
)
def test_each_syringe_measures_from_a_fifth_of_it(
    formulary: Formulary, place: int, capacity: str, fifth: str
) -> None:
    alone = formulary.syringes[place : place + 1]
    milliliter, liter = formulary.units["mL"], formulary.units["L"]
    low, step = Fraction(fifth), Fraction("0.0001")
    for unit, size in ((milliliter, 1), (liter, 1000)):
        assert drawing.is_measurable(Quantity(low / size, unit), alone)
        assert drawing.is_measurable(Quantity((low + step) / size, unit), alone)
        assert not drawing.is_measurable(Quantity((low - step) / size, unit), alone)
    assert drawing.syringe_for(Quantity(Fraction(capacity), milliliter), formulary.syringes) is alone[0]
    above = Quantity(Fraction(capacity) + step, milliliter)
    larger = (*formulary.syringes[place + 1 :], None)[0]
    assert drawing.syringe_for(above, formulary.syringes) is larger


@pytest.mark.parametrize(
    ("volume", "code", "message"),
    [
        ("0.0999 mL", "volume-too-small", "0.0999 mL is less than a 0.5 mL syringe measures well, 0.1 mL"),
        ("0.1 mL", "volume-measurable", "0.1 mL can be measured with a 0.5 mL syringe, marked every 0.01 mL"),
        (
            "0.0001 L",
            "volume-measurable",
            "0.1 mL can be measured with a 0.5 mL syringe, marked every 0.01 mL",
        ),
        ("0.5 mL", "volume-measurable", "0.5 mL can be measured with a 0.5 mL syringe, marked every 0.01 mL"),
        ("0.51 mL", "volume-measurable", "0.51 mL can be measured with a 1 mL syringe, marked every 0.01 mL"),
        ("0.105 mL", "volume-between-marks", "0.105 mL lies between the marks of a 0.5 mL syringe"),
        ("1.05 mL", "volume-between-marks", "1.05 mL lies between the marks of a 3 mL syringe"),
        ("3.1 mL", "volume-between-marks", "3.1 mL lies between the marks of a 5 mL syringe"),
        ("4.2 mL", "volume-measurable", "4.2 mL can be measured with a 5 mL syringe, marked every 0.2 mL"),
        ("0.0042 L", "volume-measurable", "4.2 mL can be measured with a 5 mL syringe, marked every 0.2 mL"),
    ],
)
def test_a_volume_is_measured_with_the_smallest_syringe_that_takes_it(
    formulary: Formulary, volume: str, code: str, message: str
) -> None:
    [found] = check(formulary, volume=volume)
    assert found.code == code
    assert found.message.startswith(message)
    assert (found.verdict is Verdict.NEEDS_REVIEW) == (code == "volume-too-small")
    assert found.evidence


def test_what_is_drawn_is_measured_and_not_what_it_becomes(formulary: Formulary) -> None:
    # 5 mg are 0.01 mL of 500 mg/mL, however large the final volume is.
    found = check(formulary, dose="5 mg", strength="500 mg/mL", concentration="5 mg/mL", volume="1 mL")
    assert [finding.code for finding in found] == ["volume-too-small"]
    assert found[0].message == (
        "0.01 mL is less than a 0.5 mL syringe measures well, 0.1 mL; 1 mL of 500 mg/mL made up to 10 mL is "
        "50 mg/mL, of which 0.1 mL holds the same, where it may be diluted"
    )
    smaller = check(formulary, dose="0.5 mg", strength="500 mg/mL", concentration="5 mg/mL", volume="0.1 mL")
    assert "made up to 100 mL is 5 mg/mL, of which 0.1 mL holds the same" in smaller[0].message
    smallest = check(
        formulary, dose="50 mcg", strength="500 mg/mL", concentration="5 mg/mL", volume="0.01 mL"
    )
    assert "made up" not in smallest[0].message


@pytest.mark.parametrize(
    ("route", "volume", "said"),
    [
        ("intrathecal", "5 mL", False),
        ("intrathecal", "0.005 L", False),
        ("intrathecal", "5.0001 mL", True),
        ("epidural", "30 mL", False),
        ("epidural", "30.0001 mL", True),
        ("epidural", "0.031 L", True),
        ("transforaminal", "4 mL", False),
        ("transforaminal", "4.01 mL", True),
        ("intravenous", "500 mL", False),
    ],
)
def test_more_than_usual_at_once_by_a_route_needs_a_look(
    formulary: Formulary, route: str, volume: str, said: bool
) -> None:
    found = {finding.code: finding.verdict for finding in check(formulary, route=route, volume=volume)}
    assert ("volume-unusual-for-route" in found) is said
    assert found.get("volume-unusual-for-route", Verdict.NEEDS_REVIEW) is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize("said", [{"dose": "50 mg/h"}, {"mode": "continuous_infusion"}])
def test_a_volume_that_runs_slowly_is_not_injected_at_once(
    formulary: Formulary, said: dict[str, str]
) -> None:
    found = check(formulary, volume="50 mL", **said)
    assert "volume-unusual-for-route" not in {finding.code for finding in found}


@pytest.mark.parametrize(
    ("used", "drawn", "code", "message"),
    [
        ("2 x 2 mL", "5 mL", "units-contradiction", "2 of 2 mL hold 4 mL, and 5 mL was drawn"),
        ("2 of 2 mL", "0.005 L", "units-contradiction", "2 of 2 mL hold 4 mL, and 5 mL was drawn"),
        ("2 ampoules of 0.002 L", "5 mL", "units-contradiction", "2 of 2 mL hold 4 mL, and 5 mL was drawn"),
        ("2 x 2 mL", "4.0001 mL", "units-contradiction", "2 of 2 mL hold 4 mL, and 4.0001 mL was drawn"),
        ("2 x 2 mL", "4 mL", None, None),
        ("2 x 2 mL", "2.1 mL", None, None),
        ("2 x 2 mL", "2 mL", "units-more-than-needed", "2 of 2 mL hold 4 mL, and 2 mL was drawn; 1 would do"),
        (
            "3 x 2 mL",
            "1.9 mL",
            "units-more-than-needed",
            "3 of 2 mL hold 6 mL, and 1.9 mL was drawn; 1 would do",
        ),
        ("1 x 10 mL", "0.1 mL", None, None),
        ("0.5 x 2 mL", "1 mL", None, None),
        ("0.5 x 2 mL", "1.1 mL", "units-contradiction", "0.5 of 2 mL hold 1 mL, and 1.1 mL was drawn"),
    ],
)
def test_the_containers_used_must_hold_what_was_drawn(
    formulary: Formulary, used: str, drawn: str, code: str | None, message: str | None
) -> None:
    found = check(formulary, drug="naloxone", route="iv", dose="1 mg", units_used=used, draw_volume=drawn)
    said = [(finding.code, finding.message) for finding in found if finding.code.startswith("units")]
    assert said == ([(code, message)] if code else [])


def test_containers_that_hold_too_little_stop_the_report(formulary: Formulary) -> None:
    order = Order(
        drug="magnesium sulfate",
        dose="2.5 g",
        route="iv",
        product="magnesium sulfate 50 %",
        units_used="2 x 2 mL",
        draw_volume="5 mL",
    )
    report = assess(order, formulary)
    assert report.verdict is Verdict.STOP
    assert report.headline == "2 of 2 mL hold 4 mL, and 5 mL was drawn"


@pytest.mark.parametrize(
    ("used", "many"), [("5", False), ("5 vials", False), ("5.01", True), ("6", True), ("12 x 2 mL", True)]
)
def test_more_than_five_containers_for_one_dose_need_a_look(
    formulary: Formulary, used: str, many: bool
) -> None:
    found = check(formulary, drug="naloxone", route="iv", dose="1 mg", units_used=used, draw_volume="20 mL")
    assert ("units-many" in {finding.code for finding in found}) is many


@pytest.mark.parametrize(("drawn", "many"), [("125 mL", False), ("125.5 mL", True), ("126 mL", True)])
def test_the_containers_that_a_dose_takes_are_counted(formulary: Formulary, drawn: str, many: bool) -> None:
    # The 40 % product comes in flasks of 25 mL alone: 125 mL are five of them.
    said = {"product": "magnesium sulfate 40 %", "route": "iv", "diluent": "water"}
    amount = {"125 mL": "50 g", "125.5 mL": "50.2 g", "126 mL": "50.4 g"}[drawn]
    found = [one for one in check(formulary, dose=amount, **said) if one.code == "units-many"]
    assert bool(found) is many
    if many:
        assert found[0].message.startswith("one dose takes 6 containers of 25 mL; ")
        assert found[0].verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize(
    "text", ["0", "-2", "1,5", "nan", "1e5", "two", "2 x", "2 x nan mL", "2 x 0 mL", "1000"]
)
def test_a_number_of_containers_that_is_not_read_is_refused(formulary: Formulary, text: str) -> None:
    order = Order(drug="magnesium", dose="50 mg", route="it", units_used=text)
    report = assess(order, formulary)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert "units_used" in {one.measure for one in report.findings if one.code == "notation-refused"}
