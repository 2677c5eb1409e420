from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Order, Verdict, assess
from itdose.case.reading import read_order
from itdose.checks import paperwork

if TYPE_CHECKING:
    from itdose import Formulary
    from itdose.findings import Finding

# A syringe of 50 mg in 1 mL, which every order here says unless it says otherwise.
SYRINGE = {"concentration": "50 mg/mL", "volume": "1 mL"}
# One order for every code of this check.
REACHED: dict[str, dict[str, Any]] = {
    "label-agrees": {"label_text": "Magnesium sulfate 50 mg in 1 mL INTRATHECAL"},
    "label-differs": {"label_text": "magnesium sulfate 5 mg/mL"},
    "label-names-another-drug": {"label_text": "morphine 50 mg"},
    "label-names-another-route": {"label_text": "magnesium sulfate 50 mg IV"},
    "label-without-drug": {"label_text": "50 mg in 1 mL"},
    "label-not-read": {"label_text": "magnesium 1,5 mg"},
    "expired": {"expiry": "2026-11-21"},
    "not-expired": {"expiry": "2026-11-30"},
    "checker-not-independent": {"prepared_by": "A. Nurse", "checked_by": "a nurse"},
}


def check(formulary: Formulary, **said: Any) -> list[Finding]:
    fields = {"drug": "magnesium sulfate", "dose": "50 mg", "route": "intrathecal", **SYRINGE, **said}
    return list(paperwork.check(read_order(Order(**fields), formulary)))


@pytest.mark.parametrize(("code", "said"), REACHED.items())
def test_each_code_is_reached(formulary: Formulary, code: str, said: dict[str, Any]) -> None:
    assert code in {finding.code for finding in check(formulary, **said)}


def test_every_code_has_an_order() -> None:
    assert set(REACHED) == set(paperwork.CODES)


def label(formulary: Formulary, text: str, **said: Any) -> list[tuple[str, Verdict, str]]:
    """Return what is said of a label."""
    found = check(formulary, label_text=text, **said)
    return [(finding.code, finding.verdict, finding.message) for finding in found]


def codes(formulary: Formulary, text: str, **said: Any) -> set[str]:
    return {code for code, _, _ in label(formulary, text, **said)}


def test_without_paper_nothing_is_said(formulary: Formulary) -> None:
    assert check(formulary) == []
    assert check(formulary, prepared_by="", checked_by="") == []


@pytest.mark.parametrize(
    "text",
    [
        "Magnesium sulfate 50 mg/mL, 1 mL, INTRATHECAL",
        "MAGNESIUM SULPHATE 50 mg in 1 mL for spinal use",
        "magnesium 50 mg / 1 mL IT",
        "magnesium 50 mg per mL I.T.",
        "magnesium 5 % 0.001 L",
        "magnesium 50000 mcg",
        # 1 g of the heptahydrate is 4.06 mmol: 50 mg are 0.203 mmol.
        "magnesium 0.203 mmol/mL",
        "magnesium 50 mg in sodium chloride 0.9 %",
        "magnesium 50 mg, NaCl 0.9% 1 mL, keep below 25 C, use within 24 h",
        "magnesium 50 mg (not for IV use)",
        "magnesium 50 mg NOT FOR IV USE. FOR INTRATHECAL USE ONLY",
        "magnesium as it is",
        "magnesium INTRATHECAL; never intrathecal with contrast",
    ],
)
def test_a_label_that_says_the_same_agrees(formulary: Formulary, text: str) -> None:
    [(code, verdict, message)] = label(formulary, text)
    assert (code, verdict) == ("label-agrees", Verdict.WITHIN_LIMITS)
    assert message == f"the label, '{text}', agrees with the cells"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("magnesium 5 mg/mL", "the label says '5 mg/mL', and the cells say 50 mg/mL"),
        ("magnesium 50 %", "the label says '50 %', and the cells say 50 mg/mL"),
        ("magnesium 500 mg", "the label says '500 mg', and the cells say 50 mg"),
        ("magnesium 50 mcg", "the label says '50 mcg', and the cells say 50 mg"),
        ("magnesium 50  mg 10 mL", "the label says '10 mL', and the cells say 1 mL"),
        ("magnesium 500 mg in 1 mL", "the label says '500 mg in 1 mL', and the cells say 50 mg/mL"),
        ("magnesium 50 mg in 10 mL", "the label says '50 mg in 10 mL', and the cells say 50 mg/mL"),
        ("magnesium 50 mg/10 mL", "the label says '50 mg/10 mL', and the cells say 50 mg/mL"),
        # 50 mg of the salt are 4.93 mg of the element, and 0.203 mmol.
        ("magnesium 50 mg elemental", "the label says '50 mg elemental', and the cells say 50 mg"),
        ("magnesium 2.03 mmol/mL", "the label says '2.03 mmol/mL', and the cells say 50 mg/mL"),
    ],
)
def test_a_label_with_another_figure_is_a_stop(formulary: Formulary, text: str, message: str) -> None:
    assert label(formulary, text) == [("label-differs", Verdict.STOP, message)]


