"""``itdose replay``: an earlier report, judged by another formulary."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itdose.cli.formulary_option import formulary_option, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.formulary import Formulary
    from itdose.replay_report import Replayed, ReplayFacts

_ENDINGS = (".ndjson", ".jsonl")


@click.command(
    "replay",
    epilog="Exit codes: 0 every row is judged the same, 1 a row is judged otherwise or could not be judged "
    "again, 2 usage error, 5 unreadable report or internal failure.",
)
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "output_format", type=click.Choice(["text", "json", "ndjson"]), default="text",
              show_default=True, help="For a person, one JSON object with the differences, or every row as "
              "a line.")  # fmt: skip
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write every row to a .ndjson file.")  # fmt: skip
@formulary_option
def command(report: Path, output_format: str, output: Path | None, formularies: tuple[str, ...]) -> None:
    """Judge every row of REPORT, which 'itdose batch --output' wrote as .ndjson, by another formulary.

    It answers "were we exposed?" after a limit has changed: what would be judged more strictly, what
    more mildly, and by which limit. The sheet itself is not needed. No review counts as overdue.
    """
    # Imported here, so that --help and completion start without the checker.
    from itdose.batch.replay import replay  # noqa: PLC0415
    from itdose.cli import output as terminal  # noqa: PLC0415
    from itdose.cli.progress import counted  # noqa: PLC0415
    from itdose.render.replay_text import ReplayObject, ReplaySummary  # noqa: PLC0415

    gc.enable()
    _check(output, report)
    formulary = load(formularies)
    formulary = formulary.on_day(formulary.reviewed_on)
    facts = _facts(formulary)
    summary, whole = ReplaySummary(facts), ReplayObject()
    with ExitStack() as files:
        writers = _writers(files, output_format, output)
        adds = [summary.add, *writers, *([whole.add] if output_format == "json" else [])]
        for replayed in counted(replay(report, formulary, facts), lambda: None, "rows replayed"):
            for add in adds:
                add(replayed)
    if output_format == "text":
        terminal.write(summary.text(width=terminal.width()))
    elif output_format == "json":
        terminal.write(whole.text(summary, facts))
    raise SystemExit(terminal.EXIT_LOOK if summary.differs else 0)


def _check(output: Path | None, report: Path) -> None:
    if output is None:
        return
    if output.suffix.lower() not in _ENDINGS:
        raise click.BadParameter(
            f"{output.name} ends with none of {', '.join(_ENDINGS)}", param_hint="--output"
        )
    if output.resolve() == report.resolve():
        raise click.BadParameter("it is the report itself; choose another name", param_hint="--output")


def _facts(formulary: Formulary) -> ReplayFacts:
    from itdose.replay_report import ReplayFacts  # noqa: PLC0415
    from itdose.version import __version__  # noqa: PLC0415

    layers = [layer._asdict() for layer in formulary.layers]
    named = {"version": formulary.version, "digest": formulary.digest, "layers": layers}
    return ReplayFacts(new_formulary=named, new_itdose=__version__)


def _writers(files: ExitStack, output_format: str, output: Path | None) -> list[Callable[[Replayed], Any]]:
    """Return what writes each row; the file appears when all were written, or not at all."""
    from itdose.batch.write import whole_file  # noqa: PLC0415
    from itdose.cli import output as terminal  # noqa: PLC0415
    from itdose.render.replay_text import replay_line  # noqa: PLC0415

    def to_screen(replayed: Replayed) -> None:
        terminal.write(replay_line(replayed))

    writers: list[Callable[[Replayed], Any]] = [to_screen] if output_format == "ndjson" else []
    if output is None:
        return writers
    file = files.enter_context(whole_file(output))
    return [*writers, lambda replayed: file.write(replay_line(replayed).encode())]
