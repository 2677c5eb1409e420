"""An earlier report judged by another formulary: rebuilt as it was read, and never taken for the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from itdose import Formulary, Verdict
from itdose.batch import sheet_reports
from itdose.batch.options import SheetOptions
from itdose.batch.read import read_sheet
from itdose.batch.replay import replay
from itdose.batch.sheet import Sheet, SheetRow
from itdose.errors import SheetError
from itdose.formulary.files import shipped_folder
from itdose.render.sheets.batch_json import row_line
from itdose.replay_report import Effect, Judged, Replayed, ReplayFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Report = Callable[..., Path]

DAY = "2026-06-01"
HEADER = "row_id,drug,dose,route,preparation_id\n"
ROWS = "1,alpha,160 mg,it,\n2,alpha,80 mg,it,\n3,alpha,700 mg,it,\n"


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the names of the small formulary from what the shell's completion remembers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ITDOSE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the small formulary, with the shipped units."""
    copy = tmp_path_factory.mktemp("replay") / "small"
    shutil.copytree(Path(__file__).parents[1] / "formulary" / "small", copy)
    shutil.copy(Path(shipped_folder()) / "units.txt", copy)
    return copy


@pytest.fixture(scope="module")
def small(folder: Path) -> Formulary:
    """The small formulary: alpha is usual from 50 mg to 100 mg and stopped above 200 mg."""
    return Formulary.load(folder).on_day(DAY)


@pytest.fixture(scope="module")
def strict(folder: Path) -> Formulary:
    """The same, with alpha stopped above 150 mg by a site."""
    overlay = folder.with_name("site.yaml")
    overlay.write_text(
        'site: {name: St. Elsewhere, version: "7"}\nchange: {alpha.intrathecal.single_dose.adult: '
        "{reason: The ward decided., limits: {dose: {upper_hard: 150 mg}}}}\n",
        encoding="utf-8",
    )
    return Formulary.load(folder, overlays=[overlay]).on_day(DAY)


@pytest.fixture
def report(small: Formulary, tmp_path: Path) -> Report:
    """Check a sheet by the small formulary and write the report as batch does."""

    def written(content: str, *, by: Formulary | None = None, **options: Any) -> Path:
        sheet, path = tmp_path / "sheet.csv", tmp_path / "report.ndjson"
        sheet.write_text(content, encoding="utf-8")
        opened = read_sheet(str(sheet), SheetOptions(**options))
        save(path, opened, by or small, "comma" if options.get("decimal_comma") else None)
        return path

    return written


def save(path: Path, sheet: Sheet, formulary: Formulary, decimal: str | None = None) -> None:
    said = {"decimal": decimal} if decimal else {}
    lines = [row_line(one, said) for one in sheet_reports(sheet, formulary)]
    path.write_text("".join(lines), encoding="utf-8")


def again(path: Path, formulary: Formulary) -> list[Replayed]:
    return list(replay(path, formulary, facts_of(formulary)))


def facts_of(formulary: Formulary) -> ReplayFacts:
    return ReplayFacts(new_formulary={"digest": formulary.digest}, new_itdose="0.1.0")


