"""What ``itdose prepare`` says, as a page of short tables that text, Markdown and HTML share.

A worksheet holds what is given, and blank cells for a person who works it out
alone: nothing on it comes from a volume that was worked out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.checks.limit_texts import reached_limit
from itdose.errors import quote
from itdose.findings import Verdict
from itdose.plain_text import plain, shown
from itdose.render.report_text import WORDS, citation_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.formulary.tables import Product
    from itdose.preparing import Drawing, Prepared, Trap

Row = tuple[str, str | None]
"""What it is, and its figure; None is a blank cell to be filled in by hand."""
BLANK_CELLS = (
    "Strength on the container",
    "Volume to draw",
    "Diluent to add",
    "Final volume",
    "Final concentration",
    "Dose in what is drawn",
    "Computed by",
    "Checked by",
    "Date, time",
)
_GIVEN = {
    "dose": "Dose",
    "weight": "Body weight",
    "over": "Given over",
    "volume": "Final volume ordered",
}


class Section(NamedTuple):
    """A part of a page: a table of two columns, then a list."""

    heading: str
    rows: tuple[Row, ...] = ()
    items: tuple[str, ...] = ()


class Page(NamedTuple):
    """What is printed, without how."""

    verdict: str | None
    """``WITHIN LIMITS``; None on a worksheet, where it stands among the given facts."""
    title: str
    says: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: str


def results_page(prepared: Prepared) -> Page:
    """Return the verdict and, unless the order is stopped, the volumes with their checks."""
    said = (prepared.headline, *_decided_by(prepared), *_second(prepared))
    sections = [Section("To be looked at", items=tuple(_reasons(prepared)))]
    sections += [_drawn(drawing, prepared) for drawing in prepared.drawings]
    sections += [Section("Not to be used", items=tuple(_unusable(prepared)))]
    if prepared.not_labelled and prepared.drawings:
        sections.append(_not_labelled(prepared))
    sections.append(_assumed(prepared))
    return Page(
        verdict=WORDS[prepared.verdict],
        title=prepared.report.order.title,
        says=said,
        sections=tuple(section for section in sections if section.rows or section.items),
        foot=_foot(prepared),
    )


def worksheet_page(prepared: Prepared) -> Page:
    """Return the sheet for a second person, or why nothing is to be prepared."""
    if not prepared.drawings:
        return results_page(prepared)
    sections = [Section("The order", tuple(_given(prepared))), _assumed(prepared)]
    for drawing in prepared.drawings:
        blanks = tuple((name, None) for name in BLANK_CELLS)
        sections.append(Section(drawing.product.name, (*_on_the_shelf(drawing.product), *blanks)))
    sections.append(Section("Independent check", items=tuple(_independent(prepared))))
    return Page(
        verdict=None,
        title=f"Worksheet for a second person: {prepared.report.order.title}",
        says=(),
        sections=tuple(section for section in sections if section.rows or section.items),
        foot=_foot(prepared),
    )


def _decided_by(prepared: Prepared) -> Iterator[str]:
    """Say which finding decides that nothing is drawn up, and where the rest of it stands."""
    if prepared.drawings:
        return
    finding = prepared.deciding
    if finding is not None and finding.detail:
        yield finding.detail
    if finding is not None:
        yield f"Decided by the finding {finding.code}; 'itdose explain {finding.code}' says what it means."
    yield "No volume to draw is given."


def _second(prepared: Prepared) -> Iterator[str]:
    if prepared.second is not None:
        yield prepared.second


def _reasons(prepared: Prepared) -> Iterator[str]:
    """Yield what else of the order itself needs a look; what is of one product stands with it."""
    if prepared.drawings and prepared.verdict is Verdict.NEEDS_REVIEW:
        said = (f.message for f in prepared.report.findings if f.verdict is Verdict.NEEDS_REVIEW)
        yield from (message for message in said if message != prepared.report.headline)


def _drawn(drawing: Drawing, prepared: Prepared) -> Section:
    rows: list[Row] = [
        ("Strength on the label", plain(drawing.product.strength)),
        ("Volume to draw", plain(drawing.volume)),
        ("Dose in what is drawn", shown(drawing.cells.stated["dose"])),
    ]
    rows += [("Containers", _counts(drawing)), *_diluted(drawing), ("To measure it", drawing.measured)]
    rows += [(f"Trap: {trap.what}", _trap_words(trap)) for trap in drawing.traps]
    known = {drawing.measured, *(finding.message for finding in prepared.report.findings)}
    reasons = (
        f"{WORDS[finding.verdict].lower()}: {finding.message}"
        for finding in drawing.report.findings
        if finding.verdict is not Verdict.WITHIN_LIMITS and finding.message not in known
    )
    return Section(drawing.product.name, tuple(rows), tuple(reasons))


def _counts(drawing: Drawing) -> str:
    said = "; ".join(f"{count} of: {', '.join(sizes)}" for count, sizes in sorted(drawing.counts.items()))
    return said or "the formulary has no size of this product"


def _diluted(drawing: Drawing) -> Iterator[Row]:
    """Yield what a final volume makes of it; nothing where none was stated."""
    volume = drawing.cells.stated.get("volume")
    diluent, made = drawing.cells.quantity("diluent_volume"), drawing.cells.quantity("concentration")
    if volume is None or diluent is None or made is None:
        return
    yield "Diluent to add", plain(diluent) if diluent.amount else "none"
    yield "Final volume", plain(volume)
    yield "Final concentration", shown(made)


def _trap_words(trap: Trap) -> str:
    holds = f"{plain(trap.volume)} holds {shown(trap.holds)}"
    if trap.reached is None:
        return f"{holds}, which reaches no hard limit and no toxic level that was compared"
    limit, observed = trap.reached
    if observed.unit.dimension != trap.holds.unit.dimension:
        holds += f" ({shown(observed)})"
    return f"{holds}, which is {reached_limit(limit)}"


def _unusable(prepared: Prepared) -> Iterator[str]:
    for item in prepared.unusable:
        name = item.product.name if item.product else "the product"
        why = item.why if name in item.why else f"{name}: {item.why}"
        detail = item.finding.detail if item.finding else None
        yield f"{why}. {detail}" if detail else why


def _not_labelled(prepared: Prepared) -> Section:
    names = tuple(product.name for product in prepared.not_labelled)
    return Section(f"Not labelled for the {prepared.case.route} route; name one with --product", items=names)


def _assumed(prepared: Prepared) -> Section:
    return Section("Assumed", items=prepared.report.assumptions)


def _given(prepared: Prepared) -> Iterator[Row]:
    case, order = prepared.case, prepared.case.order
    yield "Order as written", quote(f"{order.drug} {order.dose}")
    yield "Order as read", prepared.report.order.title
    for field, name in _GIVEN.items():
        quantity = case.quantity(field)
        if quantity is not None:
            yield name, plain(quantity)
    look = "; 'itdose prepare' without --worksheet says why"
    yield "Verdict", WORDS[prepared.verdict].lower() + (look if prepared.verdict else "")
    if prepared.unusable:
        names = (item.product.name for item in prepared.unusable if item.product)
        yield "Not to be used", "; ".join(names)


def _on_the_shelf(product: Product) -> Iterator[Row]:
    yield "Strength in the formulary", plain(product.strength)
    if product.containers:
        yield "Containers", ", ".join(product.containers)


def _independent(prepared: Prepared) -> Iterator[str]:
    says = prepared.independent.says
    yield f"{says[:1].upper()}{says[1:]}."
    yield from (citation_text(item.citation) for item in prepared.independent.evidence)


def _foot(prepared: Prepared) -> str:
    report = prepared.report
    sites = "".join(f", {layer.site} {layer.version}" for layer in report.layers)
    version = f"itdose {report.itdose_version}, formulary {report.formulary_version}{sites}"
    return f"{version} ({report.formulary_digest})"
