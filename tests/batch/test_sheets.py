from __future__ import annotations

import csv
import gc
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary, Verdict
from itdose.batch import assess_rows
from itdose.batch.columns import CANONICAL
from itdose.batch.engine import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.write import whole_file
from itdose.cli import main
from itdose.errors import SheetError
from itdose.render.sheets.batch_text import Summary
from itdose.sheet_report import SheetFacts

if TYPE_CHECKING:
    from itdose.batch import RowReport
    from itdose.sheet_report import SheetReport

FACTS = SheetFacts(
    sheet="sheet.csv", headers=(), formulary={"version": "2026"}, itdose="0", decimal_comma=False, remarks=[]
)

some = settings(derandomize=True, deadline=None, max_examples=60)

HEADER = "row_id,drug,dose,route,mode\n"
WITHIN = "a1,morphine,200 mcg,intrathecal,single_dose\n"
REVIEW = "a2,morphine,400 mcg,intrathecal,single_dose\n"
UNKNOWN = "a3,unobtainium,1 mg,intrathecal,\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,\n"


@pytest.fixture(autouse=True)
def shipped(formulary: Formulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line see the formulary as of the day of its review."""
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)


def sheet(folder: Path, content: str | bytes, name: str = "sheet.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def reports(path: str, formulary: Formulary, *, decimal_comma: bool = False) -> list[RowReport]:
    return list(assess_rows(read_sheet(path, SheetOptions(decimal_comma=decimal_comma)).rows, formulary))


def as_written(path: str, formulary: Formulary) -> list[SheetReport]:
    return list(sheet_reports(read_sheet(path), formulary))


def summed(path: str, formulary: Formulary) -> Summary:
    summary = Summary()
    for report in as_written(path, formulary):
        if summary.add(report.judged):
            summary.show(report)
    return summary


def codes(row: RowReport) -> set[str]:
    return {finding.code for finding in row.report.findings}


def run(*arguments: str) -> int:
    """Run ``itdose batch`` and return its exit code."""
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", *arguments])
    finally:
        gc.enable()
    assert isinstance(ended.value.code, int)
    return ended.value.code


# Any text that a file can hold; csv keeps carriage returns inside quotes.
cell = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ["", " ", "50 mg", "magnesium", "intrathecal", "70 kg", 'say "no"', "a\nb", "a\r\nb", ","]
    ),
)
column = st.text("abcxyz_ é", min_size=1, max_size=8).map(str.strip).filter(bool)
extra_columns = st.lists(column, unique=True, max_size=3).map(
    lambda names: [name for name in names if name not in CANONICAL]
)


@some
@given(
    extra_columns,
    st.lists(st.lists(cell, min_size=1, max_size=9), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_rows_of_a_csv_in_are_reports_out(  # noqa: PLR0913, PLR0917
    formulary: Formulary,
    tmp_path_factory: pytest.TempPathFactory,
    extra: list[str],
    rows: list[list[str]],
    delimiter: str,
    line_end: str,
    mark: bool,
) -> None:
    header = ["row_id", "drug", "dose", "route", *extra]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    content = ("\ufeff" if mark else "") + written.getvalue()
    path = sheet(tmp_path_factory.mktemp("sheet"), content)
    out = reports(path, formulary)
    assert [row.row for row in out] == list(range(2, len(rows) + 2))
    for cells, row in zip(rows, out, strict=True):
        if len(cells) == len(header):
            assert list(row.cells.values()) == cells
            assert set(row.cells) == set(header)
        else:
            assert codes(row) == {"row-unreadable"}
            assert f"it has {len(cells)} cells and the header {len(header)}" in row.report.headline
            assert row.report.verdict is Verdict.CANNOT_CHECK
    assert [report.cells for report in as_written(path, formulary)] == [row.cells for row in out]


@some
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*CANONICAL, "note", "Ünit", ""]), st.none() | cell, max_size=6),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_lines_of_json_in_are_reports_out(
    formulary: Formulary,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, str | None]],
    escaped: bool,
) -> None:
    content = "".join(json.dumps(row, ensure_ascii=escaped) + "\n" for row in rows)
    path = sheet(tmp_path_factory.mktemp("sheet"), content, "sheet.ndjson")
    out = reports(path, formulary)
    assert [row.row for row in out] == list(range(1, len(rows) + 1))
    for cells, row in zip(rows, out, strict=True):
        assert dict(row.cells) == {name: text for name, text in cells.items() if text is not None}


def test_canonical_columns_are_read_into_the_order(tmp_path: Path) -> None:
    said = {
        "row_id": "r1",
        "drug": "morphine",
        "dose": "1 mg",
        "route": "it",
        "mode": "single_dose",
        "over": "5 min",
        "every": "24 h",
        "indication": "caesarean",
        "category": "obstetric; opioid_naive",
        "age": "30 years",
        "weight": "70 kg",
        "final_concentration": "1 mg/mL",
        "final_volume": "1 mL",
    }
    path = sheet(tmp_path, f"{','.join(said)}\n{','.join(said.values())}\n")
    [row] = read_sheet(path).rows
    order = row.order
    assert order is not None
    assert row.row_id == "r1"
    assert (order.drug, order.dose, order.route, order.mode) == ("morphine", "1 mg", "it", "single_dose")
    assert (order.over, order.every, order.indication) == ("5 min", "24 h", "caesarean")
    assert order.categories == ("obstetric", "opioid_naive")
    assert (order.age, order.weight) == ("30 years", "70 kg")
    assert (order.concentration, order.volume) == ("1 mg/mL", "1 mL")
    assert order.not_read == ()


@pytest.mark.parametrize("name", ["height"])
def test_a_column_that_no_check_reads_is_named_and_keeps_the_row_from_being_within_limits(
    formulary: Formulary, tmp_path: Path, name: str
) -> None:
    path = sheet(tmp_path, f"{HEADER.rstrip()},{name}\n{WITHIN.rstrip()},x\n{WITHIN.rstrip()},\n")
    stated, empty = reports(path, formulary)
    assert stated.report.verdict is Verdict.NEEDS_REVIEW
    assert name in stated.report.headline
    assert empty.report.verdict is Verdict.WITHIN_LIMITS


@pytest.mark.parametrize(
    "name",
    [
        *("conditions", "product", "strength", "units_used", "draw_volume", "diluent_volume", "flow_rate"),
        *("reservoir_volume", "label_text", "expiry"),
    ],
)
def test_a_column_that_can_t_be_read_keeps_the_row_from_being_within_limits(
    formulary: Formulary, tmp_path: Path, name: str
) -> None:
    path = sheet(tmp_path, f"{HEADER.rstrip()},{name}\n{WITHIN.rstrip()},x\n{WITHIN.rstrip()},\n")
    stated, empty = reports(path, formulary)
    assert stated.report.verdict >= Verdict.NEEDS_REVIEW
    assert any("'x'" in finding.message for finding in stated.report.findings)
    assert empty.report.verdict is Verdict.WITHIN_LIMITS


@pytest.mark.parametrize("name", ["lot", "diluent", "prepared_by", "checked_by", "ward", "Chart No."])
def test_columns_that_say_nothing_of_the_dose_are_kept(
    formulary: Formulary, tmp_path: Path, name: str
) -> None:
    path = sheet(tmp_path, f"{HEADER.rstrip()},{name}\n{WITHIN.rstrip()},x 7\n")
    [row] = reports(path, formulary)
    assert row.cells[name] == "x 7"
    assert row.report.verdict is Verdict.WITHIN_LIMITS


@pytest.mark.parametrize(
    "content",
    [
        HEADER + STOP,
        "\ufeff" + HEADER + STOP,
        (HEADER + STOP).replace("\n", "\r\n"),
        (HEADER + STOP).replace("\n", "\r"),
        (HEADER + STOP).replace(",", ";"),
        (HEADER + STOP).replace(",", "\t"),
        HEADER + STOP.rstrip(),
        '"row_id","drug","dose","route","mode"\n"a4","magnesium sulfate","500 mg","intrathecal",""\n',
        "row_id, drug, dose, route, mode\na4, magnesium sulfate, 500 mg , intrathecal ,\n",
        "route,mode,dose,drug,row_id\nintrathecal,,500 mg,magnesium sulfate,a4\n",
    ],
)
def test_one_sheet_is_read_alike_in_every_form(formulary: Formulary, tmp_path: Path, content: str) -> None:
    [row] = reports(sheet(tmp_path, content), formulary)
    assert (row.row, row.row_id.strip()) == (2, "a4")
    assert row.report.verdict is Verdict.STOP
    assert "dose-at-toxic-level" in codes(row)


@pytest.mark.parametrize(
    ("dose", "decimal_comma", "expected"),
    [
        ('"0,2 mg"', True, (Verdict.WITHIN_LIMITS, "dose-within-limits")),
        ('"0,2 mg"', False, (Verdict.CANNOT_CHECK, "notation-refused")),
        ("0.2 mg", False, (Verdict.WITHIN_LIMITS, "dose-within-limits")),
        ("0.2 mg", True, (Verdict.CANNOT_CHECK, "notation-refused")),
        ("200 mcg", True, (Verdict.WITHIN_LIMITS, "dose-within-limits")),
    ],
)
def test_the_decimal_sign_is_declared_for_the_sheet_and_never_guessed(
    formulary: Formulary, tmp_path: Path, dose: str, decimal_comma: bool, expected: tuple[Verdict, str]
) -> None:
    path = sheet(tmp_path, f"{HEADER}a1,morphine,{dose},intrathecal,single_dose\n")
    [row] = reports(path, formulary, decimal_comma=decimal_comma)
    verdict, code = expected
    assert row.report.verdict is verdict
    assert code in codes(row)


def test_a_comma_without_quotes_makes_a_row_that_says_so(formulary: Formulary, tmp_path: Path) -> None:
    path = sheet(tmp_path, f"{HEADER}a1,morphine,0,2 mg,intrathecal,single_dose\n{STOP}")
    ragged, after = reports(path, formulary)
    assert ragged.report.headline == (
        "row 2: it has 6 cells and the header 5; a comma may stand in a cell without quotes"
    )
    assert ragged.row_id == "a1"
    assert after.report.verdict is Verdict.STOP


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("a1,,1 mg,intrathecal,\n", "row 2: drug not stated; fill in the cell"),
        ("a1,morphine, ,intrathecal,\n", "row 2: dose not stated; fill in the cell"),
        ("a1,morphine,1 mg,,\n", "row 2: route not stated; fill in the cell"),
        (",,,,\n", "row 2: drug and dose and route not stated; fill in the cell"),
    ],
)
def test_an_empty_cell_that_is_needed_is_named(
    formulary: Formulary, tmp_path: Path, row: str, named: str
) -> None:
    [only] = reports(sheet(tmp_path, HEADER + row), formulary)
    assert only.report.headline == named
    assert only.report.verdict is Verdict.CANNOT_CHECK


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=HYPERLINK(1)", "@SUM(A1)", "+50 mg", "-50 mg", "50 mg\u200b", "#REF!", "0.5"],
)
def test_a_cell_that_is_no_dose_is_never_computed(formulary: Formulary, tmp_path: Path, text: str) -> None:
    path = sheet(tmp_path, f"{HEADER}a1,morphine,{text},intrathecal,\n{text},morphine,1 mg,intrathecal,\n")
    first, second = reports(path, formulary)
    assert first.report.verdict is Verdict.CANNOT_CHECK
    assert "notation-refused" in codes(first)
    assert first.cells["dose"] == text
    assert second.row_id == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is empty; the first row names the columns: row_id, drug, dose, route"),
        ("\ufeff", "it is empty"),
        ("\n", "its first row is blank"),
        (HEADER, "it has a header and no rows; nothing was checked"),
        (HEADER.strip(), "it has a header and no rows; nothing was checked"),
        ("row_id,drug,dose\na,b,c\n", "missing: route"),
        ("a1,morphine,1 mg,intrathecal\n", "missing: row_id, drug, dose, route"),
        ("row_id,drug,x;dose;route\na,b,c\n", "missing: a single separator"),
        ("row_id|drug|dose|route\na|b|c|d\n", "separated by one of comma, semicolon, tab"),
        ("row_id,drug,dose,route,drug\na,b,c,d,e\n", "row 1 names 'drug' more than once; keep one column"),
        (
            "row_id,drug,dose,route,weight,Weight\na,b,c,d,e,f\n",
            "both 'weight' and 'Weight' name weight; rename",
        ),
        (b"row_id,drug,dose,route\na,b,5 \xb5g,d\n", "it is not UTF-8 text .*; save it as CSV UTF-8"),
        (HEADER + "a1," + "x" * 2_000_000 + ",1 mg,it,\n", "after row 1 .*or a cell too long"),
        (HEADER + WITHIN + 'a1,"morphine,1 mg,it,\n', "after row 2 .*is a quote open"),
        (HEADER + WITHIN + 'a1,"morphine"x,1 mg,it,\n', "after row 2 "),
    ],
)
def test_what_is_no_sheet_is_an_error_that_names_the_file_and_what_to_do(
    formulary: Formulary, tmp_path: Path, content: str | bytes, said: str
) -> None:
    path = sheet(tmp_path, content)
    with pytest.raises(SheetError, match=said) as caught:
        reports(path, formulary)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sheet.doc", ".doc is not read; save it as one of .csv, "),
        ("sheet", "a file without a suffix is not read; save it as one of .csv, "),
        ("missing.csv", "it can't be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    formulary: Formulary, tmp_path: Path, name: str, said: str
) -> None:
    path = str(tmp_path / name)
    with pytest.raises(SheetError) as caught:
        reports(path, formulary)
    assert str(caught.value).startswith(f"{path}: {said}")


GOOD = '{"row_id": "a4", "drug": "magnesium sulfate", "dose": "500 mg", "route": "intrathecal"}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"drug": NaN}', "NaN is not a value"),
        ('{"drug": -Infinity}', "-Infinity is not a value"),
        ('{"drug": "a", "dose": "1 mg", "drug": "b"}', "drug stands in it more than once"),
        ('{"drug": "a", "dose": 50, "route": "it"}', 'dose must be text with its unit, such as "50 mg"'),
        ('{"drug": "a", "dose": true, "route": "it"}', 'dose must be text with its unit, such as "50 mg"'),
        ('{"drug": ["a"], "dose": "1 mg"}', "drug must be text"),
        ('{"drug": {"name": "a"}, "dose": "1 mg"}', "drug must be text"),
        ('["a", "1 mg"]', "the line is not an object in braces"),
        ('"morphine 1 mg"', "the line is not an object in braces"),
        ("null", "the line is not an object in braces"),
        ("[" * 100_000, "it is not one JSON object of texts: "),
        ('{"a":' * 100_000, "it is not one JSON object of texts: "),
        ('{"dose": ' + "9" * 5000 + "}", "it is not one JSON object of texts: "),
        ('{"drug": "a"', "it is not one JSON object of texts: "),
        ("{} {}", "it is not one JSON object of texts: "),
        ("{}", "drug and dose and route not stated"),
    ],
)
def test_a_bad_line_of_json_is_a_report_and_the_next_line_is_read(
    formulary: Formulary, tmp_path: Path, line: str, said: str
) -> None:
    path = sheet(tmp_path, f"{GOOD}\n{line}\n{GOOD}\n", "sheet.ndjson")
    before, bad, after = reports(path, formulary)
    assert before.report.verdict is after.report.verdict is Verdict.STOP
    assert bad.report.verdict is Verdict.CANNOT_CHECK
    assert codes(bad) == {"row-unreadable"}
    assert bad.report.headline.startswith("row 2: ")
    assert said in bad.report.headline


def test_a_text_of_two_megabytes_in_json_is_refused_and_not_shown_whole(
    formulary: Formulary, tmp_path: Path
) -> None:
    path = sheet(tmp_path, GOOD.replace("500 mg", "5" * 2_000_000 + " mg") + "\n", "sheet.jsonl")
    [row] = reports(path, formulary)
    assert row.report.verdict is Verdict.CANNOT_CHECK
    assert "(2000003 characters)" in row.report.headline
    assert len(row.report.headline) < 500


def test_lines_of_json_may_be_empty_but_not_all_of_them(formulary: Formulary, tmp_path: Path) -> None:
    [row] = reports(sheet(tmp_path, f"\n{GOOD}\n\n", "one.ndjson"), formulary)
    assert row.row == 2
    with pytest.raises(SheetError, match=r"none\.jsonl: it is empty; each line is a JSON object with row_id"):
        reports(sheet(tmp_path, "\n \n", "none.jsonl"), formulary)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (WITHIN, 0),
        (WITHIN + REVIEW, 1),
        (UNKNOWN + WITHIN, 4),
        (UNKNOWN + REVIEW + WITHIN, 4),
        (STOP + UNKNOWN + REVIEW + WITHIN, 3),
        (WITHIN + UNKNOWN + STOP, 3),
    ],
)
def test_a_sheet_ends_with_the_exit_code_of_its_worst_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, code: int
) -> None:
    assert run(sheet(tmp_path, HEADER + rows)) == code
    count = rows.count("\n")
    unchecked = rows.count("unobtainium")
    assert f"{count} rows: {count - unchecked} checked, {unchecked} not" in capsys.readouterr().out


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_output_writes_every_report_and_leaves_nothing_beside(tmp_path: Path) -> None:
    output = tmp_path / "out" / "reports.ndjson"
    output.parent.mkdir()
    assert run(sheet(tmp_path, HEADER + WITHIN + UNKNOWN + STOP), "--output", str(output)) == 3
    assert [(line["row"], line["row_id"], line["verdict"]) for line in lines(output)] == [
        (2, "a1", "within_limits"),
        (3, "a3", "cannot_check"),
        (4, "a4", "stop"),
    ]
    assert lines(output)[2]["cells"]["dose"] == "500 mg"
    assert [path.name for path in output.parent.iterdir()] == ["reports.ndjson"]


@pytest.mark.parametrize("earlier", [None, "earlier reports\n"])
def test_a_run_that_breaks_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], earlier: str | None
) -> None:
    output = tmp_path / "out" / "reports.ndjson"
    output.parent.mkdir()
    if earlier:
        output.write_text(earlier, encoding="utf-8")
    broken = sheet(tmp_path, (HEADER + WITHIN * 3000).encode() + b"a,b,5 \xb5g,d,\n")
    assert run(broken, "--output", str(output)) == 5
    assert f"itdose: {broken}: it is not UTF-8 text" in capsys.readouterr().err
    assert [path.read_text(encoding="utf-8") for path in output.parent.iterdir()] == (
        [earlier] if earlier else []
    )


def test_a_failure_while_writing_leaves_nothing_half_written(tmp_path: Path) -> None:
    target = tmp_path / "reports.ndjson"

    def write_and_fail() -> None:
        with whole_file(target) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["missing", "a_file"])
def test_an_output_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    output = tmp_path / folder / "reports.ndjson"
    assert run(sheet(tmp_path, HEADER + WITHIN), "--output", str(output)) == 5
    said = capsys.readouterr()
    assert f"itdose: {output}: it can't be written: " in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", ["reports.doc", "reports", "reports.ndjson.bak"])
def test_an_output_of_another_kind_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    output = tmp_path / name
    assert run(sheet(tmp_path, HEADER + WITHIN), "--output", str(output)) == 2
    assert "has none of the endings that are written: .ndjson, .jsonl" in capsys.readouterr().err
    assert not output.exists()


def test_lines_of_json_on_the_terminal_are_those_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "reports.jsonl"
    assert run(sheet(tmp_path, HEADER + REVIEW), "--format", "ndjson", "--output", str(output)) == 1
    assert capsys.readouterr().out == output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        ((HEADER + STOP).encode(), [], 3),
        (("\ufeff" + HEADER + WITHIN).encode(), [], 0),
        ((GOOD + "\n").encode(), [], 3),
        ((HEADER + WITHIN).replace(",", "\t").encode(), [], 0),
        ((HEADER + WITHIN.replace("200 mcg", '"0,2 mg"')).encode(), ["--decimal", "comma"], 0),
        ((HEADER + WITHIN.replace("200 mcg", '"0,2 mg"')).encode(), [], 4),
        (b"", [], 5),
        (HEADER.encode(), [], 5),
        (b"row_id,drug,dose,route\na,b,5 \xb5g,d\n", [], 5),
    ],
)
def test_a_sheet_comes_from_standard_input(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    arguments: list[str],
    code: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))
    assert run("-", *arguments) == code
    said = capsys.readouterr()
    assert ("itdose: -: " in said.err) == (code == 5)
    assert ("1 rows: " in said.out) == (code != 5)


def test_a_comma_is_declared_on_the_command_line(tmp_path: Path) -> None:
    path = sheet(tmp_path, (HEADER + WITHIN).replace(",", ";").replace("200 mcg", "0,2 mg"))
    assert run(path, "--decimal", "comma") == 0
    assert run(path) == 4
    assert run(path, "--decimal", "point") == 4


@pytest.mark.parametrize("width", [60, 120])
def test_the_summary_loses_no_digit(formulary: Formulary, tmp_path: Path, width: int) -> None:
    doses = ["500 mg", "700 mg", "1234.5678 mg", "7654321 mg", "9999999 g", "501.25 mg"]
    rows = "".join(f"{n}0123456789-9876543210,magnesium sulfate,{dose},it,\n" for n, dose in enumerate(doses))
    path = sheet(tmp_path, HEADER + rows)
    summary = summed(path, formulary)
    drawn = summary.text(FACTS, width=width)
    assert max(map(len, drawn.splitlines())) <= width
    for said in ("500 mg", "700 mg", "1.2345678 g", "7654.321 g", "9999999 g", "501.25 mg"):
        assert said in drawn, said
    head = next(line for line in drawn.splitlines() if line.startswith("row"))
    start, end = head.index("id"), head.index("verdict")
    ids = "".join(line[start:end].strip() for line in drawn.splitlines()[5:-2])
    assert ids == "".join(f"{n}0123456789-9876543210" for n in range(len(doses)))


@pytest.mark.parametrize("width", [60, 120])
def test_the_summary_counts_every_row_and_shows_the_worst_first(
    formulary: Formulary, tmp_path: Path, width: int
) -> None:
    path = sheet(tmp_path, HEADER + WITHIN + REVIEW * 60 + UNKNOWN + STOP)
    summary = summed(path, formulary)
    drawn = summary.text(FACTS, width=width)
    assert drawn.startswith("63 rows: 62 checked, 1 not\n")
    assert "1 stop; 1 cannot check; 60 needs review; 1 within limits" in drawn
    assert drawn.index("a4") < drawn.index("a3") < drawn.index("a2")
    assert "and 12 more rows; --output reports.csv or .xlsx " in drawn
    assert summary.worst is Verdict.STOP


def test_a_summary_of_nothing_is_not_checked() -> None:
    assert Summary().worst is Verdict.CANNOT_CHECK


def test_rows_are_counted_as_a_person_counts_them_with_blank_ones(
    tmp_path: Path, formulary: Formulary
) -> None:
    assert [row.row for row in reports(sheet(tmp_path, HEADER + WITHIN + "\n\n" + STOP), formulary)] == [2, 5]


def test_no_cell_is_lost_with_a_missing_or_empty_column_name(tmp_path: Path, formulary: Formulary) -> None:
    text = "row_id,drug,dose,route,,\na1,morphine,200 mcg,it,x,y\na2,morphine,200 mcg,it,x,y,z\n"
    first, second = reports(sheet(tmp_path, text), formulary)
    assert [first.cells[f"column {place}"] for place in (5, 6)] == ["x", "y"]
    assert [second.cells[f"column {place}"] for place in (5, 6, 7)] == ["x", "y", "z"]
    assert codes(second) == {"row-unreadable"}


def test_a_json_key_in_another_case_is_read_and_not_ignored(tmp_path: Path) -> None:
    line = '{"row_id": "a", "drug": "ketamine", "dose": "40 mg", "route": "iv", "Weight": "40 kg"}\n'
    [row] = read_sheet(sheet(tmp_path, line, "sheet.ndjson")).rows
    assert row.order is not None
    assert row.order.weight == "40 kg"
    assert row.columns.renamed == {"Weight": "weight"}


def test_the_reports_never_replace_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"row_id": "a", "drug": "morphine", "dose": "200 mcg", "route": "it"}\n'
    path = sheet(tmp_path, text, "sheet.ndjson")
    assert run(path, "--output", path) == 2
    assert "it is the sheet itself" in capsys.readouterr().err
    assert (tmp_path / "sheet.ndjson").read_text("utf-8") == text


def test_control_characters_of_a_row_id_are_spelled_out(tmp_path: Path, formulary: Formulary) -> None:
    summary = summed(sheet(tmp_path, HEADER + "\x1b[31mX\u202e,vincristine,2 mg,it,\n"), formulary)
    assert r"\x1b[31mX\u202e" in summary.text(FACTS, width=120)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is needed")
def test_a_full_disk_is_named_and_is_no_fault_of_itdose(tmp_path: Path) -> None:
    path = sheet(tmp_path, HEADER + WITHIN * 300)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "itdose", "batch", path, "--format", "ndjson"],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert ended.returncode == 5
    assert ended.stderr == "itdose: the output can't be written: No space left on device\n"
