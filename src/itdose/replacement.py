"""Write a file beside its name and rename it at the end: a broken run leaves nothing half written."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacement(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when everything was written, for its owner alone.

    Another process sees the old file or the whole new one. Raises OSError.
    """
    import tempfile  # noqa: PLC0415 - a check that writes nothing starts without it

    folder, name = os.path.split(path)
    handle, beside = tempfile.mkstemp(dir=folder or os.curdir, prefix=f"{name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
