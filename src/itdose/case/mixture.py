"""The texts that name another drug of a mixture with its dose: ``fentanyl 15 mcg``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from itdose.errors import UnknownNameError

if TYPE_CHECKING:
    from itdose.formulary import Formulary

_BEFORE_A_NUMBER = re.compile(r"\s+(?=[0-9.,])")


def split_partner(text: str, formulary: Formulary) -> tuple[str, str]:
    """Return drug and dose of a text; where no part of it is a drug's name, the first word is taken.

    Names may hold numbers, so the longest known name before a number decides.
    """
    places = list(_BEFORE_A_NUMBER.finditer(text))
    for place in reversed(places):
        name = text[: place.start()].strip()
        try:
            formulary.find_drug(name)
        except UnknownNameError:
            continue
        return name, text[place.end() :].strip()
    if places:
        return text[: places[0].start()].strip(), text[places[0].end() :].strip()
    return text.strip(), ""
