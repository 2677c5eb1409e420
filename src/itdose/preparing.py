"""What to draw up for an order, one product at a time; nothing for an order that is stopped.

The order is judged first. Volumes follow exactly from dose and strength, and
each comes with the slip that this strength makes easy: ten times the volume,
or one whole container.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from itdose.assessment import assess
from itdose.case.preparation import is_written_rounding
from itdose.case.product import containers
from itdose.case.reading import read_order
from itdose.checks.latent_slips import limit_reached
from itdose.checks.stock import stocked
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError
from itdose.findings import Verdict
from itdose.plain_text import number, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from itdose.case import Case
    from itdose.case.preparation import Preparation
    from itdose.dose_text import Reading
    from itdose.findings import Finding, Limit, Report
    from itdose.formulary import Formulary, Slip
    from itdose.formulary.side_tables import Reminder
    from itdose.formulary.tables import Product
    from itdose.order import Order
    from itdose.quantity import Quantity

_NOT_PREPARED = frozenset({Verdict.STOP, Verdict.CANNOT_CHECK})
# Any word but "none": without it, the final volume would be taken for the product's own.
_SOME_DILUENT = "up to the final volume"


class Trap(NamedTuple):
    """A volume that is easily drawn in place of the right one."""

    what: str
    """``10 times the volume`` or ``one whole 2 mL ampoule``."""
    volume: Quantity
    holds: Quantity
    reached: tuple[Limit, Quantity] | None
    """The worst limit that it would reach, and what it is in the kind of unit that the limit has."""


class Drawing(NamedTuple):
    """What is drawn of one product, and what is added to it."""

    product: Product
    report: Report
    cells: Preparation
    volume: Quantity
    """To be drawn, exact."""
    counts: Mapping[int, tuple[str, ...]]
    """How many containers that takes, and in which sizes."""
    measured: str
    traps: tuple[Trap, ...]


class Unusable(NamedTuple):
    """A product that is not to be used for this order, and why."""

    product: Product | None
    verdict: Verdict
    why: str
    finding: Finding | None
    """The one that decides; None where only the volume is missing."""


class Prepared(NamedTuple):
    """The answer to "what do I draw up for this order?"."""

    case: Case
    report: Report
    """Of the order: with the product where one was named, without where all are looked at."""
    verdict: Verdict
    headline: str
    deciding: Finding | None
    drawings: tuple[Drawing, ...]
    """None for an order that is stopped or could not be checked."""
    unusable: tuple[Unusable, ...]
    not_labelled: tuple[Product, ...]
    """Left out because other products of the drug are labelled for the route."""
    independent: Reminder
    """What sources say of an independent check."""
    second: str | None = None
    """What became of the second person's figure."""


def work_out(order: Order, formulary: Formulary) -> Prepared:
    """Judge the order, then work out what to draw of the named product, or of each stocked one.

    ``volume`` of the order is the final volume after dilution.
    """
    if order.volume is not None and order.diluent is None:
        order = replace(order, diluent=_SOME_DILUENT)
    report = assess(order, formulary)
    prepared = Prepared(
        case=read_order(order, formulary),
        report=report,
        verdict=report.verdict,
        headline=report.headline,
        deciding=_deciding(report),
        drawings=(),
        unusable=(),
        not_labelled=(),
        independent=formulary.reminder("independent_check"),
    )
    if report.verdict in _NOT_PREPARED:
        return prepared
    if order.product is None:
        return _every_product(prepared)
    found = _of_product(order, report, formulary)
    if isinstance(found, Unusable):
        return _without_volumes(prepared, found.verdict, found.why, found.finding)
    return prepared._replace(drawings=(found,))


def with_second(prepared: Prepared, text: str) -> Prepared:
    """Compare the volume that a second person worked out; a disagreement leaves no volume to draw.

    Agreement is exact, or a figure without an end rounded to three digits or more.
    """
    if not prepared.drawings:
        return prepared._replace(second="The second person's figure was not compared.")
    [drawing] = prepared.drawings
    units = prepared.case.formulary.units
    try:
        reading = read(text, Kind.VOLUME, Dialect(units, strict=prepared.case.order.strict))
    except DoseTextError as error:
        why = f"the second person's figure was not read: {error}"
        return _without_volumes(prepared, Verdict.CANNOT_CHECK, why)
    theirs, ours = plain(reading.quantity), plain(drawing.volume)
    if _agrees(drawing.volume, reading):
        return prepared._replace(
            second=f"The second person's figure, {theirs}, agrees with the one worked out here, {ours}."
        )
    why = f"two figures for the volume to draw: {theirs} by the second person, {ours} worked out here"
    small, large = sorted((reading.quantity, drawing.volume))
    why += f"; {plain(large)} is {number(large.ratio(small))} times {plain(small)}"
    slip = _slip_between(drawing.volume, reading, prepared.case)
    if slip is not None:
        why += f", as a {slip.mechanism.replace('_', ' ')} slip makes it: {slip.why}"
    return _without_volumes(prepared, Verdict.STOP, why)


def _without_volumes(
    prepared: Prepared, verdict: Verdict, why: str, finding: Finding | None = None
) -> Prepared:
    return prepared._replace(verdict=verdict, headline=why, deciding=finding, drawings=())


