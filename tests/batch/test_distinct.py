from __future__ import annotations

import csv
import gc
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary
from itdose.batch import distinct, sheet_reports
from itdose.batch.distinct import distinct_reports
from itdose.batch.read import read_sheet
from itdose.batch.row_texts import TextFile, brief, read_places, report_texts
from itdose.batch.sheet import Sheet
from itdose.cli import engines, main
from itdose.errors import SheetError
from itdose.render.batch_text import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.batch.columns import Columns
    from itdose.batch.sheet import SheetRow

some = settings(derandomize=True, deadline=None, max_examples=25)

HEADERS = ("row_id", "Drug", "dose", "route", "mode", "weight (kg)", "preparation_id", "ward", 'od"d')
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
# Seven rows, and by hand: four distinct orders beside two rows of a preparation and one that can't be read.
SHEET = """\
row_id,drug,dose,route,mode,preparation_id,ward
a1,morphine,200 mcg,intrathecal,single_dose,,one
a2,morphine,400 mcg,intrathecal,single_dose,,two
a3,morphine,200 mcg,intrathecal,single_dose,,three
a4,fentanyl,15 mcg,intrathecal,single_dose,P1,four
a5,morphine,100 mcg,intrathecal,single_dose,P1,five
a6,magnesium sulfate,500 mg,intrathecal,,,six
a7,,500 mg,intrathecal,,,seven
"""

kept = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
row = st.tuples(
    kept,
    st.sampled_from(["morphine", "fentanyl", "magnesium sulfate", " morphine", "unobtainium", ""]),
    st.sampled_from(["200 mcg", "400 mcg", "0.2 mg", "500 mg", "1,5 mg", "2.0 mg", ""]),
    st.sampled_from(["intrathecal", "it", "epidural", "nowhere", ""]),
    st.sampled_from(["", "single_dose", " ", "weekly"]),
    st.sampled_from(["", "70", "70 kg", "70 g"]),
    st.sampled_from(["", "", "", " ", "P1", "P1 ", "P2"]),
    kept,
    kept,
)


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "orders.csv"
    path.write_text(SHEET, "utf-8")
    return str(path)


def same_reports(sheet: str, formulary: Formulary) -> int:
    """Compare all reports with those of the ordinary way, row by row; return how many there are."""
    expected = list(sheet_reports(read_sheet(sheet), formulary))
    with distinct_reports(read_sheet(sheet), formulary) as found:
        reports = list(found.reports())
        counts = found.counts()
    assert reports == expected
    verdicts = [report.verdict for report in expected]
    assert counts == {verdict: verdicts.count(verdict) for verdict in set(verdicts)}
    return len(reports)


@some
@given(rows=st.lists(row, min_size=1, max_size=12), cut=st.integers(0, 12))
def test_every_row_of_a_csv_has_the_report_of_the_ordinary_way(
    rows: list[tuple[str, ...]], cut: int, formulary: Formulary
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS)
            writer.writerows(rows)
            # A row with too few cells, or too many.
            writer.writerow([*rows[0], "x", "y", "z"][: max(cut, 1)])
        assert same_reports(str(path), formulary) == len(rows) + 1


@some
@given(rows=st.lists(row, min_size=1, max_size=12), is_file=st.booleans())
def test_every_row_of_a_table_has_the_report_of_the_ordinary_way(
    rows: list[tuple[str, ...]],
    is_file: bool,
    formulary: Formulary,
) -> None:
    names = ", ".join('"' + header.replace('"', '""') + '"' for header in HEADERS)
    columns = names.replace('",', '" varchar,') + " varchar"
    with TemporaryDirectory() as folder:
        with duckdb.connect(f"{folder}/orders.db") as connection:
            connection.execute(f"create table orders ({columns})")
            connection.executemany(f"insert into orders values ({', '.join('?' * len(HEADERS))})", rows)
            connection.execute("update orders set ward = null where ward = ''")
            connection.execute(f"copy orders to '{folder}/orders.parquet'")
        sheet = f"duckdb:{folder}/orders.db?query=FROM orders"
        if is_file:
            sheet = f"duckdb:?query=FROM '{folder}/orders.parquet'"
        assert same_reports(sheet, formulary) == len(rows)


@pytest.mark.parametrize("name", ["orders.csv", "preparations.csv"])
def test_the_examples_have_the_reports_of_the_ordinary_way(name: str, formulary: Formulary) -> None:
    assert same_reports(str(EXAMPLES / name), formulary) in {6, 8}


