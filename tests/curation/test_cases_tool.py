"""A regression case that is not as expected says in what, and where it stands."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from itdose import Formulary
from itdose.curation.cases import Outcome, is_as_expected, run_cases
from itdose.errors import FormularyError
from itdose.formulary.case_files import read_cases
from itdose.render import case_results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]
    Ran = Callable[..., tuple[Outcome, ...]]

RULE = "alpha.intrathecal.single_dose.adult"
ALWAYS = "drug-known, route-known, notation-plain, patient-described, preparation-not-stated, rule-reviewed"
HEAD = (
    f"- says: The usual range.\n  source: label, table 1\n  rule: {RULE}\n"
    f"  order: {{drug: alpha, route: it}}\n  always: [{ALWAYS}]\n  cases:\n"
)
WITHIN = (
    "    - {order: {dose: 60 mg}, verdict: within_limits, "
    "codes: [dose-within-limits, latent-slip-found, slip-not-needed]}\n"
)
STOP = (
    "    - {order: {dose: 600 mg}, verdict: stop, codes: [dose-at-toxic-level, latent-slips-not-checked, "
    "overdose-text, slip-tenfold], mechanisms: [tenfold]}\n"
)


@pytest.fixture
def cases(tmp_path: Path) -> Write:
    """Write a case file; the first case stands on line 7 of it."""

    def written(text: str = HEAD + WITHIN + STOP, name: str = "alpha.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def ran(small_folder: Path) -> Ran:
    """Run the cases of files against the small formulary."""

    def outcomes(*paths: Path) -> tuple[Outcome, ...]:
        formulary = Formulary.load(small_folder)
        return tuple(run_cases(read_cases(list(paths)), formulary.on_day(formulary.reviewed_on)))

    return outcomes


def test_cases_that_hold_have_no_difference(cases: Write, ran: Ran) -> None:
    outcomes = ran(cases())
    assert [outcome.differences for outcome in outcomes] == [(), ()]
    assert [(outcome.case.line, outcome.case.rule) for outcome in outcomes] == [(7, RULE), (8, RULE)]


WRONG: list[tuple[str, str, str]] = [
    ("verdict: within_limits", "verdict: stop", "verdict within_limits, expected stop"),
    (", slip-not-needed", "", "codes not expected: slip-not-needed"),
    ("slip-not-needed", "slip-not-needed, rule-thin", "codes missing: rule-thin"),
    ("slip-not-needed", "slip-not-needed, slip-not-needed", "codes missing: slip-not-needed"),
    ("slip-not-needed", "rule-thin", "codes missing: rule-thin; not expected: slip-not-needed"),
    ("slip-not-needed]", "slip-not-needed], mechanisms: [tenfold]", "slips none, expected tenfold"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_a_case_says_in_what_it_is_not_as_expected(
    old: str, new: str, said: str, cases: Write, ran: Ran
) -> None:
    path = cases(HEAD + WITHIN.replace(old, new) + STOP)
    first, second = ran(path)
    assert (first.differences, second.differences) == ((said,), ())
    text = case_results.text([first, second], width=200)
    assert text.splitlines() == [
        f"{path}:7: alpha 60 mg it",
        f"  {said}",
        "2 cases, 1 not as expected",
    ]


def test_a_missing_slip_is_named(cases: Write, ran: Ran) -> None:
    [outcome] = ran(cases(HEAD + STOP.replace(", mechanisms: [tenfold]", "")))
    assert outcome.differences == ("slips tenfold, expected none",)


def test_every_difference_of_a_case_is_said(cases: Write, ran: Ran, small_folder: Path) -> None:
    wrong = STOP.replace("verdict: stop", "verdict: needs_review").replace("overdose-text, ", "")
    [outcome] = ran(cases(HEAD + wrong))
    assert outcome.differences == (
        "verdict stop, expected needs_review",
        "codes not expected: overdose-text",
    )
    assert not is_as_expected(outcome.case, Formulary.load(small_folder))


def test_junit_is_xml_with_a_suite_a_file_and_the_right_counts(cases: Write, ran: Ran) -> None:
    good = cases()
    bad = cases(HEAD + WITHIN.replace("slip-not-needed", "rule-thin") + STOP, "<bad> & 'worse'.yaml")
    root = ET.fromstring(case_results.junit(ran(good, bad)).partition("\n")[2])  # noqa: S314 - it is our own XML
    suites = [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root]
    assert suites == [(str(good), "2", "0"), (str(bad), "2", "1")]
    [failure] = root.iter("failure")
    assert failure.text == "codes missing: rule-thin; not expected: slip-not-needed"
    tests = [(test.get("classname"), test.get("name"), test.get("line")) for test in root.iter("testcase")]
    assert tests == [(RULE, "alpha 60 mg it", "7"), (RULE, "alpha 600 mg it", "8")] * 2


def test_github_gets_an_error_beside_the_case(cases: Write, ran: Ran) -> None:
    path = cases(HEAD + WITHIN.replace("within_limits", "stop") + STOP)
    assert case_results.github(ran(path)) == (
        f"::error file={path},line=7,title=alpha 60 mg it::verdict within_limits, expected stop\n"
    )


REFUSED: dict[str, tuple[str, str, str]] = {
    "an unknown field": (
        "{dose: 60 mg}",
        "{dose: 60 mg, wieght: 3 kg}",
        "an order has no wieght; it has: age, ",
    ),
    "no dose": ("{order: {dose: 60 mg}, ", "{", "it lacks dose"),
    "a list for text": ("{dose: 60 mg}", "{dose: [60 mg]}", "dose must be one text"),
    "text for a list": ("{dose: 60 mg}", "{dose: 60 mg, categories: adult}", "categories must be a list"),
    "an unknown verdict": ("within_limits", "fine", "verdict"),
    "an unknown key": ("verdict:", "vredict:", "this key is not known"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_can_not_be_read_is_refused_with_file_and_line(name: str, cases: Write) -> None:
    old, new, said = REFUSED[name]
    path = cases(HEAD + STOP + WITHIN.replace(old, new))
    with pytest.raises(FormularyError) as caught:
        read_cases([path])
    lines = str(caught.value).splitlines()
    assert {line.rpartition(f"{path}:8: ")[0] for line in lines} == {""}
    assert said in str(caught.value)


def test_several_wrong_cases_are_refused_at_once(cases: Write) -> None:
    broken = WITHIN.replace("{order: {dose: 60 mg}, ", "{")
    with pytest.raises(FormularyError) as caught:
        read_cases([cases(HEAD + broken + STOP + broken)])
    assert [problem.line for problem in caught.value.problems] == [7, 9]


@pytest.mark.parametrize("text", ["", "a: b\n", "- says: x\n", HEAD + "    []\n"])
def test_a_file_without_cases_is_refused(text: str, cases: Write) -> None:
    with pytest.raises(FormularyError, match=r"alpha\.yaml:\d+: "):
        read_cases([cases(text)])


def test_a_folder_without_case_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    with pytest.raises(FormularyError, match=r"cases:1: there are no regression cases here"):
        read_cases([tmp_path / "cases"])


def test_the_case_s_own_order_goes_before_that_of_the_group(cases: Write) -> None:
    stated = WITHIN.replace("{dose: 60 mg}", "{dose: 60 mg, route: epidural}")
    first, second = read_cases([cases(HEAD + stated + STOP)])
    assert (first.order.route, second.order.route) == ("epidural", "it")
