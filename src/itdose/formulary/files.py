"""Where the formulary's files are, their text, and the digest that names this version of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from itdose.errors import FormularyError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class FormularyFiles:
    """The text of every source file by its name inside the formulary's folder."""

    texts: Mapping[str, str]
    digest: str


def shipped_folder() -> Path:
    """Return the folder of the formulary that came with itdose."""
    installed = _PACKAGE / "data"
    # An editable install leaves the data at the top of the checkout.
    return installed if installed.is_dir() else _PACKAGE.parent.parent / "data"


def read_files(folder: Path) -> FormularyFiles:
    """Read every source file of a formulary; raise FormularyError for one that can't be read."""
    import hashlib  # noqa: PLC0415 - only here, and a third of a millisecond

    paths = sorted([*folder.glob("*.yaml"), *folder.glob("drugs/*.yaml"), *folder.glob("units.txt")])
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            # Line ends are folded, so that one formulary has one digest on every system.
            text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(name, 1, f"can't be read as UTF-8 text: {error}"))
            continue
        texts[name] = text
        encoded = text.encode()
        digest.update(f"{name}\0{len(encoded)}\0".encode())
        digest.update(encoded)
    if not paths:
        problems.append(
            Problem(str(folder), 1, "there is no formulary here; expected *.yaml and drugs/*.yaml")
        )
    if problems:
        raise FormularyError(tuple(problems))
    return FormularyFiles(texts, f"sha256:{digest.hexdigest()}")
