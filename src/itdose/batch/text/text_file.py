"""Open a text file in its encoding; never read a wrong character, nor a row without an end."""

from __future__ import annotations

import io
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from itdose.batch.text.text_encoding import LONGEST_MARK, encoding_of
from itdose.errors import SheetError, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from itdose.batch.options import SheetOptions

LONGEST_ROW = 10_000_000
"""Characters. A file without line ends must not fill the memory."""
_CHUNK = 1 << 20


class TextFile:
    """A text file that is read in its encoding, from its start to its end.

    Iterating gives its lines, each with its line end.
    """

    def __init__(self, sheet: str, file: IO[bytes], options: SheetOptions) -> None:
        self._sheet = sheet
        with self._named_problems():
            start = file.read(LONGEST_MARK)
        self._spelled, name, mark = encoding_of(sheet, start, options.encoding)
        self._name = name
        self._bytes = _CountedBytes(file, start, mark)
        # newline="" leaves line ends inside quoted cells to the csv module.
        self._text = io.TextIOWrapper(
            cast("IO[bytes]", self._bytes), encoding=name, errors="strict", newline=""
        )
        self.row_length = 0
        """Characters that ``lines`` gave since this was set to 0."""

    @property
    def may_hold_nul(self) -> bool:
        """Whether a NUL character may stand in what was read so far; it costs time to look for it."""
        return self._bytes.has_zero

    def __iter__(self) -> Iterator[str]:
        self.row_length = 0
        for line in self.lines():
            self.row_length = 0
            yield line

    def lines(self) -> Iterator[str]:
        """Yield the lines of rows that may have several; whoever ends a row sets ``row_length`` to 0."""
        readline, longest = self._text.readline, LONGEST_ROW
        with self._named_problems():
            while line := readline(longest + 1):
                self.row_length += len(line)
                if self.row_length > longest:
                    raise SheetError(
                        f"{self._sheet}: a row is longer than {longest} characters; "
                        "is a quote open, or is it no text file?"
                    )
                yield line

    def readline(self) -> str:
        """Return the next line, or an empty text at the end."""
        return next(self.lines(), "")

    def read(self, size: int = -1) -> str:
        """Return so many characters, or all that are left."""
        with self._named_problems():
            return self._text.read(size)

    @contextmanager
    def _named_problems(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from error
        except OSError as error:
            raise SheetError(f"{self._sheet}: it can't be read: {error.strerror or error}") from error

    def _undecodable(self, error: UnicodeDecodeError) -> SheetError:
        # The decoder holds back the start of a character that is cut off, so only its end is sure.
        before = self._bytes.count - len(error.object)
        place = f"byte {before + error.start}"
        if self._name == "utf-8":
            ahead = error.object[error.start :]
            line = 1 + self._bytes.line_ends - ahead.count(b"\n")
            place += f", line {line}"
        mend = "save it as CSV UTF-8, or say what it is, such as --encoding cp1252"
        return SheetError(f"{self._sheet}: it is not {self._spelled} text ({place}: {error.reason}); {mend}")


class _CountedBytes(io.BufferedIOBase):
    """The bytes of a file after its mark, counted as they are read."""

    def __init__(self, file: IO[bytes], start: bytes, mark: int) -> None:
        self._file = file
        self._start = start[mark:]
        self.count = mark
        self.line_ends = 0
        self.has_zero = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return all that is left; of a part only, whatever the file has ready."""
        if size is not None and size >= 0:
            return self.read1(size)
        return b"".join(iter(lambda: self.read1(_CHUNK), b""))

    def read1(self, size: int = -1, /) -> bytes:
        content = self._start or self._read(size)
        self._start = b""
        self.count += len(content)
        self.line_ends += content.count(b"\n")
        self.has_zero = self.has_zero or b"\0" in content
        return content

    def _read(self, size: int) -> bytes:
        if isinstance(self._file, io.BufferedReader):
            return self._file.read1(size)
        return self._file.read(size)


@contextmanager
def opened(sheet: str, options: SheetOptions) -> Iterator[TextFile]:
    """Open a text file for reading; raise SheetError for what is not there."""
    path = Path(sheet)
    try:
        # It is opened once for its header and once for its rows, and a pipe gives each byte once.
        if path.is_fifo() or path.is_char_device():
            raise SheetError(
                f"{sheet}: it is a pipe; give it on standard input: itdose batch - < {path.name}"
            )
        with path.open("rb") as file:
            yield TextFile(sheet, file, options)
    except OSError as error:
        raise SheetError(f"{sheet}: it can't be read: {error.strerror}") from error


def line_ends(sheet: str) -> int | None:
    """Return how many line ends a regular file has, so that progress can be shown; None for a pipe."""
    try:
        path = Path(sheet)
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb", buffering=0) as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b"")) or None
    except OSError:
        return None


def nul_fault(cells: Mapping[str, str]) -> str | None:
    """Return the fault of a row with a NUL character in a cell; no text that was typed has one."""
    for name, text in cells.items():
        if "\0" in text:
            return f"{visible(name)} holds a NUL character, so the file is damaged there; write the row again"
    return None
