"""A page of ``itdose prepare`` as plain text, for a terminal or a printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.render.layout import NARROWEST, WIDEST, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.render.worksheet import Page, Row

_BLANK = "_" * 24
_INDENT = "  "


def as_text(page: Page, *, width: int) -> str:
    """Return the page in lines of at most this width; a long word is kept whole."""
    width = max(min(width, WIDEST), NARROWEST)
    lines = wrap(f"{page.verdict}  {page.title}" if page.verdict else page.title, width, "", _INDENT)
    for text in page.says:
        lines += wrap(text, width, _INDENT)
    label = max((len(name) for section in page.sections for name, _ in section.rows), default=0)
    for section in page.sections:
        lines += ["", *wrap(section.heading, width)]
        for row in section.rows:
            lines += _row(row, label, width)
        for item in section.items:
            lines += wrap(f"- {item}", width, _INDENT, _INDENT * 2)
    lines += ["", *wrap(page.foot, width)]
    return "\n".join(lines) + "\n"


def _row(row: Row, label: int, width: int) -> Iterator[str]:
    """Yield the figure beside its name, or below it where half of the line would be left for it or less."""
    name, figure = row
    indent = len(_INDENT) * 2 + label
    if indent * 2 > width:
        yield from wrap(name, width, _INDENT)
        yield from wrap(figure or _BLANK, width, _INDENT * 2)
    else:
        yield from wrap(figure or _BLANK, width, f"{_INDENT}{name:<{label}}{_INDENT}", " " * indent)
    if figure is None:
        # Room to write by hand.
        yield ""
