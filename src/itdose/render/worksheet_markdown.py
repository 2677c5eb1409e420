"""A page of ``itdose prepare`` as Markdown with pipe tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.render.worksheet import Page, Section

# What would end a cell, begin a link, a tag or an entity, or change the letters.
_SPECIAL = re.compile(r"([\\`*|<>\[\]&~#])")


def as_markdown(page: Page) -> str:
    """Return the page; a blank cell stays empty."""
    blocks = [f"# {_plain(page.title)}"]
    if page.verdict:
        blocks.append(f"**{page.verdict}**")
    blocks += [_plain(text) for text in page.says]
    for section in page.sections:
        blocks += _section(section)
    blocks.append(_plain(page.foot))
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {_plain(section.heading)}"
    if section.rows:
        rows = (f"| {_plain(name)} | {_plain(figure or '')} |" for name, figure in section.rows)
        yield "\n".join(("| what | figure |", "| --- | --- |", *rows))
    if section.items:
        yield "\n".join(f"- {_plain(item)}" for item in section.items)


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", text)
