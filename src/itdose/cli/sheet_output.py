"""Where the reports of a sheet go: files that appear only when they are whole, and standard output."""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from itdose.batch.write import whole_file
from itdose.cli import output as terminal
from itdose.render.sheets.sheet_formats import FORMATS, format_of, writer
from itdose.sheet_report import SheetFacts
from itdose.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from itdose.batch.options import SheetOptions
    from itdose.batch.sheet import Sheet
    from itdose.formulary import Formulary
    from itdose.sheet_report import SheetReport


def check_outputs(outputs: Sequence[Path], sheet: str) -> None:
    """Refuse, before anything is read, a file of no known format, one named twice, and the sheet itself."""
    for place, output in enumerate(outputs):
        if format_of(output.name) is None:
            known = ", ".join(ending for known in FORMATS.values() for ending in known.endings)
            raise click.BadParameter(
                f"{output.name} has none of the endings that are written: {known}", param_hint="--output"
            )
        if output.resolve() in {other.resolve() for other in outputs[:place]}:
            raise click.BadParameter(f"{output} is named twice", param_hint="--output")
        if output.resolve() == Path(sheet).resolve():
            raise click.BadParameter("it is the sheet itself; choose another name", param_hint="--output")


@contextmanager
def sheet_output(
    outputs: Sequence[Path], screen: str, facts: SheetFacts
) -> Iterator[Callable[[SheetReport], None]]:
    """Give a function that writes a report everywhere; files appear when all were written, or not at all."""
    with ExitStack() as files:
        writers = [
            writer(format_of(output.name) or "", files.enter_context(whole_file(output)), facts)
            for output in outputs
        ]
        if screen != "text":
            writers.append(writer(screen, cast("IO[bytes]", _Screen()), facts))

        def add(report: SheetReport) -> None:
            for one in writers:
                one.add(report)

        yield add
        for one in writers:
            one.finish()


def facts_of(sheet: Sheet, options: SheetOptions, formulary: Formulary) -> SheetFacts:
    """Return what holds of the whole sheet."""
    return SheetFacts(
        sheet=sheet.name,
        headers=sheet.headers,
        formulary={
            "version": formulary.version,
            "digest": formulary.digest,
            "layers": [layer._asdict() for layer in formulary.layers],
        },
        itdose=__version__,
        decimal_comma=options.decimal_comma,
        remarks=sheet.remarks,
        units=formulary.units,
    )


class _Screen(io.RawIOBase):
    """Standard output as a file of bytes; what it can't show is spelled out."""

    _is_new = True

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        # A byte order mark is for a file: in a pipe it would be part of the first column's name.
        text = content.decode("utf-8-sig" if self._is_new else "utf-8")
        self._is_new = False
        # A cell's letter is spelled out where the screen lacks it, and never becomes a similar one.
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        terminal.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return len(content)
