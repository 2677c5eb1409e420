"""Where the formulary's files are, their text, and the digest that names this version of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from itdose.errors import FormularyError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

# Plain os calls here and in the cache: pathlib alone would cost a check a tenth of its time.
_FOLDERS = ("drugs", "sources")
"""What is written in several files: one a drug, and one for each kind of source."""
_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


class FormularyFiles(NamedTuple):
    """The text of every source file by its name inside the formulary's folder."""

    texts: Mapping[str, str]
    digest: str


def shipped_folder() -> str:
    """Return the folder of the formulary that came with itdose."""
    installed = os.path.join(_PACKAGE, "data")
    # An editable install leaves the data at the top of the checkout.
    checkout = os.path.join(os.path.dirname(os.path.dirname(_PACKAGE)), "data")
    return installed if os.path.isdir(installed) else checkout


def read_files(folder: str | os.PathLike[str]) -> FormularyFiles:
    """Read every source file of a formulary; raise FormularyError for one that can't be read."""
    import hashlib  # noqa: PLC0415 - a tenth of the start-up of --help, which needs none

    texts: dict[str, str] = {}
    problems: list[Problem] = []
    digest = hashlib.sha256()
    for name in _source_names(folder):
        try:
            with open(os.path.join(folder, name), "rb") as file:
                # Line ends are folded, so that one formulary has one digest on every system.
                text = file.read().decode("utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(name, 1, f"can't be read as UTF-8 text: {error}"))
            continue
        if text.startswith("\ufeff"):
            problems.append(Problem(name, 1, "starts with a byte order mark; save it as plain UTF-8"))
        texts[name] = text
        encoded = text.encode()
        digest.update(f"{name}\0{len(encoded)}\0".encode())
        digest.update(encoded)
    if problems:
        raise FormularyError(tuple(problems))
    return FormularyFiles(texts, f"sha256:{digest.hexdigest()}")


def _source_names(folder: str | os.PathLike[str]) -> list[str]:
    names = [name for name in _listed(folder) if name.endswith(".yaml") or name == "units.txt"]
    for part in _FOLDERS:
        names += [f"{part}/{name}" for name in _listed(os.path.join(folder, part)) if name.endswith(".yaml")]
    if not names:
        message = "there is no formulary here; expected *.yaml and drugs/*.yaml"
        raise FormularyError((Problem(os.fspath(folder), 1, message),))
    return sorted(names)


def _listed(folder: str | os.PathLike[str]) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
