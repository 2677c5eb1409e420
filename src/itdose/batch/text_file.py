"""Open a text file in its declared encoding; never read a wrong character."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.sheet import SheetOptions


@contextmanager
def opened(sheet: str, options: SheetOptions) -> Iterator[IO[str]]:
    """Open a text file for reading; raise SheetError for what is not there, or not in its encoding."""
    encoding = options.encoding or "utf-8-sig"
    try:
        # newline="" leaves line ends inside quoted cells to the csv module.
        with Path(sheet).open(encoding=encoding, errors="strict", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise SheetError(
            f"{sheet}: it is not UTF-8 text (byte {error.start}: {error.reason}); save it as CSV UTF-8"
        ) from error
    except OSError as error:
        raise SheetError(f"{sheet}: it can't be read: {error.strerror}") from error
