"""The option ``--formulary``: a site's overlays, or another formulary as a whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from itdose.formulary import Formulary
    from itdose.formulary.files import FormularyFiles

VARIABLE = "ITDOSE_FORMULARY"

formulary_option: Callable[[Any], Any] = click.option(
    "--formulary",
    "formularies",
    multiple=True,
    envvar=VARIABLE,
    type=click.Path(exists=True),
    metavar="FILE",
    help="A site's overlay file; repeatable, each layer over those before it. A folder is a whole "
    f"formulary in place of the shipped one. Also read from {VARIABLE}.",
)


formulary_argument: Callable[[Any], Any] = click.argument(
    "formulary", nargs=-1, metavar="[FORMULARY]...", type=click.Path(exists=True)
)
"""A folder with a whole formulary, overlays, or overlays over such a folder."""


def load(paths: Sequence[str]) -> Formulary:
    """Load the shipped formulary, or the one of a folder, with the overlays over it."""
    from itdose.formulary import Formulary  # noqa: PLC0415 - it costs more than completion may

    folder, overlays = split(paths)
    return Formulary.load(folder, overlays=overlays)


def files_of(paths: Sequence[str]) -> FormularyFiles:
    """Read the files of the formulary that was named, or of the shipped one."""
    from itdose.formulary.files import read_files, shipped_folder  # noqa: PLC0415

    folder, overlays = split(paths)
    return read_files(folder or shipped_folder(), overlays)


def overlay_names(paths: Sequence[str]) -> frozenset[str]:
    """Return the names of the overlay files and their sign-offs, as problems name them."""
    from itdose.formulary.files import sign_off_path  # noqa: PLC0415

    overlays = split(paths)[1]
    return frozenset((*overlays, *map(sign_off_path, overlays)))


def folder_from_here(paths: Sequence[str]) -> str:
    """Return the formulary's folder from the working directory, where it lies below."""
    from pathlib import Path  # noqa: PLC0415 - a check starts without it

    from itdose.formulary.files import shipped_folder  # noqa: PLC0415

    path, here = Path(split(paths)[0] or shipped_folder()).resolve(), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def split(paths: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the folder of the formulary, or None for the shipped one, and the overlays over it."""
    folders = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112 - pathlib costs a check its time
    if len(folders) > 1:
        raise click.BadParameter(
            f"only one folder can be the formulary; there are {len(folders)}", param_hint="--formulary"
        )
    return (folders[0] if folders else None), tuple(path for path in paths if path not in folders)
