from __future__ import annotations

import gc
import io
import re
import sys
import zlib
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from itdose import Formulary
from itdose.batch import sheet_reports
from itdose.batch.read import read_sheet
from itdose.batch.sheet import Sheet
from itdose.cli import main
from itdose.errors import OutputError
from itdose.quantity import UnitTable
from itdose.render.sheets import batch_html, batch_pdf, html_rows, overview_counts
from itdose.render.sheets.html_article import place_of
from itdose.render.sheets.sheet_formats import FORMATS, writer
from itdose.sheet_report import SheetFacts, SheetReport

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "row_id,drug,dose,route,mode\n"
WITHIN = "w1,morphine,200 mcg,intrathecal,single_dose\n"
REVIEW = "n1,morphine,400 mcg,intrathecal,single_dose\n"
UNKNOWN = "c1,unobtainium,1 mg,intrathecal,\n"
TOXIC = "s1,magnesium sulfate,500 mg,intrathecal,\n"
CLOSED = "s2,vincristine,2 mg,intrathecal,\n"
ALL = HEADER + WITHIN + REVIEW + UNKNOWN + TOXIC + CLOSED
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SVG = "{http://www.w3.org/2000/svg}"


def facts(formulary: Formulary, opened: Sheet, **changed: object) -> SheetFacts:
    known: dict[str, object] = {
        "sheet": opened.name,
        "headers": opened.headers,
        "formulary": {"version": formulary.version, "digest": formulary.digest, "layers": []},
        "itdose": "0.1.0",
        "decimal_comma": False,
        "remarks": opened.remarks,
        "units": formulary.units,
    }
    return SheetFacts(**(known | changed))  # type: ignore[arg-type]


@pytest.fixture
def page(formulary: Formulary, tmp_path: Path) -> Callable[..., str]:
    """Write a sheet's text as a page."""

    def written(content: str | bytes, **changed: object) -> str:
        path = tmp_path / "ward.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        sheet = read_sheet(str(path))
        file = io.BytesIO()
        report = writer("html", file, facts(formulary, sheet, **changed))
        for row in sheet_reports(sheet, formulary):
            report.add(row)
        report.finish()
        return file.getvalue().decode()

    return written


