"""A count without reports says what the reports would say."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Verdict, assess
from itdose.assessment import decide
from itdose.batch.columns import columns_of
from itdose.batch.counting import screening
from itdose.batch.counting.screening import Screen
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import SheetRow
from itdose.case.measures import NOT_OF_THE_DOSE
from itdose.plain_text import plain
from itdose.sheet_report import Judged, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from itdose import Formulary, Order

HEADERS = (
    *("row_id", "drug", "dose", "route", "mode", "over", "every", "indication", "category", "conditions"),
    *("age", "weight", "height"),
)
COLUMNS = columns_of("row 1", HEADERS, SheetOptions())
ODD_DOSES = ["1,5 mg", "5", "mg", "", "1.50 mg", "5mg", "5 \u00b5g", "0.05 g", "5 mg/kg", "5 mcg/h", "2 mmol"]
UNREADABLE = Judged(Verdict.CANNOT_CHECK, None, "row-unreadable")
AGES = ["", "54 years", "3 months", "2 weeks", "5 years", "18 years", "1 month", "130 years", "10 y", "young"]
WEIGHTS = ["", "70 kg", "70kg", "3 kg", "20 kg", "4 kg", "700 kg", "70.5 kg", "3500 g", "heavy"]


def row_of(said: dict[str, str]) -> SheetRow:
    return SheetRow(2, tuple(said.get(header, "") for header in HEADERS), COLUMNS)


@st.composite
def rows(draw: st.DrawFn, formulary: Formulary) -> SheetRow:
    """A row about a rule of the formulary, with a dose upon one of its limits, beside it, or anywhere."""
    at = draw(st.sampled_from(list(formulary.rules())))
    limits = [
        limit
        for measured in at.rule.limits
        for _, limit in measured.guardrail.limits()
        if measured.measure not in NOT_OF_THE_DOSE
    ]
    doses = ["1 mg", "100 mcg", "2 g"]
    if limits:
        factor = draw(st.sampled_from([Fraction(1), Fraction(1001, 1000), Fraction(999, 1000), Fraction(10)]))
        upon = plain(draw(st.sampled_from(limits)).times(factor))
        doses += [] if upon.startswith("about") else [upon] * 8
    some = st.sampled_from
    return row_of(
        {
            "drug": formulary.drug_name(at.drug),
            "dose": draw(some([*doses, *ODD_DOSES])),
            "route": draw(some([at.route, at.route, at.route, "it", "iv", "oral"])),
            "mode": draw(some(["", at.rule.mode, at.rule.mode])),
            "over": draw(some(["", "", "10 min", "24 h"])),
            "every": draw(some(["", "", "4 h", "24 h"])),
            "indication": draw(some(["", "", *formulary.drug(at.drug).indications])),
            "category": draw(some(["", "", "obstetric", "infant", "ventilated"])),
            "conditions": draw(some(["", "", "heart block", "luck"])),
            "age": draw(some(AGES)),
            "weight": draw(some(WEIGHTS)),
            "height": draw(some(["", "", "", "170 cm"])),
        }
    )


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.data())
def test_a_screen_judges_each_row_as_its_report_does(formulary: Formulary, data: st.DataObject) -> None:
    screen = Screen(formulary)
    # Many rows to one screen: what it remembers of one must not color another.
    for row in data.draw(st.lists(rows(formulary), min_size=10, max_size=40)):
        order = row.order
        expected = (
            judged(assess(order, formulary))
            if order
            else Judged(Verdict.CANNOT_CHECK, None, "row-unreadable")
        )
        assert judge(screen, row) == expected, row.cells


MORPHINE = {"drug": "morphine", "route": "it", "mode": "single_dose"}


def doses(*texts: str, **said: str) -> list[SheetRow]:
    return [row_of({**MORPHINE, **said, "dose": text}) for text in texts]


def assessments(monkeypatch: pytest.MonkeyPatch, formulary: Formulary, given_rows: Sequence[SheetRow]) -> int:
    made: list[Order] = []

    def counting(order: Order, formulary: Formulary) -> tuple[Verdict, str | None, str]:
        made.append(order)
        return decide(order, formulary)

    monkeypatch.setattr(screening, "decide", counting)
    assert len(list(Screen(formulary).judged(given_rows))) == len(given_rows)
    return len(made)


def judge(screen: Screen, row: SheetRow) -> Judged:
    [(_, found)] = screen.judged([row])
    return found


def test_doses_that_no_limit_tells_apart_share_one_assessment(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    assert assessments(monkeypatch, formulary, doses("110 mcg", "120 mcg", "0.13 mg", "140 mcg")) <= 2


def test_doses_on_two_sides_of_a_limit_are_assessed_apart(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    assert assessments(monkeypatch, formulary, doses("100 mcg", "400 mcg", "40 mg")) == 3


def test_a_preparation_is_assessed_by_itself(formulary: Formulary) -> None:
    headers = ("row_id", "drug", "dose", "route", "product", "draw_volume")
    columns = columns_of("row 1", headers, SheetOptions())
    texts = ("a", "magnesium sulfate", "50 mg", "it", "magnesium sulfate 50 %", "1 mL")
    # 1 mL of a solution of 50 % holds 500 mg.
    assert judge(Screen(formulary), SheetRow(2, texts, columns)) == Judged(
        Verdict.STOP, "magnesium_sulfate", "preparation-contradiction"
    )


def test_a_row_that_holds_no_order_is_counted_as_unreadable(formulary: Formulary) -> None:
    screen = Screen(formulary)
    assert judge(screen, row_of({"drug": "morphine", "dose": "", "route": "it"})) == UNREADABLE
    assert judge(screen, SheetRow(2, ("a",), COLUMNS, fault="it has 1 cell")) == UNREADABLE


def test_a_hidden_row_is_not_counted_like_one_that_is_seen(formulary: Formulary) -> None:
    screen = Screen(formulary)
    [seen] = doses("200 mcg")
    assert judge(screen, seen) == Judged(Verdict.WITHIN_LIMITS, "morphine", "dose-within-limits")
    assert judge(screen, seen._replace(is_hidden=True)) == Judged(
        Verdict.NEEDS_REVIEW, "morphine", "row-hidden"
    )
