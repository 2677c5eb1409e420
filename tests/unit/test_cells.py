"""The arithmetic of a preparation, with figures typed by hand: volumes in mL, drug in mg, time in min."""

from __future__ import annotations

from fractions import Fraction

import pytest

from itdose.case.cells import (
    Dilution,
    Odd,
    Plus,
    Relation,
    Times,
    is_rounding,
    odd_cells,
    rounded_cells,
    solve,
)

CONTENT = Times(("strength", "drawn"), "content")
FILLED = Times(("concentration", "volume"), "content")
MADE_UP = Plus(("drawn", "diluent"), "volume")
DILUTED = Dilution("strength", "drawn", "diluent", "concentration")
ALL: tuple[Relation, ...] = (CONTENT, FILLED, MADE_UP, DILUTED)
# 0.1 mL of 500 mg/mL with 0.9 mL of diluent: 1 mL of 50 mg/mL, which holds 50 mg.
WHOLE = {"strength": "500", "drawn": "0.1", "diluent": "0.9", "volume": "1", "concentration": "50"}


def cells(**figures: str) -> dict[str, Fraction]:
    return {name: Fraction(figure) for name, figure in figures.items()}


@pytest.mark.parametrize(
    ("relation", "cell", "figures", "expected"),
    [
        (CONTENT, "content", {"strength": "500", "drawn": "0.1"}, "50"),
        (CONTENT, "drawn", {"strength": "500", "content": "50"}, "0.1"),
        (CONTENT, "strength", {"drawn": "2", "content": "50"}, "25"),
        (Times(("dose",), "content"), "content", {"dose": "50"}, "50"),
        (Times(("dose",), "content"), "dose", {"content": "50"}, "50"),
        (Times(("a", "b", "c"), "d"), "b", {"a": "2", "c": "5", "d": "70"}, "7"),
        (CONTENT, "strength", {"drawn": "0", "content": "50"}, None),
        (MADE_UP, "volume", {"drawn": "0.1", "diluent": "0.9"}, "1"),
        (MADE_UP, "drawn", {"volume": "1", "diluent": "0.9"}, "0.1"),
        (MADE_UP, "diluent", {"volume": "1", "drawn": "1"}, "0"),
        (MADE_UP, "diluent", {"volume": "1", "drawn": "3"}, "-2"),
        (DILUTED, "concentration", {"strength": "500", "drawn": "0.1", "diluent": "0.9"}, "50"),
        (DILUTED, "drawn", {"strength": "500", "concentration": "50", "diluent": "0.9"}, "0.1"),
        (DILUTED, "diluent", {"strength": "500", "concentration": "50", "drawn": "0.1"}, "0.9"),
        (DILUTED, "strength", {"drawn": "0.1", "diluent": "0.9", "concentration": "50"}, "500"),
        # As strong as the product: any volume of it, if nothing is added, and none if something is.
        (DILUTED, "drawn", {"strength": "500", "concentration": "500", "diluent": "0"}, None),
        (DILUTED, "drawn", {"strength": "500", "concentration": "500", "diluent": "9"}, "0"),
        (DILUTED, "drawn", {"strength": "50", "concentration": "500", "diluent": "9"}, "-10"),
    ],
)
def test_a_relation_gives_one_cell_from_the_others(
    relation: Relation, cell: str, figures: dict[str, str], expected: str | None
) -> None:
    assert relation.solve(cell, cells(**figures)) == (None if expected is None else Fraction(expected))


@pytest.mark.parametrize(
    "stated",
    [
        ("strength", "drawn", "volume"),
        ("strength", "drawn", "diluent"),
        ("strength", "drawn", "concentration"),
        ("strength", "diluent", "concentration"),
        ("strength", "volume", "concentration"),
        ("drawn", "diluent", "concentration"),
        tuple(WHOLE),
    ],
)
def test_every_cell_that_follows_is_found(stated: tuple[str, ...]) -> None:
    known, clash = solve(cells(**{name: WHOLE[name] for name in stated}), ALL)
    assert clash is None
    assert known == cells(**WHOLE, content="50")


def test_what_does_not_follow_stays_open() -> None:
    known, clash = solve(cells(strength="500", concentration="50"), ALL)
    assert (known, clash) == (cells(strength="500", concentration="50"), None)
    assert solve({}, ALL) == ({}, None)
    assert solve(cells(strength="500"), ()) == (cells(strength="500"), None)


