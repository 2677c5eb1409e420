"""The compiled formulary on disk, found by the digest of what it was compiled from.

A stale, corrupt or foreign file is rebuilt and never trusted; where nothing
can be written, every run compiles. JSON and not pickle: a cache that can run
code has no place beside a checker of doses. Drugs and sources are
parsed when they are asked for, because a check needs a few of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from itdose.user_cache import cache_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LAYOUT = 3
"""Raised whenever the compiled rows change their shape."""
_KEPT_FILES = 4
_LAZY = ("drugs", "sources")
_COMPACT: dict[str, Any] = {"ensure_ascii": True, "separators": (",", ":")}
_WRITABLE_BY_OTHERS = 0o022

Rows = dict[str, Any]


class LazyRows(Mapping[str, Any]):
    """The rows of one part of a compiled file by their keys, each parsed when it is asked for."""

    def __init__(self, body: bytes, places: dict[str, list[int]]) -> None:
        self._body = body
        self._places = places
        self._parsed: Rows = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._parsed:
            start, end = self._places[key]
            self._parsed[key] = json.loads(self._body[start:end])
        return self._parsed[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def cached_rows(digest: str, version: str, build: Callable[[], Rows], *, shipped: str | None = None) -> Rows:
    """Return the compiled rows of this digest, from disk or, failing that, from ``build``.

    ``shipped`` is a compiled file that was installed with the program, if there is one.
    """
    key = _key(digest, version)
    rows = _read(shipped, key, is_ours=True) if shipped else None
    folder = cache_folder()
    if rows is not None or folder is None:
        return rows or build()
    path = os.path.join(folder, f"formulary-{key[:32]}.json")
    rows = _read(path, key)
    if rows is None:
        content = compiled_file(build(), digest, version)
        # The first run sees the rows as every later one reads them.
        rows = _decoded(content.partition(b"\n")[2])
        write_whole(path, content)
        _forget_old_files(folder)
    return rows


def compiled_file(rows: Rows, digest: str, version: str) -> bytes:
    """Return the content of a compiled file: what it holds, the digest of the rest, and the rows."""
    places: dict[str, dict[str, list[int]]] = {part: {} for part in _LAZY if part in rows}
    texts: list[bytes] = []
    end = 0
    for part, found in places.items():
        for key, row in rows[part].items():
            texts.append(json.dumps(row, **_COMPACT).encode())
            found[key] = [end, end := end + len(texts[-1])]
    core = {part: row for part, row in rows.items() if part not in places}
    body = json.dumps([core, places], **_COMPACT).encode() + b"\n" + b"".join(texts)
    return _head(_key(digest, version), body) + b"\n" + body


def _decoded(body: bytes) -> Rows:
    first, _, rest = body.partition(b"\n")
    core, places = json.loads(first)
    rows: Rows = {**core, **{part: LazyRows(rest, found) for part, found in places.items()}}
    return rows


def _key(digest: str, version: str) -> str:
    import hashlib  # noqa: PLC0415 - as in files.py

    return hashlib.sha256(f"{_LAYOUT}\0{version}\0{digest}".encode()).hexdigest()


def _head(key: str, body: bytes) -> bytes:
    """Return the first line of a cache file: what it holds, and the digest of the rest."""
    import hashlib  # noqa: PLC0415 - as in files.py

    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()


def _read(path: str, key: str, *, is_ours: bool = False) -> Rows | None:
    """Return the rows of a file that is whole; ``is_ours`` where it is as trusted as the code beside it."""
    try:
        with open(path, "rb") as file:
            if not is_ours and _is_foreign(os.fstat(file.fileno())):
                return None
            head, _, body = file.read().partition(b"\n")
        return _decoded(body) if head == _head(key, body) else None
    except (OSError, ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return None


def _is_foreign(status: os.stat_result) -> bool:
    """Return whether somebody else may have written the file."""
    if not hasattr(os, "getuid"):
        return False
    return status.st_uid != os.getuid() or bool(status.st_mode & _WRITABLE_BY_OTHERS)


def _forget_old_files(folder: str) -> None:
    try:
        ours = [entry for entry in os.scandir(folder) if entry.name.startswith("formulary-")]
        ours.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in ours[_KEPT_FILES:]:
            os.unlink(entry)
    except OSError:
        # Another process may be tidying up too.
        return
