"""Two ways to run the command line: in this process, and as users do, in a process of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from itdose.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Variables of the machine that runs the tests and that would change the output.
_UNSET = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM", "PYTHONIOENCODING", "_ITDOSE_COMPLETE", "COMP_WORDS")


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run a command in this process; keywords are environment variables."""

    def run_here(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            for name in _UNSET:
                patch.delenv(name, raising=False)
            for name, text in environment.items():
                patch.setenv(name, text)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        said = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code or 0, said.out, said.err)

    yield run_here
    # A command turns collection off for its short life.
    gc.enable()


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a process of its own; keywords are environment variables."""

    def run_there(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: text for name, text in os.environ.items() if name not in _UNSET}
        return subprocess.run(
            [sys.executable, "-m", "itdose", *arguments],
            env={**inherited, "PYTHONUTF8": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run_there
