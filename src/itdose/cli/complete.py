"""Names for the shell's completion, from the compiled formulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


def drugs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the drugs whose name starts so."""
    from itdose.formulary import Formulary  # noqa: PLC0415

    return _starting(Formulary.load().drug_names(), incomplete)


def routes(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the routes whose name starts so."""
    from itdose.formulary import Formulary  # noqa: PLC0415

    return _starting(tuple(Formulary.load().routes()), incomplete)


def _starting(names: tuple[str, ...], incomplete: str) -> list[str]:
    return [name for name in names if name.casefold().startswith(incomplete.casefold())]
