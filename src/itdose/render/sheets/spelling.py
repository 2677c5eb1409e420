"""Characters that a format can't hold, or that change what a reader sees, spelled out."""

from __future__ import annotations

import re

# XML 1.0, section 2.2: what is no character of a document.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A spreadsheet program computes a text that begins so, and what it computes may run a command.
# Apostrophes before such a sign count as well, so that taking one away gives the text back.
_COMPUTED = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def one_line(text: str) -> str:
    """Return a text for people: invisible and controlling characters spelled out, nothing cut off.

    Raw, an escape sequence or a mark that turns the line around would show
    another dose than the one that was checked.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _spelled(c) for c in text)


def for_xml(text: str) -> str:
    """Return a text with every character that XML can't hold spelled out."""
    return _NO_XML.sub(lambda found: _spelled(found[0]), text)


def unicode_text(text: str) -> str:
    r"""Return a text that UTF-8 can hold; half a surrogate pair is spelled out: ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def is_computed(text: str) -> bool:
    """Return whether a spreadsheet program may take a text for a formula: ``=1+1``, ``@SUM(A1)``, ``-1``."""
    return _COMPUTED.match(text) is not None


def _spelled(character: str) -> str:
    return ascii(character)[1:-1]
