"""Compare the text of a label with the cells: figures, drug names and routes."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from itdose.case.conversion import convert
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError, QuantityError, quote
from itdose.findings import Finding, Verdict
from itdose.formulary.names import normal_name
from itdose.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case
    from itdose.quantity import Quantity

_KINDS = (Kind.CONCENTRATION, Kind.DOSE, Kind.FLOW_RATE, Kind.VOLUME)
# Everything that may be meant as one number, so that "1 500" is refused as a whole and never read as 500.
# The lengths are bounded, so that a long label costs no time.
_NUMBER = (
    r"(?<!\d)(?:(?<![A-Za-z])[.,])?"
    r"(?:\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}(?!\d))+"
    r"|[\d\u00bc-\u00be][\d.,'\u2019\u2013\u00bc-\u00be-]{0,30})"
)
_WORD = r"[A-Za-z\u00b5\u03bc][A-Za-z]{0,30}"
_UNIT = rf"(?:%|million units|{_WORD}(?: elemental)?(?:/ ?(?:\d{{1,7}} ?)?[A-Za-z]{{1,30}}[0-9]?){{0,3}})"
_FIGURE = re.compile(rf"(?P<number>{_NUMBER})\s{{0,3}}(?P<unit>{_UNIT})")
_PER = re.compile(
    rf"(?P<number>{_NUMBER})\s{{0,3}}(?P<unit>{_WORD}(?: elemental)?)"
    rf"(?: ?/ ?| (?:in|per) )(?:(?P<volume>{_NUMBER}) ?)?(?P<milliliters>mL|ml|L)\b"
)
# Percentages of what a drug is dissolved in, which no cell holds.
_DILUENTS = r"sodium chloride|saline|nacl|dextrose|glucose"
_OF_DILUENT = re.compile(
    rf"(?:{_DILUENTS}) {{0,3}}[0-9.]{{1,8}} ?%|[0-9.]{{1,8}} ?% {{0,3}}(?:{_DILUENTS})", re.IGNORECASE
)
_TIMES = frozenset({"h", "hours", "hour", "days", "day", "min", "weeks", "degrees", "C", "am", "pm"})
"""Units of a storage time or temperature, which no cell holds."""
# Nobody reads more on a label; what is beyond is said to be so.
_MOST_FIGURES = 20
_SHORT_NAME = 4
_WORDS = re.compile(r"[^\W_]+|;")
_POINTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# "Not for intravenous use" names a route by which it must not go.
_NOT_BY = re.compile(r"\b(?:not|never)\b(?:(?!\b(?:use|only|but)\b)[^.;,!()\n]){0,60}", re.IGNORECASE)


class _Said(NamedTuple):
    """A quantity of the cells, with the case whose drug it is of."""

    quantity: Quantity
    case: Case


class _Known(NamedTuple):
    """What the cells say of one kind of quantity."""

    telling: tuple[_Said, ...]
    """With none of these a figure of the label may disagree."""
    ingredients: tuple[_Said, ...] = ()
    """What a label may name as well, such as the strength of the product before it was diluted."""


def compare_label(case: Case, text: str) -> Iterator[Finding]:
    """Yield where the label says something else than the cells, or that it agrees."""
    if not text.strip():
        yield _without_drug("the label is blank")
        return
    found = [*_figures(case, text), *_names(case, text), *_routes(case, text)]
    if not found:
        found = [
            Finding(
                code="label-agrees",
                verdict=Verdict.WITHIN_LIMITS,
                message=f"the label, {quote(text)}, agrees with the cells",
            )
        ]
    yield from found


def _figures(case: Case, text: str) -> Iterator[Finding]:
    dialect = Dialect(case.formulary.units, decimal_comma=case.order.decimal_comma)
    text = _OF_DILUENT.sub(" ", text)
    pairs = {pair[0]: pair for pair in _PER.finditer(text)}
    matches = _FIGURE.finditer(_PER.sub(" ", text))
    figures = dict.fromkeys(_figure(match) for match in matches if match["unit"] not in _TIMES)
    for pair in islice(pairs.values(), _MOST_FIGURES):
        yield from _pair(case, pair, dialect)
    for written in islice(figures, _MOST_FIGURES):
        read_as = _read(written, dialect)
        yield from _compared(written, *read_as, case) if read_as else (_not_read(written),)
    if max(len(pairs), len(figures)) > _MOST_FIGURES:
        yield Finding(
            code="label-not-read",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"the label holds {len(pairs) + len(figures)} figures, and not all were compared",
        )


def _figure(match: re.Match[str]) -> str:
    return f"{match['number'].rstrip('.,')} {match['unit']}"


def _read(written: str, dialect: Dialect) -> tuple[Kind, Quantity] | None:
    for kind in _KINDS:
        try:
            return kind, read(written, kind, dialect).quantity
        except DoseTextError:
            continue
    return None


def _pair(case: Case, pair: re.Match[str], dialect: Dialect) -> Iterator[Finding]:
    """Compare ``50 mg in 10 mL`` as a concentration, and its volume."""
    written = pair[0]
    try:
        mass = read(f"{pair['number']} {pair['unit']}", Kind.DOSE, dialect).quantity
        volume = read(f"{pair['volume'] or 1} {pair['milliliters']}", Kind.VOLUME, dialect).quantity
    except DoseTextError:
        yield _not_read(written)
        return
    differences = list(_compared(written, Kind.CONCENTRATION, mass.per(volume), case))
    yield from differences
    volumes = _known(case, Kind.VOLUME).telling
    if differences or not volumes or volume.amount == 1 or any(_same(volume, one) for one in volumes):
        return
    yield Finding(
        code="label-differs",
        verdict=Verdict.NEEDS_REVIEW,
        message=f"the label says {quote(written)}: the concentration is that of the cells, "
        f"and the volume is not; they say {_listed(volumes)}",
    )


def _compared(written: str, kind: Kind, stated: Quantity, case: Case) -> Iterator[Finding]:
    known = _known(case, kind)
    telling = [one for one in known.telling if _beside(stated, one) is not None]
    if any(_same(stated, one) for one in telling):
        return
    is_ingredient = any(_same(stated, one) for one in known.ingredients)
    if is_ingredient and not telling:
        return
    if not telling:
        yield Finding(
            code="label-not-read",
            verdict=Verdict.NEEDS_REVIEW,
            message=f"the label's {quote(written)} was not compared: no cell says the same kind of thing",
        )
        return
    before = ", as before it was diluted" if is_ingredient else ""
    yield Finding(
        code="label-differs",
        verdict=Verdict.NEEDS_REVIEW if is_ingredient else Verdict.STOP,
        message=f"the label says {quote(written)}{before}, and the cells say {_listed(tuple(telling))}",
    )


def _known(case: Case, kind: Kind) -> _Known:
    """Return what the cells say of one kind, for every drug of the mixture."""
    cases = (case, *case.partners)
    if kind is Kind.CONCENTRATION:
        return _Known(_cells(cases, "concentration"), _cells(cases, "strength", "product"))
    if kind is Kind.FLOW_RATE:
        return _Known(_cells(cases, "flow_rate"))
    if kind is Kind.VOLUME:
        reservoirs = tuple(_Said(held, one) for one in cases if (held := one.quantity("reservoir_volume")))
        return _Known((*_cells(cases, "volume", "draw_volume", "diluent_volume"), *reservoirs))
    written = tuple(_Said(dose, one) for one in cases if (dose := one.quantity("dose")))
    contents = _cells(cases, "content")
    # One dose of many in the syringe: what the syringe holds is not known from it.
    if case.mode == "patient_controlled_dose" and not contents:
        return _Known((), written)
    return _Known((*written, *_cells(cases, "dose"), *contents))


def _cells(cases: tuple[Case, ...], *cells: str) -> tuple[_Said, ...]:
    return tuple(
        _Said(quantity, one)
        for one in cases
        if one.preparation is not None
        for cell in cells
        if (quantity := one.preparation.quantity(cell)) is not None and quantity.amount
    )


def _same(stated: Quantity, said: _Said) -> bool:
    comparable = _beside(stated, said)
    return comparable is not None and comparable.same_as(said.quantity)


def _beside(stated: Quantity, said: _Said) -> Quantity | None:
    """Return a figure of the label in the kind of unit of a cell, or None where they don't compare."""
    if stated.unit.dimension == said.quantity.unit.dimension:
        return stated
    try:
        return convert(stated, said.quantity.unit, said.case.drug) if said.case.drug else None
    except QuantityError:
        return None


