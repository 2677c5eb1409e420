"""Completion of drugs, routes and commands in bash, zsh and fish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Offer the shipped names, whatever formulary another test compiled last."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ITDOSE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def completed(run: Run, shell: str, words: str) -> list[str]:
    """Ask as the shell does; the last of ``words`` is the one being typed."""
    typed = words.split(" ")
    # Fish sends the word itself where the others send its number.
    current = typed[-1] if shell == "fish" else str(len(typed) - 1)
    done = run(_ITDOSE_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=current)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    if shell == "zsh":
        return lines[1::3]
    # Fish gets the first line of a command's help behind a tab.
    return [line.removeprefix("plain,").partition("\t")[0] for line in lines if line]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("itdose check mag", ["magnesium_sulfate"]),
        ("itdose check MAG", ["magnesium_sulfate"]),
        ("itdose check mi", ["midazolam"]),
        ("itdose check zzz", []),
        ("itdose show mor", ["morphine"]),
        ("itdose check magnesium 50mg --route epi", ["epidural"]),
        ("itdose check magnesium 50mg --route intra", [
            "intrathecal", "intraventricular", "intravenous", "intramuscular",
        ]),
        ("itdose show magnesium --route intrat", ["intrathecal"]),
        ("itdose convert 1g mg --drug vinc", ["vincristine"]),
        ("itdose convert 1g mg --drug vin", ["vinblastine", "vincristine", "vindesine", "vinorelbine"]),
        ("itdose che", ["check"]),
        ("itdose sh", ["show"]),
    ],
)  # fmt: skip
def test_a_shell_is_offered_the_names_that_start_so(
    run: Run, shell: str, words: str, offered: list[str]
) -> None:
    assert completed(run, shell, words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_offered(run: Run, shell: str) -> None:
    offered = completed(run, shell, "itdose ")
    assert {"check", "batch", "show", "drugs", "routes", "convert", "explain", "sample", "replay"} <= set(
        offered
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_its_own_script(run: Run, shell: str) -> None:
    done = run(_ITDOSE_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert f"_ITDOSE_COMPLETE={shell}_complete" in done.stdout


def test_a_name_that_was_offered_is_a_name_that_is_read(run: Run) -> None:
    [offered] = completed(run, "bash", "itdose check mag")
    assert run("check", offered, "50 mg", "--route", "it").returncode == 0


def test_completion_works_in_a_process_and_before_any_check(process: Run, tmp_path: Path) -> None:
    done = process(
        _ITDOSE_COMPLETE="bash_complete",
        COMP_WORDS="itdose check mag",
        COMP_CWORD="2",
        ITDOSE_CACHE_DIR=str(tmp_path),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,magnesium_sulfate\n", "")


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"drugs": 1}', '{"drugs": [1]}', "\x00"])
def test_spoiled_names_are_read_anew(run: Run, tmp_path: Path, kept: str) -> None:
    (tmp_path / "names.json").write_text(kept, encoding="utf-8")
    done = run(
        _ITDOSE_COMPLETE="bash_complete",
        COMP_WORDS="itdose check mag",
        COMP_CWORD="2",
        ITDOSE_CACHE_DIR=str(tmp_path),
    )
    assert (done.stdout, done.stderr) == ("plain,magnesium_sulfate\n", "")
