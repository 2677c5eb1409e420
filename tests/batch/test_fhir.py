from __future__ import annotations

import csv
import gc
import io
import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary, Verdict
from itdose.batch import assess_rows
from itdose.batch.columns import CANONICAL
from itdose.batch.fhir.cells import HEADERS
from itdose.batch.fhir.concept import ROUTES
from itdose.batch.fhir.dosage import DOSE_TYPES
from itdose.batch.fhir.quantity import CODES, DIVISORS
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.cli import main
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import SheetError

if TYPE_CHECKING:
    from itdose.batch import RowReport
    from itdose.batch.sheet import Sheet, SheetRow

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "examples" / "orders.fhir.json"
UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
some = settings(derandomize=True, deadline=None, max_examples=60)

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def amount(number: float, code: str = "mg", **more: str) -> Json:
    return {"value": number, "unit": code, "system": UCUM, "code": code, **more}


def request(**changes: Any) -> Json:
    """Return a request of 50 mg of magnesium; a change to None takes an element away."""
    made: Json = {
        "resourceType": "MedicationRequest",
        "id": "a1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "magnesium sulfate"},
        "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [dosage()],
    }
    return {name: part for name, part in (made | changes).items() if part is not None}


def dosage(**changes: Any) -> Json:
    made: Json = {"route": {"text": "intrathecal"}, "doseAndRate": [{"doseQuantity": amount(50)}]}
    return {name: part for name, part in (made | changes).items() if part is not None}


def dosed(**parts: Any) -> Json:
    """Return a request whose only dose has these parts."""
    return request(dosageInstruction=[dosage(doseAndRate=[parts])])


def timed(**repeat: Any) -> Json:
    return request(dosageInstruction=[dosage(timing={"repeat": repeat})])


def administration(**changes: Any) -> Json:
    made: Json = {
        "resourceType": "MedicationAdministration",
        "id": "b1",
        "status": "completed",
        "medicationCodeableConcept": {"text": "magnesium sulfate"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-20T09:00:00Z",
        "dosage": {"route": {"text": "intrathecal"}, "dose": amount(50)},
    }
    return {name: part for name, part in (made | changes).items() if part is not None}


def patient(birth_date: str | None, **more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": "p1",
        **({"birthDate": birth_date} if birth_date else {}),
        **more,
    }


URL = "https://example.org/Patient/p1"


def weight(kilograms: float, measured: str | None, **changes: Any) -> Json:
    made: Json = {
        "resourceType": "Observation",
        "id": f"w{kilograms}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": measured,
        "valueQuantity": amount(kilograms, "kg"),
    }
    return {name: part for name, part in (made | changes).items() if part is not None}


def bundle(*resources: Json, **more: Any) -> Json:
    entries = [
        {"fullUrl": f"https://example.org/{one['resourceType']}/{one.get('id')}", "resource": one}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **more}


def opened(folder: Path, document: object, name: str = "orders.json") -> Sheet:
    path = folder / name
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return read_sheet(str(path))


def rows(folder: Path, *resources: Json) -> list[SheetRow]:
    return list(opened(folder, bundle(*resources)).rows)


def row(folder: Path, *resources: Json) -> SheetRow:
    [only] = rows(folder, *resources)
    return only


def reports(sheet: Sheet, formulary: Formulary) -> list[RowReport]:
    return list(assess_rows(sheet.rows, formulary))


def run(*arguments: str) -> int:
    """Run the command line and return its exit code."""
    try:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


# The same orders as in the sample, as a person writes them into a sheet.
AS_CSV = """row_id,drug,dose,route,mode,age,weight
a1,magnesium sulfate,50 mg,intrathecal,,,
a2,magnesium sulfate,500 mg,intrathecal,,,
a3,morphine,0.1 mg,it,,,
a4,morphine,3 mg,epidural,,,
a5,bupivacaine,12.5 mg,spinal,,,
a6,vincristine,2 mg,intrathecal,,,
a7,baclofen,100 mcg,intrathecal,screening_dose,,
a8,unobtainium,5 mg,intravenous,,,
a9,magnesium sulfate,50 mg,intrathecal,,,
a10,ketamine,0.3 mg/kg,intravenous,,56 years,70 kg
"""


def test_the_sample_says_what_the_same_orders_in_a_csv_say(formulary: Formulary, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(AS_CSV, encoding="utf-8")
    of_csv = reports(read_sheet(str(tmp_path / "orders.csv")), formulary)
    of_fhir = reports(read_sheet(str(SAMPLE)), formulary)
    assert [one.row_id for one in of_fhir] == [one.row_id for one in of_csv]
    for written, one in zip(of_csv, of_fhir, strict=True):
        assert one.report == written.report, one.row_id
    assert [one.report.verdict for one in of_fhir].count(Verdict.STOP) == 2


def test_the_sample_as_ndjson_in_another_order_says_the_same(formulary: Formulary, tmp_path: Path) -> None:
    resources = [entry["resource"] for entry in json.loads(SAMPLE.read_text("utf-8"))["entry"]]
    content = "\n".join(json.dumps(one) for one in reversed(resources))
    of_lines = reports(opened(tmp_path, content, "orders.ndjson"), formulary)
    of_bundle = reports(read_sheet(str(SAMPLE)), formulary)
    assert [one.row_id for one in of_lines] == [one.row_id for one in reversed(of_bundle)]
    assert [one.report for one in of_lines] == [one.report for one in reversed(of_bundle)]


def test_every_column_with_a_canonical_name_is_that_field(tmp_path: Path) -> None:
    one = row(tmp_path, request())
    assert set(one.columns.fields) == {name for name in HEADERS if name in CANONICAL}
    assert one.columns.renamed == {}
    assert {name: text for name, text in one.cells.items() if text} == {
        "row_id": "a1",
        "drug": "magnesium sulfate",
        "dose": "50 mg",
        "route": "intrathecal",
        "resource": "MedicationRequest",
        "status": "active",
    }


def test_nothing_of_a_person_but_age_and_weight_stands_in_a_row(tmp_path: Path) -> None:
    zyxw = "Zyxwvut"
    person = patient(
        "1970-01-31",
        name=[{"family": zyxw}],
        identifier=[{"value": zyxw}],
        address=[{"city": zyxw}],
        telecom=[{"value": zyxw}],
    )
    person["id"] = zyxw
    order = request(
        subject={"reference": f"Patient/{zyxw}", "display": zyxw},
        requester={"display": zyxw},
        authoredOn="2026-11-20",
        identifier=[{"value": zyxw}],
        note=[{"text": zyxw}],
    )
    one = row(tmp_path, person, order, weight(70, "2026-11-19", subject={"reference": f"Patient/{zyxw}"}))
    assert (one.cells["age"], one.cells["weight"]) == ("56 years", "70 kg")
    assert zyxw not in str(one.cells)
    assert "1970" not in str(one.cells)
    assert zyxw not in str(one.problem)


@pytest.mark.parametrize(
    ("number", "written"),
    [("50", "50 mg"), ("0.10", "0.10 mg"), ("50.0", "50.0 mg"), ("1.50e1", "1.50e1 mg"), ("-5", "-5 mg")],
)
def test_a_number_keeps_its_digits(tmp_path: Path, number: str, written: str) -> None:
    text = json.dumps(bundle(request())).replace('"value": 50', f'"value": {number}')
    [one] = opened(tmp_path, text).rows
    assert one.cells["dose"] == written


@pytest.mark.parametrize("number", ["1.50e1", "-5", "0", "1.500", "123456789", "0.00001", "9" * 5000])
def test_a_number_that_the_grammar_refuses_is_not_checked(
    formulary: Formulary, tmp_path: Path, number: str
) -> None:
    text = json.dumps(bundle(request())).replace('"value": 50', f'"value": {number}')
    [one] = reports(opened(tmp_path, text), formulary)
    assert one.report.verdict is Verdict.CANNOT_CHECK
    assert {finding.code for finding in one.report.findings} >= {"notation-refused"}


@pytest.mark.parametrize(
    ("code", "text", "written"),
    [
        ("mg", "mg", "50 mg"),
        ("ug", "mcg", "50 mcg"),
        ("ug", "\u00b5g", "50 mcg"),
        ("ug", None, "50 mcg"),
        ("ug", "microgram", "50 mcg"),
        ("meq", "mEq", "50 mEq"),
        ("mmol", "mmol", "50 mmol"),
        ("[iU]", "IU", "50 units"),
        ("[IU]", "units", "50 units"),
        ("mg/kg", "mg/kg", "50 mg/kg"),
        ("ug/kg/min", "mcg/kg/min", "50 mcg/kg/min"),
        ("mg/h", "mg/hr", "50 mg/h"),
        ("mg/d", "mg/day", "50 mg/day"),
        ("mg/m2", "mg/m2", "50 mg/m2"),
    ],
)
def test_a_ucum_code_is_read_with_its_unit(tmp_path: Path, code: str, text: str | None, written: str) -> None:
    quantity = {"value": 50, "system": UCUM, "code": code, **({"unit": text} if text else {})}
    assert row(tmp_path, dosed(doseQuantity=quantity)).cells["dose"] == written


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("mg", "mcg"),
        ("ug", "mg"),
        ("mg", "MG"),
        ("mg", "mL"),
        ("mg", "ampoule"),
        ("mg/h", "mg"),
        ("mg", "mg/h"),
    ],
)
def test_a_unit_and_a_code_that_disagree_are_refused(tmp_path: Path, code: str, text: str) -> None:
    one = row(tmp_path, dosed(doseQuantity=amount(50, code, unit=text)))
    assert one.order is None
    assert f"doseQuantity: the unit is '{text}' and its code '{code}'; correct one of them" in str(
        one.problem
    )


