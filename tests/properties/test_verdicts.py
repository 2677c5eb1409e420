"""What must hold for every order, not only for the typed ones."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from itdose import Formulary, Order, Verdict, assess
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError
from itdose.findings import overall
from itdose.order import MODES
from itdose.render.report_text import report_text
from itdose.report_json import report_row, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.findings import Report
    from itdose.formulary.tables import DoseRule, MeasureLimits

few = settings(derandomize=True, deadline=None, max_examples=12)
some = settings(derandomize=True, deadline=None, max_examples=120)
many = settings(derandomize=True, deadline=None, max_examples=400)

WORDS = {
    Verdict.WITHIN_LIMITS: "WITHIN LIMITS",
    Verdict.NEEDS_REVIEW: "NEEDS REVIEW",
    Verdict.CANNOT_CHECK: "CANNOT CHECK",
    Verdict.STOP: "STOP",
}
# How many of its smallest unit each unit of a kind is.
FAMILIES = (
    {"mcg": 1, "mg": 1000, "g": 1_000_000},
    {"mL": 1, "L": 1000},
    {"units": 1, "million units": 1_000_000},
)
# An example looks at every fourth rule, beginning with a drawn one: each rule in turn, none in all of them.
SHARES = 4


class Place(NamedTuple):
    """One rule, where it stands, and somebody whom it is for."""

    drug: str
    route: str
    rule: DoseRule
    patient: dict[str, Any]


@pytest.fixture(scope="session")
def places(formulary: Formulary, patient_of: Callable[[DoseRule], dict[str, Any]]) -> tuple[Place, ...]:
    return tuple(
        Place(key, route, rule, patient_of(rule))
        for key in formulary.drug_keys()
        for route, entry in formulary.drug(key).routes.items()
        for rule in entry.rules
    )


def order_for(place: Place, dose: str) -> Order:
    """Return an order that this rule covers, with everything stated."""
    rule = place.rule
    return Order(
        drug=place.drug,
        dose=dose,
        route=place.route,
        mode=rule.mode,
        indication=rule.indications[0] if rule.indications else None,
        over=None if rule.mode == "continuous_infusion" else "1 h",
        **place.patient,
    )


def written(amount: Fraction, unit: str) -> str | None:
    """Return a dose as the grammar wants it, or None where it can't be written in this unit."""
    scaled = amount * 10_000
    if scaled.denominator != 1 or not 0 < amount < 10_000_000:
        return None
    whole, rest = divmod(scaled.numerator, 10_000)
    decimals = f"{rest:04d}".rstrip("0")
    if whole and len(decimals) == 3:
        return None
    return f"{whole}.{decimals} {unit}" if decimals else f"{whole} {unit}"


def spelled(limits: MeasureLimits) -> str:
    """Return the unit of the limits as a dose may be written in it."""
    bounds = limits.guardrail
    limit = next((value for _, value in bounds.stated()), bounds.toxic_from)
    assert limit is not None
    return limit.unit.symbol


def is_said_by_the_dose(rule: DoseRule, measure: str) -> bool:
    """Return whether the dose alone, written in the limit's unit, is this measure."""
    if rule.mode == "continuous_infusion":
        return measure.startswith(("daily_dose", "dose_rate"))
    return measure in {"dose", "dose_per_kg"}


def said_of_limits(report: Report) -> tuple[Verdict, list[tuple[str, Verdict, str]]]:
    """Return verdict and limit findings as if every text had been written plainly."""
    plain = [finding for finding in report.findings if not finding.code.startswith("notation-")]
    limits = [(f.code, f.verdict, f.rule) for f in plain if f.rule is not None and f.mechanism is None]
    return overall(plain), limits


def family_of(limits: MeasureLimits) -> dict[str, int] | None:
    """Return the units in which a limit may be written, or None where there is one alone."""
    unit = spelled(limits).partition("/")[0]
    return next((family for family in FAMILIES if unit in family), None)


def assert_the_unit_is_no_matter(
    formulary: Formulary, order: Order, amount: Fraction, below: str, family: dict[str, int]
) -> int:
    """Compare the spellings of one dose, and return how many there are."""
    texts = [
        text
        for unit, size in family.items()
        if (text := written(amount / size, f"{unit}{below}")) is not None
    ]
    said = [said_of_limits(assess(replace(order, dose=text), formulary)) for text in texts]
    assert all(one == said[0] for one in said), texts
    return len(texts)


