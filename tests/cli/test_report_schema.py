"""Every report in JSON is what the published schema says, and nothing that the schema does not name."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from jsonschema import Draft202012Validator

from itdose import Order, assess
from itdose.formulary.case_files import read_cases
from itdose.formulary.model import Measure
from itdose.formulary.side_model import SlipModel
from itdose.guardrail import Zone
from itdose.order import MODES
from itdose.report_json import report_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import CompletedProcess

    from itdose import Formulary

    Run = Callable[..., CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "report-1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
SHEET = str(ROOT / "docs" / "examples" / "orders.csv")


# One clinical case for each set of codes and slips: the others would only repeat the shape of a report.
ORDERS = list(
    {
        (case.verdict, case.codes, case.mechanisms): case.order
        for case in reversed(read_cases([ROOT / "data" / "cases"]))
    }.values()
)

# Orders that clinical cases hold few of: what is refused, unknown, forbidden or contradictory.
ODD_ORDERS = [
    Order(drug="unobtainium", dose="5 mg", route="it"),
    Order(drug="MgSO4", dose="5 mg", route="it"),
    Order(drug="morfine", dose="5 mg", route="it"),
    Order(drug="", dose="", route=""),
    Order(drug="mag\x1b[31m\u202e", dose="\x00", route="\ud800"),
    Order(drug="magnesium", dose="m" * 10_000, route="it"),
    Order(drug="magnesium", dose="1,5 mg", route="it"),
    Order(drug="magnesium", dose="1,5 mg", route="it", decimal_comma=True),
    Order(drug="magnesium", dose="500", route="it"),
    Order(drug="magnesium", dose="50mg", route="it", strict=True),
    Order(drug="magnesium", dose="50.0 mg", route="it"),
    Order(drug="magnesium", dose="50 mg", route="oral"),
    Order(drug="magnesium", dose="50 mg", route="intraventricular"),
    Order(drug="fentanyl", dose="50 mcg", route="caudal"),
    Order(drug="magnesium", dose="50 mg", route="it", mode="bolus"),
    Order(drug="magnesium", dose="50 mg", route="it", indication="luck"),
    Order(drug="magnesium", dose="50 mg", route="it", categories=("tall",)),
    Order(drug="magnesium", dose="50 mg", route="it", age="5 years", categories=("adult",)),
    Order(drug="magnesium", dose="50 mg", route="it", weight="7000 kg", age="200 years"),
    Order(drug="magnesium", dose="50 mg", route="it", weight="heavy", age="old"),
    Order(drug="magnesium", dose="50 mg", route="it", not_read=("product", "lot")),
    Order(drug="magnesium", dose="4 g", route="iv", over="7 min", every="1 h", weight="70 kg"),
    Order(drug="magnesium", dose="1 g", route="iv", over="long", every="often"),
    Order(drug="magnesium", dose="50 mg/m2", route="it"),
    Order(drug="magnesium", dose="50 mg", route="it", concentration="50%", volume="0.1 mL"),
    Order(drug="magnesium", dose="50 mg", route="it", concentration="50%", volume="1 mL"),
    Order(drug="magnesium", dose="50 mg", route="it", concentration="30 mg/mL", volume="7 mL"),
    Order(drug="magnesium", dose="50 mg", route="it", concentration="50", volume="1"),
    Order(drug="morphine", dose="0.1 mg", route="it", concentration="1 mmol/mL", volume="1 mL"),
    Order(drug="vincristine", dose="2 mg", route="it"),
    Order(drug="vincristine", dose="2 mg", route="iv"),
    Order(drug="tranexamic acid", dose="1 g", route="spinal"),
    Order(drug="ketamine", dose="0.3 mg/kg", route="iv"),
    Order(drug="ketamine", dose="7 mg/kg", route="iv", weight="3 kg", age="1 month"),
    Order(drug="baclofen", dose="40 mcg/h", route="it", mode="continuous_infusion"),
    Order(drug="clonidine", dose="1 mcg/kg/min", route="epidural", weight="70 kg"),
    Order(drug="epinephrine", dose="5 mcg", route="epidural"),
]


def errors(report: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(report)]


def subschemas(schema: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield path, schema
        for key, part in schema.items():
            yield from subschemas(part, f"{path}.{key}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from subschemas(part, f"{path}[{place}]")


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every object inside a report."""
    if isinstance(value, dict):
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.fixture(scope="module")
def stop(formulary: Formulary) -> dict[str, Any]:
    """The report on the accident, as plain values."""
    return report_row(assess(Order(drug="magnesium", dose="500 mg", route="it"), formulary))


