from __future__ import annotations

import gc
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from itdose import Formulary
from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.tables import query_postgresql
from itdose.batch.tables.cell_text import cell_text
from itdose.batch.tables.query import Query, is_query, query_of
from itdose.batch.tables.query_postgresql import without_secret
from itdose.cli import main
from itdose.errors import SheetError

some = hypothesis_settings(derandomize=True, deadline=None, max_examples=40)

TABLE = """
create table orders as select * from (values
  ('a1', 'morphine', '200 mcg', 'intrathecal', 'single_dose', 70.50::decimal(9, 2)),
  ('a2', 'morphine', '400 mcg', 'intrathecal', 'single_dose', null),
  ('a3', 'magnesium sulfate', '500 mg', 'intrathecal', null, 70),
  ('a4', null, '500 mg', 'intrathecal', null, 70)
) as t(row_id, drug, dose, route, mode, "weight (kg)")
"""
SERVER = "postgresql://me:se@cret@host/db"


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "orders.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLE)
    return f"duckdb:{path}"


def texts(sheet: str, **options: Any) -> list[tuple[int, list[str]]]:
    return [(row.number, list(row.texts)) for row in read_sheet(sheet, SheetOptions(**options)).rows]


def test_every_row_of_a_table_is_read_in_its_place_as_text(database: str) -> None:
    assert texts(f"{database}?query=SELECT * FROM orders") == [
        (1, ["a1", "morphine", "200 mcg", "intrathecal", "single_dose", "70.5"]),
        (2, ["a2", "morphine", "400 mcg", "intrathecal", "single_dose", ""]),
        (3, ["a3", "magnesium sulfate", "500 mg", "intrathecal", "", "70"]),
        (4, ["a4", "", "500 mg", "intrathecal", "", "70"]),
    ]


def test_every_row_of_a_query_has_a_report(database: str, formulary: Formulary) -> None:
    sheet = read_sheet(f"{database}?query=SELECT * FROM orders")
    reports = list(sheet_reports(sheet, formulary))
    assert [report.verdict for report in reports] == ["within_limits", "needs_review", "stop", "cannot_check"]
    assert reports[3].body["headline"] == "row 4: drug not stated; fill in the cell"


def test_a_column_is_named_in_the_query_or_by_a_mapping(database: str) -> None:
    short = "SELECT row_id, drug, dose, route AS place FROM orders LIMIT 1"
    with pytest.raises(SheetError, match=r"must name the columns route too; write for example SELECT \.\.\."):
        read_sheet(f"{database}?query={short}")
    assert texts(f"{database}?query={short}", fields={"place": "route"}) == [
        (1, ["a1", "morphine", "200 mcg", "intrathecal"])
    ]


def test_a_query_without_a_database_reads_files(tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    duckdb.connect().execute(TABLE).execute(f"copy orders to '{file}'")
    assert len(texts(f"duckdb:?query=SELECT * FROM '{file}'")) == 4


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; SELECT 2", "must be one SELECT"),
        ("DROP TABLE orders", "must be one SELECT"),
        ("COPY orders TO 'out.csv'", "must be one SELECT"),
        ("SET threads = 1", "must be one SELECT"),
        ("ATTACH 'other.db'", "must be one SELECT"),
        ("SELECT * FROM read_csv('other.csv')", "file system operations are disabled"),
        ("SELECT * FROM nothing", "DuckDB refuses the query"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM orders WHERE drug = 'x'", "gives no rows; nothing was checked"),
        ("SELECT *, drug FROM orders", "more than once"),
        ("SELECT * REPLACE (error('broken row') AS dose) FROM orders", "broken row"),
        ("", "has no query; end it with \\?query=SELECT"),
    ],
)
def test_what_is_no_query_of_orders_is_an_error_with_advice(database: str, sql: str, said: str) -> None:
    with pytest.raises(SheetError, match=said) as caught:
        texts(f"{database}?query={sql}")
    assert str(caught.value).startswith(database)


def test_a_query_leaves_its_database_as_it_was(database: str) -> None:
    file = Path(database.removeprefix("duckdb:"))
    before = file.read_bytes()
    with pytest.raises(SheetError):
        texts(f"{database}?query=CREATE TABLE other AS SELECT 1")
    assert len(texts(f"{database}?query=SELECT * FROM orders")) == 4
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"no database" * 500])
def test_a_file_that_is_no_database_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "orders.db"
    if content:
        file.write_bytes(content)
    with pytest.raises(SheetError, match="can't be opened for reading"):
        texts(f"duckdb:{file}?query=SELECT 1")
    assert file.exists() is (content is not None)


@pytest.mark.parametrize("cell", ["true", "[1, 2]", "'x'::blob", "{'a': 1}"])
def test_a_cell_without_a_text_is_a_row_that_is_not_checked(database: str, cell: str) -> None:
    sheet = f"{database}?query=SELECT row_id, drug, {cell} AS dose, {cell} AS kept, route FROM orders LIMIT 2"
    rows = list(read_sheet(sheet).rows)
    assert [row.number for row in rows] == [1, 2]
    assert all(row.order is None for row in rows)
    assert all("the column dose holds a" in (row.problem or "") for row in rows)
    assert all("cast it to text in the query" in (row.problem or "") for row in rows)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 50 mg ", " 50 mg "),
        (10**20, "100000000000000000000"),
        (Decimal("0.500"), "0.5"),
        (Decimal(100), "100"),
        (Decimal("1E+3"), "1000"),
        (70.0, "70"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (float("nan"), "nan"),
        (date(2026, 11, 30), "2026-11-30"),
        (False, None),
        (b"50 mg", None),
    ],
)
def test_a_cell_is_written_without_exponent_and_without_zeros_at_its_end(
    cell: object, text: str | None
) -> None:
    assert cell_text(cell) == text


