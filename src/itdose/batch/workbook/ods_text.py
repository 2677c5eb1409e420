"""The text that a cell of an ODS table shows: its paragraphs, with blanks as they are meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.batch.workbook.cell_places import whole
from itdose.batch.workbook.cell_texts import LARGEST_CELL

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_PARAGRAPH = f"{_TEXT}p"
_BLANKS = f"{_TEXT}s"
_NOT_SHOWN = f"{_TEXT}ruby-text"
_MARKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}


class Paragraphs:
    """Takes the elements and texts within one cell."""

    def __init__(self) -> None:
        self._lines: list[str] | None = None
        self._pieces: list[str] | None = None
        self._is_aside = False
        self._ends_blank = True
        self.length = 0
        """Of what was taken, in characters."""

    @property
    def shown(self) -> str | None:
        """What the cell shows; None where the file says nothing of it."""
        return "\n".join(self._lines) if self._lines is not None else None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        if tag == _PARAGRAPH:
            self._pieces, self._ends_blank = [], True
        elif tag == _NOT_SHOWN:
            self._is_aside = True
        elif tag == _BLANKS:
            self._add_literal(" " * min(whole(attributes.get(f"{_TEXT}c", "1")), LARGEST_CELL + 1))
        elif tag in _MARKS:
            self._add_literal(_MARKS[tag])

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == _NOT_SHOWN:
            self._is_aside = False
        elif tag == _PARAGRAPH and self._pieces is not None:
            self._lines = [*(self._lines or []), "".join(self._pieces)]
            self._pieces = None

    def data(self, text: str) -> None:
        """Take text; runs of blanks are one, as in HTML, and none begins a paragraph."""
        if self._pieces is None or self._is_aside:
            return
        run = re.sub(r"[ \t\r\n]+", " ", text)
        if self._ends_blank:
            run = run.removeprefix(" ")
        if run:
            self._pieces.append(run)
            self._ends_blank = run.endswith(" ")
        self.length += len(text)

    def _add_literal(self, text: str) -> None:
        if self._pieces is not None and not self._is_aside:
            self._pieces.append(text)
            self._ends_blank = False
            self.length += len(text)
