"""The user's cache folder. What stands there saves time; without it everything works, slower."""

from __future__ import annotations

import json
import os
import sys

from itdose.replacement import replacement

_NAMES = "names.json"


def cache_folder() -> str | None:
    """Return ``ITDOSE_CACHE_DIR``, or itdose's folder in the user's cache, or None without a home."""
    chosen = os.environ.get("ITDOSE_CACHE_DIR")
    if chosen:
        return chosen
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.path.expanduser(base)
    # Without a home folder the tilde stays, and a relative path would follow the user around.
    return os.path.join(home, "itdose") if os.path.isabs(home) else None


def write_whole(path: str, content: bytes) -> None:
    """Write a file of the cache; skip what fails."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with replacement(path) as file:
            file.write(content)
    except OSError:
        # A cache that can't be written costs time and nothing else.
        return


def remember_names(names: dict[str, list[str]]) -> None:
    """Keep the names of drugs and routes of the formulary that was compiled last."""
    folder = cache_folder()
    if folder is not None:
        write_whole(os.path.join(folder, _NAMES), json.dumps(names).encode())


def remembered_names(kind: str) -> tuple[str, ...] | None:
    """Return the names last kept, or None. For completion only: they may be out of date."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        with open(os.path.join(folder, _NAMES), "rb") as file:
            names = json.load(file)[kind]
        return tuple(names) if all(isinstance(name, str) for name in names) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
