"""Names for the shell's completion, as the last compiled formulary has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itdose.user_cache import remember_names, remembered_names

if TYPE_CHECKING:
    import click


def drugs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the drugs whose name starts so."""
    return _starting("drugs", incomplete)


def routes(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the routes whose name starts so."""
    return _starting("routes", incomplete)


def _starting(kind: str, incomplete: str) -> list[str]:
    names = remembered_names(kind)
    if names is None:
        from itdose.formulary import Formulary  # noqa: PLC0415 - it costs more than completion may

        every_name = Formulary.load().names()
        remember_names(every_name)
        names = tuple(every_name[kind])
    # A space would end the word in the shell; an underscore is read as one.
    words = (name.replace(" ", "_") for name in names)
    return [word for word in words if word.casefold().startswith(incomplete.casefold())]
