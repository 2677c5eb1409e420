"""What the formulary says of one drug: ranges drawn as rulers, reports, products, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.case.matching import rule_words, site_words
from itdose.plain_text import number, plain
from itdose.quantity import Quantity
from itdose.render.layout import WIDEST, wrap
from itdose.render.report_text import citation_text, side_by_side
from itdose.render.ruler import legend, ruler

if TYPE_CHECKING:
    from itdose.formulary import Drug, Formulary
    from itdose.formulary.tables import DoseRule, DrugByRoute, Forbidden, HarmReport, Product


def monograph(formulary: Formulary, drug: Drug, *, width: int, route: str | None = None) -> str:
    """Return everything on a drug, or only what concerns one route."""
    lines = _Lines(min(width, WIDEST))
    lines.add(drug.name, "")
    if drug.synonyms:
        lines.add(f"Also read: {', '.join(drug.synonyms)}")
    lines.add(f"Doses are read as {drug.form}. {citation_text(drug.form_citation)}")
    for unit, factor in drug.conversions.items():
        where = citation_text(drug.conversion_citations[unit])
        lines.add(f"1 g is {number(factor)} {unit.replace('_', ' ')}. {where}")
    if drug.indications:
        known = "; ".join(f"{key} ({label})" for key, label in drug.indications.items())
        lines.add(f"Indications: {known}")
    for name, entry in drug.routes.items():
        if route in {None, name}:
            _route(lines, formulary, drug, name, entry)
    if drug.products:
        lines.heading("Products")
    for product in drug.products:
        _product(lines, product)
    _conditions(lines, formulary, drug, route)
    return "\n".join(lines.lines) + "\n"


def rule_text(formulary: Formulary, rule_id: str, *, width: int) -> str:
    """Return what the formulary says in one rule."""
    lines = _Lines(min(width, WIDEST))
    for key, _, rule in formulary.rules([rule_id.partition(".")[0]]):
        if rule.id == rule_id:
            _rule(lines, formulary, formulary.drug(key), rule)
    return "\n".join(lines.lines) + "\n"


class _Lines:
    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []

    def add(self, text: str, indent: str = "  ") -> None:
        self.lines += wrap(text, self.width, indent, indent + "  ")

    def heading(self, text: str) -> None:
        self.lines += ["", *wrap(text, self.width)]


def _route(lines: _Lines, formulary: Formulary, drug: Drug, route: str, entry: DrugByRoute) -> None:
    lines.heading(f"{route.capitalize()}: {entry.status.replace('_', ' ').upper()}")
    if entry.forbidden:
        lines.add(entry.forbidden.reason)
        _evidence(lines, entry.forbidden, "    ")
    if entry.note:
        lines.add(entry.note)
    for rule in entry.rules:
        _rule(lines, formulary, drug, rule)
    for report in entry.reports:
        lines.add(f"Reported: {_report(report)} {citation_text(report.citation)}")


def _conditions(lines: _Lines, formulary: Formulary, drug: Drug, route: str | None) -> None:
    """Say with which conditions sources warn of the drug; `--condition` takes these names."""
    found = [
        item
        for item in (*drug.contraindications, *formulary.route_cautions)
        if route in item.routes or (route is None and set(item.routes) & set(drug.routes))
    ]
    if found:
        lines.heading("Conditions with which sources warn of it")
    for item in found:
        only = f" ({item.only})" if item.only else ""
        kind = "contraindicated" if item.is_contraindicated else "caution"
        routes = ", ".join(item.routes)
        lines.add(f"{formulary.condition_name(item.condition)} [{kind}; {routes}]{only}: {item.says}")


def _product(lines: _Lines, product: Product) -> None:
    routes = ", ".join(product.labelled_routes) or "for no route"
    lines.add(
        f"{product.name}: {plain(product.strength)}; labelled {routes}; "
        f"preservative: {product.preservative}. {citation_text(product.citation)}"
    )
    if product.note:
        lines.add(f"Note: {product.note}", "    ")
    for name, forbidden in product.forbidden.items():
        lines.add(f"Never by the {name} route: {forbidden.reason}", "    ")
        _evidence(lines, forbidden, "      ")


def _evidence(lines: _Lines, forbidden: Forbidden, indent: str) -> None:
    for item in forbidden.evidence:
        lines.add(citation_text(item.citation), indent)


def _report(report: HarmReport) -> str:
    dose = plain(report.dose) if isinstance(report.dose, Quantity) else report.dose
    return f"{dose}: {report.outcome} ({report.population})."


def _rule(lines: _Lines, formulary: Formulary, drug: Drug, rule: DoseRule) -> None:
    purposes = " or ".join(drug.indications[key] for key in rule.indications)
    words = rule_words(formulary, rule, [purposes] if purposes else [])
    lines.lines.append("")
    lines.add(f"{words} [{rule.review.state.replace('_', '-')} {rule.review.on}]")
    for limits in rule.limits:
        bounds = limits.guardrail
        if next(bounds.limits(), None) is None:
            continue
        window = f" in any {plain(limits.window)}" if limits.window else ""
        lines.add(limits.measure.replace("_", " ") + window, "    ")
        lines.lines += [f"    {line}" for line in ruler(bounds, None, lines.width - 8)]
        lines.lines += [f"  {line}" for line in side_by_side(legend(bounds), lines.width - 2)]
        if limits.note:
            lines.add(limits.note, "    ")
    for said in site_words(rule.review):
        lines.add(said, "    ")
    if rule.note:
        lines.add(f"Note: {rule.note}", "    ")
    for item in rule.evidence:
        lines.add(f"{', '.join(item.supports) or 'context'}: {citation_text(item.citation)}", "    ")
        if item.differs:
            lines.add(f"differs on {', '.join(item.differs)}: {item.says}", "      ")
