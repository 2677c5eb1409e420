"""The compiled formulary on disk, found by the digest of what it was compiled from.

A stale, corrupt or foreign file is rebuilt and never trusted; where nothing
can be written, every run compiles. JSON and not pickle: a cache that can run
code has no place beside a checker of doses.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LAYOUT = 1
"""Raised whenever the compiled rows change their shape."""
_KEPT_FILES = 4
_WRITABLE_BY_OTHERS = 0o022

Rows = dict[str, Any]


def cache_folder() -> Path:
    """Return the folder for compiled formularies: ``ITDOSE_CACHE_DIR`` or the user's cache."""
    chosen = os.environ.get("ITDOSE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(base).expanduser() / "itdose"


def cached_rows(digest: str, version: str, build: Callable[[], Rows]) -> Rows:
    """Return the compiled rows of this digest, from disk or, failing that, from ``build``."""
    import hashlib  # noqa: PLC0415

    key = hashlib.sha256(f"{_LAYOUT}\0{version}\0{digest}".encode()).hexdigest()
    try:
        path = cache_folder() / f"formulary-{key[:32]}.json"
        rows = _read(path, key)
    except RuntimeError:  # there is no home folder
        return build()
    if rows is None:
        rows = build()
        _write(path, key, rows)
    return rows


def _read(path: Path, key: str) -> Rows | None:
    import hashlib  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            if _is_foreign(os.fstat(file.fileno())):
                return None
            head, _, body = file.read().partition(b"\n")
        if head.decode("ascii").split() != [key, hashlib.sha256(body).hexdigest()]:
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


def _write(path: Path, key: str, rows: Rows) -> None:
    import hashlib  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    body = json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()
    head = f"{key} {hashlib.sha256(body).hexdigest()}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written beside and renamed: a second process sees the old file or the whole new one.
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix="formulary-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(head + body)
            os.replace(beside, path)  # noqa: PTH105
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise
        _forget_old_files(path.parent)
    except OSError:
        # A cache that can't be written costs time and nothing else.
        return


def _forget_old_files(folder: Path) -> None:
    files = sorted(folder.glob("formulary-*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        path.unlink(missing_ok=True)
