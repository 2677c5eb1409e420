"""Which headers name which canonical field, in the languages that sheets are written in."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from itdose.batch.header_words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

# batch.columns reads this module, so the fields stand here again; a test compares.
_CANONICAL = (
    *("row_id", "drug", "dose", "route", "mode", "over", "every", "indication", "category", "conditions"),
    *("age", "weight", "height", "product", "strength", "units_used", "draw_volume", "diluent"),
    *("diluent_volume", "final_volume", "final_concentration", "flow_rate", "reservoir_volume"),
    *("preparation_id", "lot", "expiry", "prepared_by", "checked_by", "label_text"),
)
_BETWEEN_WORDS = re.compile(r"[\s_.:\-/'\u2019\u00b4`]+")
_WITHOUT_DOTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def normal_header(text: str) -> str:
    """Return a header as the table is looked up: small letters without accents, one blank between words."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    return _BETWEEN_WORDS.sub(" ", letters).strip()


def _spellings() -> Iterator[tuple[str, str]]:
    yield from ((name, name) for name in _CANONICAL)
    for table in LANGUAGES.values():
        for field, aliases in table.items():
            for alias in aliases:
                yield alias, field
                yield alias.casefold().translate(_WITHOUT_DOTS), field


FIELDS = {normal_header(spelling): field for spelling, field in _spellings()}
"""The canonical field of every known header, by its normal form."""