def test_what_is_not_added_is_no_volume_of_the_label(formulary: Formulary) -> None:
    said = {"product": "magnesium sulfate 50 %", "volume": "0.1 mL", "concentration": None}
    assert label(formulary, "magnesium 5 mL", **said) == [
        ("label-differs", Verdict.STOP, "the label says '5 mL', and the cells say 0.1 mL")
    ]


def test_the_same_concentration_in_another_volume_needs_a_look(formulary: Formulary) -> None:
    [(code, verdict, message)] = label(formulary, "magnesium 500 mg in 10 mL")
    assert (code, verdict) == ("label-differs", Verdict.NEEDS_REVIEW)
    assert message == (
        "the label says '500 mg in 10 mL': the concentration is that of the cells, and the volume is not; "
        "they say 1 mL"
    )


def test_the_strength_before_it_was_diluted_needs_a_look(formulary: Formulary) -> None:
    # A syringe of 50 mg/mL with the words of the ampoule it came from.
    said = {"product": "magnesium sulfate 50 %"}
    assert label(formulary, "magnesium 500 mg/mL", **said) == [
        (
            "label-differs",
            Verdict.NEEDS_REVIEW,
            "the label says '500 mg/mL', as before it was diluted, and the cells say 50 mg/mL",
        )
    ]
    alone = {"product": "magnesium sulfate 50 %", "concentration": None, "volume": None, "diluent": "water"}
    assert codes(formulary, "magnesium 500 mg/mL", **alone) == {"label-agrees"}


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("magnesium 1,5 mg", "1,5 mg"),
        ("magnesium .5 mg", ".5 mg"),
        # Read from its end, this would be the dose.
        ("magnesium 1 050 mg", "1 050 mg"),
        ("magnesium 1'050 mg", "1'050 mg"),
        ("magnesium 5-50 mg", "5-50 mg"),
        ("magnesium 050 mg", "050 mg"),
        ("magnesium 50 MG", "50 MG"),
        ("magnesium 50 cc", "50 cc"),
        ("magnesium 50 mg/24 h", "50 mg/24 h"),
        ("magnesium \u00bd mg", "\u00bd mg"),
        ("magnesium \uff15\uff10 mg", "\uff15\uff10 mg"),
        ("magnesium 1,5 mg in 1 mL", "1,5 mg in 1 mL"),
    ],
)
def test_a_figure_that_cannot_be_read_is_never_fine(formulary: Formulary, text: str, figure: str) -> None:
    assert label(formulary, text) == [
        ("label-not-read", Verdict.NEEDS_REVIEW, f"the label's '{figure}' could not be read")
    ]


def test_a_comma_is_read_where_it_was_declared(formulary: Formulary) -> None:
    said = {"dose": "1,5 mg", "concentration": "1,5 mg/mL", "decimal_comma": True}
    assert codes(formulary, "magnesium 1,5 mg", **said) == {"label-agrees"}
    assert codes(formulary, "magnesium 15 mg", **said) == {"label-differs"}


def test_a_figure_of_which_no_cell_speaks_is_not_compared(formulary: Formulary) -> None:
    assert label(formulary, "magnesium 50 mg, 2 mL/h") == [
        (
            "label-not-read",
            Verdict.NEEDS_REVIEW,
            "the label's '2 mL/h' was not compared: no cell says the same kind of thing",
        )
    ]


