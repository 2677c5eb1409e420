"""``itdose check`` as a person types it: the verdict, what it names, and its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

# One accident, written in every way that it may have been written.
OVERDOSES = [
    ["magnesium", "500mg", "--route", "intrathecal"],
    ["magnesium", "500 mg", "--route", "it"],
    ["magnesium", "0.5 g", "--route", "intrathecal"],
    ["magnesium", "500000 mcg", "--route", "intrathecal"],
    ["magnesium sulphate", "500 mg", "--route", "spinal"],
    ["Magnesium_Sulfate", "500 mg", "--route", "I.T."],
]


def report(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = run("check", *arguments, "--format", "json")
    assert done.stderr == ""
    body: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, body


def finding(body: dict[str, Any], code: str) -> dict[str, Any]:
    [found] = [found for found in body["findings"] if found["code"] == code]
    return dict(found)


@pytest.mark.parametrize("order", OVERDOSES, ids=" ".join)
def test_ten_times_the_intrathecal_dose_of_magnesium_stops_with_the_toxic_level(
    run: Run, order: list[str]
) -> None:
    exit_code, body = report(run, *order)
    toxic = finding(body, "dose-at-toxic-level")
    assert exit_code == 3
    assert body["verdict"] == "stop"
    assert toxic["verdict"] == "stop"
    assert toxic["limit"] == {"kind": "toxic_from", "value": "500 mg"}
    assert toxic["observed"] == "500 mg"
    assert [place["source"] for place in toxic["evidence"]] == ["gil2021"]
    assert [place["where"] for place in toxic["evidence"]] == ["case 3"]


@pytest.mark.parametrize("order", OVERDOSES, ids=" ".join)
def test_the_tenfold_slip_explains_the_dose_that_was_meant(run: Run, order: list[str]) -> None:
    _, body = report(run, *order)
    slip = finding(body, "slip-tenfold")
    assert slip["mechanism"] == "tenfold"
    assert slip["explains"] == "50 mg"
    assert slip["verdict"] == "stop"


def test_the_accident_stops_in_a_process_of_its_own(process: Run) -> None:
    done = process("check", "magnesium", "500mg", "--route", "intrathecal", "--format", "json")
    body = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (3, "")
    assert body["verdict"] == "stop"
    assert finding(body, "dose-at-toxic-level")["limit"]["value"] == "500 mg"
    assert finding(body, "slip-tenfold")["explains"] == "50 mg"


def test_the_first_line_says_stop_and_the_order(run: Run) -> None:
    done = run("check", "magnesium", "500mg", "--route", "intrathecal")
    first = done.stdout.splitlines()[0]
    assert first.startswith("STOP ")
    assert "magnesium sulfate 500 mg intrathecal" in first


def test_the_intended_dose_is_within_limits_and_one_slip_away_from_harm(run: Run) -> None:
    exit_code, body = report(run, "magnesium", "50 mg", "--route", "intrathecal")
    latent = finding(body, "latent-slip-found")
    assert exit_code == 0
    assert body["verdict"] == "within_limits"
    assert latent["mechanism"] == "tenfold"
    assert latent["observed"] == "500 mg"
    assert latent["limit"] == {"kind": "toxic_from", "value": "500 mg"}
    assert latent["verdict"] == "within_limits"


def test_a_latent_slip_names_the_ampoule_that_makes_it_easy(run: Run) -> None:
    done = run("check", "magnesium", "50 mg", "--route", "intrathecal", COLUMNS="110")
    said = " ".join(done.stdout.split())
    assert "0.1 mL of magnesium sulfate 50 %" in said
    assert "1 mL holds 500 mg" in said


def test_an_ordinary_intravenous_dose_of_magnesium_is_no_stop(run: Run) -> None:
    exit_code, body = report(run, "magnesium", "1 g", "--route", "iv")
    assert exit_code in {0, 1}
    assert body["verdict"] in {"within_limits", "needs_review"}
    assert {found["verdict"] for found in body["findings"]} <= {"within_limits", "needs_review"}


@pytest.mark.parametrize("dose", ["2 mg", "0.0001 mg", "100 nanograms"])
@pytest.mark.parametrize("route", ["intrathecal", "it", "spinal"])
def test_no_dose_of_vincristine_is_small_enough_for_the_spine(run: Run, dose: str, route: str) -> None:
    exit_code, body = report(run, "vincristine", dose, "--route", route)
    assert exit_code == 3
    assert body["verdict"] == "stop"
    assert finding(body, "route-forbidden")["verdict"] == "stop"
    assert "vincristine" in body["headline"]


@pytest.mark.parametrize(
    ("typed", "route"),
    [
        ("IT", "intrathecal"),
        ("it", "intrathecal"),
        ("i.t.", "intrathecal"),
        ("I.T.", "intrathecal"),
        ("spinal", "intrathecal"),
        ("Spinal", "intrathecal"),
        ("subarachnoid", "intrathecal"),
        ("epi", "epidural"),
        ("EPI", "epidural"),
        ("ed", "epidural"),
        ("lumbar-epidural", "epidural"),
        ("IV", "intravenous"),
        ("i.v.", "intravenous"),
        ("im", "intramuscular"),
    ],
)
def test_a_route_is_read_in_the_spellings_that_people_type(run: Run, typed: str, route: str) -> None:
    _, body = report(run, "magnesium", "50 mg", "--route", typed)
    assert body["order"]["route"] == route


@pytest.mark.parametrize(
    ("order", "code", "advice"),
    [
        (["unobtainium", "5 mg", "--route", "it"], "drug-unknown", "'itdose drugs' lists what is covered"),
        (["magnesium", "500", "--route", "it"], "notation-refused", "add the unit"),
        (["magnesium", "1,5 mg", "--route", "it"], "notation-refused", "write '1.5 mg'"),
        (["magnesium", "50%", "--route", "it"], "notation-refused", "--concentration 50%"),
        (["magnesium", "fifty", "--route", "it"], "notation-refused", "write a dose such as"),
        (["magnesium", "5mg", "--route", "oral"], "route-unknown", "'itdose routes' lists the routes"),
        (["magnesium", "5 mg", "--route", "icv"], "route-without-data", "covered: intrathecal"),
        (["MgSO4", "5 mg", "--route", "it"], "drug-unknown", "magnesium sulfate"),
        (["morphine", "5 mg", "--route", "iv", "--mode", "bolus"], "limits-not-compared", "Known modes:"),
        (["morphine", "5 mg", "--route", "iv", "--category", "old"], "category-unknown", "Known categories:"),
    ],
)
def test_what_cannot_be_checked_says_what_to_do(run: Run, order: list[str], code: str, advice: str) -> None:
    exit_code, body = report(run, *order)
    told = finding(body, code)
    assert exit_code == 4
    assert body["verdict"] == "cannot_check"
    assert told["verdict"] == "cannot_check"
    assert advice in told["message"]


@pytest.mark.parametrize(
    ("order", "advice"),
    [
        (["unobtainium", "5 mg", "--route", "it"], "'itdose drugs' lists what is covered"),
        (["magnesium", "500", "--route", "it"], "add the unit"),
        (["magnesium", "1,5 mg", "--route", "it"], "write '1.5 mg'"),
        (["magnesium", "5mg", "--route", "oral"], "'itdose routes' lists the routes"),
    ],
)
def test_the_advice_stands_on_the_page_too(run: Run, order: list[str], advice: str) -> None:
    done = run("check", *order, COLUMNS="110")
    assert done.returncode == 4
    assert done.stdout.startswith("CANNOT CHECK")
    assert advice in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("morfine", "morphine"),
        ("magnesum", "magnesium sulfate"),
        ("bupivicaine", "bupivacaine"),
        ("remifentanyl", "remifentanil"),
    ],
)
def test_a_misspelled_drug_is_offered_and_never_taken(run: Run, typed: str, near: str) -> None:
    exit_code, body = report(run, typed, "1 mg", "--route", "it")
    assert exit_code == 4
    assert body["order"]["drug"] is None
    assert f"Did you mean {near}" in finding(body, "drug-unknown")["message"]


def test_a_misspelled_route_is_offered_and_never_taken(run: Run) -> None:
    exit_code, body = report(run, "morphine", "1 mg", "--route", "intratecal")
    assert exit_code == 4
    assert body["order"]["route"] is None
    assert "Did you mean intrathecal" in finding(body, "route-unknown")["message"]


def test_strict_refuses_what_is_otherwise_read_with_a_finding(run: Run) -> None:
    lenient, _ = report(run, "magnesium", "50mg", "--route", "it")
    strict, body = report(run, "magnesium", "50mg", "--route", "it", "--strict")
    assert (lenient, strict) == (0, 4)
    assert finding(body, "notation-refused")["verdict"] == "cannot_check"


def test_a_syringe_that_holds_ten_times_the_dose_is_a_stop(run: Run) -> None:
    exit_code, body = report(
        run, "magnesium", "50 mg", "--route", "it", "--concentration", "50%", "--volume", "1 mL"
    )
    told = finding(body, "preparation-contradiction")
    assert exit_code == 3
    assert told["observed"] == "500 mg"
    assert told["ratio"] == "10"


def test_explain_shows_every_code_of_the_json(run: Run) -> None:
    order = ("magnesium", "500 mg", "--route", "it")
    _, body = report(run, *order)
    page = run("check", *order, "--explain").stdout
    assert [found["code"] for found in body["findings"] if found["code"] not in page] == []


def test_json_is_complete_at_every_width_and_detail(run: Run) -> None:
    order = ("check", "magnesium", "500 mg", "--route", "it", "--format", "json")
    plain = run(*order).stdout
    assert run(*order, "--explain", COLUMNS="40").stdout == plain
    assert run(*order, FORCE_COLOR="1").stdout == plain


AMPOULE = ("magnesium", "50mg", "--route", "intrathecal", "--product", "magnesium sulfate 50%")


def test_a_milliliter_of_the_ampoule_is_a_stop_that_names_the_volume(run: Run) -> None:
    exit_code, body = report(run, *AMPOULE, "--volume", "1mL")
    odd = finding(body, "preparation-odd-cell")
    assert exit_code == 3
    assert body["headline"] == "1 mL of 500 mg/mL holds 500 mg, and the stated dose is 50 mg"
    assert (odd["measure"], odd["mechanism"]) == ("volume", "tenfold")
    assert "the other cells make it 0.1 mL, and it is 10 times that" in odd["message"]


def test_the_same_milliliter_after_dilution_agrees(run: Run) -> None:
    exit_code, body = report(run, *AMPOULE[:4], "--concentration", "50mg/mL", "--volume", "1mL")
    assert exit_code == 0
    assert finding(body, "preparation-consistent")["verdict"] == "within_limits"


@pytest.mark.parametrize(
    ("said", "is_assumed"),
    [(("--volume", "0.1mL"), True), (("--volume", "0.1mL", "--diluent", "none"), False), ((), False)],
)
def test_an_undiluted_product_is_an_assumption_unless_it_was_said(
    run: Run, said: tuple[str, ...], is_assumed: bool
) -> None:
    _, body = report(run, *AMPOULE, *said)
    assert ("given undiluted: no diluent stated" in body["assumptions"]) is is_assumed
