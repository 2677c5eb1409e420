"""What a user declares of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOptions:
    """What the user declared of a sheet; nothing of it is guessed."""

    decimal_comma: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    """Headers with the canonical field that each names, over the alias table."""
    encoding: str | None = None
    """Of a text file that is neither UTF-8 nor marked as UTF-16: ``cp1252``."""
    delimiter: str | None = None
    """Of a CSV whose header leaves it open."""
    worksheet: str | None = None
    """The only worksheet of a workbook to read."""
