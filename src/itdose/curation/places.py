"""Where the dose rules of a formulary stand in its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.formulary.load import Models
    from itdose.formulary.model import RouteEntryModel, RuleModel
    from itdose.formulary.strict_yaml import Document, Path


class RoutePlace(NamedTuple):
    """One drug by one route, with its place."""

    document: Document
    path: Path
    entry: RouteEntryModel


class RulePlace(NamedTuple):
    """One dose rule, with its place."""

    document: Document
    path: Path
    rule: RuleModel


def routes_of(models: Models) -> Iterator[RoutePlace]:
    """Yield every drug by every route."""
    for key, drug in models.drugs.items():
        document = models.documents[models.drug_files[key]]
        for route, entry in drug.routes.items():
            yield RoutePlace(document, (key, "routes", route), entry)


def rules_of(models: Models) -> Iterator[RulePlace]:
    """Yield every dose rule."""
    for document, path, entry in routes_of(models):
        for place, rule in enumerate(entry.rules):
            yield RulePlace(document, (*path, "rules", place), rule)
