"""``itdose self-test``: seeded slips over every rule of the installed formulary."""

from __future__ import annotations

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_option, load


@click.command(
    "self-test",
    epilog="Exit codes: 0 all as it should be, 1 a person must look, 5 itdose itself failed.",
)
@click.option("--drug", "drugs", multiple=True, metavar="DRUG", shell_complete=complete.drugs,
              help="Test the rules of this drug alone. Repeatable.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Other doses for another number.")
@click.option("--format", "output_format", type=click.Choice(["text", "markdown", "json"]), default="text",
              show_default=True, help="For a person, for a page, or every cell of the matrix.")  # fmt: skip
@formulary_option
def command(drugs: tuple[str, ...], seed: int, output_format: str, formularies: tuple[str, ...]) -> None:
    """Check ordinary doses and seeded slips of every rule, and show what was noticed.

    Ordinary doses must be within_limits, or needs_review where a rule is only drafted. A slip that
    leaves the usual range must not be within_limits. The day is that of the latest review.
    """
    from itdose.cli import output  # noqa: PLC0415
    from itdose.cli.progress import counted  # noqa: PLC0415
    from itdose.curation.self_test import SelfTest, run_self_test  # noqa: PLC0415
    from itdose.render import self_test_text  # noqa: PLC0415

    formulary = load(formularies)
    formulary = formulary.on_day(formulary.reviewed_on)
    keys = [output.known(formulary.find_drug, drug) for drug in drugs] or formulary.drug_keys()
    rules = tuple(formulary.rules(keys))
    result = SelfTest(seed, {}, {})
    for result in counted(run_self_test(formulary, seed, rules), lambda: len(rules), "rules tested"):  # noqa: B007
        pass
    render = {
        "text": lambda: self_test_text.text(result, formulary, width=output.width()),
        "markdown": lambda: self_test_text.markdown(result, formulary),
        "json": lambda: self_test_text.to_json(result, formulary),
    }
    output.write(render[output_format]())
    raise SystemExit(output.EXIT_LOOK if result.failures else 0)
