from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose.render.sheets.label_rows import LETTER, Mark, staggered
from itdose.render.sheets.overview_counts import OverviewCounts, bin_of, furthest
from itdose.render.sheets.overview_svg import NARROW, WIDE, overview
from itdose.render.sheets.ruler_svg import LogScale, ruler, scale_of, usual
from itdose.render.sheets.written import number_of, quantity_of, shown_text, times

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.quantity import UnitTable
    from itdose.render.sheets.label_rows import Label

some = settings(derandomize=True, deadline=None, max_examples=100)


@pytest.fixture
def units(formulary: Formulary) -> UnitTable:
    return formulary.units


def comparison(observed: str, **limits: str) -> dict[str, Any]:
    rule = "magnesium_sulfate.intrathecal.single_dose.adult"
    return {
        "rule": rule,
        "label": "single dose, adult",
        "measure": "dose",
        "window": None,
        "observed": observed,
        "zone": "at-toxic-level",
        "limits": limits,
    }


MAGNESIUM = {"lower_soft": "50 mg", "upper_soft": "100 mg", "upper_hard": "100 mg", "toxic_from": "500 mg"}


def row(observed: str, verdict: str = "stop", **limits: str) -> dict[str, Any]:
    compared = [comparison(observed, **limits)] if limits else []
    return {"verdict": verdict, "compared": compared, "findings": []}


@pytest.mark.parametrize(
    ("text", "amount", "symbol"),
    [
        ("500 mg", Fraction(500), "mg"),
        ("0.001 mcg/kg/min", Fraction(1, 1000), "mcg/kg/min"),
        ("about 20.42 mg/min", Fraction(2042, 100), "mg/min"),
        ("1.333 mL", Fraction(1333, 1000), "mL"),
        ("1.5 million units", Fraction(3, 2), "million units"),
        ("10 mg elemental/kg", Fraction(10), "mg elemental/kg"),
        ("30 days", Fraction(30), "day"),
        ("1 unit/h", Fraction(1), "units/h"),
    ],
)
def test_a_quantity_is_read_back_as_a_report_writes_it(
    units: UnitTable, text: str, amount: Fraction, symbol: str
) -> None:
    quantity = quantity_of(text, units)
    assert quantity is not None
    assert (quantity.amount, quantity.unit.symbol) == (amount, symbol)


@pytest.mark.parametrize("text", ["500", "mg", "", "5 mgg", "-5 mg", "5e3 mg", "5 mg/", "1,5 mg", "5 mg\n"])
def test_what_a_report_never_writes_is_not_read(units: UnitTable, text: str) -> None:
    assert quantity_of(text, units) is None


def test_a_ratio_is_read_back_exactly() -> None:
    assert number_of("1.25") == Fraction(5, 4)
    assert number_of("about 0.3333") == Fraction(3333, 10_000)
    assert number_of("5 mg") is None


def test_quantities_are_compared_across_units_and_never_across_dimensions(units: UnitTable) -> None:
    one = quantity_of("1 g", units)
    assert times(one, quantity_of("50 mg", units)) == 20
    assert times(one, quantity_of("50 mg/kg", units)) is None
    assert times(one, quantity_of("50 mL", units)) is None
    assert times(one, quantity_of("0 mg", units)) is None
    assert times(one, None) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("10000 mcg", "10 mg"), ("0.5 mg", "500 mcg"), ("50 mg", "50 mg"), ("about 1.333 mg", "about 1.333 mg")],
)
def test_the_dose_on_a_ruler_is_in_the_unit_that_needs_no_decimals(
    units: UnitTable, text: str, shown: str
) -> None:
    assert shown_text(text, units) == shown


@pytest.mark.parametrize(("ratio", "x"), [("1/10", 0.0), ("1", 100.0), ("10", 200.0), ("100", 300.0)])
def test_a_factor_of_ten_is_the_same_width_everywhere(ratio: str, x: float) -> None:
    assert LogScale(low=-1, decade=100).x(Fraction(ratio)) == pytest.approx(x)


def test_a_scale_has_a_margin_on_either_side_and_holds_at_least_a_factor_of_ten() -> None:
    wide = scale_of([Fraction(1), Fraction(100)], 248)
    assert (wide.decade, wide.x(Fraction(1)), wide.x(Fraction(100))) == pytest.approx((100, 24, 224))
    narrow = scale_of([Fraction(7)], 124)
    assert (narrow.decade, narrow.x(Fraction(7))) == pytest.approx((100, 62))


