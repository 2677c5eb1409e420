"""A site's overlay laid over the formulary: what it adds, changes, forbids and withdraws.

The result is a formulary like any other, and every rule about formularies
holds for it. Problems name the overlay's own file and line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from itdose.findings import Layer, SiteChange
from itdose.formulary.compile import limits_by_kind
from itdose.formulary.difference import is_looser
from itdose.formulary.layers import as_supported
from itdose.formulary.model import LimitsModel, RouteEntryModel
from itdose.formulary.quantity_fields import Absent
from itdose.plain_text import plain
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.errors import Problem
    from itdose.formulary.load import Models
    from itdose.formulary.model import DrugModel, EvidenceModel, RuleModel
    from itdose.formulary.overlay_model import ChangeModel, LimitsChangeModel, OverlayModel
    from itdose.formulary.strict_yaml import Document, Path


class OverlayMerge:
    """Lays one overlay over a formulary's models, and collects what does not fit."""

    def __init__(self, models: Models, overlay: OverlayModel, document: Document, digest: str) -> None:
        self.problems: list[Problem] = []
        self._overlay = overlay
        self._document = document
        self._drugs = dict(models.drugs)
        self._drug_files = dict(models.drug_files)
        self._sources = dict(models.sources)
        self._source_files = dict(models.source_files)
        self._changes = dict(models.layers.changes)
        self._site_of = dict(models.layers.site_of)
        self._site = overlay.site.name
        self._layer = Layer(overlay.site.name, overlay.site.version, digest)
        self._models = models

    def merged(self) -> Models:
        """Return the models with the overlay over them."""
        self._add_sources()
        self._add_drugs()
        self._add_products()
        self._add_reports()
        self._add_rules()
        self._change_rules()
        self._withdraw_rules()
        self._forbid_routes()
        layers = self._models.layers
        merged = replace(
            self._models,
            drugs=self._drugs,
            drug_files=self._drug_files,
            sources=self._sources,
            source_files=self._source_files,
            documents={**self._models.documents, self._document.file: self._document},
            layers=replace(
                layers, sites=(*layers.sites, self._layer), changes=self._changes, site_of=self._site_of
            ),
        )
        self._point_here(merged)
        return merged

    def _add_sources(self) -> None:
        for key, source in self._overlay.sources.items():
            if key in self._sources:
                self._problem(
                    ("sources", key), f"the formulary has a source {key} already; choose another key"
                )
                continue
            self._sources[key], self._source_files[key] = source, self._document.file

    def _add_drugs(self) -> None:
        for key, drug in self._overlay.drugs.items():
            if key in self._drugs:
                message = f"the formulary has {key} already; use rules, change or products for it"
                self._problem(("drugs", key), message)
                continue
            self._drugs[key], self._drug_files[key] = drug, self._document.file
            for entry in drug.routes.values():
                self._own(entry.rules)

    def _own(self, rules: tuple[RuleModel, ...]) -> None:
        self._site_of.update({rule.id: self._site for rule in rules})

    def _add_products(self) -> None:
        for key, products in self._overlay.products.items():
            drug = self._known_drug(key, ("products", key))
            if drug:
                self._drugs[key] = drug.model_copy(update={"products": (*drug.products, *products)})

    def _add_reports(self) -> None:
        for key, routes in self._overlay.reports.items():
            for route, reports in routes.items():
                entry = self._known_entry(key, route, ("reports", key, route))
                if entry:
                    self._set_entry(key, route, entry, reports=(*entry.reports, *reports))

    def _add_rules(self) -> None:
        for key, routes in self._overlay.rules.items():
            for route, rules in routes.items():
                entry = self._known_entry(key, route, ("rules", key, route))
                if entry:
                    self._set_entry(key, route, entry, rules=(*entry.rules, *rules))
                    self._own(rules)

    def _change_rules(self) -> None:
        for rule_id, change in self._overlay.change.items():
            found = self._known_rule(rule_id, ("change", rule_id))
            if found:
                key, route, entry, rule = found
                changed = self._changed(rule, change)
                rules = tuple(changed if other.id == rule_id else other for other in entry.rules)
                self._set_entry(key, route, entry, rules=rules)

    def _withdraw_rules(self) -> None:
        for rule_id in self._overlay.withdraw:
            found = self._known_rule(rule_id, ("withdraw", rule_id))
            if found:
                key, route, entry, _ = found
                self._set_entry(
                    key, route, entry, rules=tuple(rule for rule in entry.rules if rule.id != rule_id)
                )

    def _forbid_routes(self) -> None:
        for key, routes in self._overlay.forbid.items():
            for route, forbidden in routes.items():
                drug = self._known_drug(key, ("forbid", key))
                if drug is None:
                    continue
                entry = drug.routes.get(route) or RouteEntryModel(status="forbidden")
                self._set_entry(key, route, entry, status="forbidden", forbidden=forbidden, rules=())

    def _changed(self, rule: RuleModel, change: ChangeModel) -> RuleModel:
        """Return the rule with the site's limits; a rule that was loosened is drafted again."""
        limits = dict(rule.limits)
        made: list[SiteChange] = []
        loosened = False
        for measure, wanted in change.limits.items():
            was = limits.get(measure)
            now = _limits(was, wanted, self._site)
            changed = list(_changed_kinds(was, now))
            if not changed and was is not None and now.note == was.note:
                continue
            limits[measure] = now
            for kind, old, new in changed:
                loosened = loosened or is_looser(kind, old, new)
                made.append(_site_change(self._site, f"{measure}.{kind}", (old, new), change.reason))
        if limits == dict(rule.limits):
            self._problem(("change", rule.id), "it changes nothing; the formulary says the same")
        self._changes[rule.id] = (*self._changes.get(rule.id, ()), *made)
        review = change.review or (rule.review.model_copy(update={"state": "drafted"}) if loosened else None)
        return rule.model_copy(
            update={
                "limits": limits,
                "evidence": (*_without_support(rule, made), *change.evidence),
                "review": review or rule.review,
            }
        )

    def _known_drug(self, key: str, path: Path) -> DrugModel | None:
        if key not in self._drugs:
            self._problem(path, f"the formulary has no drug {key!r}; 'itdose drugs' lists them")
        return self._drugs.get(key)

    def _known_entry(self, key: str, route: str, path: Path) -> RouteEntryModel | None:
        drug = self._known_drug(key, path)
        if drug is None:
            return None
        return drug.routes.get(route) or RouteEntryModel(status="off_label")

    def _known_rule(self, rule_id: str, path: Path) -> tuple[str, str, RouteEntryModel, RuleModel] | None:
        key, _, rest = rule_id.partition(".")
        route = rest.partition(".")[0]
        entry = self._drugs[key].routes.get(route) if key in self._drugs else None
        for rule in entry.rules if entry else ():
            if rule.id == rule_id and entry:
                return key, route, entry, rule
        self._problem(path, f"the formulary has no rule {rule_id!r}; 'itdose formulary coverage' lists them")
        return None

    def _set_entry(self, key: str, route: str, entry: RouteEntryModel, **update: Any) -> None:
        routes = {**self._drugs[key].routes, route: entry.model_copy(update=update)}
        self._drugs[key] = self._drugs[key].model_copy(update={"routes": routes})

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(self._document.problem(path, message))

    def _point_here(self, merged: Models) -> None:
        """Make problems of what the overlay said name the overlay's lines."""
        for key in self._overlay.sources:
            self._document.redirect((key,), self._document, ("sources", key))
        for path, here in self._places(merged):
            file = merged.drug_files.get(str(path[0]))
            if file is not None:
                merged.documents[file].redirect(path, self._document, here)

    def _places(self, merged: Models) -> Iterator[tuple[Path, Path]]:
        for key in self._overlay.drugs:
            yield (key,), ("drugs", key)
        yield from self._routes_here()
        for key, products in self._overlay.products.items():
            first = len(merged.drugs[key].products) - len(products) if key in merged.drugs else 0
            for place in range(len(products)):
                yield (key, "products", first + place), ("products", key, place)
        for path, rule_id in _rule_paths(merged):
            here = self._place_of_rule(str(path[0]), str(path[2]), rule_id)
            if here:
                yield path, here

    def _routes_here(self) -> Iterator[tuple[Path, Path]]:
        """Yield what the overlay says of whole routes; without it, these were valid."""
        for part, below in (("reports", ("reports",)), ("rules", ("rules",)), ("forbid", ())):
            for key, routes in getattr(self._overlay, part).items():
                for route in routes:
                    known = key in self._models.drugs and route in self._models.drugs[key].routes
                    yield (key, "routes", route, *(below if known else ())), (part, key, route)

    def _place_of_rule(self, key: str, route: str, rule_id: str) -> Path | None:
        if rule_id in self._overlay.change:
            return ("change", rule_id)
        for place, rule in enumerate(self._overlay.rules.get(key, {}).get(route, ())):
            if rule.id == rule_id:
                return ("rules", key, route, place)
        return None


