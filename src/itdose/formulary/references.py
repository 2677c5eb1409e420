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


_KINDS = {
    "sources": "source",
    "routes": "route",
    "categories": "category",
    "rescue": "rescue text",
    "drugs": "drug",
    "conditions": "condition",
}


_WITH_EVIDENCE = (
    "rescue", "contraindications", "vehicles", "syringes", "growth", "standard_concentrations", "reminders",
)  # fmt: skip


def dangling_references(models: Models) -> Iterator[Problem]:
    """Yield a problem for every key that points to nothing."""
    # In a file that can't be read whole a drug may stand that others point to.
    unread = any(
        document.problems for file, document in models.documents.items() if file.startswith("drugs/")
    )
    for file, found in _files(models):
        for path, kind, key in found:
            if not models.defines(kind, key) and not (kind == "drugs" and unread):
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
        "slips.yaml",
        (
            ((key, "how_common"), "sources", slip.how_common.source)
            for key, slip in models.slips.items()
            if slip.how_common.source
        ),
    )
    for name in _WITH_EVIDENCE:
        parts = getattr(models, name)
        yield (
            f"{name}.yaml",
            (
                ((key, "evidence", place, "source"), "sources", item.source)
                for key, part in parts.items()
                for place, item in enumerate(part.evidence)
            ),
        )
    for name in ("contraindications", "vehicles"):
        parts = getattr(models, name)
        yield (
            f"{name}.yaml",
            (((key, "routes"), "routes", route) for key, part in parts.items() for route in part.routes),
        )
    yield "contraindications.yaml", _of_contraindications(models)
    yield "standard_concentrations.yaml", _of_standards(models)
    yield "routes.yaml", _of_volumes(models)
    for key, drug in models.drugs.items():
        yield models.drug_files[key], (((key, *path), kind, to) for path, kind, to in _of_drug(drug))


def _of_contraindications(models: Models) -> Iterator[Reference]:
    for key, item in models.contraindications.items():
        yield (key, "condition"), "conditions", item.condition
        if item.drug is not None:
            yield (key, "drug"), "drugs", item.drug


def _of_standards(models: Models) -> Iterator[Reference]:
    for key, item in models.standard_concentrations.items():
        yield (key, "drug"), "drugs", item.drug
        yield (key, "route"), "routes", item.route


def _of_volumes(models: Models) -> Iterator[Reference]:
    for key, route in models.routes.items():
        for place, item in enumerate(route.volume.evidence if route.volume else ()):
            yield (key, "volume", "evidence", place, "source"), "sources", item.source


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