@few
@given(st.integers(1, 9999), st.sampled_from([1, 10, 100, 1000, 10_000, 100_000]), st.integers(0, SHARES - 1))
@example(500, 1000, 0)
@example(500, 1000, 1)
@example(500, 1000, 2)
@example(500, 1000, 3)
def test_the_unit_never_changes_the_verdict(
    formulary: Formulary, places: tuple[Place, ...], digits: int, size: int, share: int
) -> None:
    amount = Fraction(digits * size)
    for place in places[share::SHARES]:
        order = order_for(place, "to be written")
        families = (family_of(limits) for limits in place.rule.limits)
        family = next(filter(None, families), FAMILIES[0])
        for below in ("/h", "/kg/h") if place.rule.mode == "continuous_infusion" else ("", "/kg"):
            assert assert_the_unit_is_no_matter(formulary, order, amount, below, family) >= 1


def test_the_unit_never_changes_the_verdict_at_a_limit_or_beside_it(
    formulary: Formulary, places: tuple[Place, ...]
) -> None:
    compared = dict.fromkeys(("mcg", "mL", "units"), 0)
    for place in places:
        order = order_for(place, "to be written")
        for limits in place.rule.limits:
            family = family_of(limits)
            if family is None or not is_said_by_the_dose(place.rule, limits.measure):
                continue
            _, _, below = spelled(limits).partition("/")
            for _, limit in limits.guardrail.stated():
                first, slash, per = limit.unit.symbol.partition("/")
                for step in (-1, 0, 1):
                    amount = limit.amount * family[first] + Fraction(step, 10)
                    compared[next(iter(family))] += assert_the_unit_is_no_matter(
                        formulary, order, amount, f"{slash}{per}", family
                    )
                assert per.count("/") == below.count("/")
    assert compared["mcg"] > 3000
    assert compared["mL"] > 20
    assert compared["units"] > 20


@few
@given(st.integers(1001, 20_000), st.integers(1, 20_000), st.integers(0, SHARES - 1))
@example(1001, 1, 0)
@example(1001, 1, 1)
@example(1001, 1, 2)
@example(1001, 1, 3)
def test_a_larger_dose_never_gets_a_milder_verdict_above_the_usual_range(
    formulary: Formulary,
    places: tuple[Place, ...],
    thousandths: int,
    more: int,
    share: int,
) -> None:
    compared = 0
    for place in places[share::SHARES]:
        for limits in place.rule.limits:
            high = limits.guardrail.upper_soft
            if high is None or not is_said_by_the_dose(place.rule, limits.measure):
                continue
            smaller, larger = (
                written(round(high.amount * factor, 2), high.unit.symbol)
                for factor in (Fraction(thousandths, 1000), Fraction(thousandths + more, 1000))
            )
            if smaller is None or larger is None or round(high.amount * thousandths / 1000, 2) <= high.amount:
                continue
            order = order_for(place, smaller)
            first = assess(order, formulary)
            second = assess(replace(order, dose=larger), formulary)
            assert second.verdict >= first.verdict >= Verdict.NEEDS_REVIEW, (place.rule.id, smaller, larger)
            compared += 1
    assert compared > 20


@st.composite
def tightened(
    draw: st.DrawFn, formulary: Formulary, places: tuple[Place, ...]
) -> tuple[Formulary, Place, MeasureLimits, str]:
    """Return the formulary with one limit of one rule moved inwards."""
    choices = [
        (place, number, kind)
        for place in places
        for number, limits in enumerate(place.rule.limits)
        for kind in ("lower_hard", "lower_soft", "upper_soft", "upper_hard", "toxic_from")
        if getattr(limits.guardrail, kind) is not None
    ]
    place, number, kind = draw(st.sampled_from(choices))
    limits = place.rule.limits[number]
    share = draw(st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]))
    limit = getattr(limits.guardrail, kind)
    order_of_kinds = ["lower_hard", "lower_soft", "upper_soft", "upper_hard"]
    stated = dict(limits.guardrail.stated())
    if kind.startswith("lower"):
        above = [stated[k] for k in order_of_kinds[order_of_kinds.index(kind) + 1 :] if k in stated]
        sizes = [value.size for value in above]
        toxic = limits.guardrail.toxic_from
        # The toxic level stays above it, where nothing else does.
        far = min(sizes) if sizes else toxic.size * Fraction(9, 10) if toxic else limit.size * 2
    else:
        before = order_of_kinds[:2] if kind == "upper_soft" else order_of_kinds[:3]
        far = max((stated[k].size for k in before if k in stated), default=Fraction(0))
    moved = (limit.size + (far - limit.size) * share) / limit.unit.size

    rows: dict[str, Any] = formulary._rows
    drug = deepcopy(rows["drugs"][place.drug])
    rules = drug["routes"][place.route]["rules"]
    row = next(rule for rule in rules if rule["id"] == place.rule.id)
    was = row["limits"][number]["stated"][kind]
    row["limits"][number]["stated"][kind] = [moved.numerator, moved.denominator, was[2]]
    changed = {**rows, "drugs": {**rows["drugs"], place.drug: drug}}
    return Formulary(changed, as_of=formulary.as_of), place, limits, kind


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_tightening_a_limit_never_softens_a_verdict(
    formulary: Formulary, places: tuple[Place, ...], data: st.DataObject
) -> None:
    stricter, place, limits, kind = data.draw(tightened(formulary, places))
    limit = getattr(limits.guardrail, kind)
    factor = data.draw(
        st.sampled_from([Fraction(n, 20) for n in (1, 2, 10, 15, 18, 19, 20, 21, 25, 40, 200)])
    )
    unit = limit.unit.symbol
    if limits.measure in {"concentration", "cumulative_dose"} or not is_said_by_the_dose(
        place.rule, limits.measure
    ):
        unit = unit.removesuffix("/mL").removesuffix("/day").removesuffix("/h").removesuffix("/min")
        unit += "/h" if place.rule.mode == "continuous_infusion" else ""
    text = written(round(limit.amount * factor, 2), unit)
    if text is None:
        return
    order = order_for(place, text)
    order = replace(
        order,
        mode=data.draw(st.sampled_from([order.mode, None])),
        indication=data.draw(st.sampled_from([order.indication, None])),
        weight=data.draw(st.sampled_from([order.weight, "60 kg", None])),
        over=data.draw(st.sampled_from([order.over, None, "20 min"])),
        concentration=written(round(limit.amount * factor, 2), unit)
        if limits.measure == "concentration" and unit.endswith("/mL")
        else data.draw(st.sampled_from([None, "20 mg/mL"])),
    )
    before, after = assess(order, formulary), assess(order, stricter)
    assert after.verdict >= before.verdict, order


