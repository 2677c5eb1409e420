from __future__ import annotations

import codecs
import csv
import io
import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itdose import Formulary, Verdict
from itdose.batch import assess_rows
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.text import csv_header, text_file
from itdose.batch.text.text_encoding import encoding_name
from itdose.errors import SheetError
from itdose.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose.batch import RowReport
    from itdose.batch.sheet import SheetRow

some = settings(derandomize=True, deadline=None, max_examples=60)

HEADER = "row_id,drug,dose,route,mode,note\n"
WITHIN = "a1,morphine,200 \u00b5g,intrathecal,single_dose,\u00fc\n"
STOP = "a4,magnesium sulfate,500 mg,intrathecal,,\n"
SHEET = HEADER + WITHIN + STOP
PLAIN = SheetOptions()


def written(folder: Path, content: str | bytes, name: str = "sheet.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def rows(path: str, **declared: str) -> list[SheetRow]:
    return list(read_sheet(path, SheetOptions(**declared)).rows)  # type: ignore[arg-type]


def reports(path: str, formulary: Formulary, **declared: str) -> list[RowReport]:
    return list(assess_rows(rows(path, **declared), formulary))


def texts(path: str, **declared: str) -> list[tuple[int, list[str]]]:
    return [(row.number, list(row.texts)) for row in rows(path, **declared)]


def refusal(path: str, **declared: str) -> str:
    with pytest.raises(SheetError) as caught:
        rows(path, **declared)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (SHEET.encode(), None),
        (codecs.BOM_UTF8 + SHEET.encode(), None),
        (codecs.BOM_UTF16_LE + SHEET.encode("utf-16-le"), None),
        (codecs.BOM_UTF16_BE + SHEET.encode("utf-16-be"), None),
        (codecs.BOM_UTF32_LE + SHEET.encode("utf-32-le"), None),
        (codecs.BOM_UTF32_BE + SHEET.encode("utf-32-be"), None),
        (SHEET.encode("cp1252"), "cp1252"),
        (SHEET.encode("cp1252"), "Windows-1252"),
        (SHEET.encode("latin-1"), "ISO-8859-1"),
        (SHEET.encode("cp850"), "cp850"),
        (SHEET.encode("mac-roman"), "mac_roman"),
        (SHEET.encode("utf-16-le"), "utf-16-le"),
        (SHEET.encode("utf-16-be"), "UTF-16BE"),
        (SHEET.encode(), "utf-8"),
        (codecs.BOM_UTF8 + SHEET.encode(), "utf-8"),
        (SHEET.encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 + SHEET.encode(), "utf_8_sig"),
        (codecs.BOM_UTF16_LE + SHEET.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_LE + SHEET.encode("utf-16-le"), "utf-16-le"),
    ],
)
@pytest.mark.parametrize("on_standard_input", [False, True])
def test_one_sheet_is_read_alike_in_every_encoding(  # noqa: PLR0913, PLR0917
    formulary: Formulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    encoding: str | None,
    on_standard_input: bool,
) -> None:
    path = written(tmp_path, content)
    if on_standard_input:
        path = "-"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))
    options = SheetOptions(encoding=encoding)
    first, second = assess_rows(read_sheet(path, options).rows, formulary)
    assert (first.row, first.cells["dose"], first.cells["note"]) == (2, "200 \u00b5g", "\u00fc")
    assert first.report.order.dose is not None
    assert plain(first.report.order.dose) == "200 mcg"
    assert (second.row, second.report.verdict) == (3, Verdict.STOP)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hex", "'hex' is no encoding of text that is known"),
        ("rot13", "'rot13' is no encoding of text that is known"),
        ("base64", "'base64' is no encoding of text that is known"),
        ("zip", "'zip' is no encoding of text that is known"),
        ("cp125", "'cp125' is no encoding of text that is known; such are cp1252, latin-1"),
        ("../cp1252", "is no encoding of text that is known"),
        ("a\0b", "is no encoding of text that is known"),
        ("\u00fc", "is no encoding of text that is known"),
        ("", "'' is no encoding of text that is known"),
        ("undefined", "is no encoding of text that is known"),
        ("utf-7", "'utf-7' is not read, since sheets are not saved in it; save it as CSV UTF-8"),
        ("UTF_7", "is not read"),
        ("punycode", "is not read"),
        ("idna", "is not read"),
        ("unicode_escape", "is not read"),
        ("raw_unicode_escape", "is not read"),
    ],
)
def test_what_is_no_encoding_of_sheets_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(SheetError) as caught:
        encoding_name(name)
    assert said in str(caught.value)
    with pytest.raises(SheetError):
        rows(written(tmp_path, SHEET), encoding=name)


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (
            codecs.BOM_UTF8 + b"x",
            "cp1252",
            "its byte order mark says UTF-8, and --encoding says cp1252; leave",
        ),
        (codecs.BOM_UTF8 + b"x", "ascii", "its byte order mark says UTF-8, and --encoding says ascii; leave"),
        (codecs.BOM_UTF16_LE, "utf-8", "its byte order mark says UTF-16, and --encoding says utf-8; leave"),
        (codecs.BOM_UTF16_LE, "utf-16-be", "its byte order mark says UTF-16, and --encoding says utf-16-be"),
        (codecs.BOM_UTF16_BE, "utf-16-le", "its byte order mark says UTF-16, and --encoding says utf-16-le"),
        (
            SHEET.encode("utf-16-le"),
            "utf-16",
            "it has no byte order mark; say --encoding utf-16-le or utf-16-be",
        ),
    ],
)
def test_a_declared_encoding_that_the_mark_contradicts_is_an_error(
    tmp_path: Path, content: bytes, encoding: str, said: str
) -> None:
    assert refusal(written(tmp_path, content), encoding=encoding).startswith(said)