@pytest.fixture
def lines(run: Run) -> list[dict[str, Any]]:
    done = run("batch", SHEET, "--format", "ndjson")
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "itdose.report/1"


def test_the_report_on_every_kind_of_clinical_case_is_as_published(formulary: Formulary) -> None:
    assert len(ORDERS) > 100
    reports = [json.loads(json.dumps(report_row(assess(order, formulary)))) for order in ORDERS]
    wrong = [(order, errors(report)) for order, report in zip(ORDERS, reports, strict=True) if errors(report)]
    assert wrong == []


@pytest.mark.parametrize("order", ODD_ORDERS, ids=lambda order: ascii(f"{order.drug} {order.dose}")[:40])
def test_the_report_on_what_cannot_be_compared_is_as_published(order: Order, formulary: Formulary) -> None:
    report = json.loads(json.dumps(report_row(assess(order, formulary))))
    assert errors(report) == []


def test_the_orders_of_this_file_reach_every_verdict(formulary: Formulary) -> None:
    verdicts = {str(assess(order, formulary).verdict) for order in [*ORDERS, *ODD_ORDERS]}
    assert verdicts == set(SCHEMA["$defs"]["verdict"]["enum"])


def test_every_line_of_the_example_sheet_is_as_published(lines: list[dict[str, Any]]) -> None:
    assert [line["row"] for line in lines] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [line["row_id"] for line in lines] == ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"]
    assert [errors(line) for line in lines] == [[]] * 8


def test_a_line_keeps_every_cell_as_it_was_written(lines: list[dict[str, Any]]) -> None:
    assert lines[4]["cells"]["dose"] == "12,5 mg"
    assert lines[4]["cells"]["ward"] == "theatre"


