from __future__ import annotations

import re
import unicodedata
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary, Verdict
from itdose.batch import assess_rows
from itdose.batch.columns import CANONICAL, columns_of, field_of
from itdose.batch.header_names import _CANONICAL, FIELDS, normal_header
from itdose.batch.header_words import LANGUAGES
from itdose.batch.options import SheetOptions
from itdose.batch.sheet import SheetRow
from itdose.errors import SheetError

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sheet-headers.md").read_text("utf-8")
NONE = SheetOptions()
COMMA = SheetOptions(decimal_comma=True)
some = settings(derandomize=True, deadline=None, max_examples=100)


def table(heading: str) -> list[list[str]]:
    """Return the rows of the page's table under a heading, without its header."""
    section = re.split(r"\n##", PAGE.split(f"# {heading}\n", 1)[1])[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def words(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


LISTED = [
    (alias, field) for names in LANGUAGES.values() for field, aliases in names.items() for alias in aliases
]
LEFT_OUT = [words(header)[0] for header, _ in table("Left out")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_lists_every_header_of_the_table(language: str) -> None:
    assert {words(field)[0]: words(headers) for field, headers in table(language)} == LANGUAGES[language]


def test_the_page_has_every_language_and_no_other() -> None:
    assert re.findall(r"^### (.+)$", PAGE, re.MULTILINE) == list(LANGUAGES)
    assert list(LANGUAGES) == ["English", "German", "French", "Spanish", "Italian", "Dutch", "Portuguese"]


def test_the_fields_are_those_of_the_columns() -> None:
    assert sorted(_CANONICAL) == sorted(CANONICAL)
    assert {field for names in LANGUAGES.values() for field in names} <= set(CANONICAL)


@pytest.mark.parametrize(("alias", "field"), LISTED)
def test_a_listed_header_names_its_field_in_every_spelling(alias: str, field: str) -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", alias) if not unicodedata.combining(c))
    assert {
        field_of(spelling, NONE)
        for spelling in (alias, alias.upper(), alias.title(), plain, unicodedata.normalize("NFD", alias))
    } == {field}


def test_no_header_stands_for_two_fields() -> None:
    fields: dict[str, set[str]] = {}
    for alias, field in chain(LISTED, ((name, name) for name in CANONICAL)):
        for spelling in (alias, alias.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")):
            fields.setdefault(normal_header(spelling), set()).add(field)
    assert {name: found for name, found in fields.items() if len(found) > 1} == {}
    assert set(FIELDS) == set(fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_header_is_listed_twice_in_a_language(language: str) -> None:
    names = [normal_header(alias) for aliases in LANGUAGES[language].values() for alias in aliases]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("header", LEFT_OUT)
def test_a_header_with_two_readings_names_nothing(header: str) -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", header) if not unicodedata.combining(c))
    assert {field_of(spelling, NONE) for spelling in (header, header.upper(), plain, f"{header} (mg)")} == {
        None
    }


def test_the_known_traps_are_among_the_headers_that_were_left_out() -> None:
    traps = {"volume", "concentration", "rate", "date", "name", "no", "units", "caudal", "Charge", "dosage"}
    assert traps <= set(LEFT_OUT)
    assert len(LEFT_OUT) == len(set(LEFT_OUT)) > 50


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("DRUG", "drug"),
        ("Row-ID", "row_id"),
        ("final volume", "final_volume"),
        ("Final_Volume:", "final_volume"),
        ("route/of/administration", "route"),
        ("Wirkstoff", "drug"),
        ("Koerpergewicht", "weight"),
        ("KÖRPERGRÖSSE", "height"),
        ("Körpergröße", "height"),
        ("Koerpergroesse", "height"),
        ("Korpergrosse", "height"),
        ("Verdu\u0308nnungsmittel", "diluent"),
        ("Chargen-Nr.", "lot"),
        ("voie d\u2019administration", "route"),
        ("VOIE D'ADMINISTRATION", "route"),
        ("Age", "age"),
        ("âge", "age"),
        ("Via de Administracion", "route"),
        ("Vía de administración", "route"),
        ("n.º de fila", "row_id"),
        ("toedieningsweg", "route"),
        ("Leeftijd van de patient", "age"),
        ("via di somministrazione", "route"),
        ("via de administração", "route"),
        ("Endvolumen", "final_volume"),
        ("volume à prélever", "draw_volume"),
        ("drugs", None),
        ("drug 2", None),
        ("dose rate", None),
        ("dose/kg", None),
        ("previous dose", None),
        ("", None),
    ],
)
def test_a_header_of_a_real_sheet_names_its_field(header: str, field: str | None) -> None:
    assert field_of(header, NONE) == field


UNITS = ("row_id", "drug", "route")


def read(header: str, cell: str, options: SheetOptions = NONE) -> SheetRow:
    """Return a row of morphine with one more column."""
    headers = [*UNITS, header] if field_of(header, options) == "dose" else [*UNITS, "dose", header]
    texts = ["a1", "morphine", "intrathecal", *(["200 mcg"] if "dose" in headers[:-1] else []), cell]
    return SheetRow(2, texts, columns_of("sheet", headers, options))


@pytest.mark.parametrize(
    ("header", "cell", "field", "said"),
    [
        ("dose (mcg)", "200", "dose", "200 mcg"),
        ("dose(mcg)", "200", "dose", "200 mcg"),
        ("Dose [mcg]", "200", "dose", "200 mcg"),
        ("Dosis ( mcg )", "200", "dose", "200 mcg"),
        ("dose (mcg)", "200 mcg", "dose", "200 mcg"),
        ("dose (mcg)", "200mcg", "dose", "200mcg"),
        ("dose (mcg)", " 200\u00a0", "dose", "200 mcg"),
        ("dose (mcg/kg/min)", "0.5", "dose", "0.5 mcg/kg/min"),
        ("dose (mg)", "0.2", "dose", "0.2 mg"),
        ("Dose in mg", "0.2", "dose", "0.2 mg"),
        ("Dosis en mg", "0.2", "dose", "0.2 mg"),
        ("DOSE IN mg", "0.2", "dose", "0.2 mg"),
        ("Weight in kg", "70", "weight", "70 kg"),
        ("Gewicht [kg]", "70", "weight", "70 kg"),
        ("Poids (kg)", "70", "weight", "70 kg"),
        ("peso em kg", "70", "weight", "70 kg"),
        ("age (years)", "54", "age", "54 years"),
        ("age (years)", "54 years", "age", "54 years"),
        ("over (min)", "15", "over", "15 min"),
        ("every (h)", "24", "every", "24 h"),
        ("strength (%)", "50", "strength", "50 %"),
        ("draw volume (mL)", "0.1", "draw_volume", "0.1 mL"),
        ("final_volume in mL", "1", "volume", "1 mL"),
        ("final_concentration (mg/mL)", "50", "concentration", "50 mg/mL"),
        ("flow_rate (mL/h)", "0.5", "flow_rate", "0.5 mL/h"),
        ("dose ()", "200 mcg", "dose", "200 mcg"),
        ("weight (kg)", "", "weight", None),
        ("dose (tbsp)", "5", "dose", "5 tbsp"),
    ],
)
def test_a_bare_number_takes_the_unit_of_its_header(
    header: str, cell: str, field: str, said: str | None
) -> None:
    order = read(header, cell).order
    assert order is not None
    assert getattr(order, field) == said


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("dose (mg)", "200 mcg"),
        ("dose (g)", "200 mg"),  # ends like the header's unit
        ("dose (mg)", "0.2 mg/kg"),
        ("dose (mg)", "0.2mg extra"),
        ("dose (mg)", "see chart"),
        ("dose (mg)", "-1"),
        ("dose (mg)", ".2"),
        ("dose (mg)", "1e-1"),
        ("dose (mg)", "0.1-0.2"),
        ("dose (mg)", "1,000.5"),
        ("weight (kg)", "70 lb"),
        ("weight in kg", "70000 g"),
        ("age (years)", "6 months"),
        ("dose (tbsp)", "5 mg"),
    ],
)
def test_a_cell_that_says_another_unit_than_its_header_is_a_fault(
    formulary: Formulary, header: str, cell: str
) -> None:
    row = read(header, cell)
    assert row.order is None
    [report] = assess_rows([row], formulary)
    assert report.report.verdict is Verdict.CANNOT_CHECK
    assert report.report.headline.startswith("row 2: the header gives ")
    assert f"the cell says '{cell}'; write the number alone, or with that unit" in report.report.headline


@pytest.mark.parametrize(
    ("cell", "options", "verdict"),
    [
        ("0,2", COMMA, Verdict.WITHIN_LIMITS),
        ("0,2 mg", COMMA, Verdict.WITHIN_LIMITS),
        ("0,2", NONE, Verdict.CANNOT_CHECK),
        ("0.2", NONE, Verdict.WITHIN_LIMITS),
        ("0.2", COMMA, Verdict.CANNOT_CHECK),
        ("1,000", NONE, Verdict.CANNOT_CHECK),
    ],
)
def test_a_unit_in_the_header_changes_nothing_about_the_decimal_sign(
    formulary: Formulary, cell: str, options: SheetOptions, verdict: Verdict
) -> None:
    headers = [*UNITS, "Dosis (mg)", "mode"]
    row = SheetRow(2, ["a1", "morphine", "it", cell, "single_dose"], columns_of("sheet", headers, options))
    [report] = assess_rows([row], formulary)
    assert report.report.verdict is verdict


def test_a_unit_that_is_not_known_is_refused_in_the_row(formulary: Formulary) -> None:
    [report] = assess_rows([read("dose (tbsp)", "5")], formulary)
    assert report.report.verdict is Verdict.CANNOT_CHECK
    assert "'5 tbsp'" in report.report.headline


@pytest.mark.parametrize(
    "header",
    [
        *(
            "drug (allergy)",
            "route (old)",
            "category (ward)",
            "drug [brand]",
            "row_id (old)",
            "dose (mg) old",
        ),
        *("dose in total", "weight in pounds", "dose in", "(mg)", "in mg", "dose (mg", "dose mg)"),
    ],
)
def test_brackets_count_for_quantities_and_in_for_units_only(header: str) -> None:
    assert field_of(header, NONE) is None


@pytest.mark.parametrize(
    "unit", ["mcg", "mg", "g", "kg", "mL", "L", "mmol", "mEq", "units", "min", "h", "cm"]
)
def test_a_unit_that_may_follow_in_is_one_of_the_formulary(formulary: Formulary, unit: str) -> None:
    assert unit in formulary.units
    assert field_of(f"dose in {unit}", NONE) == "dose"


def test_a_mapped_header_is_read_as_its_field_and_gives_a_unit_that_is_known() -> None:
    fields = {"Gabe (mg)": "dose", "Gewicht (heute)": "weight", "Stoff (mg)": "drug"}
    headers = ["row_id", "Stoff (mg)", "route", "Gabe (mg)", "Gewicht (heute)", "dose"]
    columns = columns_of("sheet", headers, SheetOptions(fields=fields))
    row = SheetRow(2, ["a1", "morphine", "it", "0.2", "70 kg", "9 mg"], columns)
    assert row.order is not None
    assert (row.order.drug, row.order.dose, row.order.weight) == ("morphine", "0.2 mg", "70 kg")
    assert columns.renamed == fields


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["drug", "Gabe "], "sheet: row 1 has no column 'Gabe', which --map names; it has 'drug', 'Gabe '"),
        (["drug"] * 1, "sheet: row 1 has no column 'Gabe', which --map names; it has 'drug'"),
        ([f"c{n}" for n in range(50)], "'c38', 'c39' ..."),
    ],
)
def test_a_mapped_header_that_is_not_there_is_an_error_with_those_that_are(
    headers: list[str], said: str
) -> None:
    with pytest.raises(SheetError) as caught:
        columns_of("sheet: row 1", headers, SheetOptions(fields={"Gabe": "dose"}))
    assert said in str(caught.value)


def test_two_headers_of_one_field_are_an_error_that_map_resolves() -> None:
    headers = ["row_id", "medication", "Wirkstoff", "dose", "route"]
    with pytest.raises(SheetError, match="both 'medication' and 'Wirkstoff' name drug; rename one of them"):
        columns_of("sheet", headers, NONE)
    columns = columns_of("sheet", headers, SheetOptions(fields={"Wirkstoff": "drug"}))
    assert columns.order(["a1", "Brand", "morphine", "1 mg", "it"]).drug == "morphine"


@some
@given(st.text(max_size=60))
def test_no_header_breaks_the_table(header: str) -> None:
    assert field_of(header, NONE) in {None, *CANONICAL}


@pytest.mark.parametrize("header", ["a" + " " * 900_000 + "b", "dose" + "(" * 900_000, " in " * 300_000])
def test_a_header_without_an_end_names_nothing(header: str) -> None:
    assert field_of(header, NONE) is None
