"""The options that say how a sheet is to be read, shared by the commands that read one."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.batch.sheet import SheetOptions


def sheet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of reading; it takes them as ``options``."""

    @click.option("--map", "mapping", metavar="HEADER=FIELD", multiple=True,
                  help="Read the column HEADER as the field FIELD. May be repeated.")  # fmt: skip
    @click.option("--decimal", type=click.Choice(["point", "comma"]), default="point", show_default=True,
                  help="The decimal sign of the whole sheet. It is declared, never guessed.")  # fmt: skip
    @click.option("--encoding", metavar="NAME",
                  help="Of a text file that is not Unicode, such as cp1252.")  # fmt: skip
    @click.option("--delimiter", metavar="CHARACTER",
                  help="Between the cells of a text file, where its header leaves it open.")  # fmt: skip
    @click.option("--worksheet", metavar="NAME", help="The only worksheet of a workbook to read.")
    @wraps(command)
    def with_options(
        *arguments: Any,
        mapping: tuple[str, ...],
        decimal: str,
        encoding: str | None,
        delimiter: str | None,
        worksheet: str | None,
        **others: Any,
    ) -> Any:
        options = _options(mapping, decimal, encoding, delimiter, worksheet)
        return command(*arguments, options=options, **others)

    return with_options


def _options(
    mapping: tuple[str, ...], decimal: str, encoding: str | None, delimiter: str | None, worksheet: str | None
) -> SheetOptions:
    from itdose.batch.sheet import SheetOptions  # noqa: PLC0415

    return SheetOptions(
        decimal_comma=decimal == "comma",
        fields=dict(_mapped(text) for text in mapping),
        encoding=encoding,
        delimiter=delimiter,
        worksheet=worksheet,
    )


def _mapped(text: str) -> tuple[str, str]:
    """Return header and field; a header may itself hold an equals sign."""
    from itdose.batch.columns import CANONICAL  # noqa: PLC0415

    header, sign, field = text.rpartition("=")
    if not sign or not header or field not in CANONICAL:
        raise click.BadParameter(
            f"{text!r} is not HEADER=FIELD with one of the fields {', '.join(CANONICAL)}", param_hint="--map"
        )
    return header, field