def test_a_summary_by_the_engine_is_that_of_the_ordinary_way(
    sheet: str, formulary: Formulary, tmp_path: Path
) -> None:
    ordinary = Summary()
    for report in sheet_reports(read_sheet(sheet), formulary):
        ordinary.add(report)
    files = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    summary = engines.written(read_sheet(sheet), formulary, files)
    assert summary.text(width=80) == ordinary.text(width=80)
    assert summary.worst.name == "STOP"
    assert [duckdb.read_parquet(str(file)).shape for file in files] == [(7, 12), (7, 12)]


@pytest.mark.parametrize(
    ("engine", "outputs", "screen", "expected"),
    [
        ("duckdb", ["a.parquet", "b.PARQUET"], "text", True),
        ("duckdb", [], "text", True),
        ("duckdb", ["a.parquet"], "ndjson", False),
        ("duckdb", ["a.parquet", "a.ndjson"], "text", False),
        ("spark", ["a.parquet"], "text", False),
        ("python", [], "text", False),
    ],
)
def test_only_duckdb_writes_by_itself_and_only_parquet(
    engine: str, outputs: list[str], screen: str, expected: bool
) -> None:
    assert engines.writes_by_itself(engine, [Path(name) for name in outputs], screen) is expected


def test_each_distinct_order_is_checked_once(sheet: str, formulary: Formulary) -> None:
    checked: list[str] = []

    def texts(rows: Iterable[SheetRow], with_formulary: Formulary) -> Iterator[str]:
        rows = list(rows)
        checked.extend(f"{row.texts[1]} {row.texts[2]}" for row in rows)
        yield from report_texts(rows, with_formulary)

    with distinct_reports(read_sheet(sheet), formulary, texts) as found:
        # One of them has no drug, which each of its rows says with its own number.
        assert found.distinct == 4
        assert [report.row for report in found.reports()] == [2, 3, 4, 5, 6, 7, 8]
    assert sorted(checked) == [
        " 500 mg",
        "fentanyl 15 mcg",
        "magnesium sulfate 500 mg",
        "morphine 100 mcg",
        "morphine 200 mcg",
        "morphine 400 mcg",
    ]


def test_the_first_rows_of_a_verdict_are_in_their_order(sheet: str, formulary: Formulary) -> None:
    with distinct_reports(read_sheet(sheet), formulary) as found:
        assert [report.row_id for report in found.first("within_limits", 1)] == ["a1"]
        assert [report.row_id for report in found.first("stop", 50)] == ["a6"]


def test_a_parquet_file_holds_every_row_with_its_report(
    sheet: str, formulary: Formulary, tmp_path: Path
) -> None:
    file = tmp_path / "it's.parquet"
    expected = list(sheet_reports(read_sheet(sheet), formulary))
    with distinct_reports(read_sheet(sheet), formulary) as found:
        found.write_parquet(file)
    written = duckdb.read_parquet(str(file)).order("row")
    assert written.columns == [
        "row", "row_id", "verdict", "code", "headline", "report",
        "drug", "dose", "route", "mode", "preparation_id", "ward",
    ]  # fmt: skip
    rows = written.fetchall()
    assert [(row[0], row[1], row[5]) for row in rows] == [(r.row, r.row_id, r.text) for r in expected]
    assert rows[1][2:4] == ("needs_review", "dose-above-soft-limit")
    assert rows[5][2:4] == ("stop", "dose-at-toxic-level")
    assert rows[6][2:5] == ("cannot_check", "row-unreadable", "row 8: drug not stated; fill in the cell")
    assert [row[11] for row in rows] == ["one", "two", "three", "four", "five", "six", "seven"]
    assert [path.name for path in tmp_path.iterdir() if "parquet" in path.name] == ["it's.parquet"]


def test_cells_beyond_the_header_are_kept_in_parquet(formulary: Formulary, tmp_path: Path) -> None:
    path, file = tmp_path / "orders.csv", tmp_path / "out.parquet"
    path.write_text("row_id,drug,dose,route\na1,morphine,200 mcg,it,more\n", "utf-8")
    with distinct_reports(read_sheet(str(path)), formulary) as found:
        found.write_parquet(file)
    [[cells]] = duckdb.read_parquet(str(file)).select("more_cells").fetchall()
    assert json.loads(cells) == ["a1", "morphine", "200 mcg", "it", "more"]


@pytest.mark.parametrize("header", ["Verdict", "more_cells", "report"])
def test_a_column_that_a_parquet_file_has_already_is_refused(
    header: str, formulary: Formulary, tmp_path: Path
) -> None:
    path, file = tmp_path / "orders.csv", tmp_path / "out.parquet"
    path.write_text(f"row_id,drug,dose,route,{header}\na1,morphine,200 mcg,it,x\n", "utf-8")
    with (
        distinct_reports(read_sheet(str(path)), formulary) as found,
        pytest.raises(SheetError, match=f"two columns would be named '{header.casefold()}'"),
    ):
        found.write_parquet(file)
    assert not file.exists()