class Parsed(HTMLParser):
    """The tags of a page with their attributes, and its text without the style sheet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self.texts: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of {tag} stands twice"
        self._inside = tag
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as HTMLParser calls it
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).replace("\u00a0", " ").split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def all(self, attribute: str) -> list[str]:
        return [found for _, attributes in self.tags if (found := attributes.get(attribute)) is not None]


def assert_in_order(text: str, *parts: str) -> None:
    places = [text.index(part) for part in parts]
    assert places == sorted(places), dict(zip(parts, places, strict=True))


def drawings(html: str) -> list[ET.Element]:
    """Return the drawings; a drawing that is no well-formed XML is an error."""
    found = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    named = (text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1) for text in found)
    return [ET.fromstring(text) for text in named]  # noqa: S314 - the page was made by this test


def test_the_page_says_first_how_much_was_checked_and_then_each_part_in_order(
    page: Callable[..., str],
) -> None:
    text = Parsed(page(ALL)).text
    assert_in_order(
        text,
        "ward.csv 5 rows: 4 checked, 1 not. The worst is ■ stop",
        "2 ■ stop",
        "1 ◇ cannot check",
        "1 △ needs review",
        "1 ● within limits",
        "What this report is not",
        "is a comparison, not advice to give a dose",
        "Doses against their limits",
        "Stop: 2 rows",
        "Cannot check: 1 row ",
        "Needs review: 1 row ",
        "Within limits: 1 row ",
        "Signatures",
    )


def test_the_formulary_and_the_state_of_its_rules_stand_on_the_page(
    page: Callable[..., str], formulary: Formulary
) -> None:
    text = Parsed(page(ALL)).text
    assert f"Formulary {formulary.version} Digest {formulary.digest}" in text
    assert (
        "Rules used 2 rules: 0 signed off by a site, 0 only drafted. No site has signed any of them." in text
    )


def test_a_stop_is_told_whole(page: Callable[..., str]) -> None:
    text = Parsed(page(HEADER + TOXIC)).text
    assert_in_order(
        text,
        "■ stop row 2 id s1 magnesium sulfate 500 mg intrathecal, single dose",
        "500 mg is the toxic level, a dose that has harmed",
        "5 times the upper end of the usual range",
        "this order 500 mg",
        "50 mg, tenfold?",
        "dose: single dose, adult",
        "This order 500 mg , at toxic level",
        "Usual range 50 mg to 100 mg",
        "Hard limit 100 mg",
        "Toxic level 500 mg",
        "resolved after calcium gluconate",
        "dose-at-toxic-level",
        "It is never a dose to give.",
        "The Promising Roles of Intrathecal Magnesium Injection",
        "case 3",
        "magnesium_sulfate.intrathecal.single_dose.adult: cross-checked on 2026-11-22, due 2027-11-22",
        "row_id s1 drug magnesium sulfate dose 500 mg route intrathecal",
    )


def test_a_closed_route_comes_before_a_dose_and_the_worse_dose_before_the_other(
    page: Callable[..., str],
) -> None:
    less = "s3,magnesium sulfate,120 mg,intrathecal,\n"
    text = Parsed(page(HEADER + less + TOXIC + WITHIN + CLOSED)).text
    assert_in_order(text, "row 5 id s2 vincristine", "row 3 id s1 magnesium", "row 2 id s3 magnesium")


def test_what_does_not_fit_is_counted_and_the_worst_are_kept(
    page: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html_rows, "MOST_LISTED", 1)
    made = page(HEADER + 3 * WITHIN + 2 * UNKNOWN)
    assert "Within limits: 3 rows The first 1 are listed; 2 more are not." in Parsed(made).text
    assert "Cannot check: 2 rows The first 1 are listed; 1 more are not." in Parsed(made).text
    kept = html_rows.KeptRows(UnitTable({}), most_stops=2)
    for number, ratio in enumerate(["2", "10", "3", None, "5"], 2):
        kept.add(stop_row(number, ratio))
    assert [report.row for report in kept.stops] == [5, 3]
    assert kept.hidden("stop") == 3
    assert kept.rows == 5


def stop_row(number: int, ratio: str | None) -> SheetReport:
    finding = '{"code": "x", "verdict": "stop", "message": "", "evidence": []' + (
        f', "ratio": "{ratio}"}}' if ratio else "}"
    )
    text = f'{{"verdict": "stop", "findings": [{finding}], "compared": [], "rules": []}}'
    return SheetReport(number, "", {}, text, {})


def test_of_stops_with_the_same_figure_the_earlier_row_comes_first() -> None:
    kept = html_rows.KeptRows(UnitTable({}), most_stops=2)
    for number in (2, 3, 4):
        kept.add(stop_row(number, "10"))
    assert [report.row for report in kept.stops] == [2, 3]


def test_a_preparation_that_holds_another_dose_shows_both_on_its_ruler(
    page: Callable[..., str],
) -> None:
    made = page((EXAMPLES / "preparations.csv").read_text(encoding="utf-8"))
    text = Parsed(made).text
    assert "this order 50 mg the cells make 500 mg" in text
    assert "strength of the product magnesium sulfate 50 % 500 mg/mL 50 mg/mL (differs)" in text


def test_a_mixture_is_drawn_under_the_drug_whose_limit_it_reaches(page: Callable[..., str]) -> None:
    made = page((EXAMPLES / "preparations.csv").read_text(encoding="utf-8"))
    text = Parsed(made).text
    assert re.search(r"Highest fentanyl 2 0 0 2 0 6 magnesium sulfate 2 2 0 0 0 0\.5 morphine", text)


def test_the_table_has_the_numbers_of_the_drawing(page: Callable[..., str]) -> None:
    text = Parsed(page(ALL)).text
    assert "Drug Rows up to the limit up to 2 times up to 10 times above 10 times Highest" in text
    assert "magnesium sulfate 1 0 0 1 0 5 morphine 2 1 1 0 0 about 1.333" in text
    assert "2 rows without a place here: compared with no limit." in text


def test_a_sheet_without_any_dose_to_draw_says_so(page: Callable[..., str]) -> None:
    made = page(HEADER + UNKNOWN)
    assert "No dose was compared with an upper limit, so there is nothing to draw." in Parsed(made).text
    assert drawings(made) == []


def test_remarks_on_the_file_and_its_decimal_sign_are_shown(page: Callable[..., str]) -> None:
    made = page(HEADER + WITHIN, remarks=["worksheet 'May' was not read"], decimal_comma=True)
    text = Parsed(made).text
    assert "What of the file was not read worksheet 'May' was not read" in text
    assert "The comma is the decimal sign of this sheet, as declared." in text


@pytest.mark.parametrize("sheet", ["orders.csv", "preparations.csv"])
def test_the_page_runs_nothing_loads_nothing_and_links_to_two_registers_only(
    page: Callable[..., str], sheet: str
) -> None:
    parsed = Parsed(page((EXAMPLES / sheet).read_bytes()))
    names = {tag for tag, _ in parsed.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image"}
    attributes = {name for _, attributes in parsed.tags for name in attributes}
    assert not [name for name in attributes if name.startswith("on")]
    assert not attributes & {"style", "src", "srcset", "action", "xlink:href"}
    known = ("#", "https://doi.org/10.", "https://pubmed.ncbi.nlm.nih.gov/")
    assert [link for link in parsed.all("href") if not link.startswith(known)] == []
    assert "url(" not in parsed.style
    assert "@import" not in parsed.style


def test_only_the_style_sheet_of_the_page_may_apply(page: Callable[..., str]) -> None:
    parsed = Parsed(page(ALL))
    [policy] = [meta["content"] for meta in parsed.named("meta") if "http-equiv" in meta]
    digest = b64encode(sha256(parsed.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'none'; base-uri 'none'; "
        "form-action 'none'"
    )


@pytest.mark.parametrize("sheet", ["orders.csv", "preparations.csv"])
def test_the_page_has_a_structure_that_a_screen_reader_can_follow(
    page: Callable[..., str], sheet: str
) -> None:
    made = page((EXAMPLES / sheet).read_bytes())
    parsed = Parsed(made)
    assert parsed.named("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), "a level of headings is left out"
    ids = parsed.all("id")
    assert len(ids) == len(set(ids))
    named = [one for names in parsed.all("aria-labelledby") for one in names.split()]
    assert set(named) <= set(ids)
    assert {link[1:] for link in parsed.all("href") if link.startswith("#")} <= set(ids)
    assert all(cell.get("scope") in {"col", "row"} for cell in parsed.named("th"))
    assert len(parsed.named("main")) == 1
    assert all(area.get("tabindex") == "0" for area in parsed.named("div") if area.get("role") == "region")


@pytest.mark.parametrize("sheet", ["orders.csv", "preparations.csv"])
def test_every_drawing_has_a_title_and_a_description(page: Callable[..., str], sheet: str) -> None:
    made = drawings(page((EXAMPLES / sheet).read_bytes()))
    assert len(made) > 2
    for drawing in made:
        assert drawing.get("role") == "img"
        title, described = drawing[0], drawing[1]
        assert (title.tag, described.tag) == (f"{SVG}title", f"{SVG}desc")
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
        assert len(described.text or "") > 40


def test_the_description_of_a_ruler_says_what_it_shows(page: Callable[..., str]) -> None:
    [ruler] = [d for d in drawings(page(HEADER + TOXIC)) if d.get("class") == "ruler"]
    assert (ruler[1].text or "").replace("\u00a0", " ") == (
        "This order: 500 mg, at toxic level; usual range 50 mg to 100 mg; hard limit 100 mg; toxic level 500 "
        "mg; possible slip, tenfold: from 50 mg; possible slip, ampoule strength: from 80 mg. Log scale."
    )


def luminance(color: str) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def color_schemes() -> dict[str, dict[str, str]]:
    style = (files("itdose.render.sheets") / "templates" / "report.css").read_text(encoding="utf-8")
    blocks = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    light, dark, printed = (block for block in blocks if block)
    return {"light": light, "dark": dark, "print": printed}


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_every_text_can_be_told_from_its_ground(scheme: str, ground: str) -> None:
    colors = color_schemes()[scheme]
    for ink in ("ink", "soft", "link", "stop", "cannot", "review", "within"):
        assert contrast(colors[ink], colors[ground]) >= 4.5, ink
    assert contrast(colors["strong-line"], colors[ground]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("zone", ["usual", "between", "beyond", "toxic"])
def test_every_mark_of_a_ruler_can_be_told_from_its_zone(scheme: str, zone: str) -> None:
    colors = color_schemes()[scheme]
    assert contrast(colors["ink"], colors[zone]) >= 4.5


def test_verdicts_are_told_by_symbol_word_and_line_not_by_color_alone(page: Callable[..., str]) -> None:
    parsed = Parsed(page(ALL))
    symbols = "■◇△●"
    assert all(symbol in parsed.text for symbol in symbols)
    lines = dict(
        re.findall(r"\.tile\.v-(\w+) \{ border-top-color: [^;]+; border-top-style: (\w+); \}", parsed.style)
    )
    assert lines == {
        "stop": "solid",
        "cannot_check": "dashed",
        "needs_review": "dotted",
        "within_limits": "double",
    }


HOSTILE = {
    "markup": ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "attribute": ('" onload="alert(1)', "&#34; onload=&#34;alert(1)"),
    "template": ("{{ 7 * 7 }}{% include 'x' %}", "{{ 7 * 7 }}{% include &#39;x&#39; %}"),
    "terminal": ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
    "direction": ("\u202e50 mg\u2066", r"\u202e50"),
    "control": ("a\x01b", r"a\x01b"),
    "separator": ("a\u2028b\x85c", r"a\u2028b\x85c"),
    "comment": ("--><!-- ]]></style></title>", "--&gt;&lt;!-- ]]&gt;&lt;/style&gt;&lt;/title&gt;"),
    "long": ("x" * 40_000, "(40000 characters)"),
}


@pytest.mark.parametrize("column", ["row_id", "drug", "dose", "route", "ward"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_escaped_and_spelled_out_in_every_cell(
    page: Callable[..., str], kind: str, column: str
) -> None:
    text, spelled = HOSTILE[kind]
    cells = {"row_id": "s1", "drug": "vincristine", "dose": "2 mg", "route": "intrathecal", "ward": "x"}
    cells[column] = f'"{text.replace(chr(34), chr(34) * 2)}"'
    made = page(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert "<script" not in made
    assert not [
        letter for letter in made if letter != "\n" and not letter.isprintable() and letter != "\u00a0"
    ]
    assert " onload=" not in re.sub(r"&#34; onload=&#34;", "", made)
    assert made.count("</style>") == made.count("</title>") - len(drawings(made)) == 1
    assert "49{%" not in made
    if column in {"row_id", "ward"}:
        assert spelled in made
    assert len(made) < 60_000


def test_a_hostile_header_and_name_of_a_sheet_are_escaped(page: Callable[..., str]) -> None:
    made = page(
        "row_id,drug,dose,route,<b>\x1b[1m\ns2,vincristine,2 mg,intrathecal,x\n",
        sheet="a/<img src=x>\u202e.csv",
    )
    assert "&lt;b&gt;\\x1b[1m" in made
    assert "&lt;img src=x&gt;\\u202e.csv" in made
    assert "<img" not in made


def test_an_address_that_is_no_doi_or_pubmed_number_is_text() -> None:
    from itdose.render.sheets.html_article import _found_at  # noqa: PLC0415

    nothing = {"doi": None, "pmid": None, "url": None}
    assert _found_at(nothing | {"url": "http://example.org/a"}) == (None, "http://example.org/a")
    assert _found_at(nothing | {"pmid": "12452740"}) == (
        "https://pubmed.ncbi.nlm.nih.gov/12452740/",
        "PMID 12452740",
    )
    assert _found_at(nothing | {"doi": '10.1/a"b#<c>'}) == (
        "https://doi.org/10.1/a%22b%23%3Cc%3E",
        'doi:10.1/a"b#<c>',
    )
    assert _found_at(nothing) == (None, "no address known")


def test_templates_are_part_of_the_package() -> None:
    folder = files("itdose.render.sheets") / "templates"
    names = {item.name for item in folder.iterdir()}
    assert names == {"report.html", "article.html", "drawings.html", "words.html", "report.css"}


def test_memory_is_bounded_in_every_list(
    page: Callable[..., str], monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    monkeypatch.setattr(overview_counts, "_MOST_MARKS", 3)
    assert page(HEADER + WITHIN)
    kept = html_rows.KeptRows(formulary.units, most_stops=2)
    path = EXAMPLES / "orders.csv"
    for _ in range(3):
        for row in sheet_reports(read_sheet(str(path)), formulary):
            kept.add(row)
    assert kept.rows == 24
    assert len(kept.stops) == 2
    assert not kept.overview.each_row
    assert sum(len(drug.marks) for drug in kept.overview.drugs) == 0
    assert kept.overview.rows == 15


def test_every_row_is_counted_once_whether_it_is_shown_or_not(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    monkeypatch.setattr(html_rows, "MOST_LISTED", 2)
    kept = html_rows.KeptRows(formulary.units, most_stops=1)
    for row in sheet_reports(read_sheet(str(EXAMPLES / "orders.csv")), formulary):
        kept.add(row)
    assert dict(kept.counts) == {"within_limits": 4, "stop": 2, "cannot_check": 2}
    assert [
        kept.hidden(verdict) for verdict in ("within_limits", "stop", "cannot_check", "needs_review")
    ] == [
        2,
        1,
        0,
        0,
    ]


def test_a_row_of_very_many_cells_says_how_many_are_left_out(page: Callable[..., str]) -> None:
    names = ",".join(f"note{place}" for place in range(150))
    made = page(f"row_id,drug,dose,route,{names}\ns2,vincristine,2 mg,intrathecal,{','.join(['x'] * 150)}\n")
    text = Parsed(made).text
    assert "note95 x and more 54 cells, which the JSON report has" in text
    assert "note96" not in text


def test_a_row_of_a_workbook_names_its_worksheet() -> None:
    assert place_of(SheetReport(5, "", {}, "{}", {}, "May")) == "row 5, worksheet May"
    assert place_of(SheetReport(5, "", {}, "{}", {})) == "row 5"


def test_the_widest_sheet_has_bars_and_says_how_to_read_them(page: Callable[..., str]) -> None:
    made = page(HEADER + 12 * WITHIN + TOXIC)
    assert "Stop is striped, within limits is filled" in Parsed(made).text
    wide = drawings(made)[0]
    assert len(wide.findall(f"{SVG}rect[@class='m-within_limits']")) == 1
    assert "Stop is striped" not in Parsed(page(ALL)).text


def test_a_missing_library_is_an_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    sheet = Sheet("x.csv", iter(()))
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(OutputError, match=r"pip install 'itdose\[report\]'"):
        batch_html.HtmlReport(io.BytesIO(), facts(formulary, sheet))
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(OutputError, match=r"pip install 'itdose\[pdf\]'"):
        batch_pdf.PdfReport(io.BytesIO(), facts(formulary, sheet))


def test_a_missing_pango_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, formulary: Formulary
) -> None:
    def without_pango(_: str) -> None:
        raise OSError("cannot load library 'libpango'\nmore")

    monkeypatch.setattr(batch_pdf, "import_module", without_pango)
    with pytest.raises(
        OutputError, match=r"cannot load library 'libpango'\); install Pango, or write an \.html"
    ):
        batch_pdf.PdfReport(io.BytesIO(), facts(formulary, Sheet("x.csv", iter(()))))


def test_a_pdf_is_tagged_and_names_its_standard(formulary: Formulary) -> None:
    pytest.importorskip("weasyprint", reason="the extra 'pdf' is not installed")
    sheet = read_sheet(str(EXAMPLES / "orders.csv"))
    file = io.BytesIO()
    report = writer("pdf", file, facts(formulary, sheet))
    for row in sheet_reports(sheet, formulary):
        report.add(row)
    report.finish()
    made = file.getvalue()
    assert made.startswith(b"%PDF-")
    streams = re.findall(rb"FlateDecode.*?stream\n(.*?)\nendstream", made, re.DOTALL)
    content = made + b"".join(zlib.decompress(stream) for stream in streams)
    assert b'pdfuaid:part="1"' in content
    assert b"/StructTreeRoot" in content
    assert b"/Lang (en)" in content


def test_a_pdf_loads_nothing_that_a_text_may_name() -> None:
    with pytest.raises(ValueError, match="loads nothing"):
        batch_pdf._nothing("file:///etc/hostname")


def test_a_page_and_a_pdf_are_not_for_a_terminal() -> None:
    assert not FORMATS["html"].is_text
    assert not FORMATS["pdf"].is_text


@pytest.mark.parametrize("name", ["report.html", "report.htm"])
def test_the_command_writes_a_page_by_the_name_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, formulary: Formulary, name: str
) -> None:
    monkeypatch.setattr(Formulary, "load", lambda *_, **__: formulary)
    output = tmp_path / name
    try:
        with pytest.raises(SystemExit) as ended:
            main(["batch", str(EXAMPLES / "orders.csv"), "--output", str(output)])
    finally:
        gc.enable()
    assert ended.value.code == 3
    text = Parsed(output.read_text(encoding="utf-8")).text
    assert "orders.csv 8 rows: 6 checked, 2 not." in text
    assert [drawing.get("class") for drawing in drawings(output.read_text(encoding="utf-8"))] == [
        "overview wide",
        "overview narrow",
        "ruler",
    ]
