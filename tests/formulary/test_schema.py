"""The published schemas are those of the program, hold for the shipped files, and refuse planted faults."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from itdose.cli.formulary.schema import NAMES
from itdose.errors import FormularyError
from itdose.formulary.files import read_files, shipped_folder
from itdose.formulary.load import FILE_SHAPES, load_models, load_units
from itdose.formulary.schema import file_schema, schema_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Edit = Callable[[str, str, str], None]

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schemas" / "formulary"
SMALL = Path(__file__).parent / "small"
DATA = Path(shipped_folder())


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    return read


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.yaml")):
        yield path.relative_to(folder).parts[0].removesuffix(".yaml"), path


def as_text(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - text alone


def refusals(name: str, written: object) -> list[str]:
    return [error.message for error in Draft202012Validator(schema(name)).iter_errors(written)]


def small_rule() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the small formulary's first drug file, and the only dose rule in it."""
    drug = copy.deepcopy(as_text(SMALL / "drugs" / "first.yaml"))
    return drug, drug["alpha"]["routes"]["intrathecal"]["rules"][0]


def test_every_kind_of_file_has_a_schema() -> None:
    assert set(NAMES) == set(schema_names()) == {*FILE_SHAPES, "cases", "overlay", "sign_offs"}
    assert {path.name for path in PUBLISHED.iterdir()} == {f"{name}.schema.json" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_what_the_program_makes(name: str) -> None:
    assert schema(name) == file_schema(name), "the models have changed: run 'make schemas'"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_of_the_draft_that_it_names(name: str) -> None:
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema(name))
    assert '"null"' not in json.dumps(schema(name))


@pytest.mark.parametrize(
    ("name", "path"),
    [*files(DATA), *files(SMALL)],
    ids=lambda part: f"{part.parent.name}-{part.name}" if isinstance(part, Path) else part,
)
def test_a_shipped_file_is_what_its_schema_says(name: str, path: Path) -> None:
    assert refusals(name, as_text(path)) == []


@pytest.mark.parametrize("name", sorted(FILE_SHAPES))
def test_an_unknown_key_is_refused_in_every_kind_of_file(name: str) -> None:
    folder = DATA / name
    written = as_text(next(iter(sorted(folder.glob("*.yaml"))), folder.with_suffix(".yaml")))
    entry = written if name == "formulary" else next(iter(written.values()))
    entry["upper_hrad"] = "5 mg"
    [message] = refusals(name, written)
    assert "'upper_hrad' was unexpected" in message


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("usual", "50"),
        ("usual", "50 mg to 100"),
        ("usual", "50 to 100 mg"),
        ("upper_hard", "200"),
        ("upper_hard", "none"),
        ("upper_hard", "none,"),
        ("upper_hard", ""),
        ("toxic_from", "500mg"),
        ("toxic_from", ".5 mg"),
        ("toxic_from", "1,5 mg"),
        ("toxic_from", "5.0 mg"),
        ("toxic_from", "-5 mg"),
        ("window", "30"),
    ],
)
def test_a_limit_that_is_no_quantity_is_refused_by_schema_and_program(
    key: str, text: str, small_folder: Path
) -> None:
    drug, rule = small_rule()
    rule["limits"]["dose"][key] = text
    [message] = refusals("drugs", drug)
    assert "does not match" in message
    (small_folder / "drugs" / "first.yaml").write_text(json.dumps(drug), encoding="utf-8")
    formulary = read_files(small_folder)
    with pytest.raises(FormularyError):
        load_models(formulary, load_units(formulary))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("weight", "10 kg"),
        ("weight", "from 10 to below 20"),
        ("weight", "from 10 kg to 20 kg"),
        ("age", "over 12 years"),
        ("mode", "bolus"),
        ("id", 5),
        ("category", "adult"),
        ("category", []),
        ("note", None),
    ],
)
def test_what_a_dose_rule_can_t_hold_is_refused(place: str, text: object) -> None:
    drug, rule = small_rule()
    rule[place] = text
    assert len(refusals("drugs", drug)) == 1


@pytest.mark.parametrize("key", ["lower_hard", "usual", "upper_hard", "toxic_from"])
def test_a_missing_limit_is_refused(key: str) -> None:
    drug, rule = small_rule()
    del rule["limits"]["dose"][key]
    assert refusals("drugs", drug) == [f"'{key}' is a required property"]


def test_a_measure_and_a_key_that_nothing_knows_are_refused() -> None:
    drug, rule = small_rule()
    rule["limits"]["dosage"] = rule["limits"]["dose"]
    drug["Alpha Drug"] = drug["alpha"]
    messages = refusals("drugs", drug)
    assert any("'dosage'" in message for message in messages)
    assert any("'Alpha Drug'" in message for message in messages)


def _examples(part: object) -> Iterator[tuple[str, list[str]]]:
    """Yield key and examples of every property that has examples."""
    if isinstance(part, dict):
        for key, held in part.items():
            if isinstance(held, dict) and "examples" in held:
                yield key, held["examples"]
            yield from _examples(held)


LIMIT_EXAMPLES = sorted(
    {
        (key, example)
        for key, examples in _examples(schema("drugs")["$defs"]["LimitsModel"])
        for example in examples
        if key != "window"
    }
)


@pytest.mark.parametrize(("key", "example"), LIMIT_EXAMPLES)
def test_an_example_that_an_editor_offers_is_read_by_the_program(
    key: str, example: str, small_folder: Path
) -> None:
    drug, rule = small_rule()
    rule["limits"]["dose"][key] = example
    (small_folder / "drugs" / "first.yaml").write_text(json.dumps(drug), encoding="utf-8")
    formulary = read_files(small_folder)
    read = load_models(formulary, load_units(formulary)).drugs["alpha"].routes["intrathecal"].rules[0]
    assert getattr(read.limits["dose"], key) is not None


def test_descriptions_come_from_the_models() -> None:
    limits = schema("drugs")["$defs"]["LimitsModel"]
    assert limits["description"].startswith("The limits of one measure.")
    assert limits["properties"]["window"]["description"].startswith("With a cumulative dose alone")
    assert (
        limits["properties"]["lower_hard"]["description"] == "A quantity with its unit, or none with a reason"
    )