def test_a_ruler_puts_every_limit_in_its_place(units: UnitTable) -> None:
    slip = {"code": "slip-tenfold", "mechanism": "tenfold", "explains": "50 mg"}
    made = ruler(comparison("500 mg", **MAGNESIUM), [slip], units)
    assert made is not None
    # A factor of ten from 50 mg to 500 mg, with 12 % of it on either side: 380 / 1.24 wide.
    assert made.decade == pytest.approx(306.45, abs=0.01)
    assert made.dose == pytest.approx(343.23, abs=0.01)
    places = dict(made.limits)
    assert places["toxic_from"] == pytest.approx(343.23, abs=0.01)
    assert places["upper_hard"] == pytest.approx(129.02, abs=0.01)
    assert [(zone.kind, round(zone.left), round(zone.right)) for zone in made.zones] == [
        ("usual", 37, 129),
        ("beyond", 129, 343),
        ("toxic", 343, 380),
    ]
    [before] = made.slips
    assert (round(before.x), before.text, before.mechanism) == (37, "50 mg", "tenfold")


@pytest.mark.parametrize(("dose", "same"), [("0.5 g", "500 mg"), ("500000 mcg", "500 mg")])
def test_the_unit_never_moves_a_mark(units: UnitTable, dose: str, same: str) -> None:
    one = ruler(comparison(dose, **MAGNESIUM), [], units)
    other = ruler(comparison(same, **MAGNESIUM), [], units)
    assert one is not None
    assert other is not None
    assert one.dose == pytest.approx(other.dose)
    assert one.above[0].text == other.above[0].text == "this order 500 mg"


def test_lower_limits_bound_the_bar_on_the_left(units: UnitTable) -> None:
    limits = {"lower_hard": "1 mg", "lower_soft": "10 mg", "upper_soft": "100 mg", "upper_hard": "1000 mg"}
    made = ruler(comparison("10 mg", **limits), [], units)
    assert made is not None
    assert [zone.kind for zone in made.zones] == ["beyond", "usual", "between", "beyond"]
    assert [label.text for label in made.below] == [
        "lower hard limit 1 mg",
        "usual 10 to 100 mg",
        "hard limit 1000 mg",
    ]
    # Three factors of ten, with 12 % of them on either side: 380 / 3.72 wide.
    assert [round(zone.right, 1) for zone in made.zones] == [36.8, 241.1, 343.2, 380]


@pytest.mark.parametrize(
    ("limits", "zones", "texts"),
    [
        ({"upper_soft": "100 mg"}, ["usual"], ["usual up to 100 mg"]),
        ({"lower_soft": "50 mg"}, [], ["usual from 50 mg"]),
        ({"upper_hard": "100 mg"}, ["beyond"], ["hard limit 100 mg"]),
        (
            {"upper_soft": "100 mg", "toxic_from": "500 mg"},
            ["usual", "between", "toxic"],
            ["usual up to 100 mg", "toxic level 500 mg"],
        ),
        ({"toxic_from": "500 mg"}, ["toxic"], ["toxic level 500 mg"]),
    ],
)
def test_a_ruler_shows_the_limits_that_there_are_and_no_other(
    units: UnitTable, limits: dict[str, str], zones: list[str], texts: list[str]
) -> None:
    made = ruler(comparison("200 mg", **limits), [], units)
    assert made is not None
    assert [zone.kind for zone in made.zones] == zones
    assert [label.text for label in made.below] == texts


@pytest.mark.parametrize(
    "finding",
    [
        {"code": "slip-look-alike-drug", "mechanism": "look_alike_drug", "explains": "260 mg"},
        {"code": "slip-route", "mechanism": "route", "explains": "26 g"},
        {"code": "slip-per-kg", "mechanism": "per_kg", "explains": "5 mg/kg"},
        {"code": "slip-tenfold", "mechanism": "tenfold", "explains": "50 mg", "drug": "fentanyl"},
        {"code": "slip-tenfold", "mechanism": "tenfold", "explains": "500 mg"},
        {"code": "slip-not-found"},
    ],
)
def test_a_dose_of_another_drug_route_or_measure_is_not_put_on_the_ruler(
    units: UnitTable, finding: dict[str, Any]
) -> None:
    made = ruler(comparison("500 mg", **MAGNESIUM), [finding], units)
    assert made is not None
    assert made.slips == ()


def test_what_the_cells_hold_stands_beside_what_was_ordered(units: UnitTable) -> None:
    held = {"code": "preparation-contradiction", "observed": "500 mg"}
    made = ruler(comparison("50 mg", **MAGNESIUM), [held], units)
    assert made is not None
    assert made.held == pytest.approx(343.23, abs=0.01)
    assert made.dose == pytest.approx(36.77, abs=0.01)
    assert made.says.endswith("the cells of the preparation make 500 mg. Log scale.")


