"""Which encoding a text file is in: what its byte order mark says, what the user declared, or UTF-8."""

from __future__ import annotations

import codecs

from itdose.errors import SheetError, quote

# UTF-32 stands first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
LONGEST_MARK = 4
# Text codecs of Python that no program saves sheets in. In utf-7 and the escapes a text has many spellings.
_ODD = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
_MARK_NEEDED = frozenset({"utf-16", "utf-32"})


def encoding_name(name: str) -> str:
    """Return Python's own name of a declared encoding; raise SheetError for one that is not of plain text."""
    try:
        # The only public way to ask: a codec that is not of text refuses it.
        "".encode(name)
        known = codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError) as error:
        raise SheetError(
            f"{quote(name)} is no encoding of text that is known; such are cp1252, latin-1 and utf-16-le"
        ) from error
    if known.replace("_", "-") in _ODD:
        raise SheetError(f"{quote(name)} is not read, since sheets are not saved in it; save it as CSV UTF-8")
    return known.removesuffix("-sig")


def encoding_of(sheet: str, start: bytes, declared: str | None) -> tuple[str, str, int]:
    """Return the encoding of a file by its first bytes: for people, for Python, and the length of its mark.

    Raises SheetError where the mark says something else than what was declared.
    """
    wanted = encoding_name(declared) if declared is not None else None
    for mark, spelled, name in _MARKS:
        if start.startswith(mark):
            if wanted not in {None, name, name[:6]}:
                raise SheetError(
                    f"{sheet}: its byte order mark says {spelled}, and --encoding says {declared}; "
                    "leave the option out"
                )
            return spelled, name, len(mark)
    if wanted in _MARK_NEEDED:
        raise SheetError(f"{sheet}: it has no byte order mark; say --encoding {wanted}-le or {wanted}-be")
    return (declared or "UTF-8", wanted or "utf-8", 0)