@pytest.mark.parametrize(
    "code", ["Mg", "MG", "kg", "m[g]", "mg.kg", "mg/g", "ug/24.h", "10*6.[iU]", "%", "mg//h"]
)
def test_a_ucum_code_outside_the_table_is_never_read_as_a_dose(
    formulary: Formulary, tmp_path: Path, code: str
) -> None:
    [one] = reports(opened(tmp_path, bundle(dosed(doseQuantity=amount(50, code)))), formulary)
    assert one.report.verdict is Verdict.CANNOT_CHECK


def test_every_unit_that_a_code_stands_for_is_in_the_grammar(dialect: Dialect) -> None:
    for unit in CODES.values():
        kind = Kind.VOLUME if unit in {"L", "mL"} else Kind.DOSE
        assert read(f"2 {unit}", kind, dialect).quantity.amount == 2
    for unit in DIVISORS.values():
        assert read(f"2 mg/{unit}", Kind.DOSE, dialect).quantity.amount == 2


@pytest.mark.parametrize(
    ("quantity", "written"),
    [
        ({"value": 50, "unit": "mg"}, "50 mg"),
        ({"value": 50, "unit": "ampoules"}, "50 ampoules"),
        ({"value": 50, "unit": "mg", "system": SNOMED, "code": "258684004"}, "50 mg"),
    ],
)
def test_a_unit_without_a_ucum_code_is_passed_on_as_written(
    tmp_path: Path, quantity: Json, written: str
) -> None:
    assert row(tmp_path, dosed(doseQuantity=quantity)).cells["dose"] == written


@pytest.mark.parametrize(
    ("parts", "cells"),
    [
        ({"rateQuantity": amount(2, "mg/h")}, {"dose": "2 mg/h"}),
        ({"rateRatio": {"numerator": amount(2), "denominator": amount(1, "h")}}, {"dose": "2 mg/h"}),
        ({"rateRatio": {"numerator": amount(2), "denominator": amount(1, "d")}}, {"dose": "2 mg/day"}),
        (
            {"doseQuantity": amount(50), "rateQuantity": amount(2, "mL/h")},
            {"dose": "50 mg", "flow_rate": "2 mL/h"},
        ),
        (
            {
                "doseQuantity": amount(4, "g"),
                "rateRatio": {"numerator": amount(4, "g"), "denominator": amount(20, "min")},
            },
            {"dose": "4 g", "over": "20 min"},
        ),
        (
            {"doseQuantity": amount(4, "g"), "rateQuantity": amount(12, "g/h")},
            {"dose": "4 g", "not checked": "the rate 12 g/h beside the dose"},
        ),
        (
            {
                "doseQuantity": amount(50),
                "rateRatio": {"numerator": amount(50), "denominator": amount(1, "d")},
            },
            {"dose": "50 mg", "not checked": "the rate 50 mg/day beside the dose"},
        ),
    ],
)
def test_a_rate_is_a_dose_a_flow_or_a_time(tmp_path: Path, parts: Json, cells: Json) -> None:
    one = row(tmp_path, dosed(**parts))
    assert one.problem is None
    named = ("dose", "flow_rate", "over", "not checked")
    assert {name: one.cells[name] for name in named if one.cells[name]} == cells


