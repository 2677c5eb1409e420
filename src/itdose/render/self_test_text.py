"""The confusion matrix of a self-test: for a person, for a page, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from itdose.curation.self_test import ORDINARY, SLIPS_IN_A_FAMILY
from itdose.findings import Verdict
from itdose.render.layout import wrap
from itdose.render.tables import table
from itdose.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itdose.curation.self_test import SelfTest, Tally
    from itdose.formulary import Formulary

_VERDICTS = (Verdict.STOP, Verdict.NEEDS_REVIEW, Verdict.CANNOT_CHECK, Verdict.WITHIN_LIMITS)
_COLUMNS = ("doses", "stop", "review", "no check", "within")
Rows = list[tuple[str, ...]]
_LONGEST_WORD = len("thousandfold")
_PAGE = """# How well slips are noticed

Made by `itdose self-test --seed {seed} --format markdown` with formulary {version}
({digest}).

For every dose rule, ordinary doses are taken from its usual range and assessed, and each again after
every slip that the formulary knows. Which doses are ordinary is worked out apart from the checks. A
slip must never come out as `within_limits` when it leaves the usual range; an ordinary dose of a
reviewed rule must. "Named" is how often the slip itself was among the explanations; "ordinary again" is
how often it led to another ordinary dose, which nothing can notice. The doses are made up; how often
such slips happen to people, and how often they would be caught, nobody has measured.
"""


def text(result: SelfTest, formulary: Formulary, *, width: int) -> str:
    """Return the slips, the ordinary doses, and what is not as it should be."""
    slips = table(("slip", *_COLUMNS, "named"), _slip_rows(result), width=width, first=_LONGEST_WORD)
    ordinary = table(
        ("ordinary doses of", *_COLUMNS), _ordinary_rows(result), width=width, first=_LONGEST_WORD
    )
    lines = [slips, ordinary]
    lines += [f"{line}\n" for said in _closing(result, formulary) for line in wrap(said, width, "", "  ")]
    return "\n".join(lines[:2]) + "\n" + "".join(lines[2:])


def markdown(result: SelfTest, formulary: Formulary) -> str:
    """Return the whole matrix for a page: by slip, by review state, and by drug and route."""
    parts = [
        _PAGE.format(version=formulary.version, digest=formulary.digest, seed=result.seed),
        "## By slip\n",
        _markdown_table(("slip", *_COLUMNS, "named", "ordinary again"), _slip_rows(result, again=True)),
        "## Ordinary doses, by the state of the rule\n",
        _markdown_table(("state", *_COLUMNS), _ordinary_rows(result)),
        "## By drug and route\n",
        _markdown_table(
            ("drug", "route", "ordinary", "doubted", "slips", *_COLUMNS[1:]), _family_rows(result)
        ),
        *(f"{said}\n" for said in _closing(result, formulary)),
    ]
    return "\n".join(parts)


def to_json(result: SelfTest, formulary: Formulary) -> str:
    """Return every cell of the matrix as JSON."""
    body = {
        "schema": "itdose.self-test/1",
        "itdose": __version__,
        "formulary": {"version": formulary.version, "digest": formulary.digest},
        "seed": result.seed,
        "failures": list(result.failures),
        "not_tested": result.not_tested,
        "matrix": [
            {
                **cell._asdict(),
                "verdicts": {str(verdict): tally.verdicts[verdict] for verdict in _VERDICTS},
                "named": tally.named,
                "still_ordinary": tally.still_ordinary,
            }
            for cell, tally in result.matrix.items()
        ],
    }
    return json.dumps(body, indent=2) + "\n"


def _slip_rows(result: SelfTest, *, again: bool = False) -> Rows:
    rows: Rows = []
    for slip in result.slips:
        tally = result.sum(mechanism=slip)
        extra = (f"{tally.still_ordinary}",) if again else ()
        rows.append((slip.replace("_", " "), *_counts(tally), _percent(tally.named, tally.total), *extra))
    return rows


def _ordinary_rows(result: SelfTest) -> Rows:
    states = dict.fromkeys(cell.state for cell in result.matrix)
    return [
        (f"{state.replace('_', '-')} rules", *_counts(result.sum(mechanism=ORDINARY, state=state)))
        for state in sorted(states)
    ]


def _family_rows(result: SelfTest) -> Rows:
    families = dict.fromkeys((cell.drug, cell.route) for cell in result.matrix)
    rows: Rows = []
    for drug, route in families:
        ordinary = result.sum(drug=drug, route=route, mechanism=ORDINARY)
        slips = result.sum(drug=drug, route=route, mechanism=result.slips)
        doubted = ordinary.total - ordinary.verdicts[Verdict.WITHIN_LIMITS]
        rows.append((drug, route, f"{ordinary.total}", f"{doubted}", *_counts(slips)))
    return rows


def _counts(tally: Tally) -> tuple[str, ...]:
    return (f"{tally.total}", *(f"{tally.verdicts[verdict]}" for verdict in _VERDICTS))


def _closing(result: SelfTest, formulary: Formulary) -> Iterator[str]:
    slips = result.sum(mechanism=result.slips)
    yield (
        f"{slips.total} slips outside the usual range, at least {SLIPS_IN_A_FAMILY} for each drug and route "
        f"where so many can be written: {_percent(slips.noticed, slips.total)} stopped or given to a person. "
        f"{slips.still_ordinary} more led to a dose that is ordinary again, which nothing can notice."
    )
    for rule, why in result.not_tested.items():
        yield f"Not tested: {rule} ({why})."
    yield f"itdose {__version__}, formulary {formulary.version} as of {formulary.as_of}, seed {result.seed}."
    yield from (f"NOT AS IT SHOULD BE: {failure}" for failure in result.failures)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _markdown_table(header: tuple[str, ...], rows: Rows) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
