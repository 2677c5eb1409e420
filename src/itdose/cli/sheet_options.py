"""The options that say how a sheet is to be read, shared by the commands that read one."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def sheet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of reading; it takes them as ``options``."""

    @click.option("--map", "mapping", metavar="HEADER=FIELD", multiple=True,
                  help="Read the column HEADER as the field FIELD. May be repeated.")  # fmt: skip
    @click.option("--decimal", type=click.Choice(["point", "comma"]), default="point", show_default=True,
                  help="The decimal sign of the whole sheet. It is declared, never guessed.")  # fmt: skip
    @click.option("--encoding", metavar="NAME",
                  help="Of a text file that is not Unicode, such as cp1252.")  # fmt: skip
    @click.option("--delimiter", metavar="CHARACTER",
                  help="Between the cells of a text file: comma, semicolon, tab or pipe.")  # fmt: skip
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
        from itdose.batch.options import SheetOptions  # noqa: PLC0415

        options = SheetOptions(
            decimal_comma=decimal == "comma",
            fields=_fields(mapping),
            encoding=_encoding(encoding),
            delimiter=_delimiter(delimiter),
            worksheet=worksheet,
        )
        return command(*arguments, options=options, **others)

    return with_options


def _fields(mapping: tuple[str, ...]) -> dict[str, str]:
    """Return the mapped headers with their fields; refuse a header or a field named twice."""
    fields: dict[str, str] = {}
    for text in mapping:
        header, field = _mapped(text)
        if header in fields or field in fields.values():
            twice = header if header in fields else field
            raise click.BadParameter(f"{twice!r} is named twice; one column is one field", param_hint="--map")
        fields[header] = field
    return fields


def _mapped(text: str) -> tuple[str, str]:
    """Return header and field; a header may itself hold an equals sign."""
    from itdose.batch.columns import CANONICAL  # noqa: PLC0415

    header, sign, field = (part.strip() for part in text.rpartition("="))
    if not sign or not header or field not in CANONICAL:
        raise click.BadParameter(
            f"{text!r} is not HEADER=FIELD with one of the fields {', '.join(CANONICAL)}", param_hint="--map"
        )
    return header, field


def _encoding(name: str | None) -> str | None:
    from itdose.batch.text.text_encoding import encoding_name  # noqa: PLC0415
    from itdose.errors import SheetError  # noqa: PLC0415

    if name is not None:
        try:
            encoding_name(name)
        except SheetError as error:
            raise click.BadParameter(str(error), param_hint="--encoding") from error
    return name


def _delimiter(text: str | None) -> str | None:
    """Return a delimiter given as itself or by its name, since a tab is hard to type."""
    from itdose.batch.text.csv_header import DELIMITERS  # noqa: PLC0415

    if text is None or text in DELIMITERS:
        return text
    marks = [mark for mark, name in DELIMITERS.items() if text in {name, ascii(mark)[1:-1]}]
    if not marks:
        names = ", ".join(DELIMITERS.values())
        raise click.BadParameter(
            f"{text!r} is none of {names}, nor such a character", param_hint="--delimiter"
        )
    return marks[0]