# Text as it comes: anything that can stand in a file, and things that look almost like a dose.
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PIECES = (
    *"0123456789.,/ :-%^*eEoO'µμ\u00a0\u200b\u202e\x1b\n",
    *("1", "10", "1000", "0.5", "1.500", "1,5", "1:200000", "nan", "inf", "1e3", "٣", "½"),
    *("mg", "mcg", "g", "µg", "ml", "mL", "kg", "m2", "h", "min", "day", "month", "year", "units", "mEq"),
    *("mmol", "mol", "mg elemental", "million units", "nanograms", "% w/v", "/kg", "/h", "/day", "/mL"),
)
almost = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
numbers = st.sampled_from(["1", "50", "500", "0.5", "9999999", "0.0001", "2.5"])
masses = ("mg", "mcg", "g", "nanograms", "mg elemental", "mmol", "mol", "mEq", "units", "million units")
below_the_line = (
    "",
    "/kg",
    "/m2",
    "/h",
    "/min",
    "/day",
    "/week",
    "/month",
    "/year",
    "/kg/h",
    "/kg/day",
    "/m2/day",
)
doses = st.builds(
    lambda number, unit, below: f"{number} {unit}{below}",
    numbers,
    st.sampled_from(masses),
    st.sampled_from(below_the_line),
)
durations = st.builds(
    lambda number, unit: f"{number} {unit}", numbers, st.sampled_from(["min", "h", "days", "weeks", "years"])
)
strengths = st.one_of(
    st.sampled_from(
        ["50 %", "1:200000", "500 mg/mL", "1 mmol/mL", "1 g/L", "5 units/mL", "1 mg elemental/mL"]
    ),
    st.builds(lambda number, unit: f"{number} {unit}/mL", numbers, st.sampled_from(masses)),
)
weights = st.sampled_from(["70 kg", "3200 g", "0.0001 kg", "9999999 kg"])
volumes = st.sampled_from(["1 mL", "0.5 L", "0.0001 mL", "10 ml"])
text = st.one_of(anything, almost)


