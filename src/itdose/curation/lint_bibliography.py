"""Sources that nothing cites, and documents that stand in the bibliography twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.curation.remarks import remark
from itdose.formulary.references import cited_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.remarks import Remark
    from itdose.formulary.load import Models


def bibliography_remarks(models: Models) -> Iterator[Remark]:
    """Yield a remark for every source that is unused, or that is another one again."""
    cited = cited_sources(models)
    for key in models.sources:
        if key not in cited:
            message = f"nothing cites {key}; cite it where it supports a limit, or take it out"
            yield remark(models.documents[models.source_files[key]], (key,), "source-unused", message)
    yield from _twice(models)


def _twice(models: Models) -> Iterator[Remark]:
    owners: dict[tuple[str, str], str] = {}
    for key, source in models.sources.items():
        for kind in ("doi", "pmid", "url"):
            text: str | None = getattr(source, kind)
            if text is None:
                continue
            owner = owners.setdefault((kind, text.casefold()), key)
            if owner != key:
                message = f"{key} has the {kind} of {owner}; keep one of them and cite it in both places"
                document = models.documents[models.source_files[key]]
                yield remark(document, (key, kind), "same-source-twice", message)
