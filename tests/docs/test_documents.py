"""The documents say what the program does now."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from itdose import Formulary, Order, __version__, assess
from itdose.batch.columns import CANONICAL
from itdose.cli import COMMANDS, main
from itdose.dose_kind import Kind
from itdose.dose_text import REMARKS, Dialect, read
from itdose.dose_text_refusals import _MESSAGES
from itdose.errors import DoseTextError
from itdose.formulary import model, side_model
from itdose.formulary.compilation import compile_files
from itdose.formulary.files import read_files, shipped_folder
from itdose.render.codes import meanings
from itdose.render.evidence_tables import evidence_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOSE_TEXT = (ROOT / "docs" / "dose-text.md").read_text("utf-8")
FORMULARY = (ROOT / "docs" / "formulary.md").read_text("utf-8")
EVIDENCE = (ROOT / "docs" / "evidence.md").read_text("utf-8")


def _rows(text: str, heading: str) -> Iterator[list[str]]:
    """Yield the cells of the table under a heading, without its header."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _readme_commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("itdose ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.parametrize("arguments", _readme_commands(), ids=" ".join)
def test_a_command_of_the_readme_gives_an_answer(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code in {None, 0, 1, 3, 4}
    assert capsys.readouterr().out


def test_the_readme_has_two_commands_for_a_fresh_machine() -> None:
    first, second = (line for line in README.splitlines() if line.startswith("python3 -m venv"))
    assert first.endswith(".venv/bin/itdose check magnesium 500mg --route intrathecal")
    assert second.endswith(".venv/bin/python -m pytest -n auto")


def test_the_readme_s_python_prints_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code, {})  # noqa: S102 - it is our own README
    assert capsys.readouterr().out.startswith("stop 500 mg is the toxic level")


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"itdose {name}" not in README and f"`{name}`" not in README] == []


def test_every_finding_is_documented_with_its_meaning() -> None:
    text = (ROOT / "docs" / "findings.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `([A-Za-z-]+)` \| (.*) \|$", text, re.MULTILINE))
    assert documented == meanings()


def test_every_unit_is_documented_and_no_other(formulary: Formulary) -> None:
    documented = {word.replace(" ", "_") for _, cell in _rows(DOSE_TEXT, "Units") for word in _words(cell)}
    spellings = formulary.units.spellings
    assert documented <= set(spellings)
    # A person's height has units already, and no text that states it yet.
    missing = {unit.symbol for unit in spellings.values()} - {spellings[name].symbol for name in documented}
    assert missing == {"cm", "m", "g bodyweight"}


@pytest.mark.parametrize("row", list(_rows(DOSE_TEXT, "Read with a finding")), ids=lambda row: row[0])
def test_a_documented_remark_is_made(row: list[str], formulary: Formulary) -> None:
    [code], [example], [safe] = (_words(cell) for cell in row)
    kinds = {"percent-strength": Kind.CONCENTRATION, "ratio-strength": Kind.CONCENTRATION}
    kind = kinds.get(code, Kind.VOLUME if example.endswith("ml") else Kind.DOSE)
    reading = read(example, kind, Dialect(formulary.units, ratio_strength=True))
    assert code in [remark.code for remark in reading.remarks]
    assert read(safe, kind, Dialect(formulary.units)).quantity.size == reading.quantity.size


def test_every_remark_and_refusal_is_documented() -> None:
    assert {row[0].strip("`") for row in _rows(DOSE_TEXT, "Read with a finding")} == REMARKS
    assert {row[0].strip("`") for row in _rows(DOSE_TEXT, "Refused")} == set(_MESSAGES)


@pytest.mark.parametrize(
    "row", [row for row in _rows(DOSE_TEXT, "Refused") if _words(row[1])], ids=lambda row: row[0]
)
def test_a_documented_refusal_is_made(row: list[str], formulary: Formulary) -> None:
    [code], [example] = _words(row[0]), _words(row[1])
    kind = Kind.CONCENTRATION if code == "percent-form" else Kind.DOSE
    with pytest.raises(DoseTextError) as caught:
        read(example, kind, Dialect(formulary.units, decimal_comma=code == "point-beside-comma"))
    assert caught.value.code == code


