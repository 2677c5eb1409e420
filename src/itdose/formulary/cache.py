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
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from itdose.user_cache import cache_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LAYOUT = 7
"""Raised whenever the compiled rows change their shape."""
_KEPT_FILES = 4
_LAZY = ("drugs", "sources")
"""Parts of which each entry is parsed when it is asked for."""
_LATE = (
    "conditions", "condition_names", "vehicles", "syringes", "growth", "reminders", "look_alikes", "rescue",
)  # fmt: skip
"""Parts that are parsed as a whole when anything in them is."""
_COMPACT: dict[str, Any] = {"ensure_ascii": True, "separators": (",", ":")}
_WRITABLE_BY_OTHERS = 0o022

Rows = dict[str, Any]


class LateRows(Mapping[str, Any]):
    """One part of a compiled file, parsed when anything in it is asked for."""

    def __init__(self, content: bytes, offset: int, place: list[int]) -> None:
        self._content = content
        self._start, self._end = (offset + end for end in place)

    @cached_property
    def _rows(self) -> Rows:
        rows: Rows = json.loads(self._content[self._start : self._end])
        return rows

    def __getitem__(self, key: str) -> Any:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class LazyRows(Mapping[str, Any]):
    """The rows of one part of a compiled file by their keys, each parsed when it is asked for.

    Where each stands is found in a text of lines, ``key start end``: there are
    a thousand sources, and a check shows a few.
    """

    def __init__(self, content: bytes, offset: int, place: list[int]) -> None:
        self._content = content
        self._offset = offset
        self._index = content[offset + place[0] : offset + place[1]]
        self._parsed: Rows = {}

    def _place(self, key: str) -> list[int]:
        found = self._index.find(f"\n{key} ".encode())
        if found < 0:
            raise KeyError(key)
        line = self._index[found + 1 : self._index.index(b"\n", found + 1)]
        return [self._offset + int(end) for end in line.split(b" ")[1:]]

    def __getitem__(self, key: str) -> Any:
        if key not in self._parsed:
            start, end = self._place(key)
            self._parsed[key] = json.loads(self._content[start:end])
        return self._parsed[key]

    def __iter__(self) -> Iterator[str]:
        return (line.partition(" ")[0] for line in self._index.decode().split("\n") if line)

    def __len__(self) -> int:
        return sum(1 for _ in self)


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
        rows = _decoded(content, content.index(b"\n") + 1)
        write_whole(path, content)
        _forget_old_files(folder)
    return rows


def compiled_file(rows: Rows, digest: str, version: str) -> bytes:
    """Return the content of a compiled file: what it holds, the digest of the rest, and the rows."""
    texts: list[bytes] = []
    end = 0

    def put(value: object) -> list[int]:
        nonlocal end
        texts.append(json.dumps(value, **_COMPACT).encode())
        start, end = end, end + len(texts[-1])
        return [start, end]

    def put_each(part: Mapping[str, Any]) -> list[int]:
        nonlocal end
        places = [(key, *put(row)) for key, row in part.items()]
        lines = "".join(f"{key} {first} {last}\n" for key, first, last in places)
        texts.append(f"\n{lines}".encode())
        start, end = end, end + len(texts[-1])
        return [start, end]

    lazy = {part: put_each(rows[part]) for part in _LAZY if part in rows}
    late = {part: put(dict(rows[part])) for part in _LATE if part in rows}
    core = {part: row for part, row in rows.items() if part not in lazy and part not in late}
    body = json.dumps([core, lazy, late], **_COMPACT).encode() + b"\n" + b"".join(texts)
    return _head(_key(digest, version), body) + b"\n" + body


def _decoded(content: bytes, start: int = 0) -> Rows:
    """Return the rows of a compiled file's body, which starts at a place in its content."""
    end = content.index(b"\n", start)
    core, lazy, late = json.loads(content[start:end])
    part_of = partial(LateRows, content, end + 1)
    rows: Rows = {
        **core,
        **{part: LazyRows(content, end + 1, place) for part, place in lazy.items()},
        **{part: part_of(place) for part, place in late.items()},
    }
    return rows


def _key(digest: str, version: str) -> str:
    import hashlib  # noqa: PLC0415 - as in files.py

    return hashlib.sha256(f"{_LAYOUT}\0{version}\0{digest}".encode()).hexdigest()


def _head(key: str, body: bytes | memoryview) -> bytes:
    """Return the first line of a cache file: what it holds, and the digest of the rest."""
    import hashlib  # noqa: PLC0415 - as in files.py

    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()


def _read(path: str, key: str, *, is_ours: bool = False) -> Rows | None:
    """Return the rows of a file that is whole; ``is_ours`` where it is as trusted as the code beside it."""
    try:
        with open(path, "rb") as file:
            if not is_ours and _is_foreign(os.fstat(file.fileno())):
                return None
            content = file.read()
        # The body is not copied: it is by far the largest thing that a check reads.
        start = content.index(b"\n") + 1
        is_whole = content[: start - 1] == _head(key, memoryview(content)[start:])
        return _decoded(content, start) if is_whole else None
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
