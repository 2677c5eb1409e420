"""Check proposed drug doses against published ranges and toxic thresholds.

Five lines do what ``itdose check`` does::

    from itdose import Formulary, Order, assess

    formulary = Formulary.load()
    report = assess(Order(drug="magnesium", dose="500 mg", route="intrathecal"), formulary)
    print(report.verdict, report.headline)
"""

from typing import TYPE_CHECKING

from itdose.version import __version__ as __version__

if TYPE_CHECKING:
    from itdose.assessment import assess as assess
    from itdose.errors import ItdoseError as ItdoseError
    from itdose.findings import Finding as Finding
    from itdose.findings import Report as Report
    from itdose.findings import Verdict as Verdict
    from itdose.formulary import Formulary as Formulary
    from itdose.order import Order as Order

__all__ = ["Finding", "Formulary", "ItdoseError", "Order", "Report", "Verdict", "assess"]

_HOMES = {
    "Finding": "itdose.findings",
    "Formulary": "itdose.formulary",
    "ItdoseError": "itdose.errors",
    "Order": "itdose.order",
    "Report": "itdose.findings",
    "Verdict": "itdose.findings",
    "assess": "itdose.assessment",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that ``itdose --help`` starts without the checker."""
    if name not in _HOMES:
        raise AttributeError(f"module 'itdose' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)