def test_rows_that_cannot_be_read_are_as_published(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    rows = [
        "row_id,drug,dose,route",
        "1,magnesium,50 mg",
        ",,,",
        "3,magnesium,50 mg,it,more",
        "4,magnesium,,it",
    ]
    sheet.write_text("\n".join(rows) + "\n", encoding="utf-8")
    written = [
        json.loads(line) for line in run("batch", str(sheet), "--format", "ndjson").stdout.splitlines()
    ]
    assert [line["verdict"] for line in written] == ["cannot_check"] * 4
    assert [errors(line) for line in written] == [[]] * 4


def test_a_check_on_the_command_line_is_as_published(run: Run) -> None:
    done = run("check", "magnesium", "500mg", "--route", "intrathecal", "--format", "json")
    assert errors(json.loads(done.stdout)) == []


def test_a_report_without_any_one_needed_key_fails(stop: dict[str, Any]) -> None:
    optional = {"detail", "measure", "observed", "limit", "ratio", "rule", "mechanism", "explains"}
    kinds = set(SCHEMA["$defs"]["limit"]["properties"]["kind"]["enum"])
    accepted = []
    for place in places(stop):
        for key in at(stop, place):
            if (place[:1] == ("findings",) and len(place) == 2 and key in optional) or key in kinds:
                continue
            spoiled = deepcopy(stop)
            del at(spoiled, place)[key]
            if not errors(spoiled):
                accepted.append((*place, key))
    assert accepted == []


def test_a_report_with_an_extra_key_anywhere_fails(stop: dict[str, Any]) -> None:
    accepted = []
    for place in places(stop):
        spoiled = deepcopy(stop)
        at(spoiled, place)["extra"] = "text"
        if not errors(spoiled):
            accepted.append(place)
    assert accepted == []


@pytest.mark.parametrize(
    ("place", "spoiled"),
    [
        (("schema",), "itdose.report/2"),
        (("verdict",), "safe"),
        (("verdict",), "pass"),
        (("verdict",), None),
        (("findings",), []),
        (("order", "dose"), 500),
        (("order", "dose"), "500"),
        (("order", "dose"), "500.0 mg"),
        (("order", "dose"), ".5 g"),
        (("order", "dose"), "5e2 mg"),
        (("order", "dose"), "500mg"),
        (("order", "mode"), "bolus"),
        (("compared", 0, "zone"), "fine"),
        (("compared", 0, "measure"), "amount"),
        (("compared", 0, "limits"), {}),
        (("compared", 0, "limits", "toxic_from"), 500),
        (("rules", 0, "review", "state"), "checked"),
        (("rules", 0, "review", "due"), "22 November 2027"),
        (("rules", 0, "signed_off"), "no"),
        (("formulary", "digest"), "sha256:0"),
        (("itdose",), ""),
        (("assumptions",), None),
        (("row",), 2),
    ],
)
def test_a_report_with_a_wrong_value_fails(
    stop: dict[str, Any], place: tuple[str | int, ...], spoiled: object
) -> None:
    report = deepcopy(stop)
    at(report, place[:-1])[place[-1]] = spoiled
    assert errors(report)


@pytest.mark.parametrize(
    ("key", "spoiled"),
    [
        ("verdict", "ok"),
        ("mechanism", "typing"),
        ("limit", {"kind": "maximum", "value": "500 mg"}),
        ("limit", {"kind": "toxic_from", "value": 500}),
        ("ratio", 1),
        ("code", "Dose too high"),
        ("evidence", [{"source": "gil2021"}]),
        ("message", ""),
    ],
)
def test_a_finding_with_a_wrong_value_fails(stop: dict[str, Any], key: str, spoiled: object) -> None:
    report = deepcopy(stop)
    report["findings"][0][key] = spoiled
    assert errors(report)


@pytest.mark.parametrize("key", ["row", "row_id", "cells"])
def test_the_keys_of_a_row_stand_together_or_not_at_all(lines: list[dict[str, Any]], key: str) -> None:
    del lines[0][key]
    assert errors(lines[0])


def test_every_property_is_described_in_a_sentence() -> None:
    properties = [
        (f"{path}.{name}", part)
        for path, schema in subschemas(SCHEMA)
        if isinstance(schema.get("properties"), dict) and "type" in schema
        for name, part in schema["properties"].items()
    ]
    assert len(properties) > 40
    assert [path for path, part in properties if not part.get("description", "").endswith(".")] == []


def test_every_object_is_closed_except_those_with_the_headers_of_a_sheet() -> None:
    closed = {
        path: schema.get("additionalProperties")
        for path, schema in subschemas(SCHEMA)
        if schema.get("type") == "object"
    }
    assert [path for path, rest in closed.items() if rest is not False] == [
        "$.properties.cells",
        "$.properties.read_as",
    ]


def test_the_schema_knows_every_word_that_the_program_has() -> None:
    finding = SCHEMA["$defs"]["finding"]["properties"]
    comparison = SCHEMA["$defs"]["comparison"]["properties"]
    mechanisms = get_args(SlipModel.model_fields["mechanism"].annotation)
    assert set(SCHEMA["$defs"]["order"]["properties"]["mode"]["enum"]) == {*MODES, None}
    assert set(comparison["measure"]["enum"]) == set(get_args(Measure))
    assert set(comparison["zone"]["enum"]) == {zone.value for zone in Zone}
    assert "tenfold" in mechanisms
    assert set(mechanisms) <= set(finding["mechanism"]["enum"])