def _listed(known: tuple[_Said, ...]) -> str:
    return " or ".join(dict.fromkeys(shown(one.quantity) for one in known))


def _not_read(written: str) -> Finding:
    return Finding(
        code="label-not-read",
        verdict=Verdict.NEEDS_REVIEW,
        message=f"the label's {quote(written)} could not be read",
    )


def _without_drug(said: str) -> Finding:
    return Finding(code="label-without-drug", verdict=Verdict.NEEDS_REVIEW, message=said)


def _names(case: Case, text: str) -> Iterator[Finding]:
    inside = {one.drug.key for one in (case, *case.partners) if one.drug}
    if not all(one.drug for one in (case, *case.partners)):
        yield Finding(
            code="label-not-read",
            verdict=Verdict.NEEDS_REVIEW,
            message="the names on the label were not compared, because a drug of the order is not known",
        )
        return
    named = _named(case, _words(text))
    # The product, or what it is dissolved in, may be named too.
    product = case.product.name if case.product else ""
    besides = _named(case, _words(f"{product} ; {case.order.diluent or ''}"))
    for key in sorted(named - inside - besides):
        yield Finding(
            code="label-names-another-drug",
            verdict=Verdict.STOP,
            message=f"the label names {case.formulary.drug_name(key)}, which is not in the preparation",
        )
    if not named & inside:
        yield _without_drug(f"the label, {quote(text)}, does not name the drug")


