from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary, Verdict
from itdose.batch import assess_rows, sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.text import text_file
from itdose.errors import SheetError

if TYPE_CHECKING:
    from pathlib import Path

    from itdose.batch import RowReport

some = settings(derandomize=True, deadline=None, max_examples=60)
PLAIN = SheetOptions()
GOOD = '{"row_id": "a4", "drug": "magnesium sulfate", "dose": "500 mg", "route": "intrathecal"}'


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "sheet.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def reports(path: str, formulary: Formulary, options: SheetOptions = PLAIN) -> list[RowReport]:
    return list(assess_rows(read_sheet(path, options).rows, formulary))


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (f"{GOOD}\n{GOOD}\n".encode(), [1, 2]),
        (f"{GOOD}\r\n{GOOD}\r\n".encode(), [1, 2]),
        (f"{GOOD}\r{GOOD}".encode(), [1, 2]),
        (f"{GOOD}\n\n \n{GOOD}".encode(), [1, 4]),
        (codecs.BOM_UTF8 + f"{GOOD}\n".encode(), [1]),
        (codecs.BOM_UTF16_LE + f"{GOOD}\r\n{GOOD}\r\n".encode("utf-16-le"), [1, 2]),
        (codecs.BOM_UTF16_BE + f"{GOOD}\n".encode("utf-16-be"), [1]),
        (f"\t{GOOD.replace(', ', ' ,  ')} \n".encode(), [1]),
    ],
)
def test_one_line_is_read_alike_in_every_form(
    formulary: Formulary, tmp_path: Path, content: bytes, rows: list[int]
) -> None:
    out = reports(written(tmp_path, content), formulary)
    assert [row.row for row in out] == rows
    assert {(row.row_id, row.report.verdict) for row in out} == {("a4", Verdict.STOP)}


def test_a_declared_encoding_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("500 mg", "500 \u00b5g").encode("cp1252"))
    [row] = read_sheet(path, SheetOptions(encoding="cp1252")).rows
    assert row.cells["dose"] == "500 \u00b5g"
    with pytest.raises(SheetError, match=r"it is not UTF-8 text \(byte 59, line 1: invalid start byte\)"):
        list(read_sheet(path).rows)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"drug": 1}', 'drug must be text with its unit, such as "50 mg"'),
        ('{"dose": 0.5}', "dose must be text"),
        ('{"weight": 70}', "weight must be text"),
        ('{"note": false}', "note must be text"),
        ('{"note": [[[]]]}', "note must be text"),
        ('{"drug": "a", "drug": "a"}', "drug stands in it more than once"),
        ('{"note": {"x": 1, "x": 2}}', "x stands in it more than once"),
        ('{"drug": "a", "medication": "b"}', "both 'drug' and 'medication' name drug"),
        ('{"drug": "a", "Drug": "b"}', "both 'drug' and 'Drug' name drug"),
        ('{"drug": "\\ud800"}', "'\\ud800' holds an escape that is no character"),
        ('{"drug": "a\\udfffb"}', "holds an escape that is no character"),
        ('{"\\uDC00": "a"}', "holds an escape that is no character"),
        ('{"a\\u001b[31m": 1}', "a\\x1b[31m must be text"),
        ('{"dose": "5\n mg"}', "it is not one JSON object of texts: "),
        ("{'drug': 'a'}", "it is not one JSON object of texts: "),
        ('{"drug": "a",}', "it is not one JSON object of texts: "),
        ('{"drug": "a"} // note', "it is not one JSON object of texts: "),
        ("drug,dose", "it is not one JSON object of texts: "),
        ("\ufeff" + GOOD, "it is not one JSON object of texts: "),
        ("\0", "it is not one JSON object of texts: "),
        (GOOD.replace("500", "5\x0000"), "it is not one JSON object of texts: "),
        ('{"a":' * 1_000_000, "it is not one JSON object of texts: "),
        ('{"note": ' + "[" * 2_000_000 + "]" * 2_000_000 + "}", "it is not one JSON object of texts: "),
        ('{"note": 1' + "0" * 2_000_000 + "}", "it is not one JSON object of texts: "),
        ("{" + ", ".join(f'"k{n}": ""' for n in range(16_385)) + "}", "it has 16385 keys, and a row has at"),
        ("{" + ", ".join(['"k": ""'] * 500_000) + "}", "k stands in it more than once"),
    ],
)  # fmt: skip
def test_a_bad_line_is_a_report_and_the_next_line_is_read(
    formulary: Formulary, tmp_path: Path, line: str, said: str
) -> None:
    before, *bad, after = reports(written(tmp_path, f"{GOOD}\n{line}\n{GOOD}\n"), formulary)
    assert before.report.verdict is after.report.verdict is Verdict.STOP
    assert len(bad) == line.count("\n") + 1
    assert after.row == 2 + len(bad)
    assert {row.report.verdict for row in bad} == {Verdict.CANNOT_CHECK}
    assert bad[0].report.headline.startswith("row 2: ")
    assert said in bad[0].report.headline
    assert len(bad[0].report.headline) < 500


