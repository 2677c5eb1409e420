"""The file of sign-offs beside a site's overlay: read, and written anew with further ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from itdose.errors import FormularyError
from itdose.formulary.load import validated
from itdose.formulary.model import Text
from itdose.formulary.overlay_model import SignOffModel
from itdose.formulary.strict_yaml import Document

if TYPE_CHECKING:
    from itdose.errors import Problem

SIGN_OFFS = TypeAdapter(dict[Text, SignOffModel])
"""The shape of a file of sign-offs."""
_HEAD = "# Written by 'itdose formulary sign-off'. A rule that is changed later is no longer signed off.\n"

SignOffs = dict[str, SignOffModel]


def read_sign_offs(document: Document) -> tuple[SignOffs, list[Problem]]:
    """Return the sign-offs of a file by the id of their rule, and what is wrong with it."""
    problems: list[Problem] = []
    return validated(document, SIGN_OFFS, {}, problems) or {}, problems


def sign_offs_of(path: str, text: str | None) -> SignOffs:
    """Return the sign-offs that a file holds; raise FormularyError for one that can't be read."""
    if text is None:
        return {}
    sign_offs, problems = read_sign_offs(Document(path, text))
    if problems:
        raise FormularyError(tuple(problems))
    return sign_offs


def sign_off_text(sign_offs: SignOffs) -> str:
    """Return the text of a file with these sign-offs, in the order of their rules."""
    lines = [
        f'{rule}: {{signer: {item.signer}, signed_on: "{item.signed_on}", signature: "{item.signature}"}}\n'
        for rule, item in sorted(sign_offs.items())
    ]
    return "".join([_HEAD, *lines])