def test_without_units_there_is_no_ruler_rather_than_a_wrong_one() -> None:
    from itdose.quantity import UnitTable  # noqa: PLC0415

    assert ruler(comparison("500 mg", **MAGNESIUM), [], UnitTable({})) is None


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"lower_soft": "50 mg", "upper_soft": "100 mg"}, "50 mg to 100 mg"),
        ({"lower_soft": "12 mg", "upper_soft": "12 mg"}, "12 mg"),
        ({"upper_soft": "100 mg"}, "up to 100 mg"),
        ({"lower_soft": "50 mg"}, "from 50 mg"),
        ({"upper_hard": "100 mg"}, None),
    ],
)
def test_the_usual_range_is_said_by_the_ends_that_it_has(limits: dict[str, str], said: str | None) -> None:
    assert usual(limits) == said


def apart(one: Label, other: Label) -> bool:
    return one.row != other.row or one.right <= other.left or other.right <= one.left


@some
@given(
    st.lists(
        st.tuples(st.floats(0, 380, allow_nan=False), st.integers(3, 32)).map(
            lambda drawn: Mark(drawn[0], "m" * drawn[1])
        ),
        max_size=4,
    )
)
def test_labels_never_overlap_and_never_leave_the_drawing(marks: list[Mark]) -> None:
    labels = staggered(marks, 380)
    assert [label.text for label in labels] == [mark.text for mark in marks]
    for place, label in enumerate(labels):
        assert label.left >= 0
        assert label.right <= 380 + 1e-9
        assert label.right - label.left == pytest.approx(len(label.text) * LETTER)
        assert all(apart(label, other) for other in labels[place + 1 :])


def test_labels_that_are_near_each_other_get_rows_of_their_own() -> None:
    labels = staggered([Mark(340, "usual 50 to 100 mg"), Mark(350, "hard limit 100 mg")], 380)
    assert {label.row for label in labels} == {0, 1}
    deeper, nearer = sorted(labels, key=lambda label: -label.row)
    assert not nearer.left < deeper.mark < nearer.right, "a line runs through a text"


def test_marks_in_the_same_place_have_their_texts_one_under_another_beside_one_line() -> None:
    labels = staggered([Mark(300, "hard limit 20 mg"), Mark(300, "toxic level 20 mg")], 380)
    assert sorted(label.row for label in labels) == [0, 1]
    nearer = min(labels, key=lambda label: label.row)
    assert nearer.right <= 296 or nearer.left >= 304, "the line to the other text runs beside this one"


def test_a_text_without_any_room_of_its_own_still_stands_at_its_mark() -> None:
    crowd = [Mark(190, "m" * 40) for _ in range(4)]
    labels = staggered(crowd, 380)
    assert [label.row for label in labels] == [0, 1, 2, 3]
    assert all(label.left <= 190 <= label.right for label in labels)


def test_labels_on_either_side_of_their_marks_share_a_row() -> None:
    labels = staggered([Mark(190, "usual 50 to 100 mg"), Mark(200, "hard limit 100 mg")], 380)
    assert [(label.row, label.anchor, label.x) for label in labels] == [(0, "end", 186), (0, "start", 204)]


def test_labels_that_are_far_apart_share_a_row() -> None:
    labels = staggered([Mark(40, "usual 5 mg"), Mark(330, "toxic level")], 380)
    assert [(label.row, label.anchor) for label in labels] == [(0, "middle"), (0, "middle")]


@pytest.mark.parametrize(
    ("ratio", "place"),
    [("1/10", -10), ("0.9999", 0), ("1", 0), ("1.0001", 1), ("2", 4), ("10", 10), ("10.01", 11)],
)
def test_a_tenth_of_a_decade_ends_at_the_limit_itself(ratio: str, place: int) -> None:
    assert bin_of(Fraction(ratio)) == place


def told(body: dict[str, Any], units: UnitTable) -> tuple[str, str, str]:
    found = furthest(body, units)
    assert found is not None
    return str(found.ratio), found.kind, found.drug


def test_the_limit_is_the_end_of_the_usual_range_or_else_the_next_one(units: UnitTable) -> None:
    assert told(row("500 mg", **MAGNESIUM), units) == ("5", "upper_soft", "magnesium_sulfate")
    assert told(row("1 g", upper_hard="100 mg", toxic_from="500 mg"), units)[:2] == ("10", "upper_hard")
    assert told(row("1 g", toxic_from="500 mg"), units)[:2] == ("2", "toxic_from")
    assert furthest(row("1 g", lower_soft="500 mg"), units) is None
    assert furthest(row("1 g"), units) is None


