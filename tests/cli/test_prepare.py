"""``itdose prepare`` as a person types it: volumes, worksheet, and the second person's figure."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

GOLDENS = Path(__file__).parent / "goldens"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "prepare.md").read_text("utf-8")
MAGNESIUM = ("prepare", "magnesium", "50 mg", "--route", "it", "--product", "magnesium sulfate 50 %")
DILUTED = (*MAGNESIUM, "--final-volume", "5 mL")
PAGES = {
    "volumes": DILUTED,
    "worksheet": (*DILUTED, "--worksheet"),
    "products": ("prepare", "morphine", "0.2 mg", "--route", "it"),
    "stopped": ("prepare", "magnesium", "500 mg", "--route", "it"),
    "disagreement": (*MAGNESIUM, "--second", "1 mL"),
}
HOSTILE = {
    "tag": "<script>alert(1)</script>",
    "attribute": "\" onload='x'",
    "pipe": "a|b",
    "link": "[a](javascript:b)",
    "escape": "mag\x1b[31mnesium",
    "bidi": "mag\u202emuisen",
    "newline": "magnesium\nWITHIN LIMITS",
    "lone surrogate": "mag\udc80nesium",
    "nul": "mag\x00nesium",
    "empty": "",
}


class Tags(HTMLParser):
    """Collects tags, attributes and text, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def flat(text: str) -> str:
    return " ".join(text.split())


def rows(markdown: str) -> dict[str, str]:
    lines = re.findall(r"^\| (.+?) \| (.*?) ?\|$", markdown, re.MULTILINE)
    return {name: figure for name, figure in lines if name not in {"what", "---"}}


@pytest.mark.parametrize(
    ("order", "exit_code", "word"),
    [
        (DILUTED, 0, "WITHIN LIMITS"),
        ((*MAGNESIUM, "--final-volume", "10 mL"), 1, "NEEDS REVIEW"),
        (("prepare", "magnesium", "500 mg", "--route", "it"), 3, "STOP"),
        (("prepare", "magnesium", "50", "--route", "it"), 4, "CANNOT CHECK"),
    ],
)
def test_the_verdict_stands_first_and_gives_the_exit_code(
    run: Run, order: tuple[str, ...], exit_code: int, word: str
) -> None:
    done = run(*order)
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert done.stdout.startswith(f"{word}  magnesium sulfate")


def test_the_page_gives_what_to_draw_and_to_add(run: Run) -> None:
    done = run(*MAGNESIUM, "--final-volume", "10 mL", "--format", "markdown")
    figures = rows(done.stdout)
    assert figures["Strength on the label"] == "500 mg/mL"
    assert figures["Volume to draw"] == "0.1 mL"
    assert figures["Dose in what is drawn"] == "50 mg"
    assert figures["Diluent to add"] == "9.9 mL"
    assert figures["Final volume"] == "10 mL"
    assert figures["Final concentration"] == "5 mg/mL"
    assert figures["To measure it"] == "0.1 mL can be measured with a 0.5 mL syringe, marked every 0.01 mL"
    assert figures["Trap: 10 times the volume"] == (
        "1 mL holds 500 mg, which is at or above the toxic level, 500 mg"
    )


def test_a_trap_is_compared_in_the_kind_of_unit_that_the_limit_has(run: Run) -> None:
    # 0.3 mg/kg for 70 kg is 21 mg, 2.1 mL of 10 mg/mL; ten times that is 210 mg, 3 mg/kg.
    order = ("prepare", "ketamine", "0.3 mg/kg", "--route", "iv", "--weight", "70 kg")
    done = run(*order, "--indication", "analgesia", "--product", "ketamine 10 mg/mL", "--format", "markdown")
    said = "21 mL holds 210 mg (3 mg/kg), which is above the upper hard limit, 1 mg/kg"
    assert rows(done.stdout)["Trap: 10 times the volume"] == said
    assert rows(done.stdout)["Trap: one whole 20 mL vial"].startswith(
        "20 mL holds 200 mg (about 2.857 mg/kg)"
    )


def test_a_trap_that_reaches_no_limit_says_what_that_rests_on(run: Run) -> None:
    order = ("prepare", "bupivacaine", "10 mg", "--route", "it", "--format", "markdown")
    done = run(*order, "--product", "bupivacaine 0.75 % in dextrose (spinal)")
    assert rows(done.stdout)["Trap: one whole 2 mL ampoule"] == (
        "2 mL holds 15 mg, which reaches no hard limit and no toxic level that was compared"
    )


def test_what_needs_a_look_is_said_once_and_beside_the_product_that_needs_it(run: Run) -> None:
    order = ("prepare", "gentamicin", "5 mg", "--route", "it", "--format", "markdown")
    said = run(*order).stdout
    why = "whether gentamicin intrathecal 5 mg/mL holds a preservative was not found"
    assert f"\n- needs review: {why}" in said.partition("## gentamicin intrathecal 5 mg/mL")[2]
    named = run(*order, "--product", "gentamicin intrathecal 5 mg/mL").stdout
    assert (said.count(why), named.count(why)) == (1, 1)


def test_every_reason_for_a_look_at_the_order_is_listed(run: Run) -> None:
    order = ("prepare", "lipid emulsion", "100 mL", "--route", "iv", "--weight", "70 kg")
    done = run(*order, "--format", "markdown")
    first, _, listed = done.stdout.partition("## To be looked at")
    assert done.returncode == 1
    assert "the indication is not stated, and the rules disagree" in first
    assert "- rule for loading dose" in listed


def test_a_product_without_a_label_or_a_size_is_named(run: Run) -> None:
    done = run("prepare", "bupivacaine", "10 mg", "--route", "it", "--format", "markdown")
    _, _, left_out = done.stdout.partition(
        "## Not labelled for the intrathecal route; name one with --product"
    )
    assert "- bupivacaine 0.5 %\n" in left_out
    assert "| Containers | the formulary has no size of this product |" in done.stdout
    order = ("prepare", "bupivacaine", "10 mg", "--route", "it", "--worksheet", "--format", "markdown")
    assert "Containers" not in rows(run(*order, "--product", "bupivacaine 0.5 % isobaric (spinal)").stdout)


def test_the_worksheet_names_what_is_not_to_be_used_and_has_a_table_for_each_other_product(run: Run) -> None:
    done = run("prepare", "morphine", "0.2 mg", "--route", "it", "--worksheet", "--format", "markdown")
    assert "morphine 10 mg/mL preserved (UK ampoule); " in rows(done.stdout)["Not to be used"]
    assert done.stdout.count("| Volume to draw |  |") == done.stdout.count("| Strength in the formulary |")
    assert done.stdout.count("| Volume to draw |  |") > 1


def test_undiluted_nothing_is_said_of_a_diluent(run: Run) -> None:
    assert "Diluent to add" not in run(*MAGNESIUM).stdout
    assert "Diluent to add  " in run(*MAGNESIUM, "--final-volume", "0.1 mL", COLUMNS="110").stdout
    whole = rows(run(*MAGNESIUM, "--final-volume", "0.1 mL", "--format", "markdown").stdout)
    assert whole["Diluent to add"] == "none"


@pytest.mark.parametrize("worksheet", [(), ("--worksheet",)], ids=["volumes", "worksheet"])
@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_a_stopped_dose_has_no_table_in_any_format(
    run: Run, output_format: str, worksheet: tuple[str, ...]
) -> None:
    order = ("prepare", "magnesium", "500 mg", "--route", "it", "--product", "magnesium sulfate 50 %")
    done = run(*order, "--format", output_format, *worksheet, COLUMNS="110")
    assert done.returncode == 3
    assert "dose-at-toxic-level" in done.stdout
    assert "Volume to draw" not in done.stdout
    assert "mL" not in done.stdout


def test_a_forbidden_product_is_refused_with_its_reason(run: Run) -> None:
    done = run("prepare", "gentamicin", "5 mg", "--route", "it", "--product", "gentamicin 40 mg/mL")
    said = flat(done.stdout)
    assert done.returncode == 3
    assert "gentamicin 40 mg/mL must never be given by the intrathecal route" in said
    assert "this one holds preservatives or a sulfite" in said
    assert "Volume to draw" not in said


def test_among_all_products_a_forbidden_one_is_listed_without_a_volume(run: Run) -> None:
    done = run("prepare", "morphine", "0.2 mg", "--route", "it", "--format", "markdown")
    _, _, forbidden = done.stdout.partition("## Not to be used")
    assert done.returncode == 1
    assert "morphine 10 mg/mL preserved (UK ampoule) must never be given" in forbidden
    assert " mL" not in forbidden.partition("\n## ")[0]
    assert "\n## morphine 1 mg/mL preservative-free\n" in done.stdout


def test_a_final_volume_that_is_too_small_is_a_stop(run: Run) -> None:
    order = ("prepare", "magnesium", "50 mg", "--route", "it", "--final-volume", "2 mL")
    done = run(*order, "--product", "magnesium sulfate 1 % in dextrose")
    assert done.returncode == 3
    assert "5 mL drawn is more than the final volume, 2 mL" in flat(done.stdout)
    assert "Volume to draw" not in done.stdout


def test_an_agreeing_second_figure_keeps_the_verdict(run: Run) -> None:
    done = run(*DILUTED, "--second", "0.1 mL")
    assert done.returncode == 0
    assert "0.1 mL, agrees with the one worked out here, 0.1 mL." in flat(done.stdout)
    assert run(*MAGNESIUM, "--final-volume", "10 mL", "--second", "0.1 mL").returncode == 1


def test_a_second_figure_ten_times_off_is_a_stop_that_names_the_slip(run: Run) -> None:
    done = run(*DILUTED, "--second", "1 mL")
    said = flat(done.stdout)
    assert done.returncode == 3
    assert said.startswith("STOP")
    assert "1 mL by the second person, 0.1 mL worked out here" in said
    assert "1 mL is 10 times 0.1 mL, as a tenfold slip makes it" in said
    assert "Volume to draw" not in said


@pytest.mark.parametrize(("text", "advice"), [("0.1", "add the unit"), ("0,1 mL", "write '0.1 mL'")])
def test_a_second_figure_that_is_not_read_says_how_to_write_it(run: Run, text: str, advice: str) -> None:
    done = run(*DILUTED, "--second", text, COLUMNS="110")
    assert (done.returncode, done.stderr) == (4, "")
    assert advice in flat(done.stdout)
    # The second person shall not read the figure before having one.
    assert "Volume to draw" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prepare", "magnesium", "50 mg", "--route", "it", "--second", "1 mL"), "--second needs --product"),
        ((*MAGNESIUM, "--second", "1 mL", "--worksheet"), "use one"),
        (("prepare", "magnesium", "50 mg"), "--route"),
        ((*MAGNESIUM, "--format", "pdf"), "--format"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
@pytest.mark.parametrize("final_volume", ["5 mL", "10 mL"])
def test_the_worksheet_hides_what_was_worked_out(run: Run, output_format: str, final_volume: str) -> None:
    order = (*MAGNESIUM, "--final-volume", final_volume, "--format", output_format)
    parser = Tags()
    parser.feed(run(*order, "--worksheet").stdout)
    said = flat(parser.text)
    # Drawn volume, diluent for either final volume, concentration for either, and both traps.
    for figure in ("0.1 mL", "4.9 mL", "9.9 mL", "10 mg/mL", "5 mg/mL", "1 mL", "500 mg,", "1 g"):
        assert re.search(rf"(?<![0-9.]){re.escape(figure)}", said) is None, figure
    assert "500 mg/mL" in said
    assert "50 mg" in said


def test_the_worksheet_hides_a_volume_that_needs_review(run: Run) -> None:
    # 0.02 mL is what the verdict speaks of, and the second person must not see it.
    order = ("prepare", "morphine", "0.2 mg", "--route", "it", "--product", "morphine 10 mg/mL for pumps")
    done = run(*order, "--worksheet", COLUMNS="110")
    assert done.returncode == 1
    assert "0.02 mL" in run(*order).stdout
    assert "0.02 mL" not in done.stdout
    assert "needs review; 'itdose prepare' without --worksheet says why" in flat(done.stdout)


def test_the_worksheet_has_the_order_the_assumptions_and_every_blank_cell(run: Run) -> None:
    said = run(*DILUTED, "--worksheet", "--format", "markdown").stdout
    figures = rows(said)
    blank = [name for name, figure in figures.items() if not figure]
    assert blank == [
        "Strength on the container",
        "Volume to draw",
        "Diluent to add",
        "Final volume",
        "Final concentration",
        "Dose in what is drawn",
        "Computed by",
        "Checked by",
        "Date, time",
    ]
    assert figures["Order as written"] == "'magnesium 50 mg'"
    assert figures["Strength in the formulary"] == "500 mg/mL"
    assert figures["Final volume ordered"] == "5 mL"
    assert "- adult: no age given" in said
    assert "each without the other's result" in said
    assert "ismp\\_idc2003" in said or "ismp_idc2003" in said
    assert re.search(r"formulary \S+ \(sha256:[0-9a-f]{64}\)", said)


def test_the_blank_cells_of_the_text_have_room_to_write(run: Run) -> None:
    said = run(*DILUTED, "--worksheet", COLUMNS="60").stdout
    assert len(re.findall(r"_{20,}$", said, re.MULTILINE)) == 9


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_html_is_one_file_without_script_that_loads_nothing(run: Run, page: tuple[str, ...]) -> None:
    html = run(*page, "--format", "html").stdout
    parser = Tags()
    parser.feed(html)
    assert html.isascii()
    assert html.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "img", "iframe", "form", "a"} & set(parser.tags)
    assert not {"src", "href", "style", "onload"} & set(parser.attributes)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "url(" not in html


def test_the_style_of_the_html_is_the_one_that_its_policy_allows(run: Run) -> None:
    html = run(*DILUTED, "--format", "html").stdout
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html


def test_the_html_says_the_verdict_in_words_and_never_parts_a_number_from_its_unit(run: Run) -> None:
    html = run(*DILUTED, "--format", "html").stdout
    assert '<p class="verdict">WITHIN LIMITS</p>' in html
    assert '<tr><th scope="row">Volume to draw</th><td>0.1&#160;mL</td></tr>' in html


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "arguments",
    [
        ("prepare", "{}", "50 mg", "--route", "it"),
        ("prepare", "magnesium", "{}", "--route", "it"),
        ("prepare", "magnesium", "50 mg", "--route", "{}"),
        ("prepare", "magnesium", "50 mg", "--route", "it", "--product", "{}"),
        ("prepare", "magnesium", "50 mg", "--route", "it", "--mode", "{}"),
        ("prepare", "magnesium", "50 mg", "--route", "it", "--condition", "{}"),
        ("prepare", "magnesium", "50 mg", "--route", "it", "--final-volume", "{}"),
        (*MAGNESIUM, "--second", "{}"),
        (*MAGNESIUM, "--weight", "{}", "--worksheet"),
    ],
    ids=lambda arguments: arguments[-2] if arguments[-1] == "{}" else " ".join(arguments[1:3]),
)
@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_hostile_text_anywhere_stays_text(
    run: Run, output_format: str, arguments: tuple[str, ...], text: str
) -> None:
    done = run(*(part.replace("{}", text) for part in arguments), "--format", output_format)
    assert (done.returncode, done.stderr) == (4, "")
    assert [c for c in done.stdout if c != "\n" and not c.isprintable()] == []
    assert not any(line.startswith("WITHIN LIMITS") for line in done.stdout.splitlines())
    if output_format == "html":
        assert "<script" not in done.stdout
        assert " onload='" not in done.stdout
    if output_format == "markdown":
        assert re.search(r"(?<!\\)<script|(?<!\\)\[a(?<!\\)\]", done.stdout) is None
        assert "a|b" not in done.stdout


def test_a_hostile_name_reaches_the_reader_of_the_html_as_it_was_written(run: Run) -> None:
    done = run("prepare", HOSTILE["tag"], "50 mg", "--route", "it", "--format", "html")
    parser = Tags()
    parser.feed(done.stdout)
    assert HOSTILE["tag"] in parser.text
    assert "script" not in parser.tags


@pytest.mark.parametrize("width", ["60", "120"])
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_no_line_is_wider_than_the_terminal(run: Run, page: tuple[str, ...], width: str) -> None:
    lines = run(*page, COLUMNS=width).stdout.splitlines()
    # An address or a digest is never broken.
    assert [line for line in lines if len(line) > int(width) and len(line.split()) > 1] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_no_word_is_lost_at_any_width(run: Run, page: tuple[str, ...]) -> None:
    texts = [sorted(run(*page, COLUMNS=width).stdout.split()) for width in ("40", "60", "120")]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize("width", ["60", "120"])
@pytest.mark.parametrize("name", ["volumes", "worksheet"])
def test_a_page_stands_as_it_was_agreed(run: Run, name: str, width: str) -> None:
    page, _, _ = run(*PAGES[name], COLUMNS=width).stdout.rpartition("\nitdose ")
    expected = (GOLDENS / f"prepare_{name}_{width}.txt").read_text(encoding="utf-8")
    assert len(page.splitlines()) < 100
    assert page == expected


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_no_page_calls_anything_safe(run: Run, page: tuple[str, ...], output_format: str) -> None:
    parser = Tags()
    parser.feed(run(*page, "--format", output_format).stdout)
    assert re.search(r"\b(?:safe|pass(?:ed)?)\b", parser.text, re.IGNORECASE) is None


def test_the_example_of_the_document_is_what_the_command_prints(run: Run) -> None:
    [command, printed] = re.findall(r"```(?:sh|text)\n(.*?)```", DOCUMENT, re.DOTALL)[:2]
    [line] = command.splitlines()
    done = run(*shlex.split(line)[1:], COLUMNS="80")
    page, _, _ = done.stdout.rpartition("\nitdose ")
    assert done.returncode == 0
    assert page == printed


def test_every_option_is_in_the_document(run: Run) -> None:
    options = set(re.findall(r"(--[a-z-]+)", run("prepare", "--help").stdout)) - {"--help"}
    assert [option for option in sorted(options) if f"`{option}" not in DOCUMENT] == []
