"""The cache gives what compiling gives, or nothing: a file that is not whole and our own is never used."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary
from itdose.errors import FormularyError
from itdose.formulary.cache import cached_rows, compiled_file
from itdose.formulary.compilation import compile_files
from itdose.formulary.files import read_files, shipped_folder
from itdose.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[str, str, str], None]
    from pathlib import Path

ROWS = {"version": "2026.1.0", "drugs": {"alpha": [1, 3]}}


class Builder:
    """Builds rows and counts how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        return ROWS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "made" / "cache"  # neither folder is there yet
    monkeypatch.setenv("ITDOSE_CACHE_DIR", str(chosen))
    return chosen


def _only_file(folder: Path) -> Path:
    [path] = _files(folder)
    return path


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("formulary-*"))


def test_the_second_run_reads_what_the_first_one_built(folder: Path) -> None:
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert build.times == 1
    assert _only_file(folder).name.startswith("formulary-")


@pytest.mark.parametrize(("digest", "version"), [("sha256:2", "0.1.0"), ("sha256:1", "0.2.0")])
def test_another_formulary_or_another_version_is_built_anew(folder: Path, digest: str, version: str) -> None:
    build = Builder()
    cached_rows("sha256:1", "0.1.0", build)
    cached_rows(digest, version, build)
    assert build.times == 2
    assert len(_files(folder)) == 2