# 20 bytes of header, then 8 bytes a row; the odd byte is the third of its row.
SHORT = b"row_id,drug,dose,it\n".replace(b",it", b",route")
MEND = "; save it as CSV UTF-8, or say what it is, such as --encoding cp1252"


@pytest.mark.parametrize("before", [0, 1, 5, 3000, 30_000])
def test_a_byte_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path, before: int) -> None:
    content = SHORT + b"a,b,c,d\n" * before + b"a,\xb5,c,d\n" + b"a,b,c,d\n" * 3
    place = 23 + 8 * before + 2
    assert content[place] == 0xB5
    assert refusal(written(tmp_path, content)) == (
        f"it is not UTF-8 text (byte {place}, line {before + 2}: invalid start byte){MEND}"
    )


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_the_byte_is_counted_from_the_start_of_the_file(tmp_path: Path, mark: bytes) -> None:
    said = refusal(written(tmp_path, mark + b"row_id,drug,dose,rout\xe9"))
    assert f"(byte {21 + len(mark)}, line 1: unexpected end of data)" in said


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (SHORT + b"a,b,\x81,d\n", "cp1252", "it is not cp1252 text (byte 27: "),
        (SHORT + b"a,b,\xb5,d\n", "ascii", "it is not ascii text (byte 27: "),
        (
            codecs.BOM_UTF16_LE + (SHORT + b"a,b,\n").decode().encode("utf-16-le") + b"x",
            None,
            "it is not UTF-16",
        ),
        (
            codecs.BOM_UTF16_LE + SHORT.decode().encode("utf-16-le") + b"\0\xd8a\0",
            None,
            "it is not UTF-16 text",
        ),
        (SHORT + b"a,b,\xed\xa0\x80,d\n", None, "it is not UTF-8 text (byte 27, line 2: "),
    ],
)
def test_a_byte_that_is_no_character_of_the_encoding_is_an_error(
    tmp_path: Path, content: bytes, encoding: str | None, said: str
) -> None:
    declared = {"encoding": encoding} if encoding else {}
    assert refusal(written(tmp_path, content), **declared).startswith(said)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_named_as_what_it_looks_like(tmp_path: Path, encoding: str) -> None:
    said = refusal(written(tmp_path, SHEET.replace("\u00b5", "m").replace("\u00fc", "u").encode(encoding)))
    assert said == (
        "its first row holds NUL characters, as UTF-16 without a byte order mark does; "
        "save it as CSV UTF-8, or say --encoding utf-16-le or utf-16-be"
    )


