"""What a FHIR CodeableConcept names: a drug or a route, as it is written, never mapped from a code alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.batch.fhir.json_text import elements, words
from itdose.errors import quote

if TYPE_CHECKING:
    from itdose.batch.fhir.json_text import Element

SNOMED = "http://snomed.info/sct"
ROUTES = {"72607000": "intrathecal", "47625008": "intravenous", "404820008": "epidural"}
"""Routes by their SNOMED CT code; the code counts only beside a name that agrees."""
_ENDINGS = re.compile(r"(?: route| use)?(?: \(qualifier value\))?")


def drug_name(concept: Element, where: str) -> tuple[str, str]:
    """Return the drug as written, and what its coding says beyond that, or an empty text.

    Raises ValueError where two names may be two drugs.
    """
    text, displays = words(concept, "text"), _displays(concept)
    if text:
        strange = [display for display in displays if not _one_in_the_other(text, display)]
        if strange:
            raise ValueError(
                f"{where} says {quote(text)} and its coding {quote(strange[0])}; name one drug in both"
            )
        return text, next((d for d in displays if d.casefold() != text.casefold()), "")
    return _only(displays, where), ""


def route_name(concept: Element, where: str) -> str:
    """Return the route; a known SNOMED CT code whose name says another route is refused."""
    text, displays = words(concept, "text"), _displays(concept)
    coded = {_coded_route(coding, text, where) for coding in elements(concept, "coding")} - {""}
    if len(coded) > 1:
        raise ValueError(f"{where} has the codes of two routes, {' and '.join(sorted(coded))}; keep one")
    if not coded:
        return text or _only(displays, where)
    [name] = coded
    if text and _plain(text) != name:
        raise ValueError(f"{where} says {quote(text)} and its code {name}; write the same in both")
    return name


def name_or_code(concept: Element) -> str:
    """Return a text to look at: the concept's own, or its displays or codes."""
    codes = [words(coding, "code") for coding in elements(concept, "coding")]
    return words(concept, "text") or "; ".join(_displays(concept) or [code for code in codes if code])


def has_code(concept: Element, system: str, code: str) -> bool:
    """Return whether one of the concept's codings is this one."""
    return any(
        (words(coding, "system"), words(coding, "code")) == (system, code)
        for coding in elements(concept, "coding")
    )


def _coded_route(coding: Element, text: str, where: str) -> str:
    """Return the route that a known code names, or an empty text."""
    code, display = words(coding, "code"), words(coding, "display")
    if words(coding, "system") != SNOMED or code not in ROUTES:
        return ""
    name = ROUTES[code]
    if not display and not text:
        raise ValueError(f"{where} has the code {code} without a name; write its display, {quote(name)}")
    if display and _plain(display) != name:
        raise ValueError(
            f"{where}: the code {code} is {name}, and its display is {quote(display)}; correct one of them"
        )
    return name


def _displays(concept: Element) -> list[str]:
    displays = [words(coding, "display") for coding in elements(concept, "coding")]
    return [display for display in displays if display]


def _only(displays: list[str], where: str) -> str:
    different = sorted({display.casefold() for display in displays})
    if not different:
        raise ValueError(f"{where} has neither text nor display; a code alone is not read")
    if len(different) > 1:
        raise ValueError(f"{where} has the names {', '.join(map(quote, different))}; say in text which holds")
    return displays[0]


def _one_in_the_other(first: str, second: str) -> bool:
    """Return whether one name stands in the other as whole words: morphine is not hydromorphone."""
    shorter, longer = sorted((first.casefold(), second.casefold()), key=len)
    return re.search(rf"(?<!\w){re.escape(shorter)}(?!\w)", longer) is not None


def _plain(text: str) -> str:
    """Return a route's name without the words that code systems put after it."""
    name, _, rest = text.casefold().partition(" ")
    return name if _ENDINGS.fullmatch(f" {rest}" if rest else "") else text.casefold()
