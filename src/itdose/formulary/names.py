"""Names as people type them: exact after folding case, points and hyphens; never fuzzy."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BETWEEN_WORDS = re.compile(r"[\s_\-\u2010\u2011]+")


def normal_name(text: str) -> str:
    """Return the form in which two spellings of one name are equal: ``I.T.`` and ``it``."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace(".", "")
    return _BETWEEN_WORDS.sub(" ", folded).strip()


def product_name(text: str) -> str:
    """Return the form in which two spellings of a product are equal: ``50%`` and ``50 %``."""
    # A point in a strength is no abbreviation: 0.5 % is not 05 %.
    return normal_name(text.replace(".", "\u00b7")).replace(" %", "%")


def near_names(text: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return names that look like ``text``. They are offered to a person and never taken."""
    # Imported here: only an unknown name needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    return tuple(get_close_matches(normal_name(text)[:100], list(names), n=count, cutoff=0.7))
