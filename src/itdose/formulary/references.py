"""Every key that a formulary file points to: sources, routes, categories, indications, rescue texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.errors import Problem
    from itdose.formulary.load import Models
    from itdose.formulary.model import DrugModel, ProductModel, RouteEntryModel, RuleModel
    from itdose.formulary.strict_yaml import Path

Reference = tuple["Path", str, str]
"""Where it stands, what kind of thing it points to, and the key."""


_KINDS = {"sources": "source", "routes": "route", "categories": "category", "rescue": "rescue text"}


def dangling_references(models: Models) -> Iterator[Problem]:
    """Yield a problem for every key that points to nothing."""
    for file, found in _files(models):
        for path, kind, key in found:
            if not models.defines(kind, key):
                message = f"{_KINDS[kind]} {key!r} is not defined; add it or correct the spelling"
                yield models.documents[file].problem(path, message)
    for key, drug in models.drugs.items():
        for path, indication in _indications(key, drug):
            message = f"indication {indication!r} is not in the drug's own list of indications"
            yield models.documents[models.drug_files[key]].problem(path, message)


def cited_sources(models: Models) -> frozenset[str]:
    """Return the keys of all sources that anything points to."""
    references = (reference for _, found in _files(models) for reference in found)
    return frozenset(key for _, kind, key in references if kind == "sources")


def _files(models: Models) -> Iterator[tuple[str, Iterator[Reference]]]:
    for name in ("notation", "refused_names", "slips", "categories"):
        parts = getattr(models, name)
        yield (
            f"{name}.yaml",
            (((key, "source"), "sources", part.source) for key, part in parts.items() if part.source),
        )
    yield (
        "categories.yaml",
        (
            ((key, "includes", place), "categories", included)
            for key, category in models.categories.items()
            for place, included in enumerate(category.includes)
        ),
    )
    yield (
        "rescue.yaml",
        (
            ((key, "evidence", place, "source"), "sources", item.source)
            for key, rescue in models.rescue.items()
            for place, item in enumerate(rescue.evidence)
        ),
    )
    for key, drug in models.drugs.items():
        yield models.drug_files[key], (((key, *path), kind, to) for path, kind, to in _of_drug(drug))


def _of_drug(drug: DrugModel) -> Iterator[Reference]:
    yield ("basis", "stated_by"), "sources", drug.basis.stated_by.source
    for place, conversion in enumerate(drug.basis.conversions):
        yield ("basis", "conversions", place), "sources", conversion.source
    for place, rescue in enumerate(drug.rescue):
        yield ("rescue", place), "rescue", rescue
    for place, product in enumerate(drug.products):
        for path, kind, key in _of_product(product):
            yield ("products", place, *path), kind, key
    for route, entry in drug.routes.items():
        yield ("routes", route), "routes", route
        for path, kind, key in _of_entry(entry):
            yield ("routes", route, *path), kind, key


def _of_product(product: ProductModel) -> Iterator[Reference]:
    yield ("source",), "sources", product.source
    for route in product.labelled_routes:
        yield ("labelled_routes",), "routes", route
    for route, forbidden in product.forbidden.items():
        yield ("forbidden", route), "routes", route
        for item in forbidden.evidence:
            yield ("forbidden", route), "sources", item.source


def _of_entry(entry: RouteEntryModel) -> Iterator[Reference]:
    for place, item in enumerate(entry.forbidden.evidence if entry.forbidden else ()):
        yield ("forbidden", "evidence", place), "sources", item.source
    for place, report in enumerate(entry.reports):
        yield ("reports", place), "sources", report.source
    for place, rule in enumerate(entry.rules):
        for path, kind, key in _of_rule(rule):
            yield ("rules", place, *path), kind, key


def _of_rule(rule: RuleModel) -> Iterator[Reference]:
    for place, item in enumerate(rule.evidence):
        yield ("evidence", place), "sources", item.source
    for place, category in enumerate(rule.category):
        yield ("category", place), "categories", category


def _indications(key: str, drug: DrugModel) -> Iterator[tuple[Path, str]]:
    for route, entry in drug.routes.items():
        for place, rule in enumerate(entry.rules):
            for indication in rule.indication:
                if indication not in drug.indications:
                    yield (key, "routes", route, "rules", place, "indication"), indication