@pytest.mark.parametrize(
    ("repeat", "cells"),
    [
        ({"frequency": 1, "period": 4, "periodUnit": "h"}, {"every": "4 h"}),
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, {"every": "1 day"}),
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, {"every": "8 h"}),
        ({"frequency": 16, "period": 1, "periodUnit": "d"}, {"every": "90 min"}),
        ({"frequency": 7, "period": 1, "periodUnit": "d"}, {"not checked": "the interval"}),
        ({"frequency": 0, "period": 1, "periodUnit": "d"}, {"not checked": "the interval"}),
        ({"period": 4, "periodUnit": "h"}, {"not checked": "the interval"}),
        ({"frequency": 1, "period": 4}, {"not checked": "the interval"}),
        ({"frequency": 1, "period": 30, "periodUnit": "s"}, {"not checked": "the interval"}),
        ({"duration": 15, "durationUnit": "min"}, {"over": "15 min"}),
        ({"duration": 15, "durationUnit": "s"}, {"not checked": "the duration"}),
        ({"duration": 15, "durationMax": 20, "durationUnit": "min"},
         {"over": "15 min", "not checked": "durationMax of the timing"}),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"},
         {"every": "4 h", "not checked": "periodMax of the timing"}),
        ({"boundsDuration": amount(5, "d")}, {"course": "5 days"}),
        ({"boundsPeriod": {"start": "2026-11-20"}}, {"course": "2026-11-20 to ?"}),
        ({"boundsRange": {"low": amount(5, "d")}}, {"course": "a range"}),
        ({"count": 1}, {"timing": "once"}),
        ({"count": 1, "countMax": 2}, {"timing": "once", "not checked": "countMax of the timing"}),
        ({"count": 2}, {"not checked": "count of the timing"}),
        ({"timeOfDay": ["08:00:00"]}, {"not checked": "timeOfDay of the timing"}),
    ],
)  # fmt: skip
def test_the_timing_is_read_or_named(tmp_path: Path, repeat: Json, cells: Json) -> None:
    one = row(tmp_path, timed(**repeat))
    assert one.problem is None
    named = ("every", "over", "course", "not checked", *(("timing",) if "count" in repeat else ()))
    assert {name: one.cells[name] for name in named if one.cells[name]} == cells


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timing": {"code": {"text": "BID"}}}, "the timing's code BID"),
        ({"timing": {"event": ["2026-11-20"]}}, "event of the timing"),
        (
            {"maxDosePerPeriod": {"numerator": amount(200), "denominator": amount(24, "h")}},
            "the maximum dose",
        ),
        ({"maxDosePerAdministration": amount(50)}, "the maximum dose"),
        ({"asNeededFor": [{"text": "pain"}]}, "asNeededFor of the dosage"),
        (
            {"doseAndRate": [{"doseQuantity": amount(50)}] * 2},
            "the other doseAndRate of 2 of the same instruction",
        ),
    ],
)
def test_what_is_stated_and_not_checked_keeps_an_order_from_being_within_limits(
    formulary: Formulary, tmp_path: Path, changes: Json, said: str
) -> None:
    plain, *_ = reports(opened(tmp_path, bundle(request())), formulary)
    one, *_ = reports(opened(tmp_path, bundle(request(dosageInstruction=[dosage(**changes)]))), formulary)
    assert plain.report.verdict is Verdict.WITHIN_LIMITS
    assert one.report.verdict is Verdict.NEEDS_REVIEW
    assert said in one.report.headline
    assert one.cells["not checked"] == said


def test_a_dose_in_two_places_is_refused_in_both(tmp_path: Path) -> None:
    out = rows(tmp_path, request(dosageInstruction=[dosage(doseQuantity=amount(5))]))
    assert [one.row_id for one in out] == ["a1/1", "a1/2"]
    assert [one.cells["dose"] for one in out] == ["50 mg", "5 mg"]
    assert all("doseQuantity stands beside doseAndRate; keep one" in str(one.problem) for one in out)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"coding": [{"system": DOSE_TYPES, "code": "ordered"}]}, ""),
        ({"coding": [{"system": DOSE_TYPES, "code": "calculated"}]}, ""),
        ({"coding": [{"system": "urn:oid:1.2.3", "code": "1"}]}, "the type of the dose 1"),
        ({"text": "of the product"}, "the type of the dose of the product"),
    ],
)
def test_a_dose_of_another_type_is_named(tmp_path: Path, kind: Json, said: str) -> None:
    one = row(tmp_path, dosed(doseQuantity=amount(50), type=kind))
    assert one.problem is None
    assert one.cells["not checked"] == said


def test_as_needed_is_kept(tmp_path: Path) -> None:
    yes = row(tmp_path, request(dosageInstruction=[dosage(asNeededBoolean=True)]))
    pain = row(tmp_path, request(dosageInstruction=[dosage(asNeededCodeableConcept={"text": "pain"})]))
    no = row(tmp_path, request(dosageInstruction=[dosage(asNeededBoolean=False)]))
    assert [one.cells["as needed"] for one in (yes, pain, no)] == ["yes", "pain", ""]


@pytest.mark.parametrize(
    ("sequences", "verdicts"),
    [
        ((None, None), {Verdict.CANNOT_CHECK}),
        ((1, 1), {Verdict.CANNOT_CHECK}),
        ((1, None), {Verdict.CANNOT_CHECK}),
        ((1, 2), {Verdict.NEEDS_REVIEW}),
    ],
)
def test_doses_of_several_instructions_are_never_within_limits_each_alone(
    formulary: Formulary, tmp_path: Path, sequences: tuple[int | None, ...], verdicts: set[Verdict]
) -> None:
    order = request(dosageInstruction=[dosage(sequence=one) for one in sequences])
    out = reports(opened(tmp_path, bundle(order)), formulary)
    assert [one.row_id for one in out] == ["a1/1", "a1/2"]
    assert {one.report.verdict for one in out} == verdicts