def _deciding(report: Report) -> Finding:
    return next(
        finding
        for finding in report.findings
        if finding.verdict is report.verdict and finding.message == report.headline
    )


def _every_product(prepared: Prepared) -> Prepared:
    """Work out each product that the route takes; those that can be used decide the verdict."""
    case, report = prepared.case, prepared.report
    products = case.drug.products if case.drug else ()
    usual = stocked(case)
    drawings, unusable, not_labelled = [], [], []
    for product in products:
        order = replace(case.order, product=product.name)
        found = _of_product(order, assess(order, case.formulary), case.formulary)
        if isinstance(found, Unusable):
            unusable.append(found)
        elif product in usual:
            drawings.append(found)
        else:
            not_labelled.append(product)
    if not drawings:
        return _none_usable(prepared, tuple(unusable))
    prepared = prepared._replace(unusable=tuple(unusable), not_labelled=tuple(not_labelled))
    verdict = max(report.verdict, *(drawing.report.verdict for drawing in drawings))
    # What needs a look only with one product is said beside that product.
    names = [item.product.name for item in drawings if item.report.verdict > report.verdict]
    headline = (
        f"{report.headline}; these products need a look: {', '.join(names)}" if names else report.headline
    )
    return prepared._replace(verdict=verdict, headline=headline, drawings=tuple(drawings))


def _none_usable(prepared: Prepared, unusable: tuple[Unusable, ...]) -> Prepared:
    verdict = max((item.verdict for item in unusable), default=Verdict.CANNOT_CHECK)
    reasons = {item.why for item in unusable}
    if len(reasons) == 1:
        # One fact is missing for all of them, such as the body weight.
        return _without_volumes(prepared, verdict, reasons.pop(), unusable[0].finding)
    why = (
        "none of the drug's products can be used for this order" if unusable else "no product of it is known"
    )
    return _without_volumes(prepared._replace(unusable=unusable), verdict, why)


def _of_product(order: Order, report: Report, formulary: Formulary) -> Drawing | Unusable:
    case = read_order(order, formulary)
    product, cells = case.product, case.preparation
    if report.verdict in _NOT_PREPARED:
        return Unusable(product, report.verdict, report.headline, _deciding(report))
    if product is None or cells is None:
        # What else the product holds is not known, so no volume of it is given.
        unknown = next(finding for finding in report.findings if finding.code == "product-not-single")
        return Unusable(None, Verdict.CANNOT_CHECK, unknown.message, unknown)
    volume = cells.quantity("draw_volume")
    if volume is None:
        why = cells.problem or "state what is given at once, and no rate"
        said = f"no volume to draw follows from this order: {why}"
        return Unusable(product, Verdict.CANNOT_CHECK, said, None)
    return Drawing(
        product=product,
        report=report,
        cells=cells,
        volume=volume,
        counts=_counts(product, volume, formulary),
        measured=_measured(report, formulary),
        traps=tuple(_traps(case, product, cells, volume)),
    )


def _measured(report: Report, formulary: Formulary) -> str:
    said = (finding.message for finding in report.findings if finding.measure == "draw_volume")
    largest = formulary.syringes[-1].volume
    return next(said, f"more than the largest syringe, {plain(largest)}; it is drawn in parts")


def _counts(product: Product, volume: Quantity, formulary: Formulary) -> Mapping[int, tuple[str, ...]]:
    counts: dict[int, tuple[str, ...]] = {}
    for container in containers(product, formulary.units):
        count = volume.ratio(container.volume).__ceil__()
        counts[count] = (*counts.get(count, ()), f"{plain(container.volume)} {container.kind}")
    return counts


def _traps(case: Case, product: Product, cells: Preparation, volume: Quantity) -> Iterator[Trap]:
    """Yield ten times the volume, and the smallest container that holds more than the volume."""
    # A volume to draw follows from it, so it was read and converted.
    strength = cells.stated["product"]
    tenfold = [slip.factor for slip in case.formulary.slips if slip.mechanism == "tenfold"]
    wrong = {volume.times(factor): f"{number(factor)} times the volume" for factor in tenfold if factor}
    larger = [item for item in containers(product, case.formulary.units) if volume < item.volume]
    for container in sorted(larger, key=lambda item: item.volume.size)[:1]:
        wrong.setdefault(container.volume, f"one whole {plain(container.volume)} {container.kind}")
    for drawn, what in wrong.items():
        reached = limit_reached(case, drawn.ratio(volume))
        yield Trap(what, drawn, cells.content(drawn, strength), reached)


def _agrees(exact: Quantity, reading: Reading) -> bool:
    return exact.same_as(reading.quantity) or is_written_rounding(reading, exact.size)


def _slip_between(exact: Quantity, reading: Reading, case: Case) -> Slip | None:
    """Return the known factor by which one figure is the other."""

    def explains(factor: Fraction) -> bool:
        return any(_agrees(exact.times(times), reading) for times in (factor, 1 / factor))

    slips = (slip for slip in case.formulary.slips if slip.works_by == "factor" and slip.factor)
    return next((slip for slip in slips if slip.factor and explains(slip.factor)), None)