def _rule_paths(models: Models) -> Iterator[tuple[Path, str]]:
    for key, drug in models.drugs.items():
        for route, entry in drug.routes.items():
            for place, rule in enumerate(entry.rules):
                yield (key, "routes", route, "rules", place), rule.id


def _site_change(
    site: str, limit: str, pair: tuple[Quantity | None, Quantity | None], reason: str
) -> SiteChange:
    old, new = (plain(quantity) if quantity else None for quantity in pair)
    return SiteChange(site, limit, old, new, reason)


def _limits(was: LimitsModel | None, wanted: LimitsChangeModel, site: str) -> LimitsModel:
    """Return the limits of one measure with what the site sets anew."""
    update = {key: value for key in wanted.model_fields_set if (value := getattr(wanted, key)) is not None}
    if isinstance(update.get("upper_hard"), Quantity):
        update.setdefault("upper_hard_is", "site_decision")
    elif isinstance(update.get("upper_hard"), Absent):
        update["upper_hard_is"] = None
    if was is not None:
        return was.model_copy(update=update)
    nothing = Absent(f"{site} sets none")
    unset = dict.fromkeys(("lower_hard", "usual", "upper_hard", "toxic_from"), nothing)
    return LimitsModel.model_construct(
        **{"upper_hard_is": None, "window": None, "note": None} | unset | update
    )


def _changed_kinds(
    was: LimitsModel | None, now: LimitsModel
) -> Iterator[tuple[str, Quantity | None, Quantity | None]]:
    before = limits_by_kind(was) if was else {}
    for kind, limit in limits_by_kind(now).items():
        old, new = (value if isinstance(value, Quantity) else None for value in (before.get(kind), limit))
        if (old is None) != (new is None) or (old and new and not old.same_as(new)):
            yield kind, old, new
    if was and was.window and now.window and not was.window.same_as(now.window):
        yield "window", was.window, now.window


def _without_support(rule: RuleModel, made: list[SiteChange]) -> Iterator[EvidenceModel]:
    """Yield the rule's evidence without what it said for limits that are now the site's."""
    changed = {as_supported(change.limit) for change in made}
    for item in rule.evidence:
        yield item.model_copy(
            update={"supports": tuple(limit for limit in item.supports if limit not in changed)}
        )