def _named(case: Case, words: str) -> set[str]:
    """Return the drugs that are named, the longest name first: liposomal bupivacaine is one drug."""
    own = {one.drug.key for one in (case, *case.partners) if one.drug}
    found = set()
    names = {_words(name).strip(): key for name, key in case.formulary.drug_names().items()}
    for name in sorted(names, key=len, reverse=True):
        # Three letters may be anything, but for the ordered drug's own.
        if f" {name} " in words and (len(name) >= _SHORT_NAME or names[name] in own):
            found.add(names[name])
            words = words.replace(f" {name} ", "  ;  ")
    return found


def _words(text: str) -> str:
    """Return a text as its words alone, each between two spaces."""
    return f" {' '.join(_WORDS.findall(normal_name(text)))} "


def _routes(case: Case, text: str) -> Iterator[Finding]:
    if case.route is None:
        return
    named = _routes_in(case, _NOT_BY.sub(" ", text))
    refused = _routes_in(case, " ; ".join(_NOT_BY.findall(text))) - named
    if case.route in refused:
        said = f"the label says not {case.route}"
    elif named and case.route not in named:
        said = f"the label says {' or '.join(sorted(named))}"
    else:
        return
    yield Finding(
        code="label-names-another-route",
        verdict=Verdict.STOP,
        message=f"{said}, and the order {case.route}",
    )


def _routes_in(case: Case, text: str) -> set[str]:
    pointed = {found.replace(".", "").upper() for found in _POINTED.findall(text)}
    words = set(re.findall(r"[A-Za-z]+", text)) | pointed
    folded = {word.casefold() for word in words}
    named = set()
    for route, row in case.formulary.routes().items():
        long = {name for name in (route, *row["spellings"]) if len(name) > _SHORT_NAME and " " not in name}
        # A short spelling is a route only in capitals: "it" is a word.
        short = {name.upper() for name in row["spellings"] if len(name) <= _SHORT_NAME}
        if words & short or folded & long:
            named.add(route)
    return named
