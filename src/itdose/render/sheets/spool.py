"""Lines that must wait for what stands before them, kept on disk so that memory stays flat."""

from __future__ import annotations

import weakref
from tempfile import SpooledTemporaryFile
from typing import IO

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


class Spool:
    """Texts of ASCII in order, in a file without a name; a run that breaks leaves nothing."""

    def __init__(self) -> None:
        self.lines = 0
        file = SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+b")  # noqa: SIM115 - it outlives this call
        # A writer that is given up is never finished, and nobody else closes its files.
        weakref.finalize(self, file.close)
        self._file = file

    def add(self, text: str) -> None:
        """Keep one text."""
        self._file.write(text.encode("ascii"))
        self.lines += 1

    def copy_to(self, file: IO[bytes]) -> None:
        """Write all texts to a file."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            file.write(chunk)

    def copy_lines_to(self, file: IO[bytes], most: int, *, between: bytes) -> int:
        """Write the first texts, each kept as one line, and return how many."""
        self._file.seek(0)
        written = 0
        for line in self._file:
            if written == most:
                break
            file.write((between if written else b"") + line.rstrip(b"\n"))
            written += 1
        return written