@pytest.mark.parametrize("place", range(6))
def test_a_nul_character_is_a_fault_of_its_row_alone(
    formulary: Formulary, tmp_path: Path, place: int
) -> None:
    cells = ["a2", "morphine", "200 mcg", "intrathecal", "single_dose", "x"]
    cells[place] += "\0"
    path = written(tmp_path, f"{SHEET}{','.join(cells)}\n{STOP}")
    before, _, damaged, after = reports(path, formulary)
    name = ["row_id", "drug", "dose", "route", "mode", "note"][place]
    assert damaged.report.headline == (
        f"row 4: {name} holds a NUL character, so the file is damaged there; write the row again"
    )
    assert list(damaged.cells.values()) == cells
    assert before.report.order.dose is not None
    assert after.report.verdict is Verdict.STOP


def test_a_nul_character_far_before_the_end_of_its_row_is_seen(tmp_path: Path) -> None:
    note = "x" * 100_000
    good, damaged = rows(written(tmp_path, f"{HEADER}{WITHIN}a\0,b,c,d,e,{note}\n"))
    assert good.fault is None
    assert damaged.fault is not None
    assert damaged.texts[5] == note


def test_a_tail_of_nul_characters_is_a_row_that_says_so(formulary: Formulary, tmp_path: Path) -> None:
    *_, last = reports(written(tmp_path, SHEET + "\0" * 5000), formulary)
    assert (last.row, last.report.verdict) == (4, Verdict.CANNOT_CHECK)
    assert "it has 1 cells and the header 6" in last.report.headline


@pytest.mark.parametrize(("mark", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
@pytest.mark.parametrize("declare", ["option", "line", "quoted line", "both"])
def test_a_declared_delimiter_is_honored(tmp_path: Path, mark: str, name: str, declare: str) -> None:
    line = {
        "option": "",
        "line": f"sep={mark}\r\n",
        "quoted line": f'"SEP={mark}"\n',
        "both": f"sep={mark}\n",
    }
    body = f'row_id|drug|dose|route\na1|"a{mark}b"|c|d\nragged|x\n'.replace("|", mark)
    declared = {"delimiter": mark} if declare in {"option", "both"} else {}
    good, ragged = rows(written(tmp_path, line[declare] + body), **declared)
    first = 2 if declare == "option" else 3
    assert (good.number, list(good.texts), good.fault) == (first, ["a1", f"a{mark}b", "c", "d"], None)
    assert (ragged.number, list(ragged.texts)) == (first + 1, ["ragged", "x"])
    assert ragged.fault == f"it has 2 cells and the header 4; a {name} may stand in a cell without quotes"


@pytest.mark.parametrize(
    ("content", "declared", "said"),
    [
        (
            "sep=:\na:b\n",
            {},
            "row 1 declares ':'; cells stand between comma, semicolon, tab, pipe",
        ),
        (
            "row_id:drug\n",
            {"delimiter": ":"},
            "--delimiter is ':'; cells stand between comma, semicolon, tab",
        ),
        (
            f"sep=;\n{SHEET}",
            {"delimiter": ","},
            "row 1 declares the semicolon as separator, and --delimiter says comma; leave the option out",
        ),
        (
            f"sep=;\n{SHEET}",
            {},
            "the first row must name the columns row_id, drug, dose, route, separated by a semi",
        ),
        (
            SHEET,
            {"delimiter": ";"},
            "the first row must name the columns row_id, drug, dose, route, separated by a",
        ),
        ("sep=;", {}, "it is empty; the first row names the columns"),
        ("sep=;\n\n", {}, "its first row is blank"),
        (
            SHEET.replace(",", "|"),
            {},
            "the first row must name the columns row_id, drug, dose, route, separated by one of comma, semi",
        ),
    ],
)
def test_a_delimiter_that_does_not_fit_is_an_error(
    tmp_path: Path, content: str, declared: dict[str, str], said: str
) -> None:
    assert refusal(written(tmp_path, content), **declared).startswith(said)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ('"row_id","drug","dose","route"', ["row_id", "drug", "dose", "route"]),
        (
            "Zeilennummer;Wirkstoff;Dosis;Applikationsweg",
            ["Zeilennummer", "Wirkstoff", "Dosis", "Applikationsweg"],
        ),
        ('row_id;"drug";"dose (mg)";route', ["row_id", "drug", "dose (mg)", "route"]),
        ('row_id,drug,"dose\n(mg)",route', ["row_id", "drug", "dose\n(mg)", "route"]),
        ('row_id,"a,b;c",drug,dose,route', ["row_id", "a,b;c", "drug", "dose", "route"]),
        ('row_id;"say ""x,y""";drug;dose;route', ["row_id", 'say "x,y"', "drug", "dose", "route"]),
        ("row_id\tdrug\tdose\troute\t", ["row_id", "drug", "dose", "route", "column 5"]),
    ],
)
def test_the_header_decides_the_delimiter(tmp_path: Path, header: str, names: list[str]) -> None:
    mark = next(mark for mark in "\t;," if mark in header.replace('"a,b;c"', "").replace('"say ""x,y"""', ""))
    path = written(tmp_path, f"{header}\n{mark.join(map(str, range(len(names))))}\n")
    sheet = read_sheet(path)
    assert list(sheet.headers) == names
    [row] = sheet.rows
    assert (row.number, list(row.texts)) == (2, [str(n) for n in range(len(names))])


