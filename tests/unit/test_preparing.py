"""What is drawn of a product: exact volumes, the traps of a strength, and a second person's figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from itdose import Order, Verdict
from itdose.plain_text import plain, shown
from itdose.preparing import with_second, work_out

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.preparing import Drawing, Prepared

MAGNESIUM = Order(drug="magnesium", dose="50 mg", route="it", product="magnesium sulfate 50 %")
# 10 mg of 7.5 mg/mL is 1 1/3 mL: a figure without an end.
BUPIVACAINE = Order(
    drug="bupivacaine", dose="10 mg", route="it", product="bupivacaine 0.75 % in dextrose (spinal)"
)


def prepare(formulary: Formulary, drug: str, dose: str, route: str, **stated: str) -> Prepared:
    return work_out(Order(drug=drug, dose=dose, route=route, **stated), formulary)  # type: ignore[arg-type]


def only(prepared: Prepared) -> Drawing:
    [drawing] = prepared.drawings
    return drawing


@pytest.mark.parametrize(
    ("order", "volume"),
    [
        (("magnesium", "50 mg", "it", "magnesium sulfate 50 %"), "0.1 mL"),
        (("magnesium", "0.05 g", "it", "magnesium sulfate 50 %"), "0.1 mL"),
        (("magnesium", "50000 mcg", "it", "magnesium sulfate 50 %"), "0.1 mL"),
        (("magnesium", "50 mg", "it", "magnesium sulfate 1 % in dextrose"), "5 mL"),
        (("magnesium", "75 mg", "it", "magnesium sulfate 10 %"), "0.75 mL"),
        # 4.06 mmol in 1 g: 2.03 mmol is 500 mg, which is 1 mL.
        (("magnesium", "2.03 mmol", "iv", "magnesium sulfate 50 %"), "1 mL"),
        (("morphine", "200 mcg", "it", "morphine 0.5 mg/mL preservative-free"), "0.4 mL"),
    ],
)
def test_the_volume_to_draw_is_exact_in_every_unit(
    formulary: Formulary, order: tuple[str, str, str, str], volume: str
) -> None:
    drug, dose, route, product = order
    assert plain(only(prepare(formulary, drug, dose, route, product=product)).volume) == volume


def test_a_dose_per_kilogram_is_drawn_for_the_whole_body(formulary: Formulary) -> None:
    # 0.3 mg/kg for 70 kg is 21 mg, and 21 mg of 50 mg/mL is 0.42 mL.
    order = {"indication": "analgesia", "product": "ketamine 50 mg/mL"}
    drawing = only(prepare(formulary, "ketamine", "0.3 mg/kg", "iv", weight="70 kg", **order))
    assert plain(drawing.volume) == "0.42 mL"
    unweighed = prepare(formulary, "ketamine", "0.3 mg/kg", "iv", **order)
    assert (unweighed.verdict, unweighed.drawings) == (Verdict.CANNOT_CHECK, ())
    assert "the dose per kg needs the body weight" in unweighed.headline


@pytest.mark.parametrize(
    ("final_volume", "diluent", "concentration", "verdict"),
    [
        ("5 mL", "4.9 mL", "10 mg/mL", Verdict.WITHIN_LIMITS),
        ("10 mL", "9.9 mL", "5 mg/mL", Verdict.NEEDS_REVIEW),
        ("0.1 mL", "0 mL", "500 mg/mL", Verdict.WITHIN_LIMITS),
    ],
)
def test_a_final_volume_gives_the_diluent_and_the_concentration(
    formulary: Formulary, final_volume: str, diluent: str, concentration: str, verdict: Verdict
) -> None:
    order = {"product": "magnesium sulfate 50 %", "volume": final_volume}
    prepared = prepare(formulary, "magnesium", "50 mg", "it", **order)
    cells = only(prepared).cells
    computed = [cells.quantity(cell) for cell in ("diluent_volume", "concentration")]
    assert [shown(found) for found in computed if found] == [diluent, concentration]
    assert prepared.verdict is verdict


@pytest.mark.parametrize(
    ("final_volume", "verdict"),
    [("5.1 mL", Verdict.NEEDS_REVIEW), ("5 mL", Verdict.NEEDS_REVIEW), ("4.9 mL", Verdict.STOP)],
)
def test_no_more_can_be_drawn_than_the_final_volume(
    formulary: Formulary, final_volume: str, verdict: Verdict
) -> None:
    # 50 mg of 10 mg/mL is 5 mL; whether this bag holds a preservative is not known.
    order = {"product": "magnesium sulfate 1 % in dextrose", "volume": final_volume}
    prepared = prepare(formulary, "magnesium", "50 mg", "it", **order)
    assert prepared.verdict is verdict
    assert bool(prepared.drawings) is (verdict is not Verdict.STOP)


def test_the_traps_of_a_strength_are_ten_times_the_volume_and_the_whole_container(
    formulary: Formulary,
) -> None:
    drawing = only(work_out(MAGNESIUM, formulary))
    said = [(trap.what, plain(trap.volume), shown(trap.holds)) for trap in drawing.traps]
    assert said == [
        ("10 times the volume", "1 mL", "500 mg"),
        ("one whole 2 mL ampoule", "2 mL", "1 g"),
    ]
    limits = [trap.reached[0] for trap in drawing.traps if trap.reached]
    assert [(limit.kind, plain(limit.value)) for limit in limits] == [("toxic_from", "500 mg")] * 2


def test_a_container_that_is_ten_times_the_volume_is_named_once(formulary: Formulary) -> None:
    # 0.2 mL of 500 mg/mL is 100 mg, and the smallest ampoule holds 2 mL.
    order = {"product": "magnesium sulfate 50 %"}
    drawing = only(prepare(formulary, "magnesium", "100 mg", "it", **order))
    assert [trap.what for trap in drawing.traps] == ["10 times the volume"]


def test_a_container_that_holds_just_the_volume_is_no_trap(formulary: Formulary) -> None:
    # 5 mg of 5 mg/mL is the whole 1 mL ampoule.
    order = {"product": "gentamicin intrathecal 5 mg/mL"}
    drawing = only(prepare(formulary, "gentamicin", "5 mg", "it", **order))
    assert drawing.counts == {1: ("1 mL ampoule",)}
    assert [trap.what for trap in drawing.traps] == ["10 times the volume"]


def test_a_trap_that_reaches_no_limit_says_none(formulary: Formulary) -> None:
    # A whole 2 mL ampoule of 7.5 mg/mL is 15 mg, still an ordinary dose; ten times 10 mg is not.
    tenfold, whole = only(work_out(BUPIVACAINE, formulary)).traps
    assert (shown(whole.holds), whole.reached) == ("15 mg", None)
    assert shown(tenfold.holds) == "100 mg"
    assert tenfold.reached is not None
    assert tenfold.reached[0].kind == "upper_hard"


def test_containers_are_counted_by_their_size(formulary: Formulary) -> None:
    # 1.5 g is 3 mL of 500 mg/mL: two ampoules of 2 mL, or one of anything larger.
    drawing = only(prepare(formulary, "magnesium", "1.5 g", "iv", product="magnesium sulfate 50 %"))
    assert drawing.counts[2] == ("2 mL ampoule",)
    assert "10 mL ampoule" in drawing.counts[1]


def test_a_volume_that_no_syringe_measures_comes_with_a_dilution(formulary: Formulary) -> None:
    # 200 mcg of 10 mg/mL is 0.02 mL; diluted tenfold it is 0.2 mL.
    prepared = prepare(formulary, "morphine", "200 mcg", "it", product="morphine 10 mg/mL for pumps")
    assert prepared.verdict is Verdict.NEEDS_REVIEW
    assert "1 mL of 10 mg/mL made up to 10 mL is 1 mg/mL, of which 0.2 mL" in only(prepared).measured


def test_a_volume_above_the_largest_syringe_is_drawn_in_parts(formulary: Formulary) -> None:
    prepared = prepare(formulary, "lipid emulsion", "100 mL", "iv", weight="70 kg")
    assert only(prepared).measured == "more than the largest syringe, 50 mL; it is drawn in parts"


@pytest.mark.parametrize(
    ("drug", "stated", "code"),
    [
        ("magnesium", {"dose": "500 mg"}, "stop: dose-at-toxic-level"),
        ("vincristine", {"dose": "2 mg"}, "stop: route-forbidden"),
        ("gentamicin", {"dose": "5 mg", "product": "gentamicin 40 mg/mL"}, "stop: product-forbidden"),
        (
            "fentanyl",
            {"dose": "20 mcg", "product": "magnesium sulfate 50 %"},
            "stop: product-of-another-drug",
        ),
        ("unobtainium", {"dose": "5 mg"}, "cannot_check: drug-unknown"),
        ("magnesium", {"dose": "50"}, "cannot_check: notation-refused"),
        ("magnesium", {"dose": "50 mg", "volume": "10"}, "cannot_check: notation-refused"),
        ("magnesium", {"dose": "50 mg", "product": "magnesium 7 %"}, "cannot_check: product-not-single"),
        ("morphine", {"dose": "200 mcg", "product": "10 mg/mL"}, "cannot_check: product-not-single"),
    ],
)
def test_what_is_stopped_or_not_checked_has_no_volume_and_a_deciding_finding(
    formulary: Formulary, drug: str, stated: dict[str, str], code: str
) -> None:
    prepared = work_out(Order(drug=drug, route="it", **stated), formulary)  # type: ignore[arg-type]
    assert prepared.drawings == ()
    assert prepared.deciding is not None
    assert f"{prepared.verdict}: {prepared.deciding.code}" == code


def test_a_rate_has_no_volume_to_draw(formulary: Formulary) -> None:
    order = {"mode": "continuous_infusion"}
    prepared = prepare(formulary, "baclofen", "300 mcg/day", "it", **order)
    assert (prepared.verdict, prepared.drawings) == (Verdict.CANNOT_CHECK, ())
    assert prepared.headline.endswith("state what is given at once, and no rate")


def test_without_a_product_every_labelled_one_is_worked_out_and_none_that_is_forbidden(
    formulary: Formulary,
) -> None:
    prepared = prepare(formulary, "morphine", "200 mcg", "it")
    drawn = {drawing.product.name: plain(drawing.volume) for drawing in prepared.drawings}
    unusable = {item.product.name: item.finding for item in prepared.unusable if item.product}
    assert drawn["morphine 0.5 mg/mL preservative-free"] == "0.4 mL"
    assert drawn["morphine 1 mg/mL preservative-free"] == "0.2 mL"
    forbidden = unusable["morphine 10 mg/mL preserved (UK ampoule)"]
    assert forbidden is not None
    assert forbidden.code == "product-forbidden"
    assert not set(drawn) & set(unusable)


def test_a_product_without_a_label_for_the_route_is_only_named_beside_one_that_has_it(
    formulary: Formulary,
) -> None:
    prepared = prepare(formulary, "bupivacaine", "10 mg", "it")
    left_out = {product.name for product in prepared.not_labelled}
    assert "bupivacaine 0.5 %" in left_out
    assert not left_out & {drawing.product.name for drawing in prepared.drawings}


def test_a_drug_without_products_gives_no_volume(formulary: Formulary) -> None:
    row = {**formulary.rows["drugs"]["magnesium_sulfate"], "products": []}
    bare = formulary.with_drug("magnesium_sulfate", row)
    prepared = prepare(bare, "magnesium", "50 mg", "it")
    assert (prepared.verdict, prepared.headline) == (Verdict.CANNOT_CHECK, "no product of it is known")


@pytest.mark.parametrize(
    ("order", "text", "verdict"),
    [
        (MAGNESIUM, "0.1 mL", Verdict.WITHIN_LIMITS),
        (MAGNESIUM, "0.1mL", Verdict.WITHIN_LIMITS),
        (MAGNESIUM, "0.0001 L", Verdict.WITHIN_LIMITS),
        (MAGNESIUM, "0.11 mL", Verdict.STOP),
        (MAGNESIUM, "0.1001 mL", Verdict.STOP),
        (MAGNESIUM, "0.01 mL", Verdict.STOP),
        (MAGNESIUM, "0.1 mg", Verdict.CANNOT_CHECK),
        (MAGNESIUM, "0,1 mL", Verdict.CANNOT_CHECK),
        (MAGNESIUM, "", Verdict.CANNOT_CHECK),
        (BUPIVACAINE, "1.33 mL", Verdict.WITHIN_LIMITS),
        (BUPIVACAINE, "1.33mL", Verdict.WITHIN_LIMITS),
        (BUPIVACAINE, "1.3333 mL", Verdict.WITHIN_LIMITS),
        # Two digits leave too much open, and 1.34 is no rounding.
        (BUPIVACAINE, "1.3 mL", Verdict.STOP),
        (BUPIVACAINE, "1.34 mL", Verdict.STOP),
    ],
)
def test_a_second_figure_agrees_exactly_or_rounded_to_three_digits(
    formulary: Formulary, order: Order, text: str, verdict: Verdict
) -> None:
    prepared = with_second(work_out(order, formulary), text)
    assert prepared.verdict is verdict
    assert bool(prepared.drawings) is (verdict is Verdict.WITHIN_LIMITS)


@pytest.mark.parametrize(
    ("order", "text", "words"),
    [
        (MAGNESIUM, "1 mL", "1 mL is 10 times 0.1 mL, as a tenfold slip makes it"),
        (MAGNESIUM, "0.01 mL", "0.1 mL is 10 times 0.01 mL, as a tenfold slip makes it"),
        (MAGNESIUM, "10 mL", "10 mL is 100 times 0.1 mL, as a hundredfold slip makes it"),
        (MAGNESIUM, "100 mL", "100 mL is 1000 times 0.1 mL, as a thousandfold slip makes it"),
        (BUPIVACAINE, "13.3 mL", "13.3 mL is 9.975 times about 1.333 mL, as a tenfold slip makes it"),
    ],
)
def test_a_disagreement_names_both_figures_and_the_slip_between_them(
    formulary: Formulary, order: Order, text: str, words: str
) -> None:
    assert words in with_second(work_out(order, formulary), text).headline


def test_a_disagreement_of_no_known_factor_names_no_slip(formulary: Formulary) -> None:
    headline = with_second(work_out(MAGNESIUM, formulary), "0.2 mL").headline
    assert headline.endswith("0.2 mL is 2 times 0.1 mL")


def test_a_second_figure_is_not_compared_with_a_dose_that_is_stopped(formulary: Formulary) -> None:
    stopped = prepare(formulary, "magnesium", "500 mg", "it", product="magnesium sulfate 50 %")
    prepared = with_second(stopped, "1 mL")
    assert prepared.verdict is Verdict.STOP
    assert prepared.second == "The second person's figure was not compared."


def test_strict_refuses_a_risky_second_figure(formulary: Formulary) -> None:
    strict = Order(drug="magnesium", dose="50 mg", route="it", product="magnesium sulfate 50 %", strict=True)
    assert with_second(work_out(strict, formulary), "0.1 mL").verdict is Verdict.WITHIN_LIMITS
    assert with_second(work_out(strict, formulary), "0.1mL").verdict is Verdict.CANNOT_CHECK