@pytest.mark.parametrize(
    ("figures", "relation"),
    [
        ({"drawn": "0.1", "diluent": "0.9", "volume": "2"}, MADE_UP),
        ({"drawn": "3", "volume": "1"}, MADE_UP),
        # Diluent for the whole volume leaves nothing of the drug.
        ({"diluent": "10", "volume": "10"}, MADE_UP),
        ({"diluent": "12", "volume": "10"}, MADE_UP),
        ({"strength": "500", "diluent": "9", "concentration": "500"}, DILUTED),
        ({"strength": "500", "diluent": "0", "concentration": "50"}, DILUTED),
        ({"strength": "50", "diluent": "9", "concentration": "500"}, DILUTED),
        ({"strength": "500", "drawn": "0.1", "diluent": "0.9", "concentration": "500"}, DILUTED),
    ],
)
def test_what_cannot_be_true_is_a_clash(figures: dict[str, str], relation: Relation) -> None:
    _, clash = solve(cells(**figures), ALL)
    assert clash is not None
    assert clash.relation == relation
    assert set(figures) <= set(clash.known)


def test_a_clash_keeps_what_was_stated() -> None:
    stated = cells(strength="500", drawn="1", concentration="50", volume="1")
    known, clash = solve(stated, ALL)
    assert clash is not None
    assert {name: known[name] for name in stated} == stated
    assert {name: clash.known[name] for name in stated} == stated
    assert clash.known["content"] in {Fraction(500), Fraction(50)}


@pytest.mark.parametrize(
    ("changed", "figure", "expected"),
    [
        ("strength", "50", "500"),
        ("drawn", "1", "0.1"),
        ("diluent", "9", "0.9"),
        ("volume", "10", "1"),
        ("concentration", "500", "50"),
    ],
)
def test_one_wrong_cell_among_many_is_the_odd_one(changed: str, figure: str, expected: str) -> None:
    stated = cells(**{**WHOLE, "content": "50", changed: figure})
    assert list(odd_cells(stated, ALL)) == [Odd(changed, Fraction(expected))]


def test_without_the_content_strength_and_concentration_are_both_in_doubt() -> None:
    stated = cells(**{**WHOLE, "strength": "50"})
    assert list(odd_cells(stated, ALL)) == [
        Odd("strength", Fraction(500)),
        Odd("concentration", Fraction(5)),
    ]


def test_without_a_further_cell_each_of_a_relation_may_be_the_odd_one() -> None:
    stated = cells(strength="500", drawn="1", content="50")
    assert list(odd_cells(stated, (CONTENT,))) == [
        Odd("strength", Fraction(50)),
        Odd("drawn", Fraction("0.1")),
        Odd("content", Fraction(500)),
    ]


def test_no_cell_is_odd_where_two_are_wrong() -> None:
    assert list(odd_cells(cells(**{**WHOLE, "drawn": "1", "concentration": "30"}), ALL)) == []


def test_a_volume_that_would_be_nothing_is_never_expected() -> None:
    # Only a diluent of nothing would make these agree.
    stated = cells(strength="500", drawn="1", diluent="9", concentration="500")
    assert "diluent" not in {odd.cell for odd in odd_cells(stated, ALL)}


@pytest.mark.parametrize(
    ("exact", "written", "decimals", "is_one"),
    [
        ("1/3", "0.333", 3, True),
        ("1/3", "0.3333", 4, True),
        ("1/3", "0.33", 2, False),
        ("1/3", "0.334", 3, False),
        ("50/3", "16.7", 1, True),
        ("50/3", "16.67", 2, True),
        ("50/3", "17", 0, False),
        ("1000/3", "333", 0, True),
        ("2000/3", "667", 0, True),
        ("2000/3", "666", 0, False),
        # A number with an end is written in full.
        ("16.72", "16.7", 1, False),
        ("12.5", "12.5", 1, False),
        ("1000.5", "1000", 0, False),
    ],
)
def test_only_a_number_without_an_end_may_be_rounded_and_to_three_digits(
    exact: str, written: str, decimals: int, is_one: bool
) -> None:
    assert is_rounding(Fraction(exact), Fraction(written), decimals) is is_one


def test_up_to_two_cells_may_be_rounded() -> None:
    # 50 mg in 3 mL is 16.66... mg/mL; at a third of that per mL two figures have no end.
    stated = cells(content="50", volume="3", concentration="16.7")
    relations = (FILLED,)

    def by_hand(cell: str, exact: Fraction) -> bool:
        return cell == "concentration" and exact == Fraction(50, 3)

    assert rounded_cells(stated, relations, by_hand) == ("concentration",)
    assert rounded_cells(stated, relations, lambda _cell, _exact: False) == ()
    two = {**stated, "half": Fraction("8.33")}
    half = (FILLED, Times(("concentration", "share"), "half"))
    exact = {"concentration": Fraction(50, 3), "half": Fraction(25, 3)}
    found = rounded_cells(
        {**two, "share": Fraction(1, 2)}, half, lambda cell, value: exact.get(cell) == value
    )
    assert found == ("concentration", "half")


def test_three_rounded_cells_are_a_contradiction() -> None:
    stated = cells(whole="10", a="3.33", b="3.34", c="3.35")
    relations = tuple(Times((cell, "three"), "whole") for cell in "abc")
    assert rounded_cells({**stated, "three": Fraction(3)}, relations, lambda _cell, _exact: True) == ()
