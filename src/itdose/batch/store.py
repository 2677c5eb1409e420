"""The reports of the orders that were assessed, on disk, so that memory stays flat and a run can go on."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING

from itdose.errors import SheetError
from itdose.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from itdose.formulary import Formulary
    from itdose.order import Order

_RECENT = 2_000
"""Reports that are also kept in memory; orders of a ward repeat."""
_FASTEST = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS run (made_by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS report (digest BLOB PRIMARY KEY, packed BLOB NOT NULL) WITHOUT ROWID;
"""


def digest_of(order: Order) -> bytes:
    """Return what tells an order from every other one."""
    return blake2b(repr(order).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def made_by(formulary: Formulary) -> str:
    """Return what a report depends on beside its order."""
    layers = [(layer.site, layer.version, layer.digest) for layer in formulary.layers]
    return repr((__version__, formulary.digest, layers, formulary.as_of))


class ReportStore:
    """Reports as text by the digest of their order, in a private file or, to go on later, in a named one.

    A named file of another formulary, day or version, or one that is damaged,
    is emptied and never trusted.
    """

    def __init__(self, formulary: Formulary, path: Path | None = None) -> None:
        self._recent: dict[bytes, str] = {}
        self._path = path
        self._made_by = made_by(formulary)
        try:
            self._database = self._opened()
        except sqlite3.Error as error:
            where = path or "a temporary file"
            raise SheetError(f"{where}: the reports so far can't be kept there: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connected()
        except sqlite3.DatabaseError:
            if self._path is None:
                raise
            self._path.unlink(missing_ok=True)
            return self._connected()

    def _connected(self) -> sqlite3.Connection:
        # SQLite removes a file without a name by itself.
        database = sqlite3.connect(self._path or "")
        try:
            database.executescript(_TABLES)
            if database.execute("SELECT made_by FROM run").fetchall() != [(self._made_by,)]:
                database.execute("DELETE FROM run")
                database.execute("DELETE FROM report")
                database.execute("INSERT INTO run VALUES (?)", (self._made_by,))
                database.commit()
        except sqlite3.Error:
            database.close()
            raise
        return database

    def get(self, digest: bytes) -> str | None:
        """Return a report that was put here, or None."""
        found = self._recent.get(digest)
        if found is not None:
            return found
        row = self._database.execute("SELECT packed FROM report WHERE digest = ?", (digest,)).fetchone()
        text = _unpacked(row[0], digest) if row else None
        if text is not None:
            self._remember(digest, text)
        return text

    def put(self, digest: bytes, text: str) -> None:
        """Keep a report."""
        self._remember(digest, text)
        self._database.execute("INSERT OR REPLACE INTO report VALUES (?, ?)", (digest, _packed(text, digest)))

    def save(self) -> None:
        """Make what was put here last beyond the run."""
        self._database.commit()

    def close(self, *, is_whole: bool) -> None:
        """Close the file; remove a named one once the run is whole."""
        with suppress(sqlite3.Error):
            self._database.commit()
        self._database.close()
        if is_whole and self._path is not None:
            self._path.unlink(missing_ok=True)

    def _remember(self, digest: bytes, text: str) -> None:
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent[digest] = text


def _packed(text: str, digest: bytes) -> bytes:
    content = text.encode()
    return _checksum(content, digest) + zlib.compress(content, _FASTEST)


def _unpacked(packed: bytes, digest: bytes) -> str | None:
    """Return the text, or None where the file was damaged."""
    size = blake2b.MAX_DIGEST_SIZE
    try:
        content = zlib.decompress(packed[size:])
    except zlib.error:
        return None
    return content.decode() if _checksum(content, digest) == packed[:size] else None


def _checksum(content: bytes, digest: bytes) -> bytes:
    return blake2b(content, key=digest).digest()