def test_a_sequence_that_is_no_number_is_said(tmp_path: Path) -> None:
    out = rows(tmp_path, request(dosageInstruction=[dosage(sequence="1"), dosage(sequence=2)]))
    assert all("sequence is not a number" in str(one.problem) for one in out)


def test_an_order_of_many_instructions_is_many_rows(tmp_path: Path) -> None:
    out = rows(tmp_path, request(dosageInstruction=[dosage()] * 5000))
    assert [out[0].row_id, out[-1].row_id] == ["a1/1", "a1/5000"]
    assert len(out) == 5000


def test_a_toxic_dose_among_several_instructions_is_a_stop(formulary: Formulary, tmp_path: Path) -> None:
    toxic = dosage(doseAndRate=[{"doseQuantity": amount(500)}])
    out = reports(opened(tmp_path, bundle(request(dosageInstruction=[dosage(), toxic]))), formulary)
    assert [one.report.verdict for one in out] == [Verdict.CANNOT_CHECK, Verdict.STOP]


MODIFIER = [{"url": "https://example.org/negation", "valueBoolean": True}]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (request(status="entered-in-error"), "its status is 'entered-in-error'; only active, draft"),
        (request(status="cancelled"), "its status is 'cancelled'"),
        (request(status="stopped"), "its status is 'stopped'"),
        (request(status="unknown"), "its status is 'unknown'"),
        (request(status=None), "its status is ''"),
        (request(status=7), "status is not a text"),
        (request(intent="option"), "its intent is 'option'"),
        (request(intent=None), "its intent is ''"),
        (request(doNotPerform=True), "it says doNotPerform"),
        (request(doNotPerform="true"), "doNotPerform is neither true nor false"),
        (request(modifierExtension=MODIFIER), "the MedicationRequest has a modifierExtension"),
        (request(dosageInstruction=[dosage(modifierExtension=MODIFIER)]), "has a modifierExtension"),
        (request(dosageInstruction=[dosage(timing={"modifierExtension": MODIFIER})]), "a modifierExtension"),
        (request(implicitRules="https://example.org/rules"), "follows implicitRules"),
        (request(meta={"tag": [{"code": "SUBSETTED"}]}), "tagged as incomplete"),
        (request(dosageInstruction=None), "it has no dosage"),
        (request(dosageInstruction=[]), "it has no dosage"),
        (request(dosageInstruction={}), "dosageInstruction is not a list of objects"),
        (request(dosageInstruction=["50 mg"]), "dosageInstruction is not a list of objects"),
        (request(dosageInstruction=[dosage(doseAndRate=None, text="50 mg")]), "free text is not read"),
        (request(dosageInstruction=[dosage(doseAndRate=[])]), "it has no dose as a number with a unit"),
        (request(dosageInstruction=[dosage(route=None)]), "it has no route"),
        (request(dosageInstruction=[dosage(text="500 mg once")]), "the dosage text names another amount"),
        (request(dosageInstruction=[dosage(text="give 50 mcg")]), "the dosage text names another amount"),
        (request(dosageInstruction=[dosage(patientInstruction="take 5 mg")]), "names another amount"),
        (dosed(doseRange={"low": amount(50), "high": amount(100)}), "doseRange states two amounts"),
        (dosed(rateRange={"low": amount(1, "mg/h"), "high": amount(2, "mg/h")}), "rateRange states two"),
        (dosed(doseQuantity={**amount(50), "comparator": "<"}), "doseQuantity is '< 50', which is no single"),
        (dosed(doseQuantity={"unit": "mg"}), "doseQuantity has no value"),
        (dosed(doseQuantity={"value": 50}), "doseQuantity has no unit"),
        (dosed(doseQuantity={"value": 50, "code": "mg"}), "doseQuantity has no unit"),
        (dosed(doseQuantity={"value": "50", "unit": "mg"}), "value is not a number"),
        (dosed(doseQuantity="50 mg"), "doseQuantity is not an object"),
        (dosed(rateQuantity=amount(2, "mL/h")), "it states the flow rate 2 mL/h and no dose"),
        (dosed(rateRatio={"numerator": amount(48), "denominator": amount(24, "h")}), "is 48 mg in 24 h"),
        (dosed(rateRatio={"numerator": amount(48)}), "rateRatio needs a numerator and a denominator"),
        (
            dosed(doseQuantity=amount(5), rateQuantity=amount(5, "mg/h"), rateRatio={}),
            "rateQuantity and rateRatio stand beside each other",
        ),
        (request(medicationCodeableConcept=None), "it needs either medicationCodeableConcept or"),
        (request(medicationReference={"reference": "Medication/m1"}), "and not both"),
        (request(medicationCodeableConcept={"coding": [{"code": "6585"}]}), "a code alone is not read"),
        (
            request(medicationCodeableConcept={"coding": [{"display": "morphine"}, {"display": "fentanyl"}]}),
            "has the names 'fentanyl', 'morphine'",
        ),
        (
            request(medicationCodeableConcept={"text": "morphine", "coding": [{"display": "Hydromorphone"}]}),
            "says 'morphine' and its coding 'Hydromorphone'; name one drug",
        ),
        (administration(status="not-done"), "its status is 'not-done'; only in-progress"),
        (administration(status="entered-in-error"), "its status is 'entered-in-error'"),
        (administration(dosage=None), "it has no dosage"),
        (administration(dosage=[]), "dosage is not an object"),
    ],
)  # fmt: skip
def test_what_may_mean_something_else_is_not_checked(
    formulary: Formulary, tmp_path: Path, order: Json, said: str
) -> None:
    [one] = reports(opened(tmp_path, bundle(order)), formulary)
    assert one.report.verdict is Verdict.CANNOT_CHECK
    assert {finding.code for finding in one.report.findings} == {"row-unreadable"}
    assert one.report.headline.startswith("row 1: ")
    assert said in one.report.headline
    assert one.row_id == order["id"]


