"""An earlier report judged by another formulary: for a person, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from itdose.errors import visible
from itdose.render.layout import counted, wrap
from itdose.render.report_text import WORDS
from itdose.render.sheets.spelling import one_line
from itdose.render.tables import table
from itdose.replay_report import SCHEMA, Effect, replay_row

if TYPE_CHECKING:
    from itdose.findings import Verdict
    from itdose.replay_report import Replayed, ReplayFacts

_MOST_SHOWN = 50
_HEADINGS = {
    Effect.TIGHTENED: "TIGHTENED",
    Effect.LOOSENED: "LOOSENED",
    Effect.ANOTHER_REASON: "the same verdict for another reason",
    Effect.NOT_REPLAYED: "NOT REPLAYED",
}
_IN_A_SENTENCE = {
    Effect.SAME: "same",
    Effect.TIGHTENED: "tightened",
    Effect.LOOSENED: "loosened",
    Effect.ANOTHER_REASON: "for another reason",
    Effect.NOT_REPLAYED: "not replayed",
}


class ReplaySummary:
    """Counts every row, and keeps the first rows of each change of verdict."""

    def __init__(self, facts: ReplayFacts) -> None:
        self.counts: Counter[Effect] = Counter()
        self.exposed = 0
        """Rows that were not stopped then and would be now."""
        self._facts = facts
        self._kept: dict[tuple[Effect, Verdict, Verdict], list[tuple[str, ...]]] = {}

    def add(self, replayed: Replayed) -> None:
        """Take one row into account."""
        effect, old = replayed.effect, replayed.old.verdict
        new = replayed.new.verdict if replayed.new else old
        self.counts[effect] += 1
        self.exposed += replayed.was_exposed
        kept = self._kept.setdefault((effect, new, old), [])
        if effect is not Effect.SAME and len(kept) < _MOST_SHOWN:
            kept.append(_cells(replayed))

    @property
    def differs(self) -> bool:
        """Whether anything is judged otherwise, or could not be judged again."""
        return self.counts.total() != self.counts[Effect.SAME]

    def text(self, *, width: int) -> str:
        """Return the counts, then what changed: tightened first, the worst verdict first."""
        rows = self.counts.total()
        said = ", ".join(f"{self.counts[effect]} {words}" for effect, words in _IN_A_SENTENCE.items())
        lines = wrap(f"{counted(rows, 'row')}: {said}", width)
        if self.exposed:
            lines += wrap(
                f"{counted(self.exposed, 'row')} not stopped then would be stopped now", width, "  "
            )
        lines += ["", *self._formularies(width)]
        for effect in _HEADINGS:
            lines += self._section(effect, width)
        return "\n".join(lines) + "\n"

    def _section(self, effect: Effect, width: int) -> list[str]:
        if not self.counts[effect]:
            return []
        # Worst verdict now first and, among these, mildest then.
        keys = sorted((key for key in self._kept if key[0] is effect), key=lambda key: (-key[1], key[2]))
        shown = [cells for key in keys for cells in self._kept[key]][:_MOST_SHOWN]
        rows = table(("row", "id", "then", "now", "order and reason"), shown, width=width).rstrip("\n")
        hidden = self.counts[effect] - len(shown)
        more = [f"and {hidden} more; --output rows.ndjson writes every one"] if hidden else []
        return ["", _HEADINGS[effect], rows, *more]

    def _formularies(self, width: int) -> list[str]:
        facts, new = self._facts, self._facts.new_formulary
        lines: list[str] = []
        for digest, version in facts.old_formularies.items():
            lines += wrap(f"then: formulary {visible(version)} {visible(digest)}", width, "", "  ")
        over = "".join(f", {visible(layer['site'])} {visible(layer['version'])}" for layer in new["layers"])
        lines += wrap(f"now:  formulary {new['version']} {new['digest']}{over}", width, "", "  ")
        if facts.is_same_formulary:
            lines += wrap("It is the same formulary.", width)
        if facts.is_other_program:
            then = ", ".join(visible(version) for version in facts.old_itdose)
            lines += wrap(
                f"The report was made by itdose {then}, this is {facts.new_itdose}: differences may come "
                "from the program and not from the formulary.", width,
            )  # fmt: skip
        return lines


def _cells(replayed: Replayed) -> tuple[str, ...]:
    new = replayed.new
    reason = new.headline if new else replayed.fault
    place = f"{replayed.row}" + (f" of {visible(replayed.worksheet)}" if replayed.worksheet else "")
    return (
        place,
        visible(replayed.row_id),
        WORDS[replayed.old.verdict],
        WORDS[new.verdict] if new else "not judged",
        one_line(f"{replayed.order}: {reason}"),
    )


def replay_line(replayed: Replayed) -> str:
    """Return a row as one line of JSON, also one that is the same."""
    return json.dumps(replay_row(replayed), ensure_ascii=True, separators=(",", ":")) + "\n"


class ReplayObject:
    """The whole as one JSON object, with the rows that are not the same."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def add(self, replayed: Replayed) -> None:
        """Keep a row that is not the same."""
        if replayed.effect is not Effect.SAME:
            self._rows.append(replay_row(replayed))

    def text(self, summary: ReplaySummary, facts: ReplayFacts) -> str:
        """Return the object."""
        body = {
            "schema": SCHEMA,
            "rows": summary.counts.total(),
            "counts": {effect.value: summary.counts[effect] for effect in Effect},
            "exposed": summary.exposed,
            "old": {
                "formularies": [
                    {"version": version, "digest": digest}
                    for digest, version in facts.old_formularies.items()
                ],
                "itdose": facts.old_itdose,
            },
            "new": {"formulary": dict(facts.new_formulary), "itdose": facts.new_itdose},
            "differences": self._rows,
        }
        return json.dumps(body, indent=2, ensure_ascii=True) + "\n"