def test_a_label_with_the_figures_of_a_list_is_not_compared_to_its_end(formulary: Formulary) -> None:
    text = "magnesium 50 mg " + " ".join(f"{number} mL" for number in range(2, 40))
    assert "the label holds 39 figures, and not all were compared" in {
        message for _, _, message in label(formulary, text)
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("morphine 50 mg", "morphine"),
        ("MORPHINE", "morphine"),
        ("magnesium/bupivacaine", "bupivacaine"),
        ("magnesium+bupivacaine (0.5 %)", "bupivacaine"),
        ("magnesium, marcaine", "bupivacaine"),
    ],
)
def test_a_label_with_another_drug_is_a_stop(formulary: Formulary, text: str, named: str) -> None:
    said = f"the label names {named}, which is not in the preparation"
    found = label(formulary, text)
    assert ("label-names-another-drug", Verdict.STOP, said) in found
    assert ("label-without-drug" in {code for code, _, _ in found}) == ("magnesium" not in text)


def test_the_longer_name_is_the_one_that_is_meant(formulary: Formulary) -> None:
    said = {"drug": "liposomal bupivacaine", "dose": "133 mg", "concentration": None, "volume": None}
    assert codes(formulary, "liposomal bupivacaine 133 mg", **said) == {"label-agrees"}
    assert codes(formulary, "bupivacaine 133 mg", **said) == {
        "label-names-another-drug",
        "label-without-drug",
    }
    plain = {**said, "drug": "bupivacaine"}
    assert "label-names-another-drug" in codes(formulary, "liposomal bupivacaine 133 mg", **plain)


def test_what_the_drug_is_dissolved_in_is_no_other_drug(formulary: Formulary) -> None:
    text = "magnesium 50 mg in bupivacaine"
    assert "label-names-another-drug" in codes(formulary, text)
    assert codes(formulary, text, diluent="bupivacaine") == {"label-agrees"}


def test_nothing_is_said_of_names_where_the_drug_of_the_order_is_not_known(formulary: Formulary) -> None:
    assert codes(formulary, "magnesium", drug="magnesum") == {"label-not-read"}
    assert codes(formulary, "magnesium", together_with=("unobtainium 5 mg",)) == {"label-not-read"}


MIXTURE: dict[str, Any] = {
    "drug": "bupivacaine",
    "dose": "10 mg",
    "volume": "3 mL",
    "concentration": None,
    "together_with": ("fentanyl 15 mcg",),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bupivacaine 10 mg + fentanyl 15 mcg in 3 mL, INTRATHECAL", {"label-agrees"}),
        ("bupivacaine 10 mg, fentanyl 5 mcg/mL", {"label-agrees"}),
        ("bupivacaine 10 mg, fentanyl 150 mcg", {"label-differs"}),
        ("bupivacaine 10 mg, fentanyl 15 mg", {"label-differs"}),
        ("bupivacaine 10 mg, sufentanil 15 mcg", {"label-names-another-drug"}),
        ("bupivacaine 10 mg, fentanyl 15 mcg, EPIDURAL", {"label-names-another-route"}),
    ],
)
def test_the_label_of_a_mixture_is_compared_with_all_its_drugs(
    formulary: Formulary, text: str, expected: set[str]
) -> None:
    assert codes(formulary, text, **MIXTURE) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("magnesium IV", "the label says intravenous, and the order intrathecal"),
        ("magnesium I.V.", "the label says intravenous, and the order intrathecal"),
        ("magnesium i.v.", "the label says intravenous, and the order intrathecal"),
        ("magnesium for intravenous infusion", "the label says intravenous, and the order intrathecal"),
        ("magnesium EPIDURAL", "the label says epidural, and the order intrathecal"),
        ("magnesium, not for intrathecal use", "the label says not intrathecal, and the order intrathecal"),
        ("magnesium. Never IT", "the label says not intrathecal, and the order intrathecal"),
    ],
)
def test_a_label_with_another_route_is_a_stop(formulary: Formulary, text: str, message: str) -> None:
    assert label(formulary, text) == [("label-names-another-route", Verdict.STOP, message)]


def test_one_dose_of_many_is_not_what_the_syringe_holds(formulary: Formulary) -> None:
    said: dict[str, Any] = {
        "drug": "morphine",
        "dose": "1 mg",
        "route": "iv",
        "mode": "patient_controlled_dose",
        "concentration": "1 mg/mL",
        "volume": None,
    }
    assert codes(formulary, "morphine 50 mg in 50 mL", **said) == {"label-agrees"}
    assert codes(formulary, "morphine 50 mg in 5 mL", **said) == {"label-differs"}
    assert codes(formulary, "morphine 50 mg", **said) == {"label-not-read"}


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_blank_label_does_not_agree(formulary: Formulary, text: str) -> None:
    assert label(formulary, text) == [("label-without-drug", Verdict.NEEDS_REVIEW, "the label is blank")]


