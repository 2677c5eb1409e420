"""Which drug the order means, and what its milligrams are milligrams of.

A drug is found by its exact name or a listed synonym, never by likeness; near
names are offered to a person. Names that have been read as another drug, such
as MS and MgSO4, are refused.

Within limits: ``magnesium sulfate`` is the drug of that name.
Outside: ``unobtainium`` is not in the formulary, so nothing can be checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.case import Case

CODES = {
    "drug-known": "the drug was found by its name, and its doses are read as this form of it",
    "drug-unknown": "the drug is not in the formulary, or its name is refused",
    "look-alike-named": "another drug has been confused with this one",
    "row-unreadable": "a row of a sheet holds no order that could be read",
}


def check(case: Case) -> Iterator[Finding]:
    """Yield which drug was meant, or why it is not known."""
    drug = case.drug
    if drug is None:
        yield Finding(
            code="drug-unknown",
            verdict=Verdict.CANNOT_CHECK,
            message=str(case.unknown_names["drug"]),
        )
        return
    yield Finding(
        code="drug-known",
        verdict=Verdict.WITHIN_LIMITS,
        message=f"{drug.name}; its doses are read as {drug.form}",
        evidence=(drug.form_citation,),
    )
    if drug.look_alikes:
        yield Finding(
            code="look-alike-named",
            verdict=Verdict.WITHIN_LIMITS,
            message=f"{drug.name} has been confused with {' and '.join(drug.look_alikes)}",
        )
