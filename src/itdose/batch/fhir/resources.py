"""Every resource of a FHIR document in its place, with what of the document is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from itdose.batch.fhir.json_text import elements, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.batch.fhir.json_text import Element

_DEEPEST = 10


class Found(NamedTuple):
    """One resource, or why there is none in a place where one is expected."""

    number: int
    """Of the line or the Bundle's entry, from 1."""
    resource: Element | None = None
    full_url: str = ""
    fault: str = ""


def in_document(document: Element, depth: int = 0) -> Iterator[Found]:
    """Yield the resources of a Bundle, also of one inside another; of another document itself."""
    if document.get("resourceType") != "Bundle":
        yield Found(1, document)
        return
    listed = document.get("entry")
    if document.get("implicitRules"):
        yield Found(1, fault="the Bundle follows implicitRules that itdose does not know; read it by hand")
        return
    if listed is not None and not isinstance(listed, list):
        yield Found(1, fault="the entry of the Bundle is not a list")
        return
    for number, entry in enumerate(listed or [], start=1):
        try:
            yield from _in_entry(number, entry, depth)
        except ValueError as error:
            yield Found(number, fault=f"the Bundle's entry can't be read: {error}")


def _in_entry(number: int, entry: object, depth: int) -> Iterator[Found]:
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - one kind of error for an entry
    if entry.get("modifierExtension"):
        raise ValueError("it has a modifierExtension, which may change what it means; read it by hand")
    resource = entry.get("resource")
    if resource is None:
        # What a Bundle deletes or answers has an entry without a resource.
        return
    if not isinstance(resource, dict) or not words(resource, "resourceType"):
        raise ValueError("its resource has no resourceType")
    if resource["resourceType"] == "Bundle":
        if depth == _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} Bundles stand inside each other")
        yield from (found._replace(number=number) for found in in_document(resource, depth + 1))
    else:
        yield Found(number, resource, words(entry, "fullUrl"))


def later_pages(document: Element) -> list[str]:
    """Return a remark where a Bundle says that it is one page of several."""
    try:
        pages = [words(link, "relation") for link in elements(document, "link")]
    except ValueError:
        return []
    if "next" not in pages:
        return []
    return ["the Bundle is one page of several (it has a link 'next'); the other pages were not read"]