def effects(rows: Iterable[Replayed]) -> list[str]:
    return [row.effect.value for row in rows]


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change every line of a report."""
    bodies = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for body in bodies:
        change(body)
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    return path


def test_by_the_same_formulary_every_row_is_the_same(report: Report, small: Formulary) -> None:
    assert effects(again(report(HEADER + ROWS), small)) == ["same", "same", "same"]


def test_a_tighter_limit_is_told_with_both_verdicts_and_what_decided_them(
    report: Report, strict: Formulary
) -> None:
    first, *others = again(report(HEADER + ROWS), strict)
    assert (first.row, first.row_id, first.effect) == (2, "1", Effect.TIGHTENED)
    assert first.order == "alpha 160 mg intrathecal, single dose"
    assert first.old == Judged(
        Verdict.NEEDS_REVIEW,
        "160 mg is above the usual range, 50 mg to 100 mg",
        "dose-above-soft-limit",
        "dose",
        "upper_soft 100 mg",
    )
    assert first.new is not None
    assert first.new.reason == ("dose-above-hard-limit", "dose", "upper_hard 150 mg")
    assert first.new.verdict is Verdict.STOP
    assert first.was_exposed
    assert effects(others) == ["same", "same"]


def test_a_milder_limit_is_told_as_loosened(report: Report, small: Formulary, strict: Formulary) -> None:
    rows = again(report(HEADER + ROWS, by=strict), small)
    assert effects(rows) == ["loosened", "same", "same"]
    assert not any(row.was_exposed for row in rows)


def test_the_same_verdict_by_another_limit_is_told(report: Report, strict: Formulary) -> None:
    [row] = again(report(HEADER + "1,alpha,250 mg,it,\n"), strict)
    assert row.effect is Effect.ANOTHER_REASON
    assert (row.old.limit, row.new and row.new.limit) == ("upper_hard 200 mg", "upper_hard 150 mg")


def test_the_words_of_a_message_are_no_difference(report: Report, small: Formulary) -> None:
    def say_otherwise(body: dict[str, Any]) -> None:
        for finding in body["findings"]:
            if finding["message"] == body["headline"]:
                finding["message"] = "said otherwise"
        body["headline"] = "said otherwise"

    assert effects(again(edited(report(HEADER + ROWS), say_otherwise), small)) == ["same", "same", "same"]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("Row ID,Medication,DOSE,Route\n1,alpha,160 mg,it\n", {}),
        ("row_id,drug,dose (mg),route\n1,alpha,160,it\n", {}),
        ("row_id,what,how much,route\n1,alpha,160 mg,it\n", {"fields": {"what": "drug", "how much": "dose"}}),
        ('row_id,drug,dose,route\n1,alpha,"160,5 mg",it\n', {"decimal_comma": True}),
        ("row_id,drug,dose,other,route\n1,alpha,1 mg,160 mg,it\n", {"fields": {"other": "dose"}}),
        ("row_id,drug,dose,route,note\n1,alpha,160 mg,it,80 mg\n", {}),
    ],
)
def test_a_row_is_read_as_it_was_read_then(
    report: Report, small: Formulary, strict: Formulary, content: str, options: Mapping[str, Any]
) -> None:
    path = report(content, **options)
    assert effects(again(path, small)) == ["same"]
    assert effects(again(path, strict)) == ["tightened"]


def test_a_header_with_a_unit_that_was_mapped_by_hand_is_read_as_it_was(
    report: Report, small: Formulary
) -> None:
    """Or a unit, where it gave one then: the order is read as it was."""
    content = "row_id,drug,amount (mg),route\n1,alpha,160,it\n"
    [row] = again(report(content, fields={"amount (mg)": "dose"}), small)
    assert row.effect is Effect.SAME


def test_an_older_report_without_read_as_is_read_by_names_and_aliases(
    report: Report, strict: Formulary
) -> None:
    path = report("Row ID,Medication,DOSE,Route\n1,alpha,160 mg,it\n")
    edited(path, lambda body: body.pop("read_as"))
    assert effects(again(path, strict)) == ["tightened"]


def test_rows_of_one_preparation_are_put_together_again(report: Report, strict: Formulary) -> None:
    rows = again(report(HEADER + "1,alpha,60 mg,it,P\n2,alpha,160 mg,it,P\n3,alpha,60 mg,it,\n"), strict)
    assert effects(rows) == ["tightened", "tightened", "same"]
    assert rows[0].order == "alpha 60 mg with alpha 160 mg intrathecal, single dose"


def test_a_row_whose_preparation_is_not_complete_is_not_replayed(report: Report, strict: Formulary) -> None:
    path = report(HEADER + "1,alpha,60 mg,it,P\n2,alpha,160 mg,it,P\n")
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", encoding="utf-8")
    [row] = again(path, strict)
    assert row.effect is Effect.NOT_REPLAYED
    assert row.fault == "1 other rows of its preparation stood in the sheet, and 0 in this file"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1,alpha,,it,\n", "it could not be read then: row 2: dose not stated; fill in the cell"),
        ("1,alpha,1 mg,it\n", "it could not be read then: row 2: it has 4 cells and the header 5"),
        ("1,alpha,1 mg,it,,,\n", "it could not be read then: row 2: it has 7 cells and the header 5"),
    ],
)
def test_a_row_that_could_not_be_read_is_not_replayed_and_never_the_same(
    report: Report, small: Formulary, rows: str, fault: str
) -> None:
    [row, after] = again(report(HEADER + rows + "2,alpha,80 mg,it,\n"), small)
    assert row.effect is Effect.NOT_REPLAYED
    assert (row.fault or "").startswith(fault)
    assert row.old.verdict is Verdict.CANNOT_CHECK
    assert after.effect is Effect.SAME


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda body: body["cells"].update(dose="90 mg"),
            "its cells say 'alpha 90 mg', and the report is on 'alpha ",
        ),
        (lambda body: body["cells"].pop("dose"), "dose not stated; fill in the cell"),
        (lambda body: body["cells"].update(drug="beta"), "its cells say 'beta "),
    ],
)
def test_a_report_whose_cells_are_of_another_order_is_not_replayed(
    report: Report, small: Formulary, change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    rows = again(edited(report(HEADER + ROWS), change), small)
    assert effects(rows) == ["not_replayed", "not_replayed", "not_replayed"]
    assert fault in (rows[0].fault or "")


def test_a_hidden_row_is_hidden_again(small: Formulary, tmp_path: Path, report: Report) -> None:
    plain = read_sheet(str(report(HEADER + ROWS).with_name("sheet.csv")))
    rows: list[SheetRow] = [row._replace(is_hidden=True, worksheet="May") for row in plain.rows]
    path = tmp_path / "hidden.ndjson"
    save(path, Sheet("book.xlsx", iter(rows)), small)
    got = again(path, small)
    assert got[1].old.code == "row-hidden"
    assert effects(got) == ["same", "same", "same"]
    assert {row.worksheet for row in got} == {"May"}


def test_what_the_earlier_report_was_made_by_is_kept(
    report: Report, small: Formulary, strict: Formulary
) -> None:
    facts = facts_of(strict)
    list(replay(report(HEADER + ROWS), strict, facts))
    assert facts.old_formularies == {small.digest: "2026.1.0"}
    assert not facts.is_same_formulary
    assert not facts.is_other_program
    old = edited(report(HEADER + ROWS), lambda body: body.update(itdose="0.0.9"))
    list(replay(old, strict, facts))
    assert facts.old_itdose == ["0.1.0", "0.0.9"]
    assert facts.is_other_program


@pytest.mark.parametrize(
    ("old", "new", "effect"),
    [
        (Verdict.WITHIN_LIMITS, Verdict.CANNOT_CHECK, Effect.TIGHTENED),
        (Verdict.CANNOT_CHECK, Verdict.STOP, Effect.TIGHTENED),
        (Verdict.STOP, Verdict.CANNOT_CHECK, Effect.LOOSENED),
        (Verdict.CANNOT_CHECK, Verdict.WITHIN_LIMITS, Effect.LOOSENED),
        (Verdict.STOP, Verdict.STOP, Effect.SAME),
    ],
)
def test_the_order_of_the_verdicts_decides(old: Verdict, new: Verdict, effect: Effect) -> None:
    sides = [Judged(verdict, "", "dose-x", None, None) for verdict in (old, new)]
    row = Replayed(2, None, "1", "", sides[0], sides[1])
    assert row.effect is effect
    assert not row.was_exposed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"row_id,drug,dose,route\n", "line 1: it is not one JSON object"),
        (b"\n{]\n", "line 2: it is not one JSON object"),
        (b"[" * 100_000, "line 1: it is not one JSON object"),
        (b'{"row": ' + b"9" * 5000 + b"}", "line 1: it is not one JSON object"),
        (b"[1]\n", "line 1: it is no report on a row (it is not an object)"),
        (b'{"drug": "alpha"}\n', "line 1: it is no report on a row (its schema is not itdose.report/1)"),
        (b'{"schema": "itdose.report/1"}\n', "line 1: it is no report on a row (see its row)"),
        (b"\xff\xfe{}", "it is not UTF-8 text"),
    ],
)
def test_what_is_no_report_is_an_error_that_names_the_line(
    tmp_path: Path, small: Formulary, content: bytes, said: str
) -> None:
    path = tmp_path / "report.ndjson"
    path.write_bytes(content)
    with pytest.raises(SheetError) as caught:
        again(path, small)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "itdose batch SHEET --output reports.ndjson" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "spoiled"),
    [
        ("row", "2"),
        ("worksheet", 1),
        ("row_id", None),
        ("cells", {"dose": 5}),
        ("read_as", {"dose": "anything"}),
        ("read_as", []),
        ("verdict", "fine"),
        ("verdict", []),
        ("headline", 0),
        ("order", {"text": "x"}),
        ("order", {"text": "x", "title": "y", "together_with": 3}),
        ("findings", []),
        ("findings", [3]),
        ("findings", [{"code": "a", "verdict": "stop", "message": "m", "limit": "200 mg"}]),
        ("findings", [{"code": "a", "verdict": "cannot_check", "message": "m"}]),
        ("formulary", {}),
        ("itdose", None),
    ],
)
def test_a_line_with_a_spoiled_key_is_named_with_it(
    report: Report, small: Formulary, key: str, spoiled: object
) -> None:
    path = edited(report(HEADER + ROWS), lambda body: body.update({key: spoiled}))
    with pytest.raises(SheetError, match=f"line 1: it is no report on a row .see its {key}"):
        again(path, small)


def test_a_line_that_is_no_report_is_named(report: Report, small: Formulary) -> None:
    path = report(HEADER + ROWS)
    path.write_text(path.read_text("utf-8") + "no report\n", encoding="utf-8")
    with pytest.raises(SheetError, match="line 4"):
        list(replay(path, small, facts_of(small)))


def test_an_older_report_with_two_headers_of_one_field_is_not_replayed(
    report: Report, small: Formulary
) -> None:
    def old(body: dict[str, Any]) -> None:
        body["cells"] = {"Drug": "alpha", "Medication": "alpha", "Dose": "80 mg", "Route": "it"}

    row, *_ = again(edited(report(HEADER + ROWS), old), small)
    assert row.effect is Effect.NOT_REPLAYED
    assert "both 'Drug' and 'Medication' name drug" in (row.fault or "")


def test_a_folder_is_no_report(tmp_path: Path, small: Formulary) -> None:
    with pytest.raises(SheetError, match="it can't be read: Is a directory"):
        again(tmp_path, small)
