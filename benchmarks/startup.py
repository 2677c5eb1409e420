"""How long itdose takes to start, as a ratio to ``python -c "import click"``.

Each command and the yardstick run in turn, so that what else the machine does
weighs on both. Run: python benchmarks/startup.py [--rounds 31]
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import itdose

YARDSTICK = (sys.executable, "-c", "import click")
ITDOSE = str(Path(sys.executable).with_name("itdose"))
CHECK = (ITDOSE, "check", "magnesium", "50mg", "--route", "intrathecal")


@dataclass(frozen=True, slots=True)
class Start:
    """One way of starting itdose, and how many times the yardstick it may take."""

    name: str
    command: tuple[str, ...]
    budget: float
    environment: tuple[tuple[str, str], ...] = ()
    cold: bool = False


STARTS = (
    Start("check, warm cache", CHECK, 2.0),
    Start("--help", (ITDOSE, "--help"), 1.4),
    Start(
        "completion of a drug",
        (ITDOSE,),
        1.4,
        (("_ITDOSE_COMPLETE", "bash_complete"), ("COMP_WORDS", "itdose check mag"), ("COMP_CWORD", "2")),
    ),
    Start("check, no cache", CHECK, 8.0, cold=True),
)


def seconds(command: tuple[str, ...], environment: dict[str, str]) -> float:
    """Return how long one run takes, output thrown away."""
    began = time.perf_counter()
    subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - began


def ratios(start: Start, cache: Path, rounds: int) -> list[float]:
    """Return the ratio of each pair of runs."""
    environment = {**os.environ, "ITDOSE_CACHE_DIR": str(cache), **dict(start.environment)}
    seconds(start.command, environment)
    found = []
    for number in range(rounds):
        if start.cold:
            environment["ITDOSE_CACHE_DIR"] = str(cache / f"cold-{number}")
        yardstick = seconds(YARDSTICK, environment)
        found.append(seconds(start.command, environment) / yardstick)
    return found


def main() -> None:
    """Print the median ratio of each start beside its budget; exit 1 if one is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    rounds: int = parser.parse_args().rounds
    over = False
    # pip compiles what it installs; a checkout may be without byte code.
    compileall.compile_dir(Path(itdose.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        for start in STARTS:
            found = ratios(start, Path(folder), rounds)
            median = statistics.median(found)
            over = over or median > start.budget
            low, _, high = statistics.quantiles(found, n=4)
            spread = f"quartiles {low:.2f} to {high:.2f}"
            print(f"{start.name:22} {median:5.2f} x import click ({spread}), budget {start.budget}")
    raise SystemExit(1 if over else 0)


if __name__ == "__main__":
    main()