@pytest.mark.parametrize("status", ["active", "draft", "on-hold", "completed"])
@pytest.mark.parametrize("intent", ["proposal", "plan", "order", "original-order"])
def test_a_proposed_order_is_checked_as_any_other(tmp_path: Path, status: str, intent: str) -> None:
    assert row(tmp_path, request(status=status, intent=intent)).order is not None


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("50 mg once", True),
        ("0.05 g once", True),
        ("50000 mcg", True),
        ("inject slowly over 5 min", True),
        ("50mg (1 mL of 50 mg/mL)", True),
        ("5 mg", False),
        ("50 micrograms", False),
        ("5,0 mg", False),
    ],
)
def test_the_dosage_text_must_not_name_another_amount(tmp_path: Path, text: str, agrees: bool) -> None:
    one = row(tmp_path, request(dosageInstruction=[dosage(text=text)]))
    assert (one.order is not None) == agrees
    assert one.cells["dosage text"] == text


def snomed(code: str, display: str | None, text: str | None = None) -> Json:
    coding = {"system": SNOMED, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding], **({"text": text} if text else {})}


@pytest.mark.parametrize(
    ("route", "written"),
    [
        ({"text": "it"}, "it"),
        ({"coding": [{"display": "Intramuscular route"}]}, "Intramuscular route"),
        (snomed("72607000", "Intrathecal route"), "intrathecal"),
        (snomed("72607000", "Intrathecal route (qualifier value)"), "intrathecal"),
        (snomed("72607000", None, "intrathecal"), "intrathecal"),
        (snomed("47625008", "Intravenous"), "intravenous"),
        (snomed("404820008", "Epidural route"), "epidural"),
        (snomed("78421000", "Intramuscular route"), "Intramuscular route"),
    ],
)
def test_a_route_is_its_text_or_a_code_with_a_name_that_agrees(
    tmp_path: Path, route: Json, written: str
) -> None:
    assert row(tmp_path, request(dosageInstruction=[dosage(route=route)])).cells["route"] == written


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (snomed("72607000", "Intravenous route"), "the code 72607000 is intrathecal, and its display is"),
        (snomed("72607000", "Intradermal route"), "the code 72607000 is intrathecal, and its display is"),
        (
            snomed("47625008", "Intravenous route", "intrathecal"),
            "says 'intrathecal' and its code intravenous",
        ),
        (snomed("72607000", None), "has the code 72607000 without a name"),
        (snomed("78421000", None), "a code alone is not read"),
        ({}, "neither text nor display"),
        (
            {
                "coding": [
                    {"system": SNOMED, "code": "72607000", "display": "Intrathecal route"},
                    {"system": SNOMED, "code": "47625008", "display": "Intravenous route"},
                ]
            },
            "has the codes of two routes, intrathecal and intravenous",
        ),
        (
            {"coding": [{"display": "intrathecal"}, {"display": "epidural"}]},
            "has the names 'epidural', 'intrathecal'",
        ),
    ],
)
def test_a_route_with_two_readings_is_refused(tmp_path: Path, route: Json, said: str) -> None:
    one = row(tmp_path, request(dosageInstruction=[dosage(route=route)]))
    assert one.order is None
    assert said in str(one.problem)


def test_a_coding_that_says_more_than_the_drug_s_name_needs_review(
    formulary: Formulary, tmp_path: Path
) -> None:
    concept = {"text": "magnesium sulfate", "coding": [{"display": "Magnesium sulfate 500 MG/ML Injection"}]}
    [one] = reports(opened(tmp_path, bundle(request(medicationCodeableConcept=concept))), formulary)
    assert one.report.verdict is Verdict.NEEDS_REVIEW
    assert "the medication's coding 'Magnesium sulfate 500 MG/ML Injection'" in one.report.headline


def test_a_display_alone_is_the_drug_as_written(tmp_path: Path) -> None:
    concept = {"coding": [{"code": "6585", "display": "magnesium sulfate"}]}
    assert row(tmp_path, request(medicationCodeableConcept=concept)).cells["drug"] == "magnesium sulfate"


MEDICATION = {"resourceType": "Medication", "id": "m1", "code": {"text": "magnesium sulfate"}}


def referring(reference: str, **more: Any) -> Json:
    return request(medicationCodeableConcept=None, medicationReference={"reference": reference}, **more)


@pytest.mark.parametrize(
    "reference", ["Medication/m1", "https://example.org/Medication/m1", "Medication/m1/_history/3"]
)
def test_a_medication_is_found_before_and_after_the_order(tmp_path: Path, reference: str) -> None:
    assert row(tmp_path, MEDICATION, referring(reference)).cells["drug"] == "magnesium sulfate"
    assert row(tmp_path, referring(reference), MEDICATION).cells["drug"] == "magnesium sulfate"


def test_a_contained_medication_patient_and_weight_are_found(tmp_path: Path) -> None:
    contained = [
        MEDICATION,
        {"resourceType": "Patient", "id": "p1", "birthDate": "2020-01-31"},
        weight(20, "2026-11-01", subject={"reference": "#p1"}),
    ]
    subject = {"reference": "#p1"}
    one = row(tmp_path, referring("#m1", contained=contained, subject=subject, authoredOn="2026-11-20"))
    assert one.problem is None
    assert [one.cells[name] for name in ("drug", "age", "weight")] == [
        "magnesium sulfate",
        "6 years",
        "20 kg",
    ]


@pytest.mark.parametrize(
    ("medication", "reference", "said"),
    [
        (MEDICATION, "Medication/m2", "the file has no medication 'Medication/m2'; put it into the file"),
        (MEDICATION, "#m1", "the file has no medication '#m1'"),
        (MEDICATION, "https://other.example/Medication/m1", "the file has no medication"),
        ({**MEDICATION, "status": "entered-in-error"}, "Medication/m1", "its status is 'entered-in-error'"),
        (
            {**MEDICATION, "modifierExtension": MODIFIER},
            "Medication/m1",
            "the Medication has a modifierExtension",
        ),
        ({**MEDICATION, "code": None}, "Medication/m1", "neither text nor display"),
        (
            {**MEDICATION, "ingredient": [{"itemCodeableConcept": {"text": "fentanyl"}}]},
            "Medication/m1",
            "it is called 'magnesium sulfate' and its ingredient 'fentanyl'",
        ),
        (
            {**MEDICATION, "ingredient": [{"itemCodeableConcept": {"text": "a"}}] * 2},
            "Medication/m1",
            "it has 2 ingredients",
        ),
        ({**MEDICATION, "ingredient": [{}]}, "Medication/m1", "its ingredient is not named"),
    ],
)
def test_a_medication_that_can_t_be_read_is_said(
    tmp_path: Path, medication: Json, reference: str, said: str
) -> None:
    one = row(tmp_path, medication, referring(reference))
    assert one.order is None
    assert said in str(one.problem)


