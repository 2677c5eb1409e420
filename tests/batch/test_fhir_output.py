"""What is written as FHIR, and the sample that is read, against the published JSON schema of FHIR R4."""

from __future__ import annotations

import gc
import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from itdose import Formulary, Order, assess
from itdose.cli import main
from itdose.formulary.case_files import read_cases
from itdose.render.sheets.detected_issue import clear, detected_issue
from itdose.render.sheets.sheet_formats import FORMATS, format_of
from itdose.report_json import report_row

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "examples" / "orders.fhir.json"
SCHEMA: dict[str, Any] = json.loads((ROOT / "tests" / "schemas" / "fhir-r4.schema.json").read_text("utf-8"))
ORDERS = list(
    {
        (case.verdict, case.codes): case.order for case in reversed(read_cases([ROOT / "data" / "cases"]))
    }.values()
)
some = settings(derandomize=True, deadline=None, max_examples=60)


def validator(kind: str) -> Draft6Validator:
    return Draft6Validator({**SCHEMA, "oneOf": [{"$ref": f"#/definitions/{kind}"}]})


ISSUE = validator("DetectedIssue")
BUNDLE = validator("Bundle")


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


@pytest.fixture
def issue(formulary: Formulary) -> Callable[..., dict[str, Any]]:
    """Assess an order and return its DetectedIssue."""
    return lambda **said: detected_issue(report_row(assess(Order(**said), formulary)))


def run(*arguments: str) -> int:
    """Run the command line and return its exit code."""
    try:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def written(folder: Path, sheet: Path) -> dict[str, Any]:
    run("batch", str(sheet), "--output", str(folder / "out.fhir.json"))
    document: dict[str, Any] = json.loads((folder / "out.fhir.json").read_text("utf-8"))
    return document


def refused(check: Draft6Validator, document: object) -> list[str]:
    return [error.message[:300] for error in check.iter_errors(document)]


def test_the_sample_is_what_the_schema_of_r4_says() -> None:
    document = json.loads(SAMPLE.read_text("utf-8"))
    assert refused(BUNDLE, document) == []
    for entry in document["entry"]:
        assert refused(validator(entry["resource"]["resourceType"]), entry["resource"]) == []


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("severity",), "dire"),
        (("resourceType",), "Issue"),
        (("implicated", 0, "display"), 5),
        (("evidence", 0, "code", 0, "text"), ["x"]),
        (("detail",), ""),
        (("verdict",), "stop"),
    ],
)
def test_the_schema_refuses_a_spoiled_issue(
    issue: Callable[..., dict[str, Any]], place: tuple[str | int, ...], wrong: object
) -> None:
    spoiled: Any = deepcopy(issue(drug="magnesium", dose="50 mg", route="it"))
    assert refused(ISSUE, spoiled) == []
    part = spoiled
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = wrong
    assert refused(ISSUE, spoiled) != []


def test_every_row_is_an_issue_and_the_whole_is_a_bundle_of_r4(tmp_path: Path) -> None:
    document = written(tmp_path, SAMPLE)
    assert refused(BUNDLE, document) == []
    issues = [entry["resource"] for entry in document["entry"]]
    assert all(refused(ISSUE, one) == [] for one in issues)
    assert [(one["implicated"][0]["reference"], one["code"]["text"], one["severity"]) for one in issues] == [
        ("MedicationRequest/a1", "within_limits", "low"),
        ("MedicationRequest/a2", "stop", "high"),
        ("MedicationRequest/a3", "within_limits", "low"),
        ("MedicationRequest/a4", "within_limits", "low"),
        ("MedicationRequest/a5", "within_limits", "low"),
        ("MedicationRequest/a6", "stop", "high"),
        ("MedicationRequest/a7", "within_limits", "low"),
        ("MedicationRequest/a8", "cannot_check", "moderate"),
        ("MedicationAdministration/a9", "within_limits", "low"),
        ("MedicationRequest/a10", "needs_review", "moderate"),
    ]
    assert len({entry["fullUrl"] for entry in document["entry"]}) == 10
    assert len({one["id"] for one in issues}) == 10


