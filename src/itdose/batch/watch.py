"""What stands in a folder that is watched, and which of its sheets are to be checked now.

A share tells nobody of its changes, so the folder is listed again and again. A sheet is taken
when two listings in a row show the same size and time: whoever saves it has finished.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.read import SUFFIXES
from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_REPORT = ".report"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".download", "~")
_NOT_OF_A_PERSON = (".", "~$", "~wr")
"""How the names of hidden files, and of an office program's locks and drafts, begin."""
# Kinds that people take for sheets. Where one is not read, its report says so.
_TAKEN_FOR_SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".numbers", ".parquet"})


class Seen(NamedTuple):
    """How a file looked when the folder was listed."""

    size: int
    mtime_ns: int


class Listing(NamedTuple):
    """What stood in the folder at one moment."""

    sheets: Mapping[str, Seen]
    """The sheets by their file names, in the order of the names."""
    not_followed: tuple[str, ...] = ()
    """Links that lead out of the folder."""


def list_folder(folder: Path) -> Listing:
    """List the sheets of a folder, not of the folders in it; raise SheetError where it can't be listed."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if is_sheet_name(entry.name))
        inside = folder.resolve(strict=True)
    except OSError as error:
        raise SheetError(f"{folder}: it can't be listed: {error.strerror}") from error
    sheets: dict[str, Seen] = {}
    outside: list[str] = []
    for name in names:
        path = folder / name
        if path.is_symlink() and not _leads_into(inside, path):
            outside.append(name)
        elif seen := _seen(path):
            sheets[name] = seen
    return Listing(sheets, tuple(outside))


def is_sheet_name(name: str) -> bool:
    """Return whether a file of this name is taken for a sheet, and is not a report or half written."""
    lower = name.lower()
    if lower.startswith(_NOT_OF_A_PERSON) or lower.endswith(_UNFINISHED) or _is_report_name(lower):
        return False
    return _has_sheet_suffix(lower)


def _is_report_name(lower: str) -> bool:
    """Return whether a name is that of a report on a sheet; ``may.report.csv`` is a sheet itself."""
    sheet, mark, _ = lower.rpartition(f"{_REPORT}.")
    return bool(mark) and _has_sheet_suffix(sheet)


def _has_sheet_suffix(lower: str) -> bool:
    suffix = Path(lower).suffix
    return suffix in SUFFIXES or suffix in _TAKEN_FOR_SHEETS


def due(before: Listing, now: Listing, done: Mapping[str, Seen]) -> list[str]:
    """Return the sheets that stood still between two listings and have not been checked as they are."""
    return [
        name
        for name, seen in now.sheets.items()
        if before.sheets.get(name) == seen and done.get(name) != seen
    ]


def moving(before: Listing, now: Listing) -> list[str]:
    """Return the sheets that came or changed between two listings: somebody may still be saving them."""
    return [name for name, seen in now.sheets.items() if before.sheets.get(name) != seen]


def outdated(now: Listing, done: Mapping[str, Seen]) -> list[str]:
    """Return the sheets that were checked and have changed since, so that their reports are of another."""
    return [name for name, seen in now.sheets.items() if name in done and done[name] != seen]


def report_path(sheet: Path, ending: str) -> Path:
    """Return where a report on a sheet is written: ``ward.csv.report.txt`` beside ``ward.csv``."""
    return sheet.with_name(f"{sheet.name}{_REPORT}{ending}")


def remove_reports(sheet: Path, endings: Iterable[str]) -> None:
    """Remove the reports on a sheet as it no longer is; raise SheetError where one can't be removed."""
    for path in _reports(sheet, endings):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise SheetError(f"{path}: it is out of date and can't be removed: {error.strerror}") from error


def _reports(sheet: Path, endings: Iterable[str]) -> Iterator[Path]:
    return (report_path(sheet, ending) for ending in endings)


def _leads_into(folder: Path, link: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        # A link to nothing, or to itself.
        return False


def _seen(path: Path) -> Seen | None:
    """Return how a file looks; None for what is no file, or has gone since the folder was listed."""
    try:
        if not path.is_file():
            return None
        stat = path.stat()
    except OSError:
        return None
    return Seen(stat.st_size, stat.st_mtime_ns)
