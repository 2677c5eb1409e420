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
from itdose.batch import sheet_reports
from itdose.batch.distinct import distinct_reports as distinct
from itdose.batch.distinct.distinct_reports import distinct_reports
from itdose.batch.distinct.row_texts import TextFile, read_places, report_texts
from itdose.batch.read import read_sheet
from itdose.batch.sheet import Sheet
from itdose.cli import main
from itdose.errors import SheetError

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
        counts = dict(found.counts())
    assert reports == expected
    judged = [report.judged for report in expected]
    assert counts == {one: judged.count(one) for one in set(judged)}
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


@pytest.mark.parametrize("format_", ["text", "csv", "json"])
def test_the_command_says_the_same_with_every_engine(
    sheet: str,
    format_: str,
    formulary: Formulary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)
    said = []
    for engine in ("python", "duckdb"):
        with pytest.raises(SystemExit, match="3"):
            main(["batch", sheet, "--format", format_, "--engine", engine])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "a6" in said[0]


def test_what_was_assessed_is_not_kept_by_another_engine(
    sheet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["batch", sheet, "--output", str(tmp_path / "r.csv"), "--resume", "--engine", "duckdb"])
    assert "--resume goes with --engine python" in capsys.readouterr().err


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


def test_the_first_rows_of_each_verdict_are_in_their_order(sheet: str, formulary: Formulary) -> None:
    with distinct_reports(read_sheet(sheet), formulary) as found:
        assert [report.row_id for report in found.first_of_each(1)] == ["a1", "a2", "a6", "a7"]


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