def test_a_parquet_file_that_can_t_be_written_is_an_error(
    sheet: str, formulary: Formulary, tmp_path: Path
) -> None:
    with (
        distinct_reports(read_sheet(sheet), formulary) as found,
        pytest.raises(SheetError, match=r"nowhere/out\.parquet: it can't be written"),
    ):
        found.write_parquet(tmp_path / "nowhere" / "out.parquet")


def test_lines_without_a_common_header_are_left_to_the_ordinary_way(
    tmp_path: Path, formulary: Formulary
) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_text('{"row_id": "a1", "drug": "morphine", "dose": "1 mg", "route": "it"}\n', "utf-8")
    with (
        pytest.raises(SheetError, match="use --engine python"),
        distinct_reports(read_sheet(str(path)), formulary),
    ):
        pass


def test_rows_with_other_columns_are_refused(sheet: str, formulary: Formulary) -> None:
    first, second = read_sheet(sheet), read_sheet(sheet)
    both = Sheet("both", iter([next(first.rows), next(second.rows)]), first.headers)
    with (
        pytest.raises(SheetError, match="both: row 2 has other columns"),
        distinct_reports(both, formulary),
    ):
        pass


def test_a_lost_report_ends_the_run(sheet: str, formulary: Formulary) -> None:
    def fewer(rows: Iterable[SheetRow], with_formulary: Formulary) -> Iterator[str]:
        yield from list(report_texts(rows, with_formulary))[1:]

    with (
        pytest.raises(RuntimeError, match="3 orders and 2 reports"),
        distinct_reports(read_sheet(sheet), formulary, fewer),
    ):
        pass


def test_nothing_is_left_behind(
    sheet: str, formulary: Formulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(distinct, "TemporaryDirectory", lambda prefix: TemporaryDirectory(prefix, dir=room))
    with distinct_reports(read_sheet(sheet), formulary):
        assert len(list(room.iterdir())) == 1
    assert list(room.iterdir()) == []


def test_a_report_s_code_is_that_of_its_headline() -> None:
    body = {
        "verdict": "stop",
        "headline": "second",
        "findings": [
            {"code": "a", "verdict": "needs_review", "message": "second"},
            {"code": "b", "verdict": "stop", "message": "first"},
            {"code": "c", "verdict": "stop", "message": "second"},
        ],
    }
    assert brief(json.dumps(body)) == ("stop", "c", "second")


def test_texts_are_found_by_their_places(tmp_path: Path) -> None:
    with (tmp_path / "texts").open("w+b") as file:
        texts = TextFile(file)
        assert [texts.add(text) for text in ("one", "", "three")] == [0, 1, 2]
        texts.flush()
        assert [texts[place] for place in (2, 0, 1)] == ["three", "one", ""]


def test_the_cells_of_an_order_are_those_that_are_read(sheet: str) -> None:
    row = next(read_sheet(sheet).rows)
    assert read_places(row.columns) == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_the_command_line_gives_the_same_with_every_engine(
    engine: str,
    sheet: str,
    formulary: Formulary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)
    said = []
    for screen in ("text", "ndjson"):
        try:
            with pytest.raises(SystemExit) as ended:
                main(["batch", sheet, "--engine", engine, "--format", screen])
        finally:
            gc.enable()
        assert ended.value.code == 3
        said.append(capsys.readouterr().out)
    text, lines = said
    assert text.startswith("7 rows: 6 checked, 1 not\n")
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [(row["row"], row["row_id"]) for row in rows] == [(n + 1, f"a{n}") for n in range(1, 8)]
    assert [rows[place]["verdict"] for place in (0, 1, 5, 6)] == [
        "within_limits",
        "needs_review",
        "stop",
        "cannot_check",
    ]


def test_a_hidden_row_is_another_order_and_keeps_its_worksheet(sheet: str, formulary: Formulary) -> None:
    def rows() -> Iterator[SheetRow]:
        for row in read_sheet(sheet).rows:
            if row.number in {2, 4, 8}:
                columns.append(row.columns)
                yield row._replace(columns=columns[0], is_hidden=row.number == 4, worksheet="May")

    columns: list[Columns] = []
    headers = read_sheet(sheet).headers
    expected = list(sheet_reports(Sheet("book", rows(), headers), formulary))
    columns.clear()
    with distinct_reports(Sheet("book", rows(), headers), formulary) as found:
        assert found.distinct == 3
        reports = list(found.reports())
    assert reports == expected
    assert ["row-hidden" in report.text for report in reports] == [False, True, False]
    assert reports[2].body["headline"].startswith("row 8 of worksheet 'May': ")