def test_one_name_for_two_medications_is_refused(tmp_path: Path) -> None:
    other = {**MEDICATION, "code": {"text": "morphine"}}
    assert "stands in the file twice, and differs" in str(
        row(tmp_path, MEDICATION, other, referring("Medication/m1")).problem
    )
    assert row(tmp_path, MEDICATION, MEDICATION, referring("Medication/m1")).problem is None


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("1970-01-31", "2026-11-20", "56 years"),
        ("1970-11-21", "2026-11-20", "55 years"),
        ("1970-11-20", "2026-11-20T08:00:00+01:00", "56 years"),
        ("2024-11-20", "2026-11-20", "2 years"),
        ("2024-11-21", "2026-11-20", "23 months"),
        ("2026-10-20", "2026-11-20", "1 month"),
        ("2026-10-21", "2026-11-20", "30 days"),
        ("2026-11-19", "2026-11-20", "1 day"),
    ],
)
def test_the_age_is_that_on_the_day_of_the_order(tmp_path: Path, birth: str, day: str, age: str) -> None:
    one = row(tmp_path, patient(birth), request(authoredOn=day))
    assert (one.cells["age"], one.cells["not checked"]) == (age, "")
    given_then = row(tmp_path, patient(birth), administration(effectiveDateTime=day))
    assert given_then.cells["age"] == age


@pytest.mark.parametrize(
    ("birth", "day"), [("1970", "2026-11-20"), ("1970-01", "2026-11-20"), ("1970-01-31", "2026"),
                       ("1970-01-31", None), ("31.1.1970", "2026-11-20"), ("1970-13-31", "2026-11-20"),
                       ("2026-11-20", "2026-11-20")],
)  # fmt: skip
def test_a_date_that_is_not_whole_gives_no_age(
    formulary: Formulary, tmp_path: Path, birth: str, day: str | None
) -> None:
    [one] = reports(opened(tmp_path, bundle(patient(birth), request(authoredOn=day))), formulary)
    assert one.cells["age"] == ""
    assert one.report.verdict is Verdict.NEEDS_REVIEW
    assert "the age, since the birth date or the day of the order is not whole" in one.report.headline


def test_a_patient_who_stands_twice_or_is_modified_is_refused(tmp_path: Path) -> None:
    twice = row(tmp_path, patient("1970-01-31"), patient("1980-01-31"), request())
    assert "the patient stands in the file twice, and differs" in str(twice.problem)
    modified = row(tmp_path, patient("1970-01-31", modifierExtension=MODIFIER), request())
    assert "the Patient has a modifierExtension" in str(modified.problem)


def test_an_order_before_the_birth_is_refused(tmp_path: Path) -> None:
    one = row(tmp_path, patient("2026-11-21"), request(authoredOn="2026-11-20"))
    assert "the birth date lies after the order" in str(one.problem)


@pytest.mark.parametrize(
    ("weights", "written"),
    [
        ([weight(70, "2026-11-19"), weight(80, "2021-03-01")], "70 kg"),
        ([weight(80, "2021-03-01"), weight(70, "2026-11-19T10:00:00Z")], "70 kg"),
        ([weight(70, "2026-11-19T10:00:00Z"), weight(80, "2026-11-19T11:00:00+02:00")], "70 kg"),
        ([weight(70, None)], "70 kg"),
        ([weight(70, "2026-11-19"), weight(90, "2026-11-20", status="entered-in-error")], "70 kg"),
        ([weight(70, "2026-11-19"), weight(90, "2026-11-20", subject={"reference": "Patient/p2"})], "70 kg"),
        ([weight(90, "2026-11-20", subject=None)], ""),
        ([weight(70, "2026-11-19"), weight(70, "2026-11-19")], "70 kg"),
        (
            [patient(None), weight(80, "2021-03-01"), weight(70, "2026-11-19", subject={"reference": URL})],
            "70 kg",
        ),
        ([patient(None), weight(70, "2026-11-19", subject={"reference": f"{URL}/_history/2"})], "70 kg"),
        ([weight(3200, "2026-11-19", valueQuantity=amount(3200, "g"))], "3200 g"),
    ],
)
def test_the_latest_weight_of_the_person_counts(tmp_path: Path, weights: list[Json], written: str) -> None:
    one = row(tmp_path, request(), *weights)
    assert (one.cells["weight"], one.cells["not checked"]) == (written, "")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([weight(70, "2026-11-19"), weight(80, None)], "there are several, and not all have a full date"),
        (
            [weight(70, "2026-11"), weight(80, "2026-11-19")],
            "there are several, and not all have a full date",
        ),
        (
            [weight(70, "2026-11-19"), weight(80, "2026-11-19")],
            "there are several of one moment, and they differ",
        ),
        ([weight(70, "2026-11-19", valueQuantity=amount(154, "[lb_av]"))], "UCUM code '[lb_av]'"),
        ([weight(70, "2026-11-19", valueQuantity=None)], "valueQuantity has no value"),
        ([weight(70, "2026-11-19T99"), weight(80, "2026-11-19")], "there are several of one moment"),
        ([weight(70, "2026-11-19", modifierExtension=MODIFIER)], "has a modifierExtension"),
    ],
)
def test_a_weight_is_not_chosen_among_several(
    formulary: Formulary, tmp_path: Path, weights: list[Json], said: str
) -> None:
    [one] = reports(opened(tmp_path, bundle(request(), *weights)), formulary)
    assert one.cells["weight"] == ""
    assert one.report.verdict is Verdict.NEEDS_REVIEW
    assert said in one.report.headline


def test_the_shape_before_r4_is_read_with_a_remark(tmp_path: Path) -> None:
    sheet = opened(
        tmp_path, bundle(request(dosageInstruction=[dosage(doseAndRate=None, doseQuantity=amount(50))]))
    )
    [one] = sheet.rows
    assert one.problem is None
    assert one.cells["dose"] == "50 mg"
    assert sheet.remarks == ["1 orders state the dose as before R4, without doseAndRate; it was read"]