@pytest.mark.parametrize(
    "text",
    [
        *("1" * 100_000, "1." * 50_000, "1a" * 50_000, "1 000" * 20_000, "50 mg in " * 10_000, "m" * 100_000),
        *("a." * 50_000, "not " * 20_000, "1 " + "m/" * 50_000, "sodium chloride " * 7000, "1 mg " * 20_000),
    ],
)
def test_a_long_label_takes_no_time_and_no_room(formulary: Formulary, text: str) -> None:
    started = time.process_time()
    found = check(formulary, label_text=text)
    assert time.process_time() - started < 5
    assert 0 < len(found) < 50
    assert all(len(finding.message) < 400 for finding in found)


def test_a_label_cannot_turn_the_line_around(formulary: Formulary) -> None:
    found = check(formulary, label_text="[bold]magnesium[/bold] 50 mg \u202e\x1b")
    assert [finding.code for finding in found] == ["label-agrees"]
    assert "\u202e" not in found[0].message
    assert "\x1b" not in found[0].message


# The formulary here is as of 2026-11-22.
@pytest.mark.parametrize(
    ("expiry", "code", "message"),
    [
        ("2026-11-23", "not-expired", "its last day is 2026-11-23"),
        ("2026-11-22", "not-expired", "its last day is 2026-11-22"),
        ("2026-11-21", "expired", "its last day was 2026-11-21, and today is 2026-11-22"),
        ("2026-11", "not-expired", "its last day is the last of 2026-11"),
        ("2026-10", "expired", "its last day was the last of 2026-10, and today is 2026-11-22"),
        (" 2027-01-01 ", "not-expired", "its last day is 2027-01-01"),
    ],
)
def test_the_last_day_itself_is_not_over(formulary: Formulary, expiry: str, code: str, message: str) -> None:
    [found] = check(formulary, expiry=expiry)
    assert (found.code, found.message) == (code, message)
    assert found.verdict is (Verdict.NEEDS_REVIEW if code == "expired" else Verdict.WITHIN_LIMITS)


@pytest.mark.parametrize(
    ("today", "expiry", "code"),
    [
        ("2026-11-30", "2026-11", "not-expired"),
        ("2026-12-01", "2026-11", "expired"),
        ("2026-02-28", "2026-02", "not-expired"),
        ("2026-03-01", "2026-02", "expired"),
        ("2027-01-01", "2026-12-31", "expired"),
        ("2026-12-31", "2026-12-31", "not-expired"),
    ],
)
def test_a_month_ends_with_its_last_day(formulary: Formulary, today: str, expiry: str, code: str) -> None:
    [found] = check(formulary.on_day(today), expiry=expiry)
    assert found.code == code


@pytest.mark.parametrize(
    "expiry",
    ["11/26", "11/2026", "30.11.2026", "2026-13", "2026-11-00", "2026-11-32", "26-11-30", "soon", "", "0"],
)
def test_a_date_with_two_readings_is_refused(formulary: Formulary, expiry: str) -> None:
    order = Order(drug="magnesium", dose="50 mg", route="it", expiry=expiry)
    report = assess(order, formulary)
    assert report.verdict is Verdict.CANNOT_CHECK
    [refused] = [finding for finding in report.findings if finding.measure == "expiry"]
    assert refused.message == (
        f"expiry '{expiry}': it is no date with one reading; write '2026-11-30', or '2026-11' for a month"
    )
    assert not [finding for finding in report.findings if finding.code.endswith("expired")]


@pytest.mark.parametrize(
    ("prepared", "checked", "is_one"),
    [
        ("A. Nurse", "a nurse", True),
        ("A. Nurse", "  A  NURSE ", True),
        ("A. Nurse", "B. Nurse", False),
        ("A. Nurse", None, False),
        ("A. Nurse", "", False),
        (None, None, False),
        ("\x1b[1mA", "\x1b[1ma", True),
    ],
)
def test_the_one_who_prepared_is_no_second_person(
    formulary: Formulary, prepared: str | None, checked: str | None, is_one: bool
) -> None:
    found = check(formulary, prepared_by=prepared, checked_by=checked)
    assert [(one.code, one.verdict) for one in found] == (
        [("checker-not-independent", Verdict.NEEDS_REVIEW)] if is_one else []
    )
    assert not any("\x1b" in one.message for one in found)