def test_lines_that_another_delimiter_would_take_into_the_header_are_rows(tmp_path: Path) -> None:
    path = written(tmp_path, 'row_id;drug;dose;route;a,"b\n1;2;3;4;5\n6;7;8;9;0\n')
    sheet = read_sheet(path)
    assert sheet.headers == ("row_id", "drug", "dose", "route", 'a,"b')
    assert [(row.number, "".join(row.texts)) for row in sheet.rows] == [(2, "12345"), (3, "67890")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '"row_id,drug,dose,route\na,b,c,d\n',
            "row 1 can't be read (unexpected end of data); is a quote open?",
        ),
        (
            'sep=,\n"row_id,drug,dose,route\na,b\n',
            "row 2 can't be read (unexpected end of data); is a quote open?",
        ),
        ("," * 16_384 + "\na\n", "row 1 has 16385 cells; a sheet has at most 16384 columns"),
        ("," * 1_000_000 + "\na\n", "row 1 has 1000001 cells; a sheet has at most 16384 columns"),
        (SHEET + "," * 1_000_000 + "\n", "row 4 has 1000001 cells; no sheet has more than 16384"),
        (
            "sep=;\nrow_id;drug;dose;route;dose\n1;2;3;4;5\n",
            "row 2 names 'dose' more than once; keep one column",
        ),
        (
            SHEET + 'a4,"x\n' + "y\n" * 600_000,
            "it can't be read after row 3 (field larger than field limit (1000000))",
        ),
        (
            SHEET + "a" * 1_000_001 + ",b,c,d,e,f\n",
            "it can't be read after row 3 (field larger than field limit",
        ),
    ],
)
def test_a_sheet_beyond_its_limits_is_an_error(tmp_path: Path, content: str, said: str) -> None:
    assert refusal(written(tmp_path, content)).startswith(said)


def test_as_many_columns_as_a_worksheet_has_and_a_cell_of_a_million_characters_are_read(
    tmp_path: Path,
) -> None:
    header = "row_id,drug,dose,route" + "".join(f",c{n}" for n in range(16_380))
    row = ["x" * 1_000_000] + ["y"] * 16_383
    assert texts(written(tmp_path, f"{header}\n{','.join(row)}\n")) == [(2, row)]