def test_the_same_sheet_is_written_alike_twice(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert written(tmp_path / "a", SAMPLE) == written(tmp_path / "b", SAMPLE)


def test_a_row_of_another_sheet_is_named_and_not_referred_to(tmp_path: Path) -> None:
    sheet = tmp_path / "orders.csv"
    sheet.write_text("row_id,drug,dose,route,resource\n\x1b[31ma1,morphine,200 mcg,it,Patient\n", "utf-8")
    document = written(tmp_path, sheet)
    assert refused(BUNDLE, document) == []
    assert document["entry"][0]["resource"]["implicated"] == [
        {
            "display": "row 2: morphine 200 mcg intrathecal, single dose",
            "identifier": {"value": "\\x1b[31ma1"},
        }
    ]


def test_a_row_without_an_id_has_no_identifier(tmp_path: Path) -> None:
    sheet = tmp_path / "orders.csv"
    sheet.write_text("row_id,drug,dose,route\n,morphine,200 mcg,it\n", "utf-8")
    [entry] = written(tmp_path, sheet)["entry"]
    assert entry["resource"]["implicated"] == [
        {"display": "row 2: morphine 200 mcg intrathecal, single dose"}
    ]


@pytest.mark.parametrize(
    ("said", "code", "display"),
    [
        ({"dose": "500 mg", "route": "it"}, "DOSEH", "High Dose Alert"),
        ({"dose": "5 mg", "route": "it"}, "DOSEL", "Low Dose Alert"),
        ({"drug": "vincristine", "dose": "2 mg", "route": "it"}, "DOSE", "Dosage problem"),
        ({"drug": "vincristine", "dose": "2 mg", "route": "it", "over": "1 h"}, "DOSE", "Dosage problem"),
        ({"drug": "ketamine", "dose": "0.3 mg/kg", "route": "iv", "weight": "70 kg"}, None, None),
        ({"dose": "50 mg", "route": "it"}, None, None),
        ({"drug": "unobtainium", "dose": "50 mg", "route": "it"}, None, None),
    ],
)
def test_the_code_says_high_or_low_only_where_the_dose_is(
    issue: Callable[..., dict[str, Any]], said: dict[str, str], code: str | None, display: str | None
) -> None:
    one = issue(**{"drug": "magnesium", **said})
    expected = [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code, "display": display}
    ]
    assert one["code"].get("coding", [{"code": None}]) == (expected if code else [{"code": None}])


def test_what_was_not_checked_says_so_first(issue: Callable[..., dict[str, Any]]) -> None:
    one = issue(drug="unobtainium", dose="5 mg", route="it")
    assert one["detail"].startswith("not checked: drug 'unobtainium' is not known")
    assert one["severity"] == "moderate"


def test_an_issue_names_the_formulary_the_findings_and_their_sources(
    issue: Callable[..., dict[str, Any]], formulary: Formulary
) -> None:
    one = issue(drug="magnesium", dose="500 mg", route="it")
    assert one["author"]["display"].endswith(f"formulary {formulary.version} ({formulary.digest})")
    [toxic] = [part for part in one["evidence"] if part["code"][0]["text"].startswith("dose-at-toxic-level")]
    assert toxic["code"][0]["text"] == (
        "dose-at-toxic-level (stop): 500 mg is the toxic level, a dose that has harmed"
    )
    assert toxic["detail"]


def test_the_issue_of_every_kind_of_report_is_what_the_schema_says(formulary: Formulary) -> None:
    assert len(ORDERS) > 100
    for order in ORDERS:
        assert refused(ISSUE, detected_issue(report_row(assess(order, formulary)))) == [], order


@some
@given(st.text(), st.text(), st.text())
def test_no_text_of_an_order_spoils_the_issue(formulary: Formulary, drug: str, dose: str, route: str) -> None:
    body = report_row(assess(Order(drug=drug, dose=dose, route=route), formulary))
    one = detected_issue(body, name="row-1")
    assert refused(ISSUE, json.loads(json.dumps(one))) == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [("", "-"), (" \n ", "-"), ("a\x00b", r"a\x00b"), ("a\u202eb", r"a\u202eb"), ("\ud800", r"\ud800"),
     ("5\u00a0mg", r"5\xa0mg"), ("a\tb\nc", "a\tb\nc"), ("µ", "µ")],
)  # fmt: skip
def test_a_text_is_clear(text: str, clean: str) -> None:
    assert clear(text) == clean


def test_check_writes_one_issue(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "magnesium", "500mg", "--route", "it", "--format", "fhir") == 3
    one = json.loads(capsys.readouterr().out)
    assert refused(ISSUE, one) == []
    assert one["code"]["text"] == "stop"


def test_batch_writes_the_bundle_to_the_screen(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("batch", str(SAMPLE), "--format", "fhir") == 3
    assert json.loads(capsys.readouterr().out) == written(tmp_path, SAMPLE)


@pytest.mark.parametrize(
    ("name", "known"), [("a.fhir.json", "fhir"), ("A.FHIR.JSON", "fhir"), ("a.fhir", None)]
)
def test_the_ending_says_fhir(name: str, known: str | None) -> None:
    assert format_of(name) == known
    assert FORMATS["fhir"].is_text
