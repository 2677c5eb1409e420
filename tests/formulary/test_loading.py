"""What stands in the files is what comes out: names, limits, absences, citations and the digest."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.errors import UnknownNameError
from itdose.formulary.coverage import Population
from itdose.formulary.files import read_files
from itdose.formulary.names import near_names, normal_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose.formulary.tables import DoseRule
    from itdose.quantity import Quantity

    Edit = Callable[[str, str, str], None]

DAY = date(2026, 6, 1)
FIRST = "drugs/first.yaml"


def _rule(folder: Path) -> DoseRule:
    [rule] = Formulary.load(folder, as_of=DAY).drug("alpha").routes["intrathecal"].rules
    return rule


def _text(quantity: Quantity | None) -> str | None:
    return None if quantity is None else f"{quantity.amount} {quantity.unit.symbol}"


def test_limits_come_out_as_they_are_written(small_folder: Path) -> None:
    rule = _rule(small_folder)
    [limits] = rule.limits
    bounds = limits.guardrail
    assert (rule.id, rule.mode) == ("alpha.intrathecal.single_dose.adult", "single_dose")
    assert (rule.categories, rule.indications) == (("adult",), ("pain",))
    assert limits.measure == "dose"
    stated = [bounds.lower_hard, bounds.lower_soft, bounds.upper_soft, bounds.upper_hard, bounds.toxic_from]
    assert [_text(limit) for limit in stated] == [None, "50 mg", "100 mg", "200 mg", "500 mg"]
    assert limits.absent == {"lower_hard": "a low dose is only weak"}
    assert (limits.upper_hard_is, limits.window) == ("edge_of_evidence", None)


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("50 mg to 100 mg", "50 mg", "100 mg"),
        ("0.05 g to 100 mg", "1/20 g", "100 mg"),
        ("0.1 mg to 0.3 mg", "1/10 mg", "3/10 mg"),
        ("50 mg", "50 mg", "50 mg"),
        ("up to 100 mg", None, "100 mg"),
    ],
)
def test_a_usual_range_is_exact_and_may_have_one_end(
    written: str,
    low: str | None,
    high: str,
    small_folder: Path,
    edit: Edit,
) -> None:
    edit(FIRST, "usual: 50 mg to 100 mg", f"usual: {written}")
    bounds = _rule(small_folder).limits[0].guardrail
    assert (_text(bounds.lower_soft), _text(bounds.upper_soft)) == (low, high)


def test_what_is_written_as_none_comes_out_with_its_reason(small_folder: Path, edit: Edit) -> None:
    edit(FIRST, "toxic_from: 500 mg", "toxic_from: none, nobody was harmed")
    edit(FIRST, "usual: 50 mg to 100 mg", "usual: none, one report only")
    edit(FIRST, "[dose.usual, dose.upper_hard]", "[dose.upper_hard]")
    edit(FIRST, "{dose: 500 mg", '{dose: "none, 3 mL of a strong solution"')
    assert _rule(small_folder).limits[0].absent == {
        "lower_hard": "a low dose is only weak",
        "lower_soft": "one report only",
        "upper_soft": "one report only",
        "toxic_from": "nobody was harmed",
    }
    [report] = Formulary.load(small_folder, as_of=DAY).drug("alpha").routes["intrathecal"].reports
    assert report.dose == "3 mL of a strong solution"


def test_a_drug_comes_out_with_its_citations(small_folder: Path) -> None:
    drug = Formulary.load(small_folder, as_of=DAY).drug("alpha")
    assert (drug.name, drug.synonyms, drug.form) == ("alpha", ("alphadrug",), "alpha sulfate")
    assert drug.conversions == {"mmol": Fraction(203, 50)}
    assert (drug.form_citation.source, drug.form_citation.where) == ("label", "description")
    [product] = drug.products
    assert (_text(product.strength), product.labelled_routes) == ("50 mg/mL", ("intravenous",))
    [report] = drug.routes["intrathecal"].reports
    assert (report.outcome, report.citation.doi, report.citation.where) == (
        "weakness",
        "10.1000/case",
        "page 2",
    )
    forbidden = drug.routes["intravenous"].forbidden
    assert forbidden is not None
    assert forbidden.reason == "It is for one route only."
    [citation] = _rule(small_folder).citations("dose.upper_hard")
    assert (citation.source, citation.where, citation.url) == (
        "label",
        "table 1",
        "https://example.org/label",
    )
    assert _rule(small_folder).citations("dose.toxic_from") == ()


@pytest.mark.parametrize(
    ("state", "day", "thin"),
    [
        ("cross_checked", "2026-12-31", False),
        ("cross_checked", "2027-01-01", False),
        ("cross_checked", "2027-01-02", True),
        ("drafted", "2026-12-31", True),
    ],
)
def test_a_rule_is_thin_while_drafted_and_after_its_review_falls_due(
    state: str, day: str, *, thin: bool, small_folder: Path, edit: Edit
) -> None:
    edit(FIRST, "state: cross_checked", f"state: {state} ")
    assert _rule(small_folder).is_thin(day) is thin


def test_line_ends_do_not_change_the_digest(small_folder: Path) -> None:
    before = read_files(small_folder)
    path = small_folder / FIRST
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = read_files(small_folder)
    assert after == before
    assert before.digest.startswith("sha256:")


@pytest.mark.parametrize("file", [FIRST, "units.txt", "sources.yaml"])
def test_one_changed_character_changes_the_digest(file: str, small_folder: Path) -> None:
    before = read_files(small_folder).digest
    path = small_folder / file
    path.write_bytes(path.read_bytes() + b"#")
    assert read_files(small_folder).digest != before


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("I.T.", "it"),
        ("MgSO4", "mgso4"),
        ("  magnesium   sulfate ", "magnesium sulfate"),
        ("Magnesium-Sulfate", "magnesium sulfate"),
        ("magnesium_sulfate", "magnesium sulfate"),
        ("magnesium\u2011sulfate", "magnesium sulfate"),
        ("\uff4d\uff47", "mg"),
        ("morphine\u00a0sulfate", "morphine sulfate"),
        ("STRASSE", "strasse"),
    ],
)
def test_case_points_and_hyphens_of_a_name_do_not_matter(written: str, plain: str) -> None:
    assert normal_name(written) == plain


def test_near_names_are_offered_nearest_first_and_never_more_than_asked() -> None:
    names = ["morphine", "hydromorphone", "midazolam", "morphina"]
    assert near_names("Morphin", names, count=2) == ("morphine", "morphina")
    assert near_names("xyz", names) == ()


def test_a_misspelled_drug_is_offered_and_never_taken(small_folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean alpha") as caught:
        Formulary.load(small_folder, as_of=DAY).find_drug("alpah")
    assert caught.value.near == ("alpha",)


@pytest.mark.parametrize("name", ["AB", "a.b.", "ab"])
def test_a_refused_name_says_what_to_write(name: str, small_folder: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Write the name in full\."):
        Formulary.load(small_folder, as_of=DAY).find_drug(name)


POPULATION = Population(
    {
        "child": {"axis": "age", "assumed": None, "includes": ()},
        "adult": {"axis": "age", "assumed": "no age given", "includes": ("elderly",)},
        "elderly": {"axis": "age", "assumed": None, "includes": ()},
        "naive": {"axis": "opioids", "assumed": "not stated", "includes": ()},
        "tolerant": {"axis": "opioids", "assumed": None, "includes": ()},
    }
)


@pytest.mark.parametrize(
    ("rules", "age", "opioids", "chosen"),
    [
        ([["adult"], ["elderly"]], "elderly", "naive", [1]),
        ([["adult"], ["elderly"]], "adult", "naive", [0]),
        ([["adult"], ["adult", "tolerant"]], "adult", "tolerant", [1]),
        ([["adult"], ["adult", "tolerant"]], "elderly", "naive", [0]),
        ([["adult"], ["tolerant"]], "adult", "tolerant", [0, 1]),
        ([["elderly"], ["adult", "tolerant"]], "elderly", "tolerant", [1]),
        ([["adult"], ["elderly"]], "child", "naive", []),
        ([["child", "adult"]], "elderly", "tolerant", [0]),
        ([], "adult", "naive", []),
    ],
)
def test_the_rule_that_describes_the_patient_most_closely_is_chosen(
    rules: list[list[str]], age: str, opioids: str, chosen: list[int]
) -> None:
    assert POPULATION.most_specific(rules, {"age": age, "opioids": opioids}) == chosen


def test_a_byte_order_mark_is_refused(small_folder: Path, problems: Callable[[], list[str]]) -> None:
    path = small_folder / "routes.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    [line] = problems()
    assert line.startswith("routes.yaml:1: starts with a byte order mark; save it as plain UTF-8")


def test_a_file_that_nobody_reads_is_refused(small_folder: Path, problems: Callable[[], list[str]]) -> None:
    (small_folder / "drug.yaml").write_text("alpha: {}\n", encoding="utf-8")
    assert problems() == ["drug.yaml:1: no such file is read; drugs stand in the folder drugs/"]


def test_units_that_the_checks_need_can_not_be_left_out(
    small_folder: Path, problems: Callable[[], list[str]]
) -> None:
    (small_folder / "units.txt").write_text("gram = [mass] = g\n", encoding="utf-8")
    [line] = problems()
    assert line.startswith("units.txt:1: it needs these units too: mg, mcg, mL, kg")