def _with_body(content: bytes, body: bytes) -> bytes:
    """Put another body under the header, with the checksum that belongs to it."""
    key = content.split()[0]
    return key + b" " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b" ",
        lambda content: content.replace(b"2026.1.0", b"2026.1.1"),
        lambda content: content.replace(b"\n", b" "),
        lambda content: content.partition(b"\n")[2],
        lambda content: content.partition(b" ")[2],
        lambda content: b"0" * 64 + content[64:],
        lambda content: b"\xff" + content,
        lambda _: os.urandom(200),
        lambda content: _with_body(content, b"not JSON"),
        lambda content: _with_body(content, b"\xff\xfe"),
        lambda content: _with_body(content, b'["a list"]'),
        lambda content: _with_body(content, b"null"),
        lambda content: _with_body(content, b"[" * 100_000),
    ],
)
def test_a_file_that_is_not_whole_is_built_anew(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    build = Builder()
    cached_rows("sha256:1", "0.1.0", build)
    path = _only_file(folder)
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert build.times == 2
    assert _only_file(folder).read_bytes() == whole


def test_the_file_of_another_formulary_under_this_name_is_built_anew(folder: Path) -> None:
    cached_rows("sha256:1", "0.1.0", Builder())
    mine = _only_file(folder)
    cached_rows("sha256:2", "0.1.0", lambda: {"version": "another"})
    [other] = [path for path in _files(folder) if path != mine]
    mine.write_bytes(other.read_bytes())
    assert cached_rows("sha256:1", "0.1.0", Builder()) == ROWS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_built_anew(folder: Path, mode: int) -> None:
    build = Builder()
    cached_rows("sha256:1", "0.1.0", build)
    _only_file(folder).chmod(mode)
    cached_rows("sha256:1", "0.1.0", build)
    assert build.times == 2
    assert stat.S_IMODE(_only_file(folder).stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_file_of_another_user_is_built_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder()
    cached_rows("sha256:1", "0.1.0", build)
    owner = _only_file(folder).stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    cached_rows("sha256:1", "0.1.0", build)
    assert build.times == 2


def test_a_file_in_the_place_of_the_folder_costs_time_only(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("in the way", encoding="utf-8")
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert build.times == 2
    assert folder.read_text(encoding="utf-8") == "in the way"


def test_a_folder_in_the_place_of_the_file_costs_time_only_and_leaves_no_pieces(folder: Path) -> None:
    build = Builder()
    cached_rows("sha256:1", "0.1.0", build)
    path = _only_file(folder)
    path.unlink()
    path.mkdir()
    (path / "kept").touch()
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert build.times == 2
    assert _only_file(folder) == path


@pytest.mark.skipif(sys.platform == "win32", reason="the folder has another place there")
@pytest.mark.parametrize("chosen", ["", None])
def test_without_a_chosen_folder_the_user_cache_is_used(
    chosen: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("ITDOSE_CACHE_DIR")
    if chosen is not None:
        monkeypatch.setenv("ITDOSE_CACHE_DIR", chosen)
    cached_rows("sha256:1", "0.1.0", Builder())
    assert _only_file(tmp_path / "itdose").is_file()


def test_without_a_home_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ITDOSE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "~nobody-of-this-name/cache")
    monkeypatch.setenv("LOCALAPPDATA", "~nobody-of-this-name/cache")
    monkeypatch.chdir(tmp_path)
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build) == ROWS
    assert build.times == 1
    assert list(tmp_path.iterdir()) == []


def test_only_the_newest_files_are_kept_and_nothing_else_is_touched(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.json").touch()
    for number in range(6):
        cached_rows(f"sha256:{number}", "0.1.0", Builder())
    assert len(list(folder.glob("formulary-*.json"))) == 4
    assert (folder / "notes.json").exists()


def test_the_compiled_shipped_formulary_survives_the_way_to_disk_unchanged(folder: Path) -> None:
    files = read_files(shipped_folder())
    built = cached_rows(files.digest, "test", lambda: compile_files(files))
    kept = cached_rows(files.digest, "test", Builder())
    assert built == kept == json.loads(json.dumps(compile_files(files)))
    assert kept["drugs"]["magnesium_sulfate"]["name"] == "magnesium sulfate"
    assert _only_file(folder).is_file()


def test_a_changed_file_gives_new_rows_and_the_old_text_gives_the_old_rows(
    folder: Path, small_folder: Path, edit: Edit
) -> None:
    before = Formulary.load(small_folder)
    edit("drugs/second.yaml", "name: beta\n", "name: gamma\n")
    after = Formulary.load(small_folder)
    edit("drugs/second.yaml", "name: gamma\n", "name: beta\n")
    again = Formulary.load(small_folder)
    assert [found.drug("beta").name for found in (before, after, again)] == ["beta", "gamma", "beta"]
    assert before.digest == again.digest != after.digest
    assert len(_files(folder)) == 2


def test_a_formulary_that_has_become_invalid_is_refused_and_not_kept(
    folder: Path, small_folder: Path, edit: Edit
) -> None:
    Formulary.load(small_folder)
    edit("drugs/first.yaml", "upper_hard: 200 mg", "upper_hard: 20 mg")
    with pytest.raises(FormularyError):
        Formulary.load(small_folder)
    assert len(_files(folder)) == 1


_LOAD = """
import sys, time, pathlib
folder, start = map(pathlib.Path, sys.argv[1:])
from itdose import Formulary
print("ready", flush=True)
while not start.exists():
    time.sleep(0.001)
print(Formulary.load(folder).drug("alpha").name, *sorted({"yaml", "pydantic", "pint"} & set(sys.modules)))
"""


def _load_in_processes(count: int, small_folder: Path, start: Path) -> list[str]:
    command = [sys.executable, "-c", _LOAD, str(small_folder), str(start)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start.touch()
    said = []
    for process in running:
        # Not communicate: it would miss what stands in this buffer already.
        assert process.stdout is not None
        said.append(process.stdout.read().strip())
        process.stdout.close()
        assert process.wait(timeout=50) == 0
    return said


def test_processes_that_start_at_once_all_succeed_and_leave_one_whole_file(
    folder: Path, small_folder: Path, tmp_path: Path
) -> None:
    said = _load_in_processes(4, small_folder, tmp_path / "start")
    assert [line.split()[0] for line in said] == ["alpha"] * 4
    path = _only_file(folder)
    head, _, body = path.read_bytes().partition(b"\n")
    assert head.split()[1].decode() == hashlib.sha256(body).hexdigest()


def test_a_warm_cache_needs_neither_yaml_nor_pydantic_nor_pint(
    folder: Path, small_folder: Path, tmp_path: Path
) -> None:
    assert _load_in_processes(1, small_folder, tmp_path / "start") == ["alpha pint pydantic yaml"]
    assert _only_file(folder).is_file()
    assert _load_in_processes(1, small_folder, tmp_path / "start") == ["alpha"]


def _shipped(tmp_path: Path, digest: str = "sha256:1", version: str = "0.1.0") -> Path:
    """Write a compiled file as an installed program has it."""
    path = tmp_path / "compiled.json"
    path.write_bytes(compiled_file(ROWS, digest, version))
    return path


def test_a_shipped_file_that_matches_is_used_and_nothing_is_built_or_written(
    folder: Path, tmp_path: Path
) -> None:
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(_shipped(tmp_path))) == ROWS
    assert build.times == 0
    assert not folder.exists()


def test_a_shipped_file_of_whoever_installed_it_is_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _shipped(tmp_path)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1, raising=False)
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert build.times == 0
    assert not folder.exists()


@pytest.mark.parametrize(("digest", "version"), [("sha256:2", "0.1.0"), ("sha256:1", "0.2.0")])
def test_a_shipped_file_of_other_files_or_another_version_is_not_used(
    folder: Path, tmp_path: Path, digest: str, version: str
) -> None:
    path = tmp_path / "compiled.json"
    path.write_bytes(compiled_file({"version": "stale", "drugs": {}}, digest, version))
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert build.times == 1
    assert _only_file(folder).is_file()


def test_a_shipped_file_of_another_layout_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _shipped(tmp_path)
    monkeypatch.setattr("itdose.formulary.cache._LAYOUT", 0)
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert build.times == 1
    assert _only_file(folder).is_file()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content + b" ",
        lambda content: content.replace(b"2026.1.0", b"2026.1.1"),
        lambda content: b"0" * 64 + content[64:],
        lambda content: _with_body(content, b"not JSON"),
        lambda content: _with_body(content, b"null"),
    ],
)
def test_a_shipped_file_that_is_not_whole_is_not_used_and_stays_as_it_is(
    folder: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    path = _shipped(tmp_path)
    path.write_bytes(spoiled := spoil(path.read_bytes()))
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert build.times == 1
    assert path.read_bytes() == spoiled
    assert _only_file(folder).is_file()


@pytest.mark.parametrize("in_the_way", [False, True])
def test_a_shipped_file_that_is_not_there_costs_time_only(
    folder: Path, tmp_path: Path, in_the_way: bool
) -> None:
    path = tmp_path / "compiled.json"
    if in_the_way:
        path.mkdir()
    build = Builder()
    assert cached_rows("sha256:1", "0.1.0", build, shipped=str(path)) == ROWS
    assert build.times == 1
    assert _only_file(folder).is_file()


def _refuse_to_compile(_: object) -> dict[str, Any]:
    raise AssertionError("the formulary was compiled")


def test_a_cold_start_with_a_shipped_file_compiles_nothing(
    folder: Path, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = read_files(small_folder)
    path = tmp_path / "compiled.json"
    path.write_bytes(compiled_file(compile_files(files), files.digest, __version__))
    monkeypatch.setattr("itdose.formulary.shipped_compiled", lambda: str(path))
    monkeypatch.setattr("itdose.formulary.compilation.compile_files", _refuse_to_compile)
    loaded = Formulary.load(small_folder)
    assert loaded.digest == files.digest
    assert loaded.drug("alpha").name == "alpha"
    assert not folder.exists()


def test_a_shipped_file_is_not_used_for_a_formulary_that_was_changed(
    folder: Path, small_folder: Path, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = read_files(small_folder)
    path = tmp_path / "compiled.json"
    path.write_bytes(compiled_file(compile_files(files), files.digest, __version__))
    monkeypatch.setattr("itdose.formulary.shipped_compiled", lambda: str(path))
    edit("drugs/second.yaml", "name: beta\n", "name: gamma\n")
    assert Formulary.load(small_folder).drug("beta").name == "gamma"
    assert _only_file(folder).is_file()
