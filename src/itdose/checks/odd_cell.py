"""The words of a contradiction: what the cells say, which one is odd, and the slip that explains it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from itdose.case.cells import Plus
from itdose.case.matching import match_rules
from itdose.case.product import containers
from itdose.checks.judgement import judge
from itdose.checks.slip_ways import with_dose
from itdose.findings import Finding, Verdict
from itdose.order import CELL_NAMES
from itdose.plain_text import beside, number, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.case.cells import Relation
    from itdose.case.preparation import Disagreement, Preparation
    from itdose.formulary import Slip
    from itdose.quantity import Quantity

_STRENGTHS = ("product", "strength")
_DRAWN = ("draw_volume", "volume")
# A mass in milligrams and a volume in milliliters have the same figure, whatever the larger unit.
_FIGURE_UNITS = ("mg", "mcg")


def contradiction(preparation: Preparation, relation: Relation) -> Finding:
    """Return what the cells say that can't all be true."""
    dose = preparation.stated.get("dose")
    contents = (
        _content(preparation, pair) for pair in _pairs(preparation) if _is_not_the_dose(preparation, pair)
    )
    content = next(contents, None)
    return Finding(
        code="preparation-contradiction",
        verdict=Verdict.STOP,
        message=_said(preparation, relation),
        detail="If the product was diluted, state the diluent or the final concentration."
        if preparation.undiluted
        else None,
        observed=content,
        ratio=content.ratio(dose) if content and dose else None,
    )


def odd_one(case: Case, preparation: Preparation) -> Finding:
    """Return the finding that names the odd cell, or those among which it is."""
    suspects, because = _suspects(case, preparation)
    slips = {odd.cell: slip for odd in suspects if (slip := _slip(case, preparation, odd)) is not None}
    explained = [odd for odd in suspects if odd.cell in slips]
    if len(suspects) == 1:
        return _with_slip(_named(suspects[0], because), slips.get(suspects[0].cell))
    if len(explained) == 1:
        reasons = filter(None, (because, "a known slip explains it"))
        return _with_slip(_named(explained[0], " and ".join(reasons)), slips[explained[0].cell])
    choice = " or ".join(f"the {CELL_NAMES[odd.cell]} ({_exactly(odd)} would agree)" for odd in suspects)
    mechanisms = {slip.mechanism: slip for slip in slips.values()}
    finding = Finding(
        code="preparation-odd-cell",
        verdict=Verdict.STOP,
        message=f"one of these is wrong: {choice}"
        if choice
        else "which of them is wrong does not follow from the others, and two or more may be",
    )
    return _with_slip(finding, next(iter(mechanisms.values())) if len(mechanisms) == 1 else None)


def _named(odd: Disagreement, because: str) -> Finding:
    return Finding(
        code="preparation-odd-cell",
        verdict=Verdict.STOP,
        message=f"the {CELL_NAMES[odd.cell]}, {plain(odd.stated)}, is the odd one: "
        f"the other cells make it {_exactly(odd)}, and {_times(odd)}{f'; {because}' if because else ''}",
        measure=odd.cell,
        observed=odd.stated,
        ratio=odd.stated.ratio(odd.expected),
    )


def _with_slip(finding: Finding, slip: Slip | None) -> Finding:
    """Return the finding with the mechanism that explains it, where there is one."""
    if slip is None:
        return finding
    return finding._replace(
        detail=f"{slip.mechanism.replace('_', ' ').capitalize()}: {slip.why}.",
        mechanism=slip.mechanism,
        evidence=tuple(slip.citations),
    )


def _exactly(odd: Disagreement) -> str:
    return beside(odd.expected, odd.stated)


def _times(odd: Disagreement) -> str:
    ratio = odd.stated.ratio(odd.expected)
    if ratio >= 1:
        return f"it is {number(ratio)} times that"
    return f"that is {number(1 / ratio)} times as much"


def _said(preparation: Preparation, relation: Relation) -> str:
    if isinstance(relation, Plus):
        return _volumes(preparation, relation)
    if "flow_rate" in relation.cells:
        return _runs(preparation, relation)
    if "product" in relation.cells:
        strengths = (shown(preparation.at_clash[cell]) for cell in _STRENGTHS)
        return "the product holds {}, and the stated strength is {}".format(*strengths)
    dose = preparation.stated.get("dose")
    differing = [pair for pair in _pairs(preparation) if _is_not_the_dose(preparation, pair)]
    if dose is not None and differing and "content" in relation.cells:
        return f"{_holds(preparation, differing[0])}, and the stated dose is {shown(dose)}"
    pairs = [_holds(preparation, pair) for pair in _pairs(preparation)]
    return ", and ".join(pairs) if len(pairs) > 1 else _all_cells(preparation)


def _volumes(preparation: Preparation, relation: Plus) -> str:
    known = preparation.at_clash
    drawn, diluent = (known[part] for part in relation.parts)
    if "draw_volume" not in preparation.stated and drawn.amount <= 0:
        return f"{shown(diluent)} of diluent leaves nothing to be drawn in {shown(known['volume'])}"
    if "diluent_volume" not in preparation.stated:
        return f"{shown(drawn)} drawn is more than the final volume, {shown(known['volume'])}"
    return f"{shown(drawn)} drawn and {shown(diluent)} of diluent do not make {shown(known['volume'])}"


def _runs(preparation: Preparation, relation: Relation) -> str:
    known, dose = preparation.at_clash, preparation.stated.get("dose")
    if dose is not None and "dose" in relation.cells:
        gives = preparation.quantity_of(relation, "dose")
        said = f"{plain(known['flow_rate'])} of {shown(known['concentration'])} gives {beside(gives, dose)}"
        return f"{said}, and the stated rate is {plain(dose)}"
    runs = preparation.quantity_of(relation, "volume")
    said = f"{plain(known['flow_rate'])} for {plain(known['over'])} is {shown(runs)}"
    return f"{said}, and the volume is {shown(known['volume'])}"


