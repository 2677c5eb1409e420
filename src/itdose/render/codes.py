"""Finding codes for people: each check's page, and the meaning of each of its codes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from itdose.checks import CHECKS
from itdose.render.layout import wrap

if TYPE_CHECKING:
    from types import ModuleType

PAGES: tuple[ModuleType, ...] = tuple(import_module(check.__module__) for check in CHECKS)
"""The checks in reading order; a check's docstring is its page, its CODES are its findings."""


def meanings() -> dict[str, str]:
    """Return every finding code with its meaning."""
    return {code: meaning for page in PAGES for code, meaning in page.CODES.items()}


def all_codes(*, width: int) -> str:
    """Return the list of all codes."""
    lines: list[str] = []
    for page in PAGES:
        lines += [_name(page)]
        for code, meaning in page.CODES.items():
            lines += wrap(f"{code}: {meaning}", width, "  ", "    ")
    return "\n".join(lines) + "\n"


def explain_code(code: str, *, width: int) -> str | None:
    """Return what a code means and the page of its check, or None for an unknown code."""
    for page in PAGES:
        if code in page.CODES:
            lines = [*wrap(f"{code}: {page.CODES[code]}", width, "", "  "), "", f"The check: {_name(page)}"]
            for paragraph in (page.__doc__ or "").strip().split("\n\n"):
                lines += wrap(" ".join(paragraph.split()).replace("``", "'"), width, "  ")
            return "\n".join(lines) + "\n"
    return None


def _name(page: ModuleType) -> str:
    return page.__name__.rpartition(".")[2].replace("_", " ")