def test_what_was_not_read_is_counted(tmp_path: Path) -> None:
    others = [{"resourceType": kind, "id": "x"} for kind in ("Encounter", "MedicationDispense", "Encounter")]
    sheet = opened(tmp_path, bundle(request(), *others, link=[{"relation": "next", "url": "https://x/2"}]))
    assert len(list(sheet.rows)) == 1
    assert sheet.remarks == [
        "the Bundle is one page of several (it has a link 'next'); the other pages were not read",
        "not read: 2 Encounter, 1 MedicationDispense",
    ]


def test_links_of_another_shape_are_no_pages(tmp_path: Path) -> None:
    sheet = opened(tmp_path, bundle(request(), link=[5]))
    assert len(list(sheet.rows)) == 1
    assert sheet.remarks == []


def test_a_dose_that_runs_for_two_times_is_refused(tmp_path: Path) -> None:
    rate = {"numerator": amount(50), "denominator": amount(20, "min")}
    stated = dosage(
        timing={"repeat": {"duration": 15, "durationUnit": "min"}},
        doseAndRate=[{"doseQuantity": amount(50), "rateRatio": rate}],
    )
    one = row(tmp_path, request(dosageInstruction=[stated]))
    assert "it runs over 15 min by its timing and 20 min by its rateRatio" in str(one.problem)


def test_a_single_order_and_a_bundle_in_a_bundle_are_read(tmp_path: Path) -> None:
    assert [one.row_id for one in opened(tmp_path, request()).rows] == ["a1"]
    inner = {"resourceType": "Bundle", "entry": [{"resource": request(id="inner")}]}
    out = list(opened(tmp_path, bundle(request(), inner)).rows)
    assert [(one.number, one.row_id) for one in out] == [(1, "a1"), (2, "inner")]


@pytest.mark.parametrize(
    ("depth", "fault"), [(10, None), (11, "more than 10 Bundles stand inside each other")]
)
def test_bundles_stand_inside_each_other_to_a_depth(tmp_path: Path, depth: int, fault: str | None) -> None:
    document = bundle(request())
    for _ in range(depth):
        document = {"resourceType": "Bundle", "entry": [{"resource": document}]}
    [one] = opened(tmp_path, document).rows
    assert one.problem == (f"row 1: the Bundle's entry can't be read: {fault}" if fault else None)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("x", "it is not an object"),
        ({"resource": 5}, "its resource has no resourceType"),
        ({"resource": {"resourceType": ["MedicationRequest"]}}, "resourceType is not a text"),
        ({"resource": request(), "modifierExtension": MODIFIER}, "it has a modifierExtension"),
        ({"resource": {"resourceType": "Bundle", "entry": {}}}, "the entry of the Bundle is not a list"),
        ({"resource": {"resourceType": "Bundle", "implicitRules": "x"}}, "follows implicitRules"),
    ],
)
def test_an_entry_that_can_t_be_read_is_a_report(tmp_path: Path, entry: object, said: str) -> None:
    document = {"resourceType": "Bundle", "entry": [{"resource": request()}, entry, {"resource": request()}]}
    before, bad, after = opened(tmp_path, document).rows
    assert before.problem is after.problem is None
    assert said in str(bad.problem)
    assert bad.number == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is no JSON that can be read"),
        ("{", "it is no JSON that can be read"),
        ("[" * 100_000, "it is no JSON that can be read"),
        ("[]", "it is no FHIR of orders; a .json sheet is a FHIR R4 Bundle"),
        ("5", "it is no FHIR of orders"),
        ('{"row_id": "a", "drug": "morphine"}', "it is no FHIR of orders"),
        ('{"resourceType": "Patient"}', "it is no FHIR of orders"),
        ('{"resourceType": ["Bundle"]}', "it is no FHIR of orders"),
        ('{"resourceType": "Bundle", "type": "a", "type": "b"}', "'type' stands more than once"),
        ('{"resourceType": "Bundle", "total": NaN}', "NaN is not a number"),
        ('{"resourceType": "Bundle"}', "it holds no MedicationRequest or MedicationAdministration"),
        ('{"resourceType": "Bundle", "entry": []}', "nothing was checked"),
        (json.dumps(bundle(MEDICATION)), "nothing was checked"),
    ],
)
def test_what_holds_no_order_is_an_error_that_names_the_file(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SheetError) as caught:
        list(opened(tmp_path, content).rows)
    assert str(caught.value).startswith(f"{tmp_path / 'orders.json'}: ")
    assert said in str(caught.value)


def test_a_document_that_memory_can_t_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("itdose.batch.fhir.reader.LARGEST_DOCUMENT", 1000)
    with pytest.raises(SheetError, match="save it as NDJSON, one resource a line"):
        opened(tmp_path, bundle(*[request()] * 10))
    pretty = json.dumps(bundle(*[request()] * 10), indent=1).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pretty)))
    assert run("batch", "-") == 5
    assert "save it as NDJSON, one resource a line" in capsys.readouterr().err


@pytest.mark.parametrize("options", [SheetOptions(decimal_comma=True), SheetOptions(fields={"x": "dose"})])
def test_what_the_user_declares_of_other_sheets_does_not_hold_for_fhir(
    tmp_path: Path, options: SheetOptions
) -> None:
    opened(tmp_path, request())
    with pytest.raises(SheetError, match="leave out --decimal comma and --map"):
        read_sheet(str(tmp_path / "orders.json"), options)


@pytest.mark.parametrize("name", ["orders.ndjson", "orders.jsonl"])
def test_a_bad_line_of_ndjson_is_a_report_and_the_next_is_read(tmp_path: Path, name: str) -> None:
    lines = [
        "",
        json.dumps(request()),
        '{"resourceType": ',
        "5",
        '{"id": "x"}',
        "{}" * 2,
        json.dumps(request(id="a2")),
    ]
    out = list(opened(tmp_path, "\n".join(lines), name).rows)
    assert [one.number for one in out] == [2, 3, 4, 5, 6, 7]
    assert [one.row_id for one in out if one.order is not None] == ["a1", "a2"]
    assert all("it is not one FHIR resource: " in str(one.problem) for one in out[1:5])


