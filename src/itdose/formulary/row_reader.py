"""Build the values of a compiled formulary from its plain rows, one drug at a time."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from itdose.band import Band
from itdose.findings import Citation, RuleReview, SignOff, SiteChange
from itdose.formulary.tables import (
    Contraindication,
    DoseRule,
    Drug,
    DrugByRoute,
    Evidence,
    Forbidden,
    HarmReport,
    MeasureLimits,
    Product,
    Slip,
    Standard,
    Syringe,
)
from itdose.guardrail import Guardrail
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from itdose.formulary.side_tables import Growth, Reminder, Vehicle
    from itdose.quantity import UnitTable

Row = dict[str, Any]
T = TypeVar("T")


class Later(Generic[T]):
    """What rows say, built when somebody looks at it: a check shows the sources of little that it reads."""

    def __init__(self, build: Callable[[Any], T], rows: Sequence[Any]) -> None:
        self._build = build
        self._rows = rows

    def __iter__(self) -> Iterator[T]:
        return map(self._build, self._rows)


class OnAsking(Mapping[str, T]):
    """What rows say by their keys, each built once, when it is asked for."""

    def __init__(self, build: Callable[[Any], T], rows: Mapping[str, Any]) -> None:
        self._build = build
        self._rows = rows
        self._built: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        if key not in self._built:
            self._built[key] = self._build(self._rows[key])
        return self._built[key]

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class RowReader:
    """Builds values from rows, with the unit table and bibliography that they refer to."""

    def __init__(self, units: UnitTable, sources: Mapping[str, Row]) -> None:
        self._units = units
        self._sources = sources

    def drug(self, key: str, row: Row) -> Drug:
        """Return one drug."""
        return Drug(
            key=key,
            name=row["name"],
            synonyms=tuple(row["synonyms"]),
            form=row["form"],
            form_citation=self.citation(row["form_stated_by"]),
            by_volume=row["by_volume"],
            conversions={unit: Fraction(*pair) for unit, pair in row["conversions"].items()},
            conversion_citations={
                unit: self.citation(at) for unit, at in row["conversions_stated_by"].items()
            },
            drug_class=row["class"],
            ratio_strength=row["ratio_strength"],
            indications=row["indications"],
            look_alikes=tuple(row["look_alikes"]),
            rescue=tuple(row["rescue"]),
            products=tuple(self._product(product) for product in row["products"]),
            contraindications=tuple(self.contraindication(item) for item in row["contraindications"]),
            standard_concentrations=Later(self._standard, row["standard_concentrations"]),
            routes=OnAsking(self._by_route, row["routes"]),
        )

    def slip(self, row: Row) -> Slip:
        """Return one mechanism."""
        factor = Fraction(*row["factor"]) if row["factor"] else None
        return Slip(
            row["mechanism"],
            row["works_by"],
            factor,
            row["unit"],
            row["why"],
            row["how_common"],
            Later(self.citation, [at for at in (row["stated_by"], row["common_stated_by"]) if at]),
        )

    def contraindication(self, row: Row) -> Contraindication:
        """Return one condition with which a source warns."""
        return Contraindication(
            tuple(row["routes"]),
            row["condition"],
            row["strength"] == "contraindicated",
            row["only"],
            row["says"],
            self.evidence_of(row),
        )

    def vehicle(self, row: Row) -> Vehicle:
        """Return one preservative or other excipient."""
        from itdose.formulary.side_tables import Vehicle  # noqa: PLC0415 - see there

        return Vehicle(
            row["name"],
            tuple(row["spellings"]),
            row["routes"],
            row["neonates"],
            row["says"],
            self.evidence_of(row),
        )

    def reminder(self, row: Row) -> Reminder:
        """Return one general statement."""
        from itdose.formulary.side_tables import Reminder  # noqa: PLC0415 - see there

        more_than = int(row["more_than"]) if row["more_than"] else None
        return Reminder(row["says"], more_than, self.evidence_of(row))

    def _standard(self, row: Row) -> Standard:
        concentrations = tuple(self.quantity(item) for item in row["concentrations"])
        return Standard(row["route"], row["mode"], concentrations, self.evidence_of(row))

    def syringe(self, row: Row) -> Syringe:
        """Return one size of syringe."""
        volume, graduation, smallest = (
            self.quantity(row[key]) for key in ("volume", "graduation", "measures_from")
        )
        return Syringe(volume, graduation, smallest, self.evidence_of(row))

    def growth(self, row: Row) -> Growth:
        """Return the weights of one age."""
        from itdose.formulary.side_tables import Growth  # noqa: PLC0415 - see there

        low, high = (self.quantity(end) for end in row["weight"])
        ages = (self.quantity(end) if end else None for end in row["age"])
        return Growth(Band(*ages), low, high, self.evidence_of(row))

    def evidence_of(self, row: Row) -> Later[Evidence]:
        """Return the evidence of anything, built when it is looked at."""
        return Later(self.evidence, row["evidence"])

    def citation(self, at: tuple[str, str]) -> Citation:
        """Return a place in a source."""
        key, where = at
        source = self._sources[key]
        return Citation(
            source=key,
            title=source["title"],
            year=source["year"],
            where=where,
            doi=source["doi"],
            pmid=source["pmid"],
            url=source["url"],
        )

    def quantity(self, row: tuple[int, int, str]) -> Quantity:
        """Return a quantity from its amount, as two integers, and its unit."""
        numerator, denominator, unit = row
        return Quantity(Fraction(numerator, denominator), self._units[unit])

    def evidence(self, row: Row) -> Evidence:
        """Return one piece of evidence."""
        return Evidence(
            self.citation(row["stated_by"]), tuple(row["supports"]), tuple(row["differs"]), row["says"]
        )

    def _by_route(self, row: Row) -> DrugByRoute:
        return DrugByRoute(
            status=row["status"],
            note=row["note"],
            forbidden=self._forbidden(row["forbidden"]) if row["forbidden"] else None,
            reports=tuple(self._report(report) for report in row["reports"]),
            rules=tuple(self._rule(rule) for rule in row["rules"]),
        )

    def _forbidden(self, row: Row) -> Forbidden:
        return Forbidden(row["reason"], tuple(self.evidence(item) for item in row["evidence"]))

    def _band(self, row: list[Any] | None) -> Band | None:
        return Band(*(self.quantity(end) if end else None for end in row)) if row else None

    def _rule(self, row: Row) -> DoseRule:
        review = row["review"]
        return DoseRule(
            id=row["id"],
            mode=row["mode"],
            categories=tuple(row["categories"]),
            indications=tuple(row["indications"]),
            age=self._band(row["age"]),
            weight=self._band(row["weight"]),
            limits=tuple(self._limits(limits, row) for limits in row["limits"]),
            evidence=tuple(self.evidence(item) for item in row["evidence"]),
            review=RuleReview(
                row["id"],
                review["state"],
                review["on"],
                review["due"],
                SignOff(**row["sign_off"]) if row["sign_off"] else None,
                row["site"],
                tuple(SiteChange(**change) for change in row["changes"]),
            ),
            note=row["note"],
        )

    def _limits(self, row: Row, rule: Row) -> MeasureLimits:
        stated = {kind: self.quantity(value) for kind, value in row["stated"].items()}
        return MeasureLimits(
            measure=row["measure"],
            guardrail=Guardrail(**stated),
            absent=row["absent"],
            upper_hard_is=row["upper_hard_is"],
            window=self.quantity(row["window"]) if row["window"] else None,
            note=row["note"],
            origins=_origins(row["measure"], stated, rule),
        )

    def _report(self, row: Row) -> HarmReport:
        dose = row["dose"]
        return HarmReport(
            dose=dose if isinstance(dose, str) else self.quantity(dose),
            outcome=row["outcome"],
            population=row["population"],
            citation=self.citation(row["stated_by"]),
        )

    def _product(self, row: Row) -> Product:
        return Product(
            name=row["name"],
            strength=self.quantity(row["strength"]),
            containers=tuple(row["containers"]),
            preservative=row["preservative"],
            labelled_routes=tuple(row["labelled_routes"]),
            forbidden={route: self._forbidden(item) for route, item in row["forbidden"].items()},
            note=row["note"],
            citation=self.citation(row["stated_by"]),
        )


def _origins(measure: str, stated: Mapping[str, Quantity], rule: Row) -> dict[str, str]:
    """Return whose each limit is, where it is a site's."""
    origins = dict.fromkeys(stated, rule["site"]) if rule["site"] else {}
    changed = {change["limit"]: change["site"] for change in rule["changes"]}
    return origins | {kind: changed[f"{measure}.{kind}"] for kind in stated if f"{measure}.{kind}" in changed}
