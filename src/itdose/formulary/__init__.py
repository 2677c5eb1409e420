"""The formulary: drugs, routes and dose rules, each limit with its source."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from itdose.errors import UnknownNameError
from itdose.findings import Layer
from itdose.formulary.cache import cached_rows
from itdose.formulary.coverage import Population
from itdose.formulary.files import read_files, shipped_compiled, shipped_folder
from itdose.formulary.names import near_names, normal_name, product_name
from itdose.formulary.row_reader import RowReader
from itdose.formulary.tables import (
    Contraindication,
    Drug,
    Evidence,
    RuleAt,
    Slip,
    Syringe,
)
from itdose.quantity import UnitTable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from itdose.findings import Citation
    from itdose.formulary.side_tables import Growth, Reminder, Vehicle
    from itdose.quantity import Quantity

__all__ = ["Drug", "Evidence", "Formulary", "RuleAt", "Slip"]


class Formulary:
    """A compiled formulary, as of one day.

    Overdue reviews are judged by ``as_of``, a day as ``2026-11-22``; everything else depends on the
    formulary's files alone, which ``digest`` names.
    """

    def __init__(self, rows: dict[str, Any], as_of: str) -> None:
        self._rows = rows
        self.as_of = as_of
        self.version: str = rows["version"]
        self.digest: str = rows["digest"]
        self.layers: tuple[Layer, ...] = tuple(Layer(**layer) for layer in rows["layers"])
        self._drugs: dict[str, Drug] = {}

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str] | None = None,
        *,
        overlays: Sequence[str | os.PathLike[str]] = (),
        as_of: date | None = None,
    ) -> Formulary:
        """Load the shipped formulary, or the one in ``folder``, with a site's overlays over it.

        Raises FormularyError with every problem of its files, each with file and line.
        ``as_of`` is today unless stated.
        """
        from itdose.version import __version__  # noqa: PLC0415

        files = read_files(folder or shipped_folder(), overlays)

        def build() -> dict[str, Any]:
            # Imported here: YAML, pydantic and pint cost more than a check, which uses the compiled rows.
            from itdose.formulary.compilation import compile_and_remember  # noqa: PLC0415

            return compile_and_remember(files)

        rows = cached_rows(files.digest, __version__, build, shipped=shipped_compiled())
        # Reviews fall due on the user's own day.
        return cls(rows, as_of.isoformat() if as_of else time.strftime("%Y-%m-%d"))

    @property
    def rows(self) -> dict[str, Any]:
        """The compiled rows, for tools that look at or change them as a whole."""
        return self._rows

    def on_day(self, day: str) -> Formulary:
        """Return the same formulary as of another day."""
        return self._with(self._rows, day)

    def with_drug(self, key: str, row: dict[str, Any]) -> Formulary:
        """Return this formulary with another compiled row for one drug, to ask what would follow."""
        return self._with({**self._rows, "drugs": {**self._rows["drugs"], key: row}}, self.as_of)

    def _with(self, rows: dict[str, Any], as_of: str) -> Formulary:
        other = Formulary(rows, as_of)
        # What does not depend on drugs or the day is worked out once.
        kept = ("units", "population", "_reader", "age_categories", "plausible_weight", "oldest_age", "slips")
        other.__dict__.update({name: self.__dict__[name] for name in kept if name in self.__dict__})
        return other

    @cached_property
    def reviewed_on(self) -> str:
        """The day of the latest review of any rule."""
        rules = (
            rule
            for drug in self._rows["drugs"].values()
            for entry in drug["routes"].values()
            for rule in entry["rules"]
        )
        return max((rule["review"]["on"] for rule in rules), default=self.as_of)

    @cached_property
    def units(self) -> UnitTable:
        """The accepted units."""
        return UnitTable.from_rows(self._rows["units"])

    @cached_property
    def population(self) -> Population:
        """The patient categories on their axes."""
        return Population(self._rows["categories"])

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(self.units, self._rows["sources"])

    def drug(self, key: str) -> Drug:
        """Return a drug by its key."""
        if key not in self._drugs:
            self._drugs[key] = self._reader.drug(key, self._rows["drugs"][key])
        return self._drugs[key]

    def drug_keys(self) -> tuple[str, ...]:
        """Return the keys of all drugs, in the order of their names."""
        return tuple(sorted(self._rows["drugs"], key=self.drug_name))

    def rules(self, drugs: Iterable[str] | None = None) -> Iterator[RuleAt]:
        """Yield every dose rule of these drugs, or of all, with its drug and route."""
        for key in self.drug_keys() if drugs is None else drugs:
            for route, entry in self.drug(key).routes.items():
                for rule in entry.rules:
                    yield RuleAt(key, route, rule)

    def drug_name(self, key: str) -> str:
        """Return the first name of a drug."""
        return str(self._rows["drugs"][key]["name"])

    def names(self) -> dict[str, list[str]]:
        """Return the first name of every drug and route, for completion."""
        drugs = [self.drug_name(key) for key in self.drug_keys()]
        return {"drugs": drugs, "routes": list(self._rows["routes"])}

    def routes(self) -> dict[str, dict[str, Any]]:
        """Return all routes: name, spellings, and whether they are neuraxial."""
        return dict(self._rows["routes"])

    def category(self, key: str) -> dict[str, Any]:
        """Return one patient category."""
        row: dict[str, Any] = self._rows["categories"][key]
        return row

    @cached_property
    def age_categories(self) -> tuple[tuple[str, Quantity | None], ...]:
        """The categories by age, youngest first, with the age from which each holds."""
        rows = [
            (key, self._reader.quantity(row["from_age"]) if row["from_age"] else None)
            for key, row in self._rows["categories"].items()
            if row["axis"] == "age"
        ]
        return tuple(sorted(rows, key=lambda row: row[1].size if row[1] else -1))

    @cached_property
    def plausible_weight(self) -> tuple[Quantity | None, Quantity]:
        """The lightest and heaviest body weight that is taken for one."""
        return self._span(self._rows["plausible_weight"])

    @cached_property
    def oldest_age(self) -> Quantity:
        """The highest age that is taken for one."""
        return self._reader.quantity(self._rows["oldest_age"])

    def notation(self, code: str) -> dict[str, Any] | None:
        """Return what the formulary says of a risky notation."""
        row: dict[str, Any] | None = self._rows["notation"].get(code)
        return row

    def citation(self, source: str, where: str) -> Citation:
        """Return a place in a source of the bibliography."""
        return self._reader.citation((source, where))

    @cached_property
    def slips(self) -> tuple[Slip, ...]:
        """The known mechanisms, most common first."""
        return tuple(self._reader.slip(row) for row in self._rows["slips"])

    def rescue(self, key: str) -> tuple[str, str, tuple[Evidence, ...]]:
        """Return title and text about treating an overdose, with evidence."""
        row = self._rows["rescue"][key]
        return row["title"], row["says"], tuple(self._reader.evidence(item) for item in row["evidence"])

    def look_alikes(self, drug: str) -> tuple[str, ...]:
        """Return the keys of the drugs that this one is confused with."""
        return tuple(self._rows["look_alikes"].get(drug, ()))

    def condition_name(self, key: str) -> str:
        """Return the first name of a condition."""
        return str(self._rows["conditions"][key])

    @cached_property
    def route_cautions(self) -> tuple[Contraindication, ...]:
        """The conditions with which sources warn of any drug by a route."""
        return tuple(self._reader.contraindication(row) for row in self._rows["route_cautions"])

    @cached_property
    def vehicles(self) -> tuple[Vehicle, ...]:
        """The preservatives and other excipients that must not go by some routes."""
        return tuple(self._reader.vehicle(row) for row in self._rows["vehicles"].values())

    def reminder(self, key: str) -> Reminder:
        """Return what sources say of mixtures, pumps or preparations in general."""
        return self._reader.reminder(self._rows["reminders"][key])

    def route_volume(self, route: str) -> tuple[Quantity, Iterable[Evidence]] | None:
        """Return the largest volume that is usually injected at once by a route, with its evidence."""
        return self._route_volumes.get(route)

    @cached_property
    def _route_volumes(self) -> dict[str, tuple[Quantity, Iterable[Evidence]]]:
        return {
            route: (self._reader.quantity(volume["usual"][1]), self._reader.evidence_of(volume))
            for route, row in self._rows["routes"].items()
            if (volume := row["volume"])
        }

    def is_neuraxial(self, route: str | None) -> bool:
        """Return whether a route leads to the spinal cord or the brain."""
        return route is not None and self._rows["routes"][route]["neuraxial"] == "yes"

    def drug_names(self) -> dict[str, str]:
        """Return every name of every drug, in the form that names are compared in, with its key."""
        return dict(self._rows["drug_names"])

    def drug_of_product(self, text: str) -> str | None:
        """Return the drug that has a product of exactly this name."""
        wanted = product_name(text)
        for key, drug in self._rows["drugs"].items():
            if any(product_name(product["name"]) == wanted for product in drug["products"]):
                return str(key)
        return None

    @cached_property
    def syringes(self) -> tuple[Syringe, ...]:
        """The sizes of syringes, the smallest first."""
        rows = (self._reader.syringe(row) for row in self._rows["syringes"].values())
        return tuple(sorted(rows, key=lambda syringe: syringe.volume.size))

    @cached_property
    def growth(self) -> tuple[Growth, ...]:
        """Between which weights people of each age are."""
        return tuple(self._reader.growth(row) for row in self._rows["growth"].values())

    def find_condition(self, text: str) -> str:
        """Return the key of the condition with this spelling; raise UnknownNameError otherwise."""
        return self._find("condition", text, "'itdose show DRUG' lists the conditions that sources name.")

    def find_drug(self, text: str) -> str:
        """Return the key of the drug with this name; raise UnknownNameError otherwise."""
        name = normal_name(text)
        refused = self._rows["refused_names"].get(name)
        if refused:
            raise UnknownNameError("drug", text, (), refused["advice"])
        key: str | None = self._rows["drug_names"].get(name)
        if key is None:
            near = self._near_drugs(text)
            raise UnknownNameError("drug", text, near, "'itdose drugs' lists what is covered.")
        return key

    def _near_drugs(self, text: str) -> tuple[str, ...]:
        keys = (self._rows["drug_names"][name] for name in near_names(text, self._rows["drug_names"]))
        return tuple(dict.fromkeys(self.drug_name(key) for key in keys))

    def find_route(self, text: str) -> str:
        """Return the key of the route with this spelling; raise UnknownNameError otherwise."""
        return self._find("route", text, "'itdose routes' lists the routes and their spellings.")

    def find_category(self, text: str) -> str:
        """Return the key of the patient category with this spelling; raise UnknownNameError otherwise."""
        known = ", ".join(self._rows["categories"])
        return self._find("category", text, f"Known categories: {known}.")

    def _find(self, kind: str, text: str, advice: str) -> str:
        names: dict[str, str] = self._rows[f"{kind}_names"]
        key = names.get(normal_name(text))
        if key is None:
            near = tuple(dict.fromkeys(names[name] for name in near_names(text, names)))
            raise UnknownNameError(kind, text, near, advice)
        return key

    def _span(self, row: list[Any]) -> tuple[Quantity | None, Quantity]:
        low, high = row
        return (self._reader.quantity(low) if low else None), self._reader.quantity(high)
