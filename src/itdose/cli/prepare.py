"""``itdose prepare``: the volumes to draw and add, or a worksheet for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_option, load

if TYPE_CHECKING:
    from itdose.render.worksheet import Page


@click.command(
    "prepare",
    epilog="Exit codes: 0 within_limits, 1 needs_review, 2 usage error, 3 stop, also where a second "
    "figure disagrees, 4 cannot_check, 5 itdose itself failed.",
)
@click.argument("drug", shell_complete=complete.drugs)
@click.argument("dose")
@click.option("--route", required=True, metavar="ROUTE", shell_complete=complete.routes,
              help="How it is given: intrathecal (it, spinal), epidural (epi) ...")  # fmt: skip
@click.option("--product", metavar="NAME", help="What is used, such as 'magnesium sulfate 50 %'. "
              "Unstated: each stocked product that may go by the route.")  # fmt: skip
@click.option("--final-volume", metavar="V", help="After dilution, such as '10 mL'.")
@click.option("--mode", metavar="MODE", help="As in itdose check.")
@click.option("--indication", metavar="NAME", help="What it is for; 'itdose show DRUG' lists them.")
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="A patient category, such as obstetric or ventilated. Repeatable.")  # fmt: skip
@click.option("--age", metavar="AGE", help="The patient's age with its unit, such as '54y' or '6 months'.")
@click.option("--weight", metavar="WEIGHT", help="The patient's body weight, such as '70kg'.")
@click.option("--over", metavar="TIME", help="How long the dose runs, such as '15 min'.")
@click.option("--condition", "conditions", multiple=True, metavar="NAME",
              help="What the patient has or is given that may matter. Repeatable.")  # fmt: skip
@formulary_option
@click.option("--format", "output_format", type=click.Choice(["text", "markdown", "html"]), default="text",
              show_default=True, help="For the terminal, a document, or a page to print.")  # fmt: skip
@click.option("--worksheet", is_flag=True, help="Print blank cells for a second person instead of volumes.")
@click.option("--second", metavar="V", help="The volume to draw that a second person worked out, such as "
              "'0.1 mL'; needs --product.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Refuse risky notation that is otherwise read with a finding.")
def command(
    output_format: str,
    formularies: tuple[str, ...],
    final_volume: str | None,
    *,
    worksheet: bool,
    second: str | None,
    **said: Any,
) -> None:
    """Work out what to draw up for DOSE of DRUG, and check it first.

    Nothing is worked out for a dose that is stopped or can't be checked.

    \b
    itdose prepare magnesium 50mg --route it --product "magnesium sulfate 50%"
    itdose prepare magnesium 50mg --route it --product "magnesium sulfate 50%" --final-volume 5mL
    itdose prepare magnesium 50mg --route it --worksheet --format html > worksheet.html
    itdose prepare magnesium 50mg --route it --product "magnesium sulfate 50%" --second "0.1 mL"
    """  # noqa: D301 - click reads this backspace as "do not wrap"
    if second is not None and worksheet:
        raise click.UsageError("--worksheet is for the second person, --second for their figure: use one")
    if second is not None and said["product"] is None:
        raise click.UsageError("--second needs --product, because each strength has its own volume")
    # Imported here, so that --help and completion start without the checker.
    from itdose.cli import output  # noqa: PLC0415
    from itdose.order import Order  # noqa: PLC0415
    from itdose.preparing import with_second, work_out  # noqa: PLC0415
    from itdose.render.worksheet import results_page, worksheet_page  # noqa: PLC0415

    prepared = work_out(Order(volume=final_volume, **said), load(formularies))
    if second is not None:
        prepared = with_second(prepared, second)
    output.write(_written((worksheet_page if worksheet else results_page)(prepared), output_format))
    raise SystemExit(output.exit_code(prepared.verdict))


def _written(page: Page, output_format: str) -> str:
    if output_format == "markdown":
        from itdose.render.worksheet_markdown import as_markdown  # noqa: PLC0415

        return as_markdown(page)
    if output_format == "html":
        from itdose.render.worksheet_html import as_html  # noqa: PLC0415

        return as_html(page)
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.worksheet_text import as_text  # noqa: PLC0415

    return as_text(page, width=output.width())