def counted(units: UnitTable, *rows: dict[str, Any]) -> OverviewCounts:
    counts = OverviewCounts(units)
    for body in rows:
        counts.add(body)
    return counts


def test_a_dose_equal_to_a_band_s_end_is_counted_in_it(units: UnitTable) -> None:
    doses = ("100 mg", "100.1 mg", "200 mg", "1000 mg", "1000.1 mg")
    [drug] = counted(units, *(row(dose, **MAGNESIUM) for dose in doses)).drugs
    assert drug.bands == [1, 2, 1, 1]
    assert (drug.drug, drug.rows, drug.highest_text) == ("magnesium sulfate", 5, "10.001")


def test_rows_without_a_place_are_counted(units: UnitTable) -> None:
    counts = counted(units, row("1 g"), row("1 g", lower_soft="2 g"), row("1 g", upper_soft="2 g"))
    assert (counts.rows, counts.not_compared, counts.not_placed) == (1, 1, 1)


def test_the_overview_puts_a_dose_at_its_limit_on_the_line_and_ten_times_it_a_decade_on(
    units: UnitTable,
) -> None:
    counts = counted(units, row("100 mg", "within_limits", **MAGNESIUM), row("1 g", "stop", **MAGNESIUM))
    made = overview(counts, WIDE)
    assert made is not None
    # From 1/10 to 10 times, and 0.15 of a decade on either side: 760 / 2.3 a decade.
    assert made.limit == pytest.approx(380)
    [lane] = made.lanes
    assert lane.marks["within_limits"][0][0] == pytest.approx(380)
    assert lane.marks["stop"][0][0] == pytest.approx(380 + 330.43, abs=0.01)
    assert [(round(tick.x), tick.text, tick.is_limit) for tick in made.ticks] == [
        (50, "1/10", False),
        (380, "limit", True),
        (710, "10\u00d7", False),
    ]


def test_marks_that_would_touch_stand_one_over_another(units: UnitTable) -> None:
    made = overview(counted(units, *(row("100 mg", **MAGNESIUM) for _ in range(3))), NARROW)
    assert made is not None
    [(first, second, third)] = [lane.marks["stop"] for lane in made.lanes]
    assert first[0] == second[0] == third[0] == pytest.approx(170)
    assert first[1] - second[1] == second[1] - third[1] == 9


def test_many_rows_of_a_drug_become_bars_as_high_as_their_share(units: UnitTable) -> None:
    within = [row("100 mg", "within_limits", **MAGNESIUM)] * 8
    stops = [row("1 g", "stop", **MAGNESIUM)] * 2 + [row("100 mg", "needs_review", **MAGNESIUM)] * 2
    made = overview(counted(units, *within, *stops), WIDE)
    assert made is not None
    [lane] = made.lanes
    assert lane.marks == {}
    assert [(bar.verdict, round(bar.height, 1)) for bar in lane.bars] == [
        ("within_limits", 36.8),
        ("needs_review", 9.2),
        ("stop", 9.2),
    ]
    limit, beyond = lane.bars[0], lane.bars[2]
    assert limit.x + limit.width == pytest.approx(380), "the bar of the limit ends at its line"
    assert beyond.x - limit.x == pytest.approx(330.43, abs=0.01)
    assert limit.stripes == []
    assert beyond.stripes


def test_a_lane_stands_for_each_drug_the_furthest_first_and_no_more_than_twelve(units: UnitTable) -> None:
    bodies = []
    for place in range(1, 16):
        body = row(f"{place} g", **MAGNESIUM)
        body["compared"][0]["rule"] = f"drug_{place}.intrathecal.single_dose.adult"
        bodies.append(body)
    counts = counted(units, *bodies)
    made = overview(counts, WIDE)
    assert made is not None
    assert [lane.name for lane in made.lanes][:2] == ["drug 15", "drug 14"]
    assert len(made.lanes) == 12
    assert len(counts.drugs) == 15
    assert made.says == (
        "15 rows of 15 drugs on a log scale; 15 lie above their upper limit. The furthest is drug 15, "
        "150 times the limit. The table below has the counts."
    )


def test_without_a_dose_to_place_there_is_no_overview(units: UnitTable) -> None:
    assert overview(counted(units, row("1 g")), WIDE) is None
