"""Reports by Spark, in a local cluster of two workers: another Java process each, as on a real one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from itdose.batch import sheet_reports
from itdose.batch.columns import columns_of
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.sheet import Sheet, SheetRow
from itdose.errors import SheetError
from itdose.spark import assess, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from itdose import Formulary

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark", "ignore::DeprecationWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
HEADERS = ["number", "row_id", "drug", "dose", "route", "mode", "weight (kg)", "preparation_id", "a.ward"]
SCHEMA = "number int, " + ", ".join(f"`{header}` string" for header in HEADERS[1:])
DRUGS = ["morphine", "fentanyl", "magnesium sulfate", "unobtainium", "", None]
DOSES = ["200 mcg", "400 mcg", "0.2 mg", "500 mg", "1,5 mg", ""]
ROUTES = ["intrathecal", "it", "epidural"]
MODES = ["", "single_dose", None]


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def orders() -> list[tuple[Any, ...]]:
    """Return 324 rows: every combination, each thing in another rhythm."""
    cells = product(DRUGS, DOSES, ROUTES, MODES)
    weights, wards = ["", "70", None, "70 kg"], ["one", None]
    return [
        (number, f"a{number}", drug, dose, route, mode, weights[number % 4], " ", wards[number % 2])
        for number, (drug, dose, route, mode) in enumerate(cells, start=1)
    ]


def with_preparations() -> list[tuple[Any, ...]]:
    """Return the same rows, every third of them in a preparation of three or of one; one id in 25 rows."""
    ids = {number: f"P{number // 9}" for number in range(0, 150, 3)}
    ids |= dict.fromkeys(range(0, 9, 3), " P1") | dict.fromkeys(range(200, 225), "all")
    return [(*row[:7], ids.get(row[0], ""), row[8]) for row in orders()]


def expected(rows: Iterable[tuple[Any, ...]], formulary: Formulary) -> dict[int, str]:
    """Return the reports of the ordinary way by the numbers of their rows."""
    columns = columns_of("rows", HEADERS, SheetOptions())
    texts = ((row[0], ["" if cell is None else str(cell) for cell in row]) for row in rows)
    sheet = Sheet("rows", (SheetRow(number, row, columns) for number, row in texts), columns.headers)
    return {report.row: report.text for report in sheet_reports(sheet, formulary)}


def reported(dataframe: DataFrame, formulary: Formulary, **options: Any) -> list[Any]:
    return list(assess(dataframe, formulary, **options).collect())


@pytest.mark.parametrize("rows", [orders(), with_preparations()], ids=["orders", "preparations"])
def test_every_row_has_the_report_of_the_ordinary_way(
    rows: list[tuple[Any, ...]], session: SparkSession, formulary: Formulary
) -> None:
    dataframe = session.createDataFrame(rows, SCHEMA).repartition(3)
    found = reported(dataframe, formulary, row="number")
    wanted = expected(rows, formulary)
    assert len(found) == len(rows)
    assert {row["number"]: row["report"] for row in found} == wanted
    assert {tuple(row)[:9] for row in found} == set(rows)
    for row in found:
        body = json.loads(row["report"])
        assert (row["verdict"], row["headline"]) == (body["verdict"], body["headline"])
        assert row["code"] in {finding["code"] for finding in body["findings"]}


def _kill_once(marker: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Hand the rows on; whoever is first kills the Java process that it works for, and with it itself."""
    for batch in batches:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            yield batch
            continue
        # A worker is forked by a daemon, which was started by the executor.
        daemon = Path(f"/proc/{os.getppid()}/stat").read_text("ascii")
        os.kill(int(daemon.rpartition(")")[2].split()[1]), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("is_after_the_check", [False, True])
def test_a_job_whose_executor_is_killed_ends_with_the_same_reports(
    session: SparkSession, formulary: Formulary, tmp_path: Path, *, is_after_the_check: bool
) -> None:
    from pyspark import cloudpickle  # noqa: PLC0415 - an extra

    # The workers can't import a test.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    rows, path = orders(), str(tmp_path / "killed")

    def killing(dataframe: DataFrame) -> DataFrame:
        names = dataframe.columns
        plain = dataframe.toDF(*(f"c{place}" for place in range(len(names))))
        return plain.mapInArrow(lambda batches: _kill_once(path, batches), plain.schema).toDF(*names)

    dataframe = session.createDataFrame(rows, SCHEMA).repartition(3)
    executors = _executors(session)
    if is_after_the_check:
        found = killing(assess(dataframe, formulary, row="number")).collect()
    else:
        found = assess(killing(dataframe), formulary, row="number").collect()
    assert Path(path).exists()
    assert {row["number"]: row["report"] for row in found} == expected(rows, formulary)
    assert len(found) == len(rows)
    assert executors - _executors(session)


def _executors(session: SparkSession) -> set[str]:
    """Return the names of all that are running; one that was started in place of another has a new name."""
    only_running = True
    known = session.sparkContext._jsc.sc().statusStore().executorList(only_running)
    return {known.apply(place).id() for place in range(known.size())}


def test_numbers_and_dates_of_a_dataframe_are_read_as_a_person_would_write_them(
    session: SparkSession, formulary: Formulary
) -> None:
    rows = [
        ("m", "200 mcg", 70.0, date(2026, 11, 30)),
        ("m", "200 mcg", 0.5, None),
        ("m", "200 mcg", None, None),
    ]
    schema = "drug string, dose string, `weight (kg)` double, expiry date"
    dataframe = session.createDataFrame(rows, schema)
    dataframe = dataframe.selectExpr("'morphine' AS drug", "dose", "'it' AS route", "`weight (kg)`", "expiry")
    found = {row["weight (kg)"]: row for row in reported(dataframe, formulary)}
    columns = columns_of("x", ["drug", "dose", "route", "weight (kg)", "expiry"], SheetOptions())
    for weight, text, expiry in ((70.0, "70", "2026-11-30"), (0.5, "0.5", ""), (None, "", "")):
        row = SheetRow(0, ["morphine", "200 mcg", "it", text, expiry], columns)
        [report] = sheet_reports(Sheet("x", iter([row])), formulary)
        assert found[weight]["report"] == report.text


def test_a_cell_without_a_text_is_a_row_that_is_not_checked(
    session: SparkSession, formulary: Formulary
) -> None:
    dataframe = session.sql(
        "SELECT 'morphine' AS drug, true AS dose, 'it' AS route, array(1) AS kept, 7 AS n"
    )
    [row] = reported(dataframe, formulary, row="n")
    assert row["headline"] == "row 7: the column dose holds a bool; cast it to text in the query"
    assert (row["verdict"], row["code"], row["kept"]) == ("cannot_check", "row-unreadable", [1])
    assert json.loads(row["report"])["headline"] == row["headline"]
    [nameless] = reported(dataframe, formulary)
    assert nameless["headline"] == "the column dose holds a bool; cast it to text in the query"
    assert '"row 0' not in nameless["report"]


def test_a_column_is_read_by_its_mapping_and_the_declared_decimal_sign(
    session: SparkSession, formulary: Formulary
) -> None:
    dataframe = session.createDataFrame(
        [("morphine", Decimal("0.20"), "it")], "Arznei string, `dose (mg)` decimal(9,2), route string"
    )
    options = SheetOptions(fields={"Arznei": "drug"}, decimal_comma=True)
    [row] = reported(dataframe, formulary, options=options)
    assert json.loads(row["report"])["order"]["dose"] == "200 mcg"


@pytest.mark.parametrize(
    ("sql", "row", "said"),
    [
        ("SELECT 'x' AS drug, 'y' AS route", None, "no column dose; name it"),
        ("SELECT 'x' AS drug, 'y' AS route, 'z' AS dose, 1 AS Verdict", None, "'Verdict' already; rename it"),
        ("SELECT 'x' AS drug, 'y' AS route, 'z' AS dose", "n", "no column 'n', which was to number"),
        ("SELECT 'x' AS drug, 'y' AS route, 'z' AS dose, 'P' AS preparation_id", None, "row=NAME"),
        ("SELECT 'x' AS drug, 'y' AS route, map(1, 2) AS dose", None, "'dose' holds maps; cast it"),
    ],
)
def test_a_dataframe_that_can_t_be_read_is_refused_with_advice(
    sql: str, row: str | None, said: str, session: SparkSession, formulary: Formulary
) -> None:
    with pytest.raises(SheetError, match=said):
        reported(session.sql(sql), formulary, row=row)


@pytest.mark.parametrize("name", ["orders.csv", "preparations.csv"])
def test_a_sheet_has_the_same_reports_in_the_same_order(
    name: str, session: SparkSession, formulary: Formulary
) -> None:
    assert session.getActiveSession() is not None
    sheet = str(EXAMPLES / name)
    assert list(local.sheet_reports(read_sheet(sheet), formulary)) == list(
        sheet_reports(read_sheet(sheet), formulary)
    )


def test_a_sheet_with_rows_of_every_kind_has_the_same_reports(
    session: SparkSession, formulary: Formulary, tmp_path: Path
) -> None:
    assert session.version
    path = tmp_path / "orders.csv"
    path.write_text(
        "row_id,drug,dose,route,preparation_id\na1,morphine,100 mcg,it,P\na2,,1 mg,it,\na3,morphine\n"
        "a4,fentanyl,15 mcg,it,P\na5,morphine,100 mcg,it,\na6,morphine,100 mcg,it,\n",
        "utf-8",
    )
    found = list(local.sheet_reports(read_sheet(str(path)), formulary))
    assert found == list(sheet_reports(read_sheet(str(path)), formulary))
    assert [report.row for report in found] == [2, 3, 4, 5, 6, 7]