def test_every_column_of_a_sheet_is_documented() -> None:
    text = (ROOT / "docs" / "sheets.md").read_text("utf-8")
    assert [name for name in CANONICAL if f"`{name}`" not in text] == []


def _blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", FORMULARY, re.DOTALL)


@pytest.fixture
def documented(tmp_path: Path) -> Path:
    """The formulary that the document shows, written out as files."""
    drug, shared, small_drug, overlay = _blocks()
    parts = re.split(r"^# ([a-z_]+\.yaml).*\n", shared, flags=re.MULTILINE)[1:]
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    files["sources.yaml"] += files["sources.yaml"].replace("alpha_label", "alpha_case")
    files["routes.yaml"] += 'intravenous: {name: intravenous, neuraxial: "no"}\n'
    files["routes.yaml"] += 'epidural: {name: epidural, neuraxial: "yes"}\n'
    files["formulary.yaml"] = "version: 2026.1.0\nplausible_weight: 1 kg to 500 kg\noldest_age: 120 years\n"
    # The document shows one category of three.
    files["categories.yaml"] += "child: {name: child, axis: age}\n"
    files["categories.yaml"] += "elderly: {name: elderly, axis: age, from_age: 65 years}\n"
    files["units.txt"] = (Path(shipped_folder()) / "units.txt").read_text("utf-8")
    files["drugs/alphadrug.yaml"], files["drugs/gammadrug.yaml"] = drug, small_drug
    files["../site.yaml"] = overlay
    folder = tmp_path / "formulary"
    (folder / "drugs").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        (Order(drug="alpha", dose="3 mg", route="it"), "within_limits"),
        (Order(drug="alpha", dose="0.1 mg/kg", route="it", age="11 years", weight="39 kg"), "needs_review"),
        (Order(drug="alpha", dose="0.1 mg/kg", route="it", age="12 years", weight="39 kg"), "cannot_check"),
        (Order(drug="gammadrug", dose="5 mg", route="epidural"), "needs_review"),
    ],
)
def test_the_drugs_in_the_formulary_s_document_compile(documented: Path, order: Order, verdict: str) -> None:
    report = assess(order, Formulary(compile_files(read_files(documented)), as_of="2026-11-22"))
    assert str(report.verdict) == verdict


def test_the_overlay_in_the_formulary_s_document_compiles(documented: Path) -> None:
    rows = compile_files(read_files(documented, [documented.parent / "site.yaml"]))
    layered = Formulary(rows, as_of="2026-11-22")
    report = assess(Order(drug="alpha", dose="4.5 mg", route="it", mode="single_dose"), layered)
    assert str(report.verdict) == "stop"
    assert report.headline.endswith("(set by Example Hospital)")
    assert assess(Order(drug="alpha", dose="1 mg", route="epidural"), layered).verdict.name == "STOP"


def test_every_key_of_a_drug_is_in_the_formulary_s_document() -> None:
    models = (
        model.DrugModel, model.BasisModel, model.ConversionModel, model.ProductModel, model.RouteEntryModel,
        model.ReportModel, model.RuleModel, model.LimitsModel, model.ReviewModel, model.ForbiddenModel,
        model.RouteModel, model.NotationModel, model.NameAdviceModel, side_model.SlipModel, model.RescueModel,
        side_model.HowCommonModel, side_model.ConditionModel, side_model.ContraindicationModel,
        side_model.VehicleModel, side_model.SyringeModel, side_model.GrowthModel, side_model.StandardModel,
        side_model.ReminderModel,
        model.RouteVolumeModel,
    )  # fmt: skip
    keys = {field.alias or key for one in models for key, field in one.model_fields.items()}
    text = "\n".join(_blocks()) + FORMULARY
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []


def test_the_counts_of_the_evidence_are_those_of_the_formulary(formulary: Formulary) -> None:
    drugs = [formulary.drug(key) for key in formulary.drug_keys()]
    rules = [rule for drug in drugs for entry in drug.routes.values() for rule in entry.rules]
    states = [rule.review.state for rule in rules]
    with_rules = [drug for drug in drugs if any(entry.rules for entry in drug.routes.values())]
    assert (
        f"Version {formulary.version} holds {len(rules)} dose rules for {len(with_rules)} drugs: "
        f"{states.count('cross_checked')} are `cross_checked`, {states.count('drafted')} are `drafted`"
    ) in EVIDENCE
    assert f"\n{len(drugs) - len(with_rules)} more drugs are there" in EVIDENCE


def test_the_count_of_limits_typed_twice_is_that_of_the_files() -> None:
    files = (Path(__file__).parents[1] / "formulary" / "limits").glob("*.yaml")
    typed = [
        entry
        for file in files
        for measures in yaml.safe_load(file.read_text("utf-8")).values()
        for kinds in measures.values()
        for entry in kinds.values()
    ]
    agreed = sum("resolved" not in entry for entry in typed)
    assert f"Of {len(typed)} limits {agreed} stand as both readings had them" in EVIDENCE


def test_the_published_disagreements_are_those_of_the_formulary(formulary: Formulary) -> None:
    published = (ROOT / "docs" / "disagreements.md").read_text("utf-8")
    assert published == evidence_tables(formulary), "run: itdose formulary evidence > docs/disagreements.md"


def test_the_published_accuracy_is_that_of_this_formulary(formulary: Formulary) -> None:
    accuracy = (ROOT / "docs" / "accuracy.md").read_text("utf-8")
    assert formulary.digest in accuracy, "run: itdose self-test --format markdown > docs/accuracy.md"
    assert "NOT AS IT SHOULD BE" not in accuracy


# The drugs that a formulary for neuraxial and intravenous doses must answer for.
ANSWERED_FOR = """
magnesium, baclofen, clonidine, morphine, hydromorphone, fentanyl, sufentanil, remifentanil,
diamorphine, pethidine, methadone, buprenorphine, bupivacaine, liposomal bupivacaine,
levobupivacaine, ropivacaine, lidocaine, chloroprocaine, ziconotide, ketamine, esketamine,
midazolam, dexmedetomidine, neostigmine, adenosine, methotrexate, cytarabine, nusinersen,
gentamicin, vancomycin, colistimethate, methylprednisolone, triamcinolone, dexamethasone,
hydrocortisone, tranexamic acid, potassium chloride, calcium gluconate, calcium chloride, lipid
emulsion 20 %, naloxone, paracetamol, vincristine, vinblastine, vindesine, vinorelbine, regular
insulin
"""


@pytest.mark.parametrize("name", [name.strip() for name in ANSWERED_FOR.split(",")])
def test_a_drug_has_rules_or_a_reason_by_every_route_that_is_asked_for(
    name: str, formulary: Formulary
) -> None:
    drug = formulary.drug(formulary.find_drug(name))
    assert {"intrathecal", "epidural"} <= set(drug.routes), "say no_figure with its reason"
    assert all(entry.rules or entry.forbidden or entry.note for entry in drug.routes.values())


def test_every_hazard_that_the_code_names_is_documented() -> None:
    named = {
        hazard
        for file in (ROOT / "src").rglob("*.py")
        for hazard in re.findall(r"\bH-\d\d\b", file.read_text("utf-8"))
    }
    hazards = (ROOT / "docs" / "hazards.md").read_text("utf-8")
    assert named
    assert [hazard for hazard in sorted(named) if f"| {hazard} |" not in hazards] == []


def test_the_changelog_has_a_place_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## Unreleased" in text or f"## {__version__}" in text


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + list(
        (ROOT / "docs").glob("*.md")
    )
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []
