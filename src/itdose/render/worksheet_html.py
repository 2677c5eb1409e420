"""A page of ``itdose prepare`` as one HTML file: no script, nothing loaded, for screen and paper."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from itdose.render.layout import bind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.render.worksheet import Page, Row, Section

_STYLE = """
:root { color-scheme: light dark; --ink: #111; --paper: #fff; --line: #767676; }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #161616; --line: #8f8f8f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; break-after: avoid; }
.verdict { display: inline-block; margin: 0; padding: .15rem .6rem; border: 2px solid; font-weight: bold; }
table { width: 100%; border-collapse: collapse; }
tr { break-inside: avoid; }
th, td { padding: .35rem .5rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { width: 16rem; font-weight: 600; }
td.blank { height: 2.2rem; }
ul { margin: .4rem 0; }
footer { margin-top: 1.5rem; font-size: .85rem; }
@media (max-width: 30rem) {
  th, td { display: block; width: 100%; }
  th { border-bottom: 0; padding-bottom: 0; }
  td { border-top: 0; margin-top: -1px; }
}
@page { margin: 15mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #555; font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  h2 { margin-top: 1rem; }
}
"""
# Only this very style sheet may apply: nothing that a text smuggles in is loaded, run or sent.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)


def as_html(page: Page) -> str:
    """Return the page in ASCII, so that every stream and every reader has the same letters."""
    html = "\n".join(_lines(page)) + "\n"
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _lines(page: Page) -> Iterator[str]:
    title = _plain(page.title)
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{f'{page.verdict}: ' if page.verdict else ''}{title}</title>"
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{title}</h1>"
    if page.verdict:
        yield f'<p class="verdict">{page.verdict}</p>'
    yield from (f"<p>{_plain(text)}</p>" for text in page.says)
    for section in page.sections:
        yield from _section(section)
    yield f"</main>\n<footer>{_plain(page.foot)}</footer>\n</body>\n</html>"


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{_plain(section.heading)}</h2>"
    if section.rows:
        yield from ("<table>", *(_row(row) for row in section.rows), "</table>")
    if section.items:
        yield from ("<ul>", *(f"<li>{_plain(item)}</li>" for item in section.items), "</ul>")


def _row(row: Row) -> str:
    name, figure = row
    cell = '<td class="blank"></td>' if figure is None else f"<td>{_plain(figure)}</td>"
    return f'<tr><th scope="row">{_plain(name)}</th>{cell}</tr>'


def _plain(text: str) -> str:
    """Return a text without markup, in which no number is parted from its unit."""
    return escape(bind(text))