def mixed(plausible: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(plausible, plausible, plausible, text)


@st.composite
def orders(draw: st.DrawFn, formulary: Formulary) -> Order:
    """Return an order of plausible and hostile parts."""
    names = [formulary.drug(key).name for key in formulary.drug_keys()]
    drug = draw(mixed(st.sampled_from(names)))
    stated = [*formulary.population.axis, "MARTIAN", ""]
    indications = sorted({key for name in formulary.drug_keys() for key in formulary.drug(name).indications})
    return Order(
        drug=drug,
        dose=draw(mixed(doses)),
        route=draw(mixed(st.sampled_from(["intrathecal", "epidural", "iv", "subcut"]))),
        mode=draw(st.none() | mixed(st.sampled_from(sorted(MODES)))),
        over=draw(st.none() | mixed(durations)),
        every=draw(st.none() | mixed(durations)),
        indication=draw(st.none() | mixed(st.sampled_from(indications))),
        categories=tuple(draw(st.lists(mixed(st.sampled_from(stated)), max_size=3))),
        age=draw(st.none() | mixed(durations)),
        weight=draw(st.none() | mixed(weights)),
        concentration=draw(st.none() | mixed(strengths)),
        volume=draw(st.none() | mixed(volumes)),
        decimal_comma=draw(st.booleans()),
        strict=draw(st.booleans()),
        not_read=tuple(draw(st.lists(text, max_size=2))),
    )


def assert_a_whole_report(report: Report) -> None:
    assert report.findings
    assert report.headline
    assert report.verdict is overall(report.findings)


@many
@given(st.data())
def test_no_text_in_any_field_raises(formulary: Formulary, data: st.DataObject) -> None:
    assert_a_whole_report(assess(data.draw(orders(formulary)), formulary))


@some
@given(
    text, st.sampled_from(["drug", "dose", "route", "mode", "over", "every", "indication", "age", "weight"])
)
def test_one_hostile_field_in_an_ordinary_order_never_raises(
    formulary: Formulary, hostile: str, field: str
) -> None:
    stated: dict[str, Any] = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal"}
    stated[field] = hostile
    assert_a_whole_report(assess(Order(**stated), formulary))


def test_every_kind_of_dose_is_answered_for_every_drug_and_route(formulary: Formulary) -> None:
    for key in formulary.drug_keys():
        for route in formulary.drug(key).routes:
            for unit in masses:
                for below in below_the_line:
                    order = Order(drug=key, dose=f"50 {unit}{below}", route=route, weight="60 kg", over="1 h")
                    report = assess(order, formulary)
                    assert_a_whole_report(report)


DECLARED = ("decimal_comma", "strict", "ratio_strength")


@many
@given(text, st.sampled_from(Kind), st.sets(st.sampled_from(DECLARED)))
@example("1 mg/", Kind.DOSE, set())
@example("1" * 5000 + " mg", Kind.DOSE, set())
@example("1:" + "9" * 5000, Kind.CONCENTRATION, {"ratio_strength"})
@example("9" * 5000 + " %", Kind.CONCENTRATION, set())
@example("1." + "0" * 5000 + "1 mg", Kind.DOSE, set(DECLARED))
def test_reading_a_text_gives_a_quantity_or_a_dose_text_error(
    formulary: Formulary, written_text: str, kind: Kind, declared: set[str]
) -> None:
    dialect = Dialect(formulary.units, **dict.fromkeys(declared, True))
    try:
        said = read(written_text, kind, dialect).quantity.amount > 0
    except DoseTextError as error:
        said = bool(error.problem and error.remedy)
    assert said


@some
@given(st.data())
def test_an_unknown_category_or_a_refused_age_never_makes_a_verdict_milder(
    formulary: Formulary, data: st.DataObject
) -> None:
    order = replace(data.draw(orders(formulary)), age=None)
    before = assess(order, formulary).verdict
    unknown = replace(order, categories=(*order.categories, "martian"))
    refused = replace(order, age="about fifty")
    for worse in (unknown, refused, replace(unknown, age="54")):
        after = assess(worse, formulary).verdict
        assert after >= before
        assert after >= Verdict.CANNOT_CHECK


@some
@given(st.data())
def test_a_report_as_json_comes_back_the_same_and_is_the_same_every_time(
    formulary: Formulary, data: st.DataObject
) -> None:
    order = data.draw(orders(formulary))
    report = assess(order, formulary)
    as_text = to_json(report)
    assert json.loads(as_text) == report_row(report)
    assert as_text.isascii()
    assert to_json(assess(order, formulary)) == as_text
    anew = Formulary(formulary._rows, as_of=formulary.as_of)
    assert to_json(assess(order, anew)) == as_text


@some
@given(st.data(), st.integers(1, 200), st.booleans(), st.booleans())
def test_a_report_as_text_is_drawn_at_any_width_and_says_the_verdict(
    formulary: Formulary, data: st.DataObject, width: int, color: bool, explain: bool
) -> None:
    report = assess(data.draw(orders(formulary)), formulary)
    drawn = report_text(report, width=width, color=color, explain=explain)
    assert WORDS[report.verdict] in drawn.splitlines()[0]


@pytest.mark.parametrize("width", range(1, 201))
def test_a_stop_is_drawn_whole_at_every_width(formulary: Formulary, width: int) -> None:
    report = assess(Order(drug="magnesium", dose="500 mg", route="intrathecal"), formulary)
    drawn = report_text(report, width=width, explain=True)
    assert drawn.startswith("STOP  magnesium sulfate")
    assert "500 mg" in drawn
