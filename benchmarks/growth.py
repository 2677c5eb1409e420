"""How seconds and memory of ``itdose batch`` grow with the rows, at the same number of distinct orders.

Run: python benchmarks/growth.py [--rows 10000 100000 1000000] [--distinct 10000] [-- --engine duckdb]
What stands behind ``--`` goes to ``itdose batch``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from sheets import write

from itdose import Formulary

ITDOSE = str(Path(sys.executable).with_name("itdose"))
_FAILED = 5


class Run(NamedTuple):
    """What one run of a command took."""

    seconds: float
    megabytes: float
    """The most memory that the process itself held; of processes that it started, the largest counts."""


# A process begins with the memory of the one that starts it, which may be larger: a small one stands between.
_BETWEEN = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(command: list[str]) -> Run:
    """Run a command to its end, with its output thrown away."""
    began = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *command], capture_output=True, text=True, check=True
    ).stdout
    took = time.perf_counter() - began
    code, kilobytes = map(int, said.split())
    if code in {2, _FAILED} or code < 0:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Run(took, kilobytes / 1024)


def main() -> None:
    """Print a line of a table for every number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--distinct", type=int, default=10_000)
    parser.add_argument("more", nargs="*", help="options of itdose batch")
    said = parser.parse_args()
    formulary = Formulary.load()
    print(
        "| rows | distinct orders | seconds | rows a second | peak memory |\n| --- | --- | --- | --- | --- |"
    )
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.csv"
        for rows in said.rows:
            write(sheet, formulary, rows, min(rows, said.distinct))
            took = run([ITDOSE, "batch", str(sheet), *said.more])
            print(
                f"| {rows:,} | {min(rows, said.distinct):,} | {took.seconds:.1f} | "
                f"{rows / took.seconds:,.0f} | {took.megabytes:.0f} MB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
