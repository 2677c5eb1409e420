"""The compiled formulary on disk, found by the digest of what it was compiled from.

A stale, corrupt or foreign file is rebuilt and never trusted; where nothing
can be written, every run compiles. JSON and not pickle: a cache that can run
code has no place beside a checker of doses.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from itdose.user_cache import cache_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

_LAYOUT = 2
"""Raised whenever the compiled rows change their shape."""
_KEPT_FILES = 4
_WRITABLE_BY_OTHERS = 0o022

Rows = dict[str, Any]


def cached_rows(digest: str, version: str, build: Callable[[], Rows]) -> Rows:
    """Return the compiled rows of this digest, from disk or, failing that, from ``build``."""
    import hashlib  # noqa: PLC0415 - as in files.py

    folder = cache_folder()
    if folder is None:
        return build()
    key = hashlib.sha256(f"{_LAYOUT}\0{version}\0{digest}".encode()).hexdigest()
    path = os.path.join(folder, f"formulary-{key[:32]}.json")
    rows = _read(path, key)
    if rows is None:
        rows = build()
        body = json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()
        # The first run sees the rows as every later one reads them.
        rows = json.loads(body)
        write_whole(path, _head(key, body) + b"\n" + body)
        _forget_old_files(folder)
    return rows


def _head(key: str, body: bytes) -> bytes:
    """Return the first line of a cache file: what it holds, and the digest of the rest."""
    import hashlib  # noqa: PLC0415 - as in files.py

    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()


def _read(path: str, key: str) -> Rows | None:
    try:
        with open(path, "rb") as file:
            if _is_foreign(os.fstat(file.fileno())):
                return None
            head, _, body = file.read().partition(b"\n")
        if head != _head(key, body):
            return None
        rows = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return None
    return rows if isinstance(rows, dict) else None


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
