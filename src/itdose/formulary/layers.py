"""What a site's overlays brought to a formulary: layers, changed limits, added rules and sign-offs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from itdose.findings import Layer, SiteChange


@dataclass(frozen=True, slots=True)
class Layers:
    """Everything that overlays brought; empty for a formulary without any."""

    sites: tuple[Layer, ...] = ()
    changes: Mapping[str, tuple[SiteChange, ...]] = field(default_factory=dict)
    """What sites changed, by the id of the rule."""
    site_of: Mapping[str, str] = field(default_factory=dict)
    """The site of each rule that a site added."""

    def changed_limits(self, rule: str) -> frozenset[str]:
        """Return the limits of a rule that sites set anew, as evidence names them: ``dose.usual``."""
        return frozenset(as_supported(change.limit) for change in self.changes.get(rule, ()))


def as_supported(limit: str) -> str:
    """Return a limit as evidence names it: both ends of the usual range are ``usual``."""
    measure, _, kind = limit.rpartition(".")
    return f"{measure}.usual" if kind.endswith("_soft") else limit