class _Broken(io.RawIOBase):
    """A file that fails once so many bytes were read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1, /) -> bytes:
        if not self._content:
            raise OSError(5, "Input/output error")
        self._content, content = self._content[size:], self._content[:size]
        return content


@pytest.mark.parametrize("before", [b"", SHEET.encode(), SHEET.encode() * 300])
def test_a_file_that_fails_while_it_is_read_is_named(monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": _Broken(before)}))
    assert refusal("-") == "it can't be read: Input/output error"


class _Endless(io.RawIOBase):
    """A file that repeats itself and counts what was read of it."""

    def __init__(self, start: bytes, repeated: bytes) -> None:
        self._start = start
        self._repeated = repeated
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        assert size > 0
        if len(self._start) < size:
            self._start += self._repeated * (1 + size // len(self._repeated))
        self._start, content = self._start[size:], self._start[:size]
        self.given += len(content)
        assert self.given < 50_000_000
        return content


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        (b"", b"x"),
        (b"", b"\0"),
        (b"", b","),
        (b'"', b"x\n"),
        (SHEET.encode(), b"x"),
        (SHEET.encode(), b"x,"),
        (SHEET.encode(), b'"x\n",'),
        (SHEET.encode() + b'"', b"x\n"),
        (b"{", b"x"),
        (b'{"drug": "', b"x"),
    ],
)
def test_a_file_without_an_end_of_row_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, start: bytes, repeated: bytes
) -> None:
    endless = _Endless(start, repeated)
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": endless}))
    with pytest.raises(
        SheetError, match=r"a row is longer than 10000000 characters|field larger than field limit"
    ):
        list(read_sheet("-").rows)
    assert endless.given < 11_000_000


def test_the_longest_row_is_counted_for_each_row_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "LONGEST_ROW", 40)
    header = "row_id,drug,dose,route\n"
    row = "a,b,c," + "d" * 33 + "\n"
    row_of_many_lines = 'a,b,c,"d\n' + "\n" * 29 + '"\n'
    assert len(row) == len(row_of_many_lines) == 40
    for good in (row, row_of_many_lines):
        assert len(texts(written(tmp_path, header + good * 5))) == 5
        assert refusal(written(tmp_path, header + row + "x" + good)).startswith(
            "a row is longer than 40 char"
        )


def test_a_text_file_is_read_in_parts_and_by_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "LONGEST_ROW", 8)
    path = written(tmp_path, codecs.BOM_UTF16_LE + "first\r\nsecond\nthird\n4\n5".encode("utf-16-le"))
    with text_file.opened(path, PLAIN) as file:
        assert (file.readline(), file.read(3)) == ("first\r\n", "sec")
        assert list(file) == ["ond\n", "third\n", "4\n", "5"]
        assert (file.readline(), file.read()) == ("", "")
    broken = written(tmp_path, b"one\ntwo \xff", "broken.txt")
    with (
        pytest.raises(SheetError, match=r"it is not UTF-8 text \(byte 8, line 2: "),
        text_file.opened(broken, PLAIN) as file,
    ):
        file.read()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SHEET, 2),
        (f"sep=,\n{SHEET}", 2),
        (SHEET.replace("\n", "\r\n"), 2),
        (SHEET.replace("\n", "\r"), None),
        (HEADER, 1),
    ],
)
def test_the_number_of_rows_is_known_beforehand(tmp_path: Path, content: str, expected: int | None) -> None:
    assert read_sheet(written(tmp_path, content)).expected == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes by name are needed")
def test_a_pipe_is_neither_waited_for_nor_counted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    said = refusal(str(tmp_path / "pipe.csv"))
    assert said == "it is a pipe; give it on standard input: itdose batch - < pipe.csv"
    assert text_file.line_ends(str(tmp_path / "pipe.csv")) is None
    assert text_file.line_ends(str(tmp_path / "missing.csv")) is None


def test_a_folder_is_not_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "sheets.csv").mkdir()
    assert refusal(str(tmp_path / "sheets.csv")).startswith("it is a folder; ")


@pytest.mark.parametrize("standard_input", [None, io.StringIO(SHEET)])
def test_a_program_without_standard_input_is_told_so(
    monkeypatch: pytest.MonkeyPatch, standard_input: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", standard_input)
    assert refusal("-") == "there is no standard input; name a file"


def test_a_comma_that_was_not_declared_says_how_to(formulary: Formulary, tmp_path: Path) -> None:
    path = written(tmp_path, "row_id;drug;dose;route\na1;morphine;0,5 mg;it\na2;morphine;0,5;it\n")
    for row in reports(path, formulary):
        assert row.report.verdict is Verdict.CANNOT_CHECK
        assert row.report.order.dose is None
        [refused] = [f.message for f in row.report.findings if f.code == "notation-refused"]
        assert "'itdose batch --decimal comma' declares it" in refused


def test_a_second_comma_is_not_advised_to_be_declared_again(formulary: Formulary, tmp_path: Path) -> None:
    path = written(tmp_path, "row_id;drug;dose;route\na1;morphine;1,5,5 mg;it\n")
    options = SheetOptions(decimal_comma=True)
    [row] = assess_rows(read_sheet(path, options).rows, formulary)
    assert row.report.verdict is Verdict.CANNOT_CHECK
    assert "--decimal" not in row.report.headline


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_are_read_and_blank_lines_are_counted(tmp_path: Path, end: str) -> None:
    content = f'row_id,drug,dose,route{end}{end}a,b,c,"d{end}e"{end}{end}{end}f,g,h,i'
    assert texts(written(tmp_path, content)) == [
        (3, ["a", "b", "c", f"d{end}e"]),
        (6, ["f", "g", "h", "i"]),
    ]


ENCODINGS: dict[str, tuple[bytes, str, str | None]] = {
    "utf-8": (b"", "utf-8", None),
    "utf-8 with mark": (codecs.BOM_UTF8, "utf-8", None),
    "utf-16 little-endian": (codecs.BOM_UTF16_LE, "utf-16-le", None),
    "utf-16 big-endian": (codecs.BOM_UTF16_BE, "utf-16-be", None),
    "utf-16 declared": (b"", "utf-16-be", "utf-16-be"),
    "latin-1": (b"", "latin-1", "latin-1"),
}
any_cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
tricky = st.sampled_from(
    ["", " ", '"', ",", ";", "\t", "|", "\n", "\r", "\r\n", "0,5 mg", 'a"b', "sep=;", "\ufeff"]
)
some_rows = st.lists(st.lists(any_cell | tricky, min_size=2, max_size=6), min_size=1, max_size=8)


@some
@given(
    some_rows,
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(sorted(csv_header.DELIMITERS)),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(),
)
def test_rows_in_are_rows_out_in_every_encoding_and_dialect(  # noqa: PLR0913, PLR0917
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[list[str]],
    encoding: str,
    delimiter: str,
    end: str,
    quoting: int,
    by_line: bool,
) -> None:
    mark, codec, declared = ENCODINGS[encoding]
    if codec == "latin-1":
        cells = [[text.encode("latin-1", "replace").decode("latin-1") for text in row] for row in cells]
    if any("\r" in text or "\n" in text for row in cells for text in row):
        quoting = csv.QUOTE_ALL  # the writer leaves a line end bare where it is not its own
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["row_id", "drug", "dose", "route"], *cells])
    start = f"sep={delimiter}{end}" if by_line else ""
    content = mark + (start + file.getvalue()).encode(codec)
    path = written(tmp_path_factory.mktemp("sheet"), content)
    options = SheetOptions(encoding=declared, delimiter=None if by_line else delimiter)
    first = 3 if by_line else 2
    read = list(read_sheet(path, options).rows)
    assert [(row.number, list(row.texts)) for row in read] == list(enumerate(cells, start=first))
    assert [row.fault is not None for row in read] == [len(row) != 4 for row in cells]


@some
@given(st.binary(max_size=300), st.sampled_from([b"", b"row_id,drug,dose,route\n", b"\xff\xfe", b"{"]))
def test_whatever_bytes_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("sheet"), start + content)
    read: Callable[[str], object] = rows
    try:
        read(path)
    except SheetError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - most files are read
