"""Where the formulary's files are, their text, and the digest that names this version of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from itdose.errors import FormularyError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Plain os calls here and in the cache: pathlib alone would cost a check a tenth of its time.
_FOLDERS = ("drugs", "sources")
"""What is written in several files: one a drug, and one for each kind of source."""
_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


class OverlayFile(NamedTuple):
    """One site's overlay, and the sign-offs that stand beside it."""

    path: str
    text: str
    sign_offs: str | None
    digest: str


class FormularyFiles(NamedTuple):
    """Every source file by its name inside the formulary's folder, and the overlays over it."""

    contents: Mapping[str, bytes]
    digest: str
    """Names this version of the files, overlays included."""
    overlays: tuple[OverlayFile, ...] = ()

    def text(self, name: str) -> str | None:
        """Return the text of one file, or None without it; raise FormularyError for no plain UTF-8."""
        content = self.contents.get(name)
        return FormularyFiles({name: content}, "").texts()[name] if content is not None else None

    def texts(self) -> dict[str, str]:
        """Return the text of every file; raise FormularyError for what is not plain UTF-8."""
        problems: list[Problem] = []
        read = {name: _decoded(content, name, problems) for name, content in self.contents.items()}
        if problems:
            raise FormularyError(tuple(problems))
        return {name: text for name, text in read.items() if text is not None}


def shipped_folder() -> str:
    """Return the folder of the formulary that came with itdose."""
    installed = os.path.join(_PACKAGE, "data")
    # An editable install leaves the data at the top of the checkout.
    checkout = os.path.join(os.path.dirname(os.path.dirname(_PACKAGE)), "data")
    return installed if os.path.isdir(installed) else checkout


def shipped_compiled() -> str:
    """Return where an installed itdose has its formulary compiled already; a checkout has none."""
    return os.path.join(_PACKAGE, "data", "compiled.json")


def sign_off_path(overlay: str | os.PathLike[str]) -> str:
    """Return where the sign-offs of an overlay stand: ``site.sign-offs.yaml`` beside ``site.yaml``."""
    return f"{os.path.splitext(overlay)[0]}.sign-offs.yaml"


def read_files(
    folder: str | os.PathLike[str], overlays: Sequence[str | os.PathLike[str]] = ()
) -> FormularyFiles:
    """Read every file of a formulary; raise FormularyError with all that can't be read."""
    problems: list[Problem] = []
    read = {name: _read(os.path.join(folder, name), name, problems) for name in _source_names(folder)}
    contents = {name: content for name, content in read.items() if content is not None}
    layers = tuple(layer for path in overlays if (layer := _read_overlay(os.fspath(path), problems)))
    if problems:
        raise FormularyError(tuple(problems))
    digest = _digest(contents)
    if layers:
        of_layers = {f"{place}": layer.digest.encode() for place, layer in enumerate(layers)}
        digest = _digest({"": digest.encode()} | of_layers)
    return FormularyFiles(contents, digest, layers)


def _read_overlay(path: str, problems: list[Problem]) -> OverlayFile | None:
    content = _read(path, path, problems)
    beside = sign_off_path(path)
    signed = _read(beside, beside, problems) if os.path.exists(beside) else None
    text = _decoded(content, path, problems) if content is not None else None
    sign_offs = _decoded(signed, beside, problems) if signed is not None else None
    if content is None or text is None:
        return None
    return OverlayFile(path, text, sign_offs, _digest({"overlay": content, "sign-offs": signed or b""}))


def _read(path: str, name: str, problems: list[Problem]) -> bytes | None:
    try:
        with open(path, "rb") as file:
            # Line ends are folded, so that one formulary has one digest on every system.
            return file.read().replace(b"\r\n", b"\n")
    except OSError as error:
        problems.append(Problem(name, 1, f"can't be read: {error}"))
        return None


def _decoded(content: bytes, name: str, problems: list[Problem]) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, f"can't be read as UTF-8 text: {error}"))
        return None
    if text.startswith("\ufeff"):
        problems.append(Problem(name, 1, "starts with a byte order mark; save it as plain UTF-8"))
    return text


def _digest(contents: Mapping[str, bytes]) -> str:
    import hashlib  # noqa: PLC0415 - a tenth of the start-up of --help, which needs none

    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"


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
