"""Two verdicts on one row: what an earlier report said, and what another formulary says of the same order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "itdose.replay/1"
_LET_THROUGH = frozenset({Verdict.WITHIN_LIMITS, Verdict.NEEDS_REVIEW})


class Effect(StrEnum):
    """What the other formulary does to a row, what matters most first."""

    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    ANOTHER_REASON = "another_reason"
    NOT_REPLAYED = "not_replayed"
    SAME = "same"


class Judged(NamedTuple):
    """The verdict on a row, and the finding that decided it."""

    verdict: Verdict
    headline: str
    code: str
    measure: str | None
    limit: str | None
    """Kind and figure, such as ``upper_hard 200 mg``."""

    @property
    def reason(self) -> tuple[str | None, ...]:
        """What two verdicts must share to be the same; the words of a message are not part of it."""
        return self.code, self.measure, self.limit


class Replayed(NamedTuple):
    """One row of the earlier report, judged again."""

    row: int
    worksheet: str | None
    row_id: str
    order: str
    """The order in words."""
    old: Judged
    new: Judged | None
    """None where the order could not be rebuilt."""
    fault: str | None = None
    """Why it could not."""

    @property
    def effect(self) -> Effect:
        """What the other formulary does to the row. What was not judged again is never the same."""
        if self.new is None:
            return Effect.NOT_REPLAYED
        if self.new.verdict is not self.old.verdict:
            return Effect.TIGHTENED if self.new.verdict > self.old.verdict else Effect.LOOSENED
        return Effect.SAME if self.new.reason == self.old.reason else Effect.ANOTHER_REASON

    @property
    def was_exposed(self) -> bool:
        """Whether the row was not stopped then, although somebody may have looked, and would be now."""
        return self.new is not None and self.new.verdict is Verdict.STOP and self.old.verdict in _LET_THROUGH


@dataclass(slots=True)
class ReplayFacts:
    """By what the rows were judged then and now; what was then is complete once the rows are read."""

    new_formulary: Mapping[str, Any]
    """Version, digest and layers, as in each report."""
    new_itdose: str
    old_formularies: dict[str, str] = field(default_factory=dict)
    """Digest and version of every formulary that the earlier report names."""
    old_itdose: list[str] = field(default_factory=list)
    """Every version of itdose that the earlier report names."""

    @property
    def is_other_program(self) -> bool:
        """Whether the earlier report was made by another itdose, so that differences may be its own."""
        return any(version != self.new_itdose for version in self.old_itdose)

    @property
    def is_same_formulary(self) -> bool:
        """Whether every row was judged by this very formulary already."""
        return list(self.old_formularies) == [self.new_formulary["digest"]]


def judged(body: Mapping[str, Any]) -> Judged:
    """Return what a report's JSON says; its deciding finding is the one that its headline repeats."""
    deciding = [finding for finding in body["findings"] if finding["verdict"] == body["verdict"]]
    speaking = [finding for finding in deciding if finding["message"] == body["headline"]]
    finding = (speaking or deciding)[0]
    limit = finding.get("limit")
    return Judged(
        verdict=Verdict[body["verdict"].upper()],
        headline=body["headline"],
        code=finding["code"],
        measure=finding.get("measure"),
        limit=f"{limit['kind']} {limit['value']}" if limit else None,
    )


def replay_row(replayed: Replayed) -> dict[str, Any]:
    """Return a row as plain values; the keys are those of schemas/replay-1.schema.json."""
    return {
        "row": replayed.row,
        **({"worksheet": replayed.worksheet} if replayed.worksheet else {}),
        "row_id": replayed.row_id,
        "order": replayed.order,
        "effect": replayed.effect.value,
        "old": _side(replayed.old),
        "new": _side(replayed.new) if replayed.new else None,
        **({"fault": replayed.fault} if replayed.fault else {}),
    }


def _side(side: Judged) -> dict[str, Any]:
    return {**side._asdict(), "verdict": str(side.verdict)}
