"""``itdose batch`` beside a range join in DuckDB and a loop with pint, over the same sheet, in turn.

Run: python benchmarks/batch.py [--rows 1000000] [--distinct 200000] [--rounds 3] [--sample 20000]
       [--reports 20000]
The join and the loop compare a dose with an adult's limits, and no more; they are no checkers.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from growth import ITDOSE, run
from range_join import by_duckdb, by_pint, pint_limits, prepared
from sheets import write

from itdose import Formulary

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(work: Callable[[], int], expected: int) -> float:
    """Return how long a way takes, which must count so many rows."""
    began = time.perf_counter()
    counted = work()
    took = time.perf_counter() - began
    if counted != expected:
        raise SystemExit(f"{counted} rows were counted, and there are {expected}")
    return took


def one_round(sheet: Path, formulary: Formulary, count: int, sample: int) -> dict[str, float]:
    """Return the seconds of each way for the whole sheet."""
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.reader(file), 1, 1 + sample))
    known = pint_limits(formulary)
    taken = {"itdose": run([ITDOSE, "batch", str(sheet)]).seconds}
    with prepared(formulary) as tables:
        taken["duckdb"] = seconds(lambda: by_duckdb(str(sheet), tables), count)
    taken["pint"] = seconds(lambda: by_pint(rows, known), len(rows)) * count / len(rows)
    return taken


def by_processes(sheet: Path) -> dict[str, float]:
    """Return the seconds of one process and of two, where every report is written."""
    taken = {}
    for jobs in ("1", "2"):
        output = str(sheet.with_suffix(".ndjson"))
        taken[f"--jobs {jobs}"] = run(
            [ITDOSE, "batch", str(sheet), "--jobs", jobs, "--output", output]
        ).seconds
    return taken


def main() -> None:
    """Print the median seconds of each way, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=20_000, help="rows of the loop with pint")
    parser.add_argument("--reports", type=int, default=20_000, help="distinct orders of the run with reports")
    said = parser.parse_args()
    formulary = Formulary.load()
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.csv"
        write(sheet, formulary, said.rows, said.distinct)
        sample = min(said.sample, said.rows)
        small = Path(folder) / "small.csv"
        write(small, formulary, said.reports, said.reports)
        rounds = [
            one_round(sheet, formulary, said.rows, sample) | by_processes(small) for _ in range(said.rounds)
        ]
    print(f"{said.rows:,} rows, {said.distinct:,} distinct orders, {said.rounds} rounds in turn (medians)")
    for way in rounds[0]:
        print(f"  {way:10} {statistics.median(taken[way] for taken in rounds):10.1f} s")
    print(f"  (pint: {sample:,} rows measured, scaled to {said.rows:,})")
    print(f"itdose / duckdb, one thread: {_ratio(rounds, 'itdose', 'duckdb'):.2f}")
    print(f"pint / itdose: {_ratio(rounds, 'pint', 'itdose'):.2f}")
    print(f"--jobs 1 / --jobs 2, {said.reports:,} reports: {_ratio(rounds, '--jobs 1', '--jobs 2'):.2f}")


def _ratio(rounds: list[dict[str, float]], above: str, below: str) -> float:
    return statistics.median(taken[above] / taken[below] for taken in rounds)


if __name__ == "__main__":
    main()
