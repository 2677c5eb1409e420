"""``itdose sample``: a seeded preparation sheet with known slips at known rows."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from itdose.cli.formulary_option import formulary_option, load
from itdose.errors import OutputError, ReaderGoneError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from itdose.curation.sampling import SampleSheet
    from itdose.render.sample_files import TableWriter

_ENGLISH = "English"
_KEY_HEADERS = ("row", "row_id", "mechanism", "intended_dose", "written_dose")


@click.command("sample", epilog="Exit codes: 0 written, 2 usage error, 5 not written.")
@click.option("--rows", type=click.IntRange(min=1), default=40, show_default=True, help="How many orders.")
@click.option("--slips", type=click.IntRange(min=0), default=0, show_default=True,
              help="In how many of them a known slip is planted.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Another sheet for another number.")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="A .csv, .xlsx or .ndjson file; left out, CSV on standard output.")  # fmt: skip
@click.option("--key", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write where the slips are: row, mechanism, what was meant and written.")  # fmt: skip
@click.option("--language", metavar="NAME", help="Headers in one language, such as German.")
@click.option("--tidy", "is_tidy", is_flag=True, help="Canonical headers and plain notation only.")
@formulary_option
def command(output: Path | None, key: Path | None, formularies: tuple[str, ...], **wished: Any) -> None:
    """Make a preparation sheet of ordinary orders and, in some rows, known slips.

    Doses are drawn from the usual ranges of the formulary's rules. The same seed and formulary
    give the same sheet. It is for tests and training: no row is an order for a patient.
    """
    # Imported here, so that --help and completion start without the formulary.
    from itdose.curation.sampling import SampleSheet, SampleWish  # noqa: PLC0415

    if wished["slips"] > wished["rows"]:
        raise click.BadParameter(
            f"{wished['slips']} slips don't fit into {wished['rows']} rows", param_hint="--slips"
        )
    _check(output, "--output", wished["rows"])
    _check(key, "--key", wished["slips"])
    if output and key and output.resolve() == key.resolve():
        raise click.BadParameter("it is the sheet itself; choose another name", param_hint="--key")
    spellings = _spellings(wished.pop("language"))
    try:
        sheet = SampleSheet(load(formularies), SampleWish(**wished), spellings)
        _write(sheet, wished["rows"], output, key)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _check(path: Path | None, option: str, rows: int) -> None:
    """Refuse a file of no known format, or of one that can't hold so many rows."""
    from itdose.render.sample_files import TABLES  # noqa: PLC0415

    if path is None:
        return
    table = TABLES.get(path.suffix.lower())
    if table is None:
        raise click.BadParameter(f"{path.name} ends with none of {', '.join(TABLES)}", param_hint=option)
    if table.most_rows is not None and rows > table.most_rows:
        raise click.BadParameter(
            f"a worksheet holds {table.most_rows} rows below its header; write a .csv", param_hint=option
        )


def _spellings(language: str | None) -> Mapping[str, Sequence[str]]:
    """Return the headers that a sheet's reader knows by the field that each names, in one language."""
    from itdose.batch import header_names  # noqa: PLC0415

    tables: Mapping[str, Mapping[str, Sequence[str]]] = getattr(header_names, "LANGUAGES", {_ENGLISH: {}})
    wanted = (language or _ENGLISH).casefold()
    found = next((name for name in tables if name.casefold() == wanted), None)
    if found is None:
        raise click.BadParameter(f"headers are known in {', '.join(tables)}", param_hint="--language")
    if found != _ENGLISH:
        return tables[found]
    # The canonical names are English words themselves.
    fields = dict.fromkeys(header_names.FIELDS.values())
    return {field: (field.replace("_", " "), *tables[found].get(field, ())) for field in fields}


def _write(sheet: SampleSheet, rows: int, output: Path | None, key: Path | None) -> None:
    from itdose.cli.progress import counted  # noqa: PLC0415

    with ExitStack() as files:
        orders = _table(files, output, sheet.headers)
        slips = _table(files, key, _KEY_HEADERS) if key else None
        for number, row in enumerate(
            counted(sheet.rows(), lambda: rows, "rows written"), start=orders.first_row
        ):
            orders.add(row.cells)
            if slips and row.planted:
                slips.add((str(number), row.row_id, *row.planted))
        orders.finish()
        if slips:
            slips.finish()


def _table(files: ExitStack, path: Path | None, headers: tuple[str, ...]) -> TableWriter:
    """Open a table; a file appears when it is whole, or not at all."""
    from itdose.batch.write import whole_file  # noqa: PLC0415
    from itdose.render.sample_files import TABLES  # noqa: PLC0415

    file = files.enter_context(whole_file(path)) if path else cast("IO[bytes]", _Screen())
    return TABLES[path.suffix.lower() if path else ".csv"](file, headers)


class _Screen:
    """Standard output as a file of bytes; UTF-8 whatever the terminal, since the sheet is read as such."""

    def write(self, content: bytes) -> int:
        try:
            return sys.stdout.buffer.write(content)
        except BrokenPipeError as error:
            # click would end the run with 1.
            raise ReaderGoneError from error
        except OSError as error:
            raise OutputError(f"the output can't be written: {error.strerror}") from error
