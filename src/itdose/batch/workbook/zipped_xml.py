"""Open a workbook, which is a zip file of XML parts, and refuse what is built to exhaust the machine."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from itdose.errors import SheetError, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

_MOST_PARTS = 10_000
_LARGEST_WHOLE = 1 << 30
_LARGEST_IN_MEMORY = 256 << 20
_LARGEST_TREE = 16 << 20
_SMALL_WHOLE = 10 << 20
"""Below this a file is read, however well it was compressed."""
_HIGHEST_RATIO = 200
"""Sheets are compressed to a tenth or a thirtieth; a bomb to a thousandth."""
_PIECE = 1 << 16
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGE = (
    SyntaxError, ValueError, LookupError, ArithmeticError, EOFError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What zipfile, the XML parser and the readers raise for a damaged file."""
_INSTALL = "needs a library that is not installed; pip install 'itdose[xlsx]'"


class Target(Protocol):
    """Takes the events of an XML parser, and gives what it has made of them so far."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""

    def end(self, tag: str) -> None:
        """Take the end of an element."""

    def data(self, text: str) -> None:
        """Take text within an element."""

    def taken(self) -> Iterator[Any]:
        """Yield what is complete, and forget it."""


class Archive:
    """The parts of a workbook by their names, whatever the case of their letters."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        infos = file.infolist()
        self._parts = {info.filename.lower(): info for info in infos}
        if len(self._parts) < len(infos):
            raise ValueError("two of its parts have the same name")

    def has(self, name: str) -> bool:
        """Return whether there is such a part."""
        return name.lower() in self._parts

    def check_size(self, name: str, largest: int = _LARGEST_IN_MEMORY) -> None:
        """Refuse a part that would not fit into memory."""
        if self.has(name) and self._parts[name.lower()].file_size > largest:
            raise ValueError(f"its part {name} has more than {largest >> 20} MB")

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece."""
        if not self.has(name):
            raise ValueError(f"it has no part {name}")
        with self._file.open(self._parts[name.lower()]) as part:
            yield from iter(partial(part.read, _PIECE), b"")

    def small(self, name: str) -> bytes:
        """Return a small part as it stands."""
        self.check_size(name, _LARGEST_TREE)
        return b"".join(self.pieces(name))

    def tree(self, name: str) -> Element:
        """Return a small part as a tree."""
        from defusedxml.ElementTree import fromstring  # noqa: PLC0415 - an extra

        tree: Element = fromstring(self.small(name), forbid_dtd=True)
        return tree

    def parsed(self, name: str, target: Target) -> Iterator[Any]:
        """Yield what a target makes of a part, while the part is read."""
        from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415 - an extra

        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        for piece in self.pieces(name):
            parser.feed(piece)
            yield from target.taken()
        parser.close()
        yield from target.taken()


@contextmanager
def opened(sheet: str, suffix: str) -> Iterator[Archive]:
    """Open a workbook; raise SheetError for what is none, is damaged, or is too large to be one."""
    with mended(sheet, suffix):
        _check_start(sheet, suffix)
        # Opened apart, so that it is closed however many of its parts are still being read.
        with Path(sheet).open("rb") as packed, zipfile.ZipFile(packed) as file:
            _check_sizes(sheet, file.infolist(), suffix)
            yield Archive(file)


@contextmanager
def mended(sheet: str, suffix: str) -> Iterator[None]:
    """Say of whatever goes wrong within that the file is damaged, and how to mend it."""
    try:
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SheetError(f"{sheet}: {suffix} {_INSTALL}") from error
    try:
        yield
    except OSError as error:
        raise SheetError(f"{sheet}: it can't be read: {error.strerror or error}") from error
    except DefusedXmlException as error:
        raise SheetError(
            f"{sheet}: it declares XML entities or a document type, as no spreadsheet program does; save "
            f"it anew as {suffix}"
        ) from error
    except _DAMAGE as error:
        raise SheetError(_damaged(sheet, suffix, error)) from error


def _damaged(sheet: str, suffix: str, error: Exception) -> str:
    return (
        f"{sheet}: it is damaged or no {suffix} file ({visible(str(error))}); open it in a spreadsheet "
        f"program and save it anew as {suffix}"
    )


def _check_start(sheet: str, suffix: str) -> None:
    with Path(sheet).open("rb") as file:
        start = file.read(len(_OLD_OR_LOCKED))
    if start == _OLD_OR_LOCKED:
        raise SheetError(
            f"{sheet}: it is an old .xls file or locked with a password; take the password off and save it "
            f"as {suffix}"
        )
    if not start:
        raise SheetError(f"{sheet}: it is empty; save it anew as {suffix}")
    if not start.startswith(b"PK"):
        raise SheetError(
            f"{sheet}: it is no {suffix} file, whatever its name says; open it in a spreadsheet program and "
            f"save it as {suffix}"
        )


def _check_sizes(sheet: str, infos: list[zipfile.ZipInfo], suffix: str) -> None:
    whole = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    advice = f"copy the cells into a new workbook and save it as {suffix}, or as CSV UTF-8"
    if len(infos) > _MOST_PARTS:
        raise SheetError(f"{sheet}: it has {len(infos)} parts, and at most {_MOST_PARTS} are read; {advice}")
    if whole > _LARGEST_WHOLE:
        raise SheetError(
            f"{sheet}: unpacked it has {whole >> 20} MB, at most {_LARGEST_WHOLE >> 20} are read; {advice}"
        )
    if whole > _SMALL_WHOLE and whole > _HIGHEST_RATIO * packed:
        raise SheetError(
            f"{sheet}: unpacked it is {whole // max(packed, 1)} times as large, as no workbook of orders is; "
            f"{advice}"
        )
    if any(info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for info in infos):
        raise ValueError("its parts are compressed as in no workbook")
    if any(info.flag_bits & 1 for info in infos):
        raise SheetError(f"{sheet}: it is locked with a password; take it off and save it as {suffix}")
