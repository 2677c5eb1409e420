"""An order and a formulary in, a report out. Nothing else is read, and nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.measures import has_base
from itdose.case.reading import read_order
from itdose.checks import CHECKS, DECIDING
from itdose.errors import quote
from itdose.findings import Cell, OrderAsRead, Report, Verdict, overall
from itdose.order import CELL_NAMES, says_undiluted
from itdose.plain_text import shown
from itdose.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.findings import Comparison, Finding
    from itdose.formulary import Formulary
    from itdose.order import Order

# Told in the order itself.
_OF_THE_ORDER = frozenset({"dose", "over"})
# Among findings of one verdict, the one that speaks first in the report's first line.
_LEADING = (
    "route-forbidden",
    "product-of-another-drug",
    "product-forbidden",
    "product-vehicle-forbidden",
    "preparation-contradiction",
    "preparation-rows-differ",
    "units-contradiction",
    "-at-toxic-level",
    "-above-hard-limit",
    "drug-unknown",
    "notation-refused",
    "route-unknown",
    "rules-disagree",
)


def assess(order: Order, formulary: Formulary) -> Report:
    """Check one order and return the report.

    Never raises for what an order says: what can't be read, matched or
    compared is a finding with the verdict ``cannot_check``.
    """
    case = read_order(order, formulary)
    findings = tuple(finding for check in CHECKS for finding in check(case))
    verdict = overall(findings)
    deciding = _deciding(findings, verdict)
    return Report(
        order=_as_read(case),
        verdict=verdict,
        headline=deciding.message,
        cause=deciding.code,
        assumptions=tuple(_assumptions(case)),
        findings=findings,
        comparisons=tuple(_comparisons(case)),
        reviews=tuple(match.rule.review for one in (case, *case.partners) for match in one.matches),
        cells=tuple(_cells(case)),
        formulary_version=formulary.version,
        formulary_digest=formulary.digest,
        layers=formulary.layers,
        itdose_version=__version__,
    )


def decide(order: Order, formulary: Formulary) -> tuple[Verdict, str | None, str]:
    """Return the verdict of an order, the key of its drug, and the code of the finding that decided."""
    case = read_order(order, formulary)
    findings = tuple(finding for check in DECIDING for finding in check(case))
    verdict = overall(findings)
    return verdict, case.drug.key if case.drug else None, _deciding(findings, verdict).code


def _as_read(case: Case) -> OrderAsRead:
    order = case.order
    dose = case.quantity("dose")
    mode = case.mode or _only_mode(case)
    together = tuple(_drug_and_dose(partner) for partner in case.partners)
    mixture = f"with {' and '.join(together)}" if together else None
    title = " ".join(word for word in (_drug_and_dose(case), mixture, case.route) if word)
    return OrderAsRead(
        drug=case.drug.key if case.drug else None,
        route=case.route,
        mode=mode,
        dose=dose,
        text=f"{order.drug} {order.dose}",
        title=f"{title}, {mode.replace('_', ' ')}" if mode else title,
        together_with=together,
    )


def _drug_and_dose(case: Case) -> str:
    dose = case.quantity("dose")
    name = case.drug.name if case.drug else quote(case.order.drug)
    return f"{name} {shown(dose) if dose else quote(case.order.dose)}"


def _comparisons(case: Case) -> Iterator[Comparison]:
    """Yield every comparison; those of the other drugs of a mixture say whose they are."""
    for match in case.matches:
        yield from (comparison for _, comparison in match.comparisons)
    for partner in case.partners:
        name = partner.drug.name if partner.drug else partner.order.drug
        for match in partner.matches:
            for _, comparison in match.comparisons:
                yield comparison._replace(label=f"{name}: {comparison.label}")


def _cells(case: Case) -> Iterator[Cell]:
    preparation = case.preparation
    if preparation is None:
        return
    for name in CELL_NAMES:
        text, stated = getattr(case.order, name), preparation.stated.get(name)
        computed = preparation.computed.get(name)
        expected = [odd.expected for odd in preparation.odd if odd.cell == name]
        computed = computed or (expected[0] if expected else None)
        if name not in _OF_THE_ORDER and (text is not None or computed is not None):
            yield Cell(name, text, stated, computed)


def _only_mode(case: Case) -> str | None:
    """Return the mode where every rule that was compared has the same one."""
    modes = {match.rule.mode for match in case.matches}
    return modes.pop() if len(modes) == 1 else None


def _deciding(findings: tuple[Finding, ...], verdict: Verdict) -> Finding:
    """Return the finding that speaks first in the report's first line."""
    deciding = [finding for finding in findings if finding.verdict is verdict]
    for ending in _LEADING:
        for finding in deciding:
            if finding.code.endswith(ending):
                return finding
    compared = [finding for finding in deciding if finding.observed is not None and finding.limit is not None]
    return (compared or deciding)[0]


def _assumptions(case: Case) -> list[str]:
    """Return what was taken without being stated, as far as it could matter for this drug and route."""
    entry = case.by_route
    if case.drug is None or entry is None:
        return []
    dose = case.quantity("dose")
    # A mass may be of the salt, the base or the element; other units say what they count.
    assumed = [f"{case.drug.form} (basis not stated)"] if dose is None or has_base(dose, "mass") else []
    named = {case.formulary.population.axis[key] for rule in entry.rules for key in rule.categories}
    for axis in sorted(case.patient.assumed & (named | {"age"})):
        category = case.formulary.category(case.patient.profile[axis])
        assumed.append(f"{category['name']}: {category['assumed']}")
    mode = _only_mode(case)
    if case.mode is None and mode is not None:
        assumed.append(f"{mode.replace('_', ' ')}: no mode given")
    daily = any(
        comparison.measure.startswith("daily_dose") and match.rule.mode != "continuous_infusion"
        for match in case.matches
        for _, comparison in match.comparisons
    )
    if daily and case.quantity("every") is None:
        assumed.append("one dose in 24 h: no interval given")
    if case.preparation is not None and case.preparation.undiluted and not says_undiluted(case.order):
        assumed.append("given undiluted: no diluent stated")
    return assumed