def test_a_line_of_ndjson_finds_what_stands_in_a_later_line(tmp_path: Path) -> None:
    lines = [json.dumps(one) for one in (referring("Medication/m1"), weight(70, "2026-11-19"), MEDICATION)]
    [one] = opened(tmp_path, "\n".join(lines), "orders.ndjson").rows
    assert (one.cells["drug"], one.cells["weight"]) == ("magnesium sulfate", "70 kg")


def test_json_lines_that_are_no_fhir_are_read_as_before(tmp_path: Path) -> None:
    line = json.dumps(
        {"row_id": "a", "drug": "morphine", "dose": "1 mg", "route": "it", "note": '"resourceType"'}
    )
    [one] = opened(tmp_path, line, "orders.ndjson").rows
    assert one.cells["note"] == '"resourceType"'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps(bundle(request())), 0),
        (json.dumps(bundle(request()), indent=2), 0),
        (f"{json.dumps(MEDICATION)}\n{json.dumps(referring('Medication/m1'))}\n", 0),
        (f"{json.dumps(referring('Medication/m1'))}\r\n{json.dumps(MEDICATION)}", 0),
        (json.dumps(request(status="stopped")), 4),
        ('{\n"x": 1}', 5),
        ('{"resourceType": "Bundle"}', 5),
    ],
)
def test_fhir_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch, content: str, code: int) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode()), encoding="ascii"))
    assert run("batch", "-") == code


def test_standard_input_that_is_no_text_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Far enough behind the first line that it is read and decoded later.
    broken = json.dumps(request()).encode() + b"\n" * 100_000 + b"\xff\xfe\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(broken)))
    assert run("batch", "-") == 5
    assert "it is not UTF-8 text" in capsys.readouterr().err


def test_many_rows_are_read_without_keeping_them(tmp_path: Path) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_text(f"{json.dumps(request())}\n" * 2000, encoding="utf-8")
    out = read_sheet(str(path)).rows
    assert sum(1 for one in out if one.problem is None) == 2000


def test_the_header_of_a_csv_of_the_cells_is_that_of_the_sheet(tmp_path: Path) -> None:
    sheet = opened(tmp_path, request())
    written = io.StringIO()
    csv.writer(written).writerow(next(sheet.rows).cells)
    assert tuple(next(csv.reader([written.getvalue()]))) == sheet.headers


ORDERS = st.lists(
    st.builds(
        lambda order, doses, number: {
            **deepcopy(order),
            "id": f"o{number}",
            **({"dosageInstruction": [dosage(doseAndRate=[{"doseQuantity": one}]) for one in doses]}
               if order["resourceType"] == "MedicationRequest" else {}),
        },
        st.sampled_from([request(), administration(), request(status="draft"), request(status="stopped")]),
        st.lists(
            st.builds(amount, st.integers(1, 999), st.sampled_from(["mg", "ug", "mL", "Mg", "mg/kg"])),
            max_size=3,
        ),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@some
@given(ORDERS, st.booleans())
def test_every_dose_of_every_order_is_one_report(
    formulary: Formulary, tmp_path_factory: pytest.TempPathFactory, orders: list[Json], in_lines: bool
) -> None:
    content = "\n".join(map(json.dumps, orders)) if in_lines else json.dumps(bundle(*orders))
    sheet = opened(tmp_path_factory.mktemp("fhir"), content, "o.ndjson" if in_lines else "o.json")
    out = reports(sheet, formulary)
    expected = [
        (number, one)
        for number, order in enumerate(orders, start=1)
        for one in (order.get("dosageInstruction") or [order.get("dosage")])
    ]
    assert [one.row for one in out] == [number for number, _ in expected]
    for (number, stated), one in zip(expected, out, strict=True):
        assert one.row_id.partition("/")[0] == orders[number - 1]["id"]
        if stated is None:
            assert one.report.verdict is Verdict.CANNOT_CHECK
            continue
        quantity = stated["dose"] if "dose" in stated else stated["doseAndRate"][0]["doseQuantity"]
        assert one.cells["dose"].partition(" ")[0] in {str(quantity["value"]), ""}
        assert (one.cells["dose"] == "") == (quantity["code"] == "Mg")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["mg", UCUM, "active", "order", "Medication/m1", "#m1", "2026-11-20", "Bundle"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(
        st.sampled_from([
            *("resourceType", "id", "status", "intent", "dosageInstruction", "doseAndRate", "doseQuantity"),
            *("route", "text", "coding", "code", "system", "display", "value", "unit", "timing", "repeat"),
            *("dosage", "medicationReference", "reference", "contained", "rateRatio", "numerator", "meta"),
            *("subject", "entry", "resource", "medicationCodeableConcept", "period", "frequency", "x"),
        ]), parts, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@some
@given(
    st.dictionaries(st.sampled_from(sorted({*request(), *administration(), "contained", "meta", "x"})), JSON)
)
def test_no_shape_of_an_order_is_lost_or_breaks_the_run(
    formulary: Formulary, tmp_path_factory: pytest.TempPathFactory, changes: Json
) -> None:
    folder = tmp_path_factory.mktemp("fhir")
    for whole in (request(), administration()):
        changed = {**whole, **changes, "resourceType": whole["resourceType"]}
        out = reports(opened(folder, bundle(changed, changes | {"resourceType": "Patient"})), formulary)
        assert out
        assert {one.row for one in out} == {1}


@some
@given(JSON)
def test_no_json_gives_anything_but_rows_or_an_error_of_the_sheet(
    formulary: Formulary, tmp_path_factory: pytest.TempPathFactory, document: object
) -> None:
    folder = tmp_path_factory.mktemp("fhir")
    strange = {"resourceType": "Medication", "id": "m1", "code": document}
    for name in ("orders.json", "orders.ndjson"):
        for content in (document, {"resourceType": "Bundle", "entry": document}, bundle(request(), strange)):
            try:
                assert reports(opened(folder, content, name), formulary)
            except SheetError as error:
                assert str(error).startswith(str(folder))  # noqa: PT017 - only this error is allowed


def test_every_column_code_and_kind_is_documented() -> None:
    text = (ROOT / "docs" / "fhir.md").read_text("utf-8")
    named = {*HEADERS, *(code for code in CODES if code not in {"l", "ml"}), *DIVISORS}
    assert sorted(name for name in named if f"`{name}`" not in text) == []
    assert [code for code in ROUTES if code not in text] == []