def test_a_number_takes_the_decimal_sign_that_was_declared(database: str) -> None:
    sheet = f"{database}?query=SELECT * FROM orders"
    assert texts(sheet, decimal_comma=True)[0][1][5] == "70,5"


@some
@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_never_another_number(number: Decimal) -> None:
    text = cell_text(number)
    assert text is not None
    assert Decimal(text) == number


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (f"{SERVER}?query=SELECT 1", Query("postgresql://...", SERVER, "SELECT 1")),
        (
            "postgresql://me:secret@host:5433/db?sslmode=require&query=SELECT '?query=a&b' ",
            Query(
                "postgresql://me@host:5433/db",
                "postgresql://me:secret@host:5433/db?sslmode=require",
                "SELECT '?query=a&b'",
            ),
        ),
        (
            "postgresql://host/db?password=secret&query=SELECT 1",
            Query("postgresql://host/db", "postgresql://host/db?password=secret", "SELECT 1"),
        ),
        (
            "postgresql://me:secret?query=SELECT 1",
            Query("postgresql://me", "postgresql://me:secret", "SELECT 1"),
        ),
        ("duckdb:a.db?query=SELECT 1 %", Query("duckdb:a.db", "duckdb:a.db", "SELECT 1 %")),
    ],
)
def test_a_sheet_s_name_is_taken_apart_without_password(sheet: str, expected: Query) -> None:
    assert query_of(sheet) == expected


@some
@given(st.text(st.characters(codec="ascii", exclude_characters=":@/?#"), min_size=1))
def test_no_password_stands_in_a_name(secret: str) -> None:
    secret = f"%{secret}%"
    assert secret not in query_of(f"postgresql://me:{secret}@host/db?query=SELECT 1").name
    assert secret not in query_of(f"postgresql://me:{secret}?query=SELECT 1").name


def test_only_the_two_schemes_are_queries() -> None:
    assert [is_query(name) for name in ("duckdb:", "postgresql://a/b", "duckdb.csv", "-", "c:/a.csv")] == [
        True,
        True,
        False,
        False,
        False,
    ]


class Server:
    """Stands in for a connection of psycopg, and for its cursor."""

    def __init__(self, rows: list[tuple[object, ...]], error: Exception | None = None) -> None:
        self.read_only = False
        self.rows, self.error, self.sent, self.closed = rows, error, "", 0
        self.names: list[str | None] = []

    @property
    def description(self) -> list[Any]:
        names = ("row_id", "drug", "dose", "route", "weight (kg)")
        return [type("Column", (), {"name": name})() for name in names]

    def cursor(self, *, name: str | None = None) -> Server:
        self.names.append(name)
        return self

    def execute(self, sql: str) -> None:
        assert self.read_only
        self.sent = sql

    def fetchmany(self, most: int) -> list[tuple[object, ...]]:
        assert most < 10_000
        if self.error:
            raise self.error
        taken, self.rows = self.rows, []
        return taken

    def close(self) -> None:
        self.closed += 1


def connected(monkeypatch: pytest.MonkeyPatch, server: Server) -> dict[str, Any]:
    """Let every connection lead to this server; return how it is asked for."""
    asked: dict[str, Any] = {}

    def connect(**parts: Any) -> Server:
        asked.update(parts)
        return server

    monkeypatch.setattr(psycopg, "connect", connect)
    return asked


def test_postgresql_is_read_in_a_transaction_that_only_reads(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    server = Server([("a1", "morphine", "200 mcg", "intrathecal", Decimal("70.00"))] * 3)
    asked = connected(monkeypatch, server)
    sheet = read_sheet("postgresql://me:secret@host/db?query=SELECT * FROM orders")
    reports = list(sheet_reports(sheet, formulary))
    assert [report.row for report in reports] == [1, 2, 3]
    assert reports[0].cells["weight (kg)"] == "70"
    assert asked == {"user": "me", "password": "secret", "dbname": "db", "host": "host"}
    assert (server.sent, set(server.names), server.closed) == ("SELECT * FROM orders", {"itdose"}, 2)
    assert sheet.name == "postgresql://me@host/db"


def test_a_query_that_breaks_off_is_an_error_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server([], psycopg.OperationalError("the server closed the connection\nsecret"))
    connected(monkeypatch, server)
    with pytest.raises(SheetError, match=r"broke off: the server closed the connection$"):
        list(read_sheet("postgresql://me:secret@host/db?query=SELECT 1").rows)
    assert server.closed == 2


@pytest.mark.parametrize(
    "address", ["postgresql://me:sec%zzret@host/db", "postgresql://me:secret@host/db?nonsense=secret"]
)
def test_an_address_that_can_t_be_read_is_not_quoted(address: str) -> None:
    with pytest.raises(SheetError, match="not the address of a database") as caught:
        read_sheet(f"{address}?query=SELECT 1".replace("secret?", "secret&"))
    assert "sec" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_message_of_the_server_is_shown_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise psycopg.OperationalError("no entry for me with secret")

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(SheetError, match="no connection: no entry for me with \\.\\.\\.; name it as"):
        query_postgresql.opened(query_of("postgresql://me:secret@host/db?query=SELECT 1"))
    assert without_secret("as it is", "") == "as it is"


def test_the_command_line_reads_a_query(
    database: str, formulary: Formulary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", f"{database}?query=SELECT * FROM orders", "--format", "ndjson"])
    finally:
        gc.enable()
    assert ended.value.code == 3
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["row"], line["row_id"]) for line in lines] == [(1, "a1"), (2, "a2"), (3, "a3"), (4, "a4")]
