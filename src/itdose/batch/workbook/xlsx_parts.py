"""What stands beside the rows of an XLSX worksheet: the shared texts, and the merged cells."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from itdose.batch.workbook.cell_places import place_of
from itdose.batch.workbook.cell_texts import LARGEST_CELL
from itdose.batch.workbook.merged_cells import MOST_MERGES, Area, MergedCells
from itdose.batch.workbook.xlsx_cells import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from itdose.batch.workbook.zipped_xml import Archive

_MERGE = b"mergeCell"
_UTF_8 = re.compile(rb"(?:\xef\xbb\xbf)?<(?:[a-z]|\?xml[^>]{0,50}encoding=.utf-8)", re.IGNORECASE)
"""How XML begins that is surely UTF-8, in which a word is found by its bytes."""


class StringsTarget:
    """Takes the shared texts of a workbook."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._is_text = self._is_reading_aid = False

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        """Take the start of an element."""
        name = tag[tag.rfind("}") + 1 :]
        if name == "si":
            self._pieces, self._length = [], 0
        elif name == "rPh":
            self._is_reading_aid = True
        self._is_text = name == "t" and not self._is_reading_aid

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        name = tag[tag.rfind("}") + 1 :]
        self._is_text = False
        if name == "si":
            self._texts.append(unescaped("".join(self._pieces)))
        elif name == "rPh":
            self._is_reading_aid = False

    def data(self, text: str) -> None:
        """Take text within an element."""
        if not self._is_text:
            return
        self._length += len(text)
        if self._length > LARGEST_CELL:
            raise ValueError(f"a text has more than {LARGEST_CELL} characters")
        self._pieces.append(text)

    def taken(self) -> Iterator[str]:
        """Yield the texts that are complete, and forget them."""
        texts, self._texts = self._texts, []
        return iter(texts)


class _MergesTarget:
    """Takes the merged cells of a worksheet, which stand behind its rows."""

    def __init__(self) -> None:
        self.areas: list[Area] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag[tag.rfind("}") + 1 :] != "mergeCell":
            return
        first, _, last = attributes["ref"].partition(":")
        (first_row, first_place), (last_row, last_place) = place_of(first), place_of(last or first)
        self.areas.append(Area(first_row, last_row, first_place, last_place))
        if len(self.areas) > MOST_MERGES:
            raise ValueError(f"a worksheet has more than {MOST_MERGES} merged cells")

    def end(self, _: str) -> None: ...

    def data(self, _: str) -> None: ...

    def taken(self) -> Iterator[None]:
        return iter(())


def merged_cells(archive: Archive, part: str) -> MergedCells:
    """Return the merged cells of a worksheet.

    They stand behind the rows, so that a sheet that has some is read twice.
    """
    if not _may_merge(archive.pieces(part)):
        return MergedCells([])
    target = _MergesTarget()
    deque(archive.parsed(part, target), maxlen=0)
    return MergedCells(target.areas)


def _may_merge(pieces: Iterator[bytes]) -> bool:
    """Return whether the word for a merged cell occurs, or the encoding may hide it."""
    before = next(pieces, b"")
    if _UTF_8.match(before) is None or _MERGE in before:
        return True
    for piece in pieces:
        if _MERGE in before[-len(_MERGE) :] + piece:
            return True
        before = piece
    return False