def _all_cells(preparation: Preparation) -> str:
    cells = (
        f"{name} {shown(preparation.stated[cell])}"
        for cell, name in CELL_NAMES.items()
        if cell in preparation.stated
    )
    return f"these can't all be true: {', '.join(cells)}"


def _pairs(preparation: Preparation) -> Iterator[tuple[str, str]]:
    """Yield the pairs of volume and strength that say how much drug there is."""
    for pair in (("volume", "concentration"), ("draw_volume", "strength")):
        if all(cell in preparation.at_clash for cell in pair):
            yield pair


def _content(preparation: Preparation, pair: tuple[str, str]) -> Quantity:
    volume, strength = (preparation.at_clash[cell] for cell in pair)
    return preparation.content(volume, strength)


def _is_not_the_dose(preparation: Preparation, pair: tuple[str, str]) -> bool:
    """Return whether a volume holds another amount than the dose, where the dose is an amount."""
    content, dose = _content(preparation, pair), preparation.stated.get("dose")
    if dose is None or dose.unit.dimension != content.unit.dimension:
        return False
    return content.amount > 0 and not content.same_as(dose)


def _holds(preparation: Preparation, pair: tuple[str, str]) -> str:
    volume, strength = (preparation.at_clash[cell] for cell in pair)
    content, dose = _content(preparation, pair), preparation.stated.get("dose")
    holds = beside(content, dose) if dose is not None else shown(content)
    return f"{shown(volume)} of {shown(strength)} holds {holds}"


def _suspects(case: Case, preparation: Preparation) -> tuple[tuple[Disagreement, ...], str]:
    """Return the cells that may be the odd one, and why others are not, as far as the formulary knows."""
    if len(preparation.odd) <= 1:
        return preparation.odd, ""
    dose = next((odd for odd in preparation.odd if odd.cell == "dose"), None)
    as_stated = judge(case).contained
    as_expected = dose is not None and _is_ordinary(case, dose.expected)
    if dose is not None and as_expected and not as_stated:
        return (dose,), "the dose that they make is an ordinary one, and the stated dose is not"
    standing = {
        odd.cell
        for odd in preparation.odd
        if (as_stated and not as_expected if odd.cell == "dose" else _is_stocked(case, odd))
    }
    said = ["the dose is an ordinary one"] if "dose" in standing else []
    said += ["the strength is that of a stocked product"] if standing & {*_STRENGTHS} else []
    suspects = tuple(odd for odd in preparation.odd if odd.cell not in standing)
    return (suspects, " and ".join(said)) if suspects else (preparation.odd, "")


def _is_ordinary(case: Case, dose: Quantity) -> bool:
    return any(match.contains for match in match_rules(with_dose(case, dose)))


def _is_stocked(case: Case, odd: Disagreement) -> bool:
    """Return whether a strength is that of a product, and what the others make it is not."""
    if odd.cell not in _STRENGTHS or case.drug is None:
        return False
    if odd.cell == "product" and case.product is not None:
        return True
    strengths = [product.strength for product in case.drug.products]
    return any(one.same_as(odd.stated) for one in strengths) and not any(
        one.same_as(odd.expected) for one in strengths
    )


def _slip(case: Case, preparation: Preparation, odd: Disagreement) -> Slip | None:
    """Return the known mechanism that turns the expected value of the odd cell into the stated one."""
    by_mechanism = {slip.mechanism: slip for slip in case.formulary.slips}
    return next(
        (by_mechanism[name] for name in _mechanisms(case, preparation, odd) if name in by_mechanism), None
    )


def _mechanisms(case: Case, preparation: Preparation, odd: Disagreement) -> Iterator[str]:
    if odd.cell in _DRAWN:
        yield from _of_a_volume(case, preparation, odd)
    if odd.cell in _STRENGTHS:
        yield from _of_a_strength(case, odd)
    ratio = odd.stated.ratio(odd.expected)
    for slip in case.formulary.slips:
        timely = slip.works_by == "rate_factor" and odd.cell in {"flow_rate", "dose"}
        if (slip.works_by == "factor" or timely) and slip.factor in {ratio, 1 / ratio}:
            yield slip.mechanism
    share = case.drug.conversions.get("mg_elemental") if case.drug else None
    if share is not None and ratio in {share / 1000, 1000 / share}:
        yield "salt_elemental"


def _of_a_volume(case: Case, preparation: Preparation, odd: Disagreement) -> Iterator[str]:
    if case.product is not None and odd.expected < odd.stated:
        sizes = containers(case.product, case.formulary.units)
        if any(container.volume.same_as(odd.stated) for container in sizes):
            yield "whole_ampoule"
    if _same_figure(preparation.stated.get("dose"), odd.stated):
        yield "volume_as_mass"


def _of_a_strength(case: Case, odd: Disagreement) -> Iterator[str]:
    products = case.drug.products if case.drug else ()
    if any(product.strength.same_as(odd.expected) for product in products):
        yield "ampoule_strength"
    reading = case.readings.get(odd.cell)
    tenfold = {Fraction(10), Fraction(1, 10)}
    if reading is not None and "%" in reading.text and odd.stated.ratio(odd.expected) in tenfold:
        yield "percent_strength"


def _same_figure(dose: Quantity | None, volume: Quantity) -> bool:
    """Return whether a dose in mg or mcg has the figure of a volume in mL: 10 mg and 10 mL."""
    if dose is None or dose.unit.symbol not in _FIGURE_UNITS or volume.unit.symbol != "mL":
        return False
    return dose.amount == volume.amount
