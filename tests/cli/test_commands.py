"""The commands beside check and batch: show, drugs, routes, convert, explain, and help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

COMMANDS = [
    *("check", "batch", "show", "drugs", "routes", "convert", "prepare", "explain", "formulary", "self-test"),
    *("sample", "replay"),
]
SPINAL = ("intrathecal", "epidural", "caudal", "transforaminal")
# The routes on which the formulary says something, be it that there is no figure.
DRUGS = {
    "baclofen": {*SPINAL, "intravenous", "intramuscular", "subcutaneous"},
    "bupivacaine": {*SPINAL, "intravenous"},
    "clonidine": {*SPINAL, "intravenous"},
    "fentanyl": {*SPINAL, "intravenous"},
    "hydromorphone": {*SPINAL, "intravenous", "intramuscular", "subcutaneous"},
    "ketamine": {*SPINAL, "intravenous"},
    "magnesium sulfate": {*SPINAL, "intravenous"},
    "midazolam": {*SPINAL, "intravenous"},
    "morphine": {*SPINAL, "intravenous"},
    "potassium chloride": {*SPINAL, "intravenous"},
    "tranexamic acid": {*SPINAL, "intravenous"},
    "vincristine": {"intrathecal", "epidural", "intraventricular", "intravenous"},
    "ziconotide": {*SPINAL, "intravenous", "intramuscular", "subcutaneous"},
}


def flat(done: CompletedProcess[str]) -> str:
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("drug", DRUGS)
def test_show_names_the_drug_and_cites_its_sources(run: Run, drug: str) -> None:
    done = run("show", drug)
    said = flat(done)
    assert said.startswith(drug)
    assert "Doses are read as " in said
    assert re.search(r"\[[a-z][a-z0-9_]*\] ", said)


def test_show_has_the_limits_the_report_and_the_ampoule_of_magnesium(run: Run) -> None:
    said = flat(run("show", "magnesium", COLUMNS="110"))
    assert "Intrathecal: OFF LABEL" in said
    assert "usual 50 mg to 100 mg" in said
    assert "toxic level 500 mg" in said
    assert "Reported: 500 mg: dizziness" in said
    assert "[gil2021]" in said
    assert "magnesium sulfate 50 %: 500 mg/mL" in said
    assert "not signed off" not in said
    assert "cross-checked" in said


@pytest.mark.parametrize(
    ("route", "heading"),
    [("it", "Intrathecal: "), ("EPI", "Epidural: "), ("i.v.", "Intravenous: ")],
)
def test_show_can_be_narrowed_to_one_route(run: Run, route: str, heading: str) -> None:
    lines = run("show", "magnesium", "--route", route).stdout.splitlines()
    [shown] = [line for line in lines if line.startswith(("Intrathecal: ", "Epidural: ", "Intravenous: "))]
    assert shown.startswith(heading)


def test_show_says_why_a_route_is_forbidden(run: Run) -> None:
    said = flat(run("show", "vincristine", "--route", "it"))
    assert "Intrathecal: FORBIDDEN" in said
    assert "fatal" in said
    assert "[vincristine_label]" in said


def test_show_says_where_a_source_says_something_else(run: Run) -> None:
    lines = run("show", "lipid emulsion", "--route", "iv", COLUMNS="110").stdout.splitlines()
    [differs] = [line for line in lines if "differs" in line and "about 10 mL/kg" in line]
    assert differs.strip() == "differs on dose_per_kg.usual: about 10 mL/kg in all"
    # It stands under the source that says so, and not under the one that supports the limit.
    source = next(line for line in reversed(lines[: lines.index(differs)]) if "[" in line)
    assert "[aap_last]" in source


def test_show_has_the_note_of_a_product(run: Run) -> None:
    said = flat(run("show", "lipid emulsion"))
    strength = "lipid emulsion 20 %: 200 mg/mL; labelled intravenous"
    note = (
        "Note: Emulsions of 10 % and 30 % are on the market under the same name; the doses here are of 20 %."
    )
    assert strength in said
    assert note in said.partition(strength)[2]


@pytest.mark.parametrize(
    ("drug", "product", "never"),
    [
        (
            "bupivacaine",
            "bupivacaine 0.25 % with epinephrine 1:200000: 2.5 mg/mL",
            (
                "Never by the intrathecal route: The label says that bupivacaine with epinephrine is not for "
                "intrathecal use. [pfizer_bupivacaine]"
            ),
        ),
        (
            "fentanyl",
            "fentanyl 2 mcg/mL with bupivacaine 1 mg/mL: 2 mcg/mL",
            (
                "Never by the intravenous route: It holds bupivacaine; epidural bags run into a vein have "
                "killed women in labour. [ismp_ecri_epidural_bags]"
            ),
        ),
        (
            "triamcinolone",
            "triamcinolone acetonide 40 mg/mL (Kenalog-40): 40 mg/mL",
            (
                "Never by the intrathecal route: The label says in capitals that it is not for intrathecal "
                "use; it holds benzyl alcohol. [triamcinolone_openfda]"
            ),
        ),
    ],
)
def test_show_says_by_which_route_a_product_must_never_go(
    run: Run, drug: str, product: str, never: str
) -> None:
    said = flat(run("show", drug))
    of_product = said.partition(product)[2].partition("; labelled ")[2].partition("; labelled ")[0]
    assert never in of_product


def test_show_says_why_a_route_has_no_figure(run: Run) -> None:
    said = flat(run("show", "fentanyl", "--route", "caudal"))
    assert "Caudal: NO FIGURE No source read gives a caudal dose of fentanyl as a single injection." in said
    assert "usual" not in said.partition("Caudal: ")[2].partition("Products")[0]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["show", "morfine"], "Did you mean morphine?"),
        (["show", "unobtainium"], "'itdose drugs' lists what is covered"),
        (["show", "magnesium", "--route", "oral"], "'itdose routes' lists the routes"),
        (
            ["show", "magnesium", "--route", "icv"],
            "it has: intrathecal, epidural, caudal, transforaminal, intravenous",
        ),
        (["convert", "1 g", "mg", "--drug", "morfine"], "Did you mean morphine?"),
        (["explain", "dose-to-high"], "'itdose explain' lists them"),
    ],
)
def test_an_unknown_name_is_told_with_what_to_do(run: Run, arguments: list[str], advice: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert advice in " ".join(done.stderr.split())


@pytest.mark.parametrize(("drug", "routes"), DRUGS.items())
def test_drugs_lists_every_drug_with_its_routes(run: Run, drug: str, routes: set[str]) -> None:
    rows = [re.split(r" {2,}", row) for row in run("drugs", COLUMNS="110").stdout.splitlines()]
    of_drug = [row[1] for row in rows if row[0] == drug]
    assert len(of_drug) == len(set(of_drug))
    assert set(of_drug) == routes


def test_drugs_tells_a_forbidden_route_from_a_reviewed_one(run: Run) -> None:
    said = run("drugs", COLUMNS="110").stdout
    assert re.search(r"^vincristine +intrathecal +forbidden +no dose is allowed$", said, re.MULTILINE)
    assert re.search(r"^magnesium sulfate +intrathecal +off label +1 cross-checked$", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("route", "spellings"),
    [
        ("intrathecal", ["it", "spinal", "subarachnoid"]),
        ("epidural", ["epi", "peridural", "extradural"]),
        ("intravenous", ["iv"]),
        ("intramuscular", ["im"]),
    ],
)
def test_routes_lists_what_people_type(run: Run, route: str, spellings: list[str]) -> None:
    [row] = [row for row in run("routes", COLUMNS="110").stdout.splitlines() if row.startswith(route)]
    assert set(spellings) <= set(re.findall(r"[a-z]+", row))


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["1 g", "mmol", "--drug", "magnesium sulfate"], "1 g = 4.06 mmol"),
        (["1 g", "mEq", "--drug", "magnesium sulfate"], "1 g = 8.12 mEq"),
        (["1 g", "mg elemental", "--drug", "magnesium sulfate"], "1 g = 98.6 mg elemental"),
        (["500 mg", "mmol", "--drug", "magnesium"], "500 mg = 2.03 mmol"),
        (["500 mg", "mEq", "--drug", "magnesium"], "500 mg = 4.06 mEq"),
        (["500 mg", "mg elemental", "--drug", "magnesium"], "500 mg = 49.3 mg elemental"),
        (["50 mg", "mmol", "--drug", "magnesium"], "50 mg = 0.203 mmol"),
        (["50 mg", "mg elemental", "--drug", "magnesium"], "50 mg = 4.93 mg elemental"),
        (["2.03 mmol", "mg", "--drug", "magnesium"], "2.03 mmol = 500 mg"),
        (["4.06 mEq", "mmol", "--drug", "magnesium"], "4.06 mEq = 2.03 mmol"),
        (["49.3 mg elemental", "mg", "--drug", "magnesium"], "49.3 mg elemental = 500 mg"),
        (["50 mg elemental", "mg", "--drug", "magnesium"], "50 mg elemental = about 507"),
    ],
)
def test_convert_uses_the_cited_factors_of_the_drug(run: Run, arguments: list[str], answer: str) -> None:
    said = flat(run("convert", *arguments))
    assert said.startswith(answer)
    assert "(magnesium sulfate heptahydrate)" in said
    assert re.search(r"1 g is [\d.]+ \S+( elemental)?: \[[a-z0-9_]+\]", said)


@pytest.mark.parametrize(
    ("quantity", "unit", "answer"),
    [
        ("1 g", "mg", "1 g = 1000 mg"),
        ("50 mcg", "mg", "50 mcg = 0.05 mg"),
        ("40 mcg/h", "mcg/day", "40 mcg/h = 960 mcg/day"),
        ("1 L", "mL", "1 L = 1000 mL"),
        ("2 h", "min", "2 h = 120 min"),
        ("70 kg", "kg", "70 kg = 70 kg"),
        ("50 %", "mg/mL", "500 mg/mL = 500 mg/mL"),
    ],
)
def test_convert_needs_no_drug_within_one_kind_of_unit(
    run: Run, quantity: str, unit: str, answer: str
) -> None:
    assert flat(run("convert", quantity, unit)).startswith(answer)


def test_convert_shows_the_safer_spelling(run: Run) -> None:
    assert "'500mg' is safer as '500 mg'" in flat(run("convert", "500mg", "g"))


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["1 g", "mmol"], "name it with --drug"),
        (["1 g", "mmol", "--drug", "morphine"], "no cited factor"),
        (["1,5 g", "mg"], "write '1.5 g'"),
        (["1 g", "kg"], "can't be compared with"),
        (["1 g", "min"], "can't be compared with"),
        (["1 g", "furlong"], "its unit is not one that is accepted"),
        (["much", "mg"], "there is no number"),
    ],
)
def test_what_cannot_be_converted_is_4_and_says_why(run: Run, arguments: list[str], advice: str) -> None:
    done = run("convert", *arguments)
    assert done.returncode == 4
    assert done.stdout == ""
    assert advice in done.stderr


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("dose-at-toxic-level", "the toxic level, a dose that has harmed"),
        ("slip-tenfold", "ten times"),
        ("route-forbidden", "must never be given by this route"),
        ("notation-refused", "no reading, or more than one"),
        ("preparation-contradiction", "can't all be true"),
        ("latent-slip-found", "a known slip of this dose would reach"),
        ("drug-unknown", "not in the formulary"),
        ("rule-thin", "one source"),
    ],
)
def test_explain_says_what_a_code_means_with_an_example(run: Run, code: str, meaning: str) -> None:
    said = flat(run("explain", code))
    assert said.startswith(f"{code}: ")
    assert meaning in said
    assert "Outside: " in said


def test_explain_lists_every_code_when_none_is_named(run: Run) -> None:
    listed = set(re.findall(r"^  ([a-z]+(?:-[A-Za-z0-9]+)+): ", run("explain").stdout, re.MULTILINE))
    assert {"dose-within-limits", "dose-at-toxic-level", "slip-route", "drug-known", "rule-thin"} <= listed
    assert len(listed) > 50


def test_version_names_itdose_and_the_formulary_with_its_digest(run: Run) -> None:
    done = run("--version")
    assert re.fullmatch(
        r"itdose \d+\.\d+\.\d+\nformulary \d{4}\.\d\d\.\d+ sha256:[0-9a-f]{64}\n", done.stdout
    )
    assert done.returncode == 0


def test_version_is_told_by_the_process_itself(process: Run) -> None:
    done = process("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("itdose ")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_command_and_one_line_to_start_with(run: Run, option: str) -> None:
    done = run(option)
    said = flat(done)
    assert re.findall(r"^  ([a-z-]+) {2,}[A-Z]", done.stdout, re.MULTILINE)[-len(COMMANDS) :] == COMMANDS
    assert "itdose check magnesium 500mg --route intrathecal" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_usage(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: itdose {command} ")
    assert "--help" in done.stdout


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("check", "  itdose check magnesium 50mg --route intrathecal"),
        ("check", '  itdose check morphine "0.1 mg" --route it --age 70y'),
        ("convert", '  itdose convert "40 mcg/h" mcg/day'),
    ],
)
def test_every_example_of_a_help_has_a_line_of_its_own(run: Run, command: str, example: str) -> None:
    assert example in run(command, "--help").stdout.splitlines()


@pytest.mark.parametrize("option", [
    "--route", "--mode", "--over", "--every", "--indication", "--category", "--age", "--weight",
    "--concentration", "--volume", "--format", "--explain", "--strict",
])  # fmt: skip
def test_the_help_of_check_names_its_options(run: Run, option: str) -> None:
    assert re.search(rf"^  {option} ", run("check", "--help").stdout, re.MULTILINE)


def test_a_strength_s_way_of_writing_is_no_unit_to_convert_to(run: Run) -> None:
    done = run("convert", "1 mg/mL", "%")
    assert done.returncode == 4
    assert "'%' is a way to write a strength and no unit; ask for mg/mL" in done.stderr


def test_show_lists_the_conditions_with_which_sources_warn(run: Run) -> None:
    said = " ".join(run("show", "magnesium", "--route", "iv").stdout.split())
    assert "Conditions with which sources warn of it myasthenia gravis [contraindicated; intravenous]" in said
    # Of any injection into the spine, and not of this drug by a vein.
    assert "coagulation disorder" not in said
    assert "coagulation disorder [contraindicated" in " ".join(run("show", "magnesium").stdout.split())
