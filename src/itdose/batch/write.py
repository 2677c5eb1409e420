"""Write reports to a file that appears under its name only when everything was written."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from itdose.errors import SheetError
from itdose.replacement import replacement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reports; raise SheetError where it can't be written."""
    try:
        with replacement(path) as file:
            yield file
        _give_usual_rights(path)
    except OSError as error:
        raise SheetError(f"{path}: it can't be written: {error.strerror}") from error


def _give_usual_rights(path: Path) -> None:
    """Give the file the rights that an ordinary new file has; until here they were the owner's alone."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
