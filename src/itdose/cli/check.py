"""``itdose check``: one order, one report."""

from __future__ import annotations

from typing import Any

import click

from itdose.cli import complete
from itdose.cli.formulary_option import formulary_option, load


@click.command(
    "check",
    epilog="Exit codes: 0 within_limits, 1 needs_review, 2 usage error, 3 stop, 4 cannot_check, "
    "5 itdose itself failed.",
)
@click.argument("drug", shell_complete=complete.drugs)
@click.argument("dose")
@click.option("--route", required=True, metavar="ROUTE", shell_complete=complete.routes,
              help="How it is given: intrathecal (it, spinal), epidural (epi) ...")  # fmt: skip
@click.option("--mode", metavar="MODE", help="single_dose, screening_dose, loading_dose, short_infusion, "
              "continuous_infusion or patient_controlled_dose. "
              "Unstated: every one that fits is compared.")  # fmt: skip
@click.option("--over", metavar="TIME", help="How long the dose runs, such as '15 min'.")
@click.option("--every", metavar="TIME", help="The interval between doses, such as '4 h'.")
@click.option("--indication", metavar="NAME", help="What it is for; 'itdose show DRUG' lists them.")
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="A patient category, such as obstetric or ventilated. Repeatable.")  # fmt: skip
@click.option("--age", metavar="AGE", help="The patient's age with its unit, such as '54y' or '6 months'.")
@click.option("--weight", metavar="WEIGHT", help="The patient's body weight, such as '70kg'.")
@click.option("--condition", "conditions", multiple=True, metavar="NAME",
              help="What the patient has or is given that may matter, such as 'myasthenia gravis'. "
              "Repeatable.")  # fmt: skip
@click.option("--product", metavar="NAME", help="What is used, such as 'magnesium sulfate 50%'; "
              "'itdose show DRUG' lists the products.")  # fmt: skip
@click.option("--strength", metavar="C", help="As the container's label prints it, such as '500 mg/mL'.")
@click.option("--units-used", metavar="N", help="Ampoules, vials or bags opened, such as '2' or '2 x 10 mL'.")
@click.option("--draw-volume", metavar="V", help="Drawn from them, such as '0.1 mL'.")
@click.option("--diluent", metavar="NAME", help="What it is diluted with, or 'none'.")
@click.option("--diluent-volume", metavar="V", help="Such as '9 mL'.")
@click.option("--concentration", metavar="C", help="Of what is injected, such as '50 mg/mL' or '50%'.")
@click.option("--volume", metavar="V", help="Of what is injected, such as '1 mL'.")
@click.option("--flow-rate", metavar="F", help="Of a pump or an infusion, such as '2 mL/h'.")
@click.option("--reservoir", "reservoir_volume", metavar="V", help="What the pump holds, such as '20 mL'.")
@click.option("--label", "label_text", metavar="TEXT", help="What the finished label says, word for word.")
@click.option("--with", "together_with", multiple=True, metavar="'DRUG DOSE'",
              help="Another drug in the same syringe, bag or pump, such as 'fentanyl 15 mcg'; or the same "
              "drug given beside it. Repeatable.")  # fmt: skip
@formulary_option
@click.option("--format", "output_format", type=click.Choice(["text", "json", "fhir"]), default="text",
              show_default=True, help="A page for a person, one JSON object, or FHIR.")  # fmt: skip
@click.option("--explain", is_flag=True, help="Show every finding with its code and evidence.")
@click.option("--strict", is_flag=True, help="Refuse risky notation that is otherwise read with a finding.")
def command(output_format: str, formularies: tuple[str, ...], *, explain: bool, **said: Any) -> None:
    """Check one proposed DOSE of DRUG.

    \b
    itdose check magnesium 50mg --route intrathecal
    itdose check morphine "0.1 mg" --route it --age 70y
    itdose check ketamine "0.3 mg/kg" --route iv --weight 70kg --indication analgesia
    itdose check magnesium 50mg --route it --product "magnesium sulfate 50%" --volume 0.1mL
    itdose check bupivacaine "2.5 mg" --route it --with "fentanyl 15 mcg"
    """  # noqa: D301 - click reads this backspace as "do not wrap"
    # Imported here, so that --help and completion start without the checker.
    from itdose.assessment import assess  # noqa: PLC0415
    from itdose.cli import output  # noqa: PLC0415
    from itdose.order import Order  # noqa: PLC0415

    report = assess(Order(**said), load(formularies))
    if output_format == "json":
        from itdose.report_json import to_json  # noqa: PLC0415

        output.write(to_json(report) + "\n")
    elif output_format == "fhir":
        from itdose.render.sheets.detected_issue import to_fhir  # noqa: PLC0415
        from itdose.report_json import report_row  # noqa: PLC0415

        output.write(to_fhir(report_row(report)) + "\n")
    else:
        from itdose.render.report_text import report_text  # noqa: PLC0415

        output.write(report_text(report, width=output.width(), color=output.color(), explain=explain))
    raise SystemExit(output.exit_code(report.verdict))
