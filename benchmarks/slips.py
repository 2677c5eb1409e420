"""What looking for slips adds to one order: reports with and without it, the same orders in turn.

The orders are those of the regression cases. Run: python benchmarks/slips.py [--rounds 5] [--every 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from itdose import Formulary
from itdose.case.reading import read_order
from itdose.checks import CHECKS, latent_slips, slips
from itdose.formulary.case_files import read_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from itdose import Order
    from itdose.case import Case
    from itdose.findings import Finding

    Check = Callable[[Case], Iterator[Finding]]

CASES = Path(__file__).parents[1] / "data" / "cases"
BUDGET = 0.002
ENGINE = (slips.check, latent_slips.check)
WITHOUT = tuple(check for check in CHECKS if check not in ENGINE)


def seconds(orders: Sequence[Order], formulary: Formulary, checks: Sequence[Check]) -> float:
    """Return how long all orders take, each read anew and looked at by these checks."""
    began = time.perf_counter()
    for order in orders:
        case = read_order(order, formulary)
        for check in checks:
            for _ in check(case):
                pass
    return time.perf_counter() - began


def main() -> None:
    """Print what the engine adds to an order, and the ratio; exit 1 where it is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=5, help="take every so many-th order")
    said = parser.parse_args()
    formulary = Formulary.load()
    orders = [case.order for case in read_cases([CASES])][:: said.every]
    seconds(orders, formulary, CHECKS)
    pairs = [
        (seconds(orders, formulary, WITHOUT), seconds(orders, formulary, CHECKS)) for _ in range(said.rounds)
    ]
    added = statistics.median((whole - without) / len(orders) for without, whole in pairs)
    ratio = statistics.median(whole / without for without, whole in pairs)
    print(f"{len(orders)} orders, {said.rounds} rounds in turn")
    print(f"slips and latent slips add {1000 * added:.2f} ms to an order (budget {1000 * BUDGET:.0f} ms)")
    print(f"an order with them takes {ratio:.2f} times one without")
    raise SystemExit(added > BUDGET)


if __name__ == "__main__":
    main()
