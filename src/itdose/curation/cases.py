"""Run regression cases against a formulary: verdict, every finding code, and the slips in order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from itdose.assessment import assess

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from itdose.findings import Report
    from itdose.formulary import Formulary
    from itdose.formulary.case_files import RegressionCase


class Outcome(NamedTuple):
    """One case, and in what its report differs from what is expected."""

    case: RegressionCase
    differences: tuple[str, ...]
    """Empty where the report is as expected."""


def run_cases(cases: Iterable[RegressionCase], formulary: Formulary) -> Iterator[Outcome]:
    """Assess every case, one after the other."""
    for case in cases:
        yield Outcome(case, tuple(_differences(case, assess(case.order, formulary))))


def is_as_expected(case: RegressionCase, formulary: Formulary) -> bool:
    """Return whether the report of one case is as expected in every respect."""
    return next(_differences(case, assess(case.order, formulary)), None) is None


def mechanisms(report: Report) -> tuple[str, ...]:
    """Return the slips that explain a dose; a latent slip explains nothing yet."""
    return tuple(
        finding.mechanism
        for finding in report.findings
        if finding.mechanism is not None and finding.code.startswith("slip-")
    )


def _differences(case: RegressionCase, report: Report) -> Iterator[str]:
    verdict, found = str(report.verdict), mechanisms(report)
    if verdict != case.verdict:
        yield f"verdict {verdict}, expected {case.verdict}"
    codes, expected = Counter(finding.code for finding in report.findings), Counter(case.codes)
    if codes != expected:
        missing, extra = (
            sorted((one - other).elements()) for one, other in ((expected, codes), (codes, expected))
        )
        said = [f"missing: {', '.join(missing)}"] if missing else []
        said += [f"not expected: {', '.join(extra)}"] if extra else []
        yield f"codes {'; '.join(said)}"
    if found != case.mechanisms:
        yield f"slips {', '.join(found) or 'none'}, expected {', '.join(case.mechanisms) or 'none'}"
