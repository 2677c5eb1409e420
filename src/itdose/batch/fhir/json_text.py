"""Read JSON as FHIR writes it: numbers keep their digits, and what has another shape says where."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from itdose.errors import quote

Element = dict[str, Any]
"""A resource or a part of one, as its JSON object."""


class Digits(str):
    """A JSON number as it was written: ``0.10`` stays ``0.10``."""

    __slots__ = ()


def parsed(text: str) -> Any:
    """Return what a JSON text says; raise ValueError where it has no reading, or two."""
    return json.loads(
        text,
        object_pairs_hook=_unique,
        parse_float=Digits,
        parse_int=Digits,
        parse_constant=_refuse_constant,
    )


def element(owner: Element, name: str) -> Element | None:
    """Return a part that is one object, or None."""
    found = owner.get(name)
    if found is None or isinstance(found, dict):
        return found
    raise ValueError(f"{name} is not an object")


def elements(owner: Element, name: str) -> list[Element]:
    """Return a part that may repeat."""
    found = owner.get(name)
    if found is None:
        return []
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    raise ValueError(f"{name} is not a list of objects")


def words(owner: Element, name: str) -> str:
    """Return a text, or an empty one where it is not stated."""
    found = owner.get(name)
    if found is None:
        return ""
    if isinstance(found, str) and not isinstance(found, Digits):
        return found.strip()
    raise ValueError(f"{name} is not a text")


def digits(owner: Element, name: str) -> str:
    """Return a number as it was written, or an empty text where it is not stated."""
    found = owner.get(name)
    if found is None:
        return ""
    if isinstance(found, Digits):
        return str(found)
    raise ValueError(f"{name} is not a number")


def flag(owner: Element, name: str) -> bool:
    """Return whether something is said to be true; None and what is missing are not."""
    found = owner.get(name)
    if found is None or isinstance(found, bool):
        return bool(found)
    raise ValueError(f"{name} is neither true nor false")


def refuse_modifiers(resource: Element) -> None:
    """Raise ValueError where anything in a resource may change the meaning of the rest."""
    kind, waiting = words(resource, "resourceType"), [resource]
    while waiting:
        one = waiting.pop()
        if one.get("modifierExtension"):
            raise ValueError(
                f"the {kind} has a modifierExtension, which may change what it means; read it by hand"
            )
        if one.get("implicitRules"):
            raise ValueError(f"the {kind} follows implicitRules that itdose does not know; read it by hand")
        waiting += [part for found in one.values() for part in _parts(found)]


def _parts(found: Any) -> list[Element]:
    """Return the objects that stand in a part, also in lists of lists."""
    lists, objects = [found], []
    while lists:
        one = lists.pop()
        if isinstance(one, list):
            lists += one
        elif isinstance(one, dict):
            objects.append(one)
    return objects


def _unique(pairs: list[tuple[str, Any]]) -> Element:
    made = dict(pairs)
    if len(made) < len(pairs):
        [(repeated, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{quote(repeated)} stands more than once in one object")
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