def test_a_pair_of_escapes_is_one_character(formulary: Formulary, tmp_path: Path) -> None:
    [row] = reports(written(tmp_path, GOOD.replace("}", ', "note": "\\ud83d\\ude00 \\u00b5"}')), formulary)
    assert row.cells["note"] == "\U0001f600 \u00b5"
    assert row.report.verdict is Verdict.STOP


def test_an_escaped_nul_is_a_fault_that_keeps_the_cells(formulary: Formulary, tmp_path: Path) -> None:
    [row] = reports(written(tmp_path, GOOD.replace("a4", "a\\u00004")), formulary)
    assert row.report.verdict is Verdict.CANNOT_CHECK
    assert row.report.headline.startswith("row 1: row_id holds a NUL character")
    assert (row.row_id, row.cells["dose"]) == ("a\x004", "500 mg")


def test_as_many_keys_as_a_worksheet_has_columns_are_read(formulary: Formulary, tmp_path: Path) -> None:
    line = GOOD[:-1] + "".join(f', "k{n}": "x"' for n in range(16_380)) + "}"
    [row] = reports(written(tmp_path, line), formulary)
    assert (len(row.cells), row.report.verdict) == (16_384, Verdict.STOP)


def test_a_line_of_more_than_ten_million_characters_is_an_error(formulary: Formulary, tmp_path: Path) -> None:
    path = written(tmp_path, f"{GOOD}\n" + GOOD.replace("a4", "x" * 10_000_000) + "\n")
    with pytest.raises(SheetError, match="a row is longer than 10000000 characters"):
        reports(path, formulary)


def test_the_longest_line_is_counted_for_each_line_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "LONGEST_ROW", len(GOOD) + 1)
    assert len(list(read_sheet(written(tmp_path, f"{GOOD}\n" * 5)).rows)) == 5
    with pytest.raises(SheetError, match="a row is longer than"):
        list(read_sheet(written(tmp_path, f"{GOOD}\n {GOOD}\n")).rows)


def test_null_is_a_fact_that_was_not_stated(tmp_path: Path) -> None:
    [row] = read_sheet(written(tmp_path, GOOD.replace("}", ', "weight": null, "age": ""}'))).rows
    assert row.order is not None
    assert (row.order.weight, row.order.age) == (None, None)
    assert "weight" not in row.cells


def test_a_key_may_be_absent_from_a_line_and_its_unit_stands_in_the_key(tmp_path: Path) -> None:
    first = GOOD.replace('"dose": "500 mg"', '"dose (mg)": "500"')
    rows = list(read_sheet(written(tmp_path, f"{first}\n{GOOD}\n")).rows)
    assert [row.order.dose for row in rows if row.order] == ["500 mg", "500 mg"]


def test_a_mapped_key_must_stand_in_one_line_at_least(formulary: Formulary, tmp_path: Path) -> None:
    mapped = GOOD.replace('"dose"', '"amount given"')
    path = written(tmp_path, f"{GOOD}\n{mapped}\n")
    first, second = reports(path, formulary, SheetOptions(fields={"amount given": "dose"}))
    # What --map gives to another key is not found by its own name as well.
    assert first.report.headline == "row 1: dose not stated; fill in the cell"
    assert second.report.verdict is Verdict.STOP
    with pytest.raises(SheetError, match="--map names 'Amount Given', and no line has such a key"):
        reports(path, formulary, SheetOptions(fields={"Amount Given": "dose"}))


def test_lines_with_keys_of_their_own_do_not_fill_the_memory(tmp_path: Path) -> None:
    content = "".join(GOOD.replace("}", f', "k{n}": "x"}}\n') for n in range(3000))
    sheet = read_sheet(written(tmp_path, content))
    assert (sheet.expected, sheet.headers) == (3000, ())
    assert [row.texts[4] for row in sheet.rows] == ["x"] * 3000


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@some
@given(
    st.lists(anything | st.dictionaries(st.sampled_from(["drug", "dose", "x"]), anything), min_size=1),
    st.booleans(),
    st.sampled_from([("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip
def test_lines_in_are_reports_out_whatever_stands_in_them(  # noqa: PLR0913, PLR0917
    formulary: Formulary,
    tmp_path_factory: pytest.TempPathFactory,
    items: list[Any],
    escaped: bool,
    encoding: tuple[str, str],
    end: str,
) -> None:
    mark, codec = encoding
    content = mark + "".join(json.dumps(item, ensure_ascii=escaped) + end for item in items)
    path = written(tmp_path_factory.mktemp("sheet"), content.encode(codec))
    out = list(sheet_reports(read_sheet(path), formulary))
    assert [report.row for report in out] == list(range(1, len(items) + 1))
    for item, report in zip(items, out, strict=True):
        plain = isinstance(item, dict) and all(isinstance(text, str | None) for text in item.values())
        assert report.verdict == "cannot_check" or plain
        if plain and len({key.strip().casefold() for key in item}) == len(item):
            assert dict(report.cells) == {key: text for key, text in item.items() if text is not None}
