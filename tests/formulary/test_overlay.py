"""A site's overlay adds, tightens, forbids and withdraws; what it may not do is refused at its own line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from itdose import Formulary, Order, assess
from itdose.errors import FormularyError
from itdose.formulary.files import read_files
from itdose.render.report_text import report_text
from itdose.report_json import report_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from itdose.findings import Finding, Report

    Write = Callable[..., Path]
    Layered = Callable[..., Formulary]
    Refusals = Callable[..., list[str]]
    Edit = Callable[[str, str, str], None]

DAY = date(2026, 6, 1)
FIRST = "drugs/first.yaml"
RULE = "alpha.intrathecal.single_dose.adult"
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report-1.schema.json").read_text("utf-8"))
SIGN_FIRST = "a named person must sign {rule} first: 'itdose formulary sign-off'"


def change(limits: str, rule: str = RULE, more: str = "") -> str:
    """Return a change of one rule's limits; the rule stands on line 3 of the overlay."""
    return f"change:\n  {rule}:\n    reason: The ward decided.\n    limits: {{dose: {{{limits}}}}}\n{more}"


def new_rule(
    name: str, category: str, upper_hard: str = "200 mg", toxic_from: str = "500 mg", keys: str = ""
) -> str:
    """Return one more rule of alpha by the intrathecal route; it stands on line 5 of the overlay."""
    kind = ", upper_hard_is: edge_of_evidence" if upper_hard[0].isdigit() else ""
    supports = "dose.usual, dose.upper_hard" if kind else "dose.usual"
    return (
        "rules:\n  alpha:\n    intrathecal:\n"
        f"      - {{id: alpha.intrathecal.single_dose.{name}, mode: single_dose, category: [{category}], "
        f'{keys}limits: {{dose: {{lower_hard: "none, weak", usual: 50 mg, upper_hard: "{upper_hard}"{kind}, '
        f'toxic_from: "{toxic_from}"}}}}, '
        f"evidence: [{{source: label, where: table 2, supports: [{supports}]}}], "
        'review: {state: drafted, on: "2026-01-01", due: "2027-01-01"}}\n'
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an overlay beside the small formulary; its first line names the site."""

    def written(body: str, name: str = "site.yaml", site: str = "St. Elsewhere") -> Path:
        path = tmp_path / name
        path.write_text(f'site: {{name: {site}, version: "7"}}\n{body}', encoding="utf-8")
        return path

    return written


@pytest.fixture
def layered(small_folder: Path, write: Write) -> Layered:
    """Load the small formulary with one overlay of this body, or with overlays already written."""

    def loaded(*layers: str | Path) -> Formulary:
        paths = [layer if isinstance(layer, Path) else write(layer) for layer in layers]
        return Formulary.load(small_folder, overlays=paths, as_of=DAY)

    return loaded


@pytest.fixture
def refusals(layered: Layered, tmp_path: Path) -> Refusals:
    """Return what is wrong with the layered formulary as lines, overlays by their file name."""

    def found(*layers: str | Path) -> list[str]:
        with pytest.raises(FormularyError) as caught:
            layered(*layers)
        return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]

    return found


def asked(formulary: Formulary, dose: str, age: str | None = None) -> Report:
    return assess(Order(drug="alpha", dose=dose, route="it", age=age), formulary)


def said(report: Report, code: str) -> Finding:
    [finding] = [finding for finding in report.findings if finding.code == code]
    return finding


def test_a_tightened_hard_limit_stops_and_says_whose_it_is(layered: Layered) -> None:
    formulary = layered(change("upper_hard: 150 mg"))
    assert str(asked(formulary, "150 mg").verdict) == "needs_review"
    report = asked(formulary, "150.1 mg")
    finding = said(report, "dose-above-hard-limit")
    assert str(report.verdict) == "stop"
    assert finding.message.endswith("the upper hard limit, 150 mg (set by St. Elsewhere)")
    assert "a decision of the site" in (finding.detail or "")


def test_the_json_report_names_the_origin_the_change_and_the_layer(layered: Layered, edit: Edit) -> None:
    edit("formulary.yaml", "version: 2026.1.0", "version: 2026.01.0")
    report = asked(layered(change("upper_hard: 150 mg")), "160 mg")
    body = report_row(report)
    Draft202012Validator(SCHEMA).validate(body)
    [limit] = [item["limit"] for item in body["findings"] if item["code"] == "dose-above-hard-limit"]
    assert limit == {"kind": "upper_hard", "value": "150 mg", "origin": "St. Elsewhere"}
    assert body["compared"][0]["origins"] == {"upper_hard": "St. Elsewhere"}
    [rule] = body["rules"]
    assert rule["changes"] == [
        {
            "site": "St. Elsewhere",
            "limit": "dose.upper_hard",
            "old": "200 mg",
            "new": "150 mg",
            "reason": "The ward decided.",
        }
    ]
    [layer] = body["formulary"]["layers"]
    assert (layer["site"], layer["version"]) == ("St. Elsewhere", "7")
    assert layer["digest"].startswith("sha256:")


def test_the_footer_names_site_and_version(layered: Layered) -> None:
    text = report_text(asked(layered(change("upper_hard: 150 mg")), "160 mg"), width=100)
    assert "formulary 2026.1.0, St. Elsewhere 7 (sha256:" in text.splitlines()[-1]
    assert "St. Elsewhere" not in report_text(asked(layered(), "160 mg"), width=100)


def test_a_limit_that_the_site_left_alone_has_no_origin(layered: Layered) -> None:
    report = asked(layered(change("upper_hard: 150 mg")), "500 mg")
    assert said(report, "dose-at-toxic-level").limit is not None
    assert report.comparisons[0].origins == {"upper_hard": "St. Elsewhere"}
    assert "set by" not in said(report, "dose-at-toxic-level").message


@pytest.mark.parametrize(
    ("usual", "dose", "verdict", "state"),
    [
        ("50 mg to 80 mg", "80 mg", "within_limits", "cross_checked"),
        ("50 mg to 80 mg", "81 mg", "needs_review", "cross_checked"),
        ("60 mg to 100 mg", "59 mg", "needs_review", "cross_checked"),
        ("50 mg to 120 mg", "110 mg", "needs_review", "drafted"),
        ("40 mg to 100 mg", "45 mg", "needs_review", "drafted"),
        ("none, the ward has no custom", "60 mg", "needs_review", "drafted"),
    ],
)
def test_a_rule_falls_back_to_drafted_where_a_soft_limit_is_loosened(
    usual: str, dose: str, verdict: str, state: str, layered: Layered
) -> None:
    report = asked(layered(change(f'usual: "{usual}"')), dose)
    assert (str(report.verdict), report.reviews[0].state) == (verdict, state)


def test_the_reason_of_a_changed_soft_limit_is_in_the_report(layered: Layered) -> None:
    report = asked(layered(change("usual: 50 mg to 80 mg")), "60 mg")
    assert said(report, "rule-reviewed").detail == (
        "Changed by St. Elsewhere: dose, upper soft from 100 mg to 80 mg (The ward decided)."
    )


def test_evidence_for_a_replaced_limit_is_no_longer_cited_for_it(layered: Layered) -> None:
    [rule] = layered(change("upper_hard: 150 mg")).drug("alpha").routes["intrathecal"].rules
    assert rule.citations("dose.upper_hard") == ()
    assert [citation.source for citation in rule.citations("dose.usual")] == ["label"]


def test_a_site_may_cite_a_source_for_its_limit(layered: Layered) -> None:
    evidence = "    evidence: [{source: case, where: page 9, supports: [dose.upper_hard]}]\n"
    [rule] = layered(change("upper_hard: 150 mg", more=evidence)).drug("alpha").routes["intrathecal"].rules
    assert [citation.where for citation in rule.citations("dose.upper_hard")] == ["page 9"]


def test_a_site_may_limit_another_measure_of_a_rule(layered: Layered) -> None:
    body = change("upper_hard: 150 mg").replace("{dose:", "{daily_dose:").replace("150 mg", "150 mg/day")
    [rule] = layered(body).drug("alpha").routes["intrathecal"].rules
    daily = rule.limits[1]
    assert (daily.measure, set(daily.absent.values())) == ("daily_dose", {"St. Elsewhere sets none"})
    assert rule.review.state == "cross_checked"


LOOSENINGS: dict[str, tuple[str, str, str]] = {
    "a raised hard limit": (change("upper_hard: 200.1 mg"), "3", "200 mg to 200.1 mg"),
    "a hard limit in another unit": (change("upper_hard: 2 g"), "3", "200 mg to 2 g"),
    "a removed hard limit": (change('upper_hard: "none, the ward has none"'), "3", "200 mg to none"),
    "a removed toxic level": (change('toxic_from: "none, not believed"'), "3", "500 mg to none"),
    "a narrower rule with a higher limit": (
        new_rule("elderly", "elderly", "300 mg"), "5", "200 mg to 300 mg",
    ),
    "a narrower rule without a limit": (
        new_rule("elderly", "elderly", "none, unknown"), "5", "200 mg to none",
    ),
    "a narrower rule without a toxic level": (
        new_rule("elderly", "elderly", toxic_from="none, unknown"), "5", "500 mg to none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", LOOSENINGS)
def test_a_looser_hard_limit_is_refused_with_file_line_and_remedy(way: str, refusals: Refusals) -> None:
    body, line, steps = LOOSENINGS[way]
    [problem] = refusals(body)
    rule = "alpha.intrathecal.single_dose.elderly" if "narrower" in way else RULE
    assert problem.startswith(f"site.yaml:{line}: dose.")
    assert problem.endswith(f"is loosened from {steps}; {SIGN_FIRST.format(rule=rule)}")


def test_a_toxic_level_may_not_rise_to_a_report_that_the_site_adds(refusals: Refusals) -> None:
    report = "{dose: 600 mg, outcome: weakness, population: adult, source: case, where: page 3}"
    [problem] = refusals(
        change("toxic_from: 600 mg", more=f"reports: {{alpha: {{intrathecal: [{report}]}}}}\n")
    )
    assert problem.startswith("site.yaml:3: dose.toxic_from is loosened from 500 mg to 600 mg; ")


def test_a_lower_hard_limit_may_not_fall(refusals: Refusals, edit: Edit) -> None:
    edit(FIRST, "lower_hard: none, a low dose is only weak", "lower_hard: 20 mg")
    edit(FIRST, "[dose.usual, dose.upper_hard]", "[dose.lower_hard, dose.usual, dose.upper_hard]")
    [problem] = refusals(change("lower_hard: 10 mg"))
    assert problem.startswith("site.yaml:3: dose.lower_hard is loosened from 20 mg to 10 mg; ")


def test_a_withdrawn_narrower_rule_may_not_leave_a_looser_one(refusals: Refusals, edit: Edit) -> None:
    narrower = new_rule("elderly", "elderly", "150 mg").splitlines()[-1]
    edit(FIRST, "    intravenous:\n", f"  {narrower}\n    intravenous:\n")
    body = "withdraw: {alpha.intrathecal.single_dose.elderly: {reason: Not used here.}}\n"
    [problem] = refusals(body)
    assert problem.endswith(
        f"dose.upper_hard, for elderly, is loosened from 150 mg to 200 mg; {SIGN_FIRST.format(rule=RULE)}"
    )


@pytest.mark.parametrize(
    "body",
    [
        change("upper_hard: 150 mg"),
        change("lower_hard: 10 mg"),
        new_rule("elderly", "elderly", "150 mg"),
        new_rule("child", "child", "300 mg"),
    ],
    ids=["lowered", "a lower limit of its own", "a tighter narrower rule", "patients without a rule before"],
)
def test_what_loosens_nothing_needs_no_signature(body: str, layered: Layered) -> None:
    assert layered(body).layers[0].site == "St. Elsewhere"


def test_an_added_rule_is_the_site_s_in_every_limit(layered: Layered) -> None:
    report = asked(layered(new_rule("child", "child")), "201 mg", age="9 years")
    assert said(report, "dose-above-hard-limit").message.endswith("200 mg (set by St. Elsewhere)")
    assert report_row(report)["rules"][0]["site"] == "St. Elsewhere"
    assert said(report, "rule-thin").detail == "Added by St. Elsewhere."


def test_an_added_drug_with_a_source_of_the_site_is_checked(layered: Layered) -> None:
    body = (
        new_rule("adult", "adult", toxic_from="none, no report")
        .replace("rules:\n  alpha:\n    intrathecal:\n", "")
        .replace("alpha", "gamma")
        .replace("source: label", "source: leaflet")
    )
    formulary = layered(
        'sources:\n  leaflet: {title: T, authors: A, year: "2022", kind: label, doi: 10.1000/leaflet}\n'
        "drugs:\n  gamma:\n    name: gamma\n"
        "    basis: {form: gamma base, stated_by: {source: leaflet, where: section 2}}\n"
        f"    routes:\n      intrathecal:\n        status: off_label\n        rules:\n    {body}"
    )
    report = assess(Order(drug="gamma", dose="201 mg", route="it"), formulary)
    finding = said(report, "dose-above-hard-limit")
    assert str(report.verdict) == "stop"
    assert finding.limit is not None
    assert finding.limit.origin == "St. Elsewhere"
    assert [citation.doi for citation in finding.evidence] == ["10.1000/leaflet"]


def test_an_added_product_stands_after_those_of_the_formulary(layered: Layered) -> None:
    product = (
        "{name: own, strength: 5 mg/mL, preservative: none, labelled_routes: [], source: case, where: p}"
    )
    drug = layered(f"products: {{alpha: [{product}]}}\n").drug("alpha")
    assert [product.name for product in drug.products] == ["alpha 50 mg/mL", "own"]


def test_an_added_report_stands_after_those_of_the_formulary(layered: Layered) -> None:
    report = "{dose: 300 mg, outcome: sleep, population: adult, source: case, where: page 4}"
    entry = layered(f"reports: {{alpha: {{intrathecal: [{report}]}}}}\n").drug("alpha").routes["intrathecal"]
    assert [report.outcome for report in entry.reports] == ["weakness", "sleep"]


def test_a_forbidden_route_stops_whatever_the_dose(layered: Layered) -> None:
    forbidden = "{reason: We never do this., evidence: [{source: label, where: warning}]}"
    report = asked(layered(f"forbid: {{alpha: {{intrathecal: {forbidden}}}}}\n"), "60 mg")
    assert str(report.verdict) == "stop"
    assert "We never do this." in " ".join(
        [said(report, "route-forbidden").message, said(report, "route-forbidden").detail or ""]
    )


def test_an_order_under_a_withdrawn_rule_cannot_be_checked(layered: Layered) -> None:
    formulary = layered(f"withdraw: {{{RULE}: {{reason: Not used here.}}}}\n")
    assert str(asked(formulary, "60 mg").verdict) == "cannot_check"


def test_two_layers_lie_one_over_the_other_in_order(layered: Layered, write: Write) -> None:
    region = write(change("upper_hard: 150 mg"), "region.yaml", "Region")
    ward = write(change("upper_hard: 120 mg"), "ward.yaml", "Ward")
    report = asked(layered(region, ward), "121 mg")
    assert said(report, "dose-above-hard-limit").message.endswith("120 mg (set by Ward)")
    [review] = report.reviews
    assert [(change.site, change.old, change.new) for change in review.changes] == [
        ("Region", "200 mg", "150 mg"),
        ("Ward", "150 mg", "120 mg"),
    ]
    assert [layer.site for layer in report.layers] == ["Region", "Ward"]


def test_an_upper_layer_may_give_back_what_a_lower_one_took(layered: Layered, write: Write) -> None:
    region = write(change("upper_hard: 120 mg"), "region.yaml", "Region")
    ward = write(change("upper_hard: 200 mg"), "ward.yaml", "Ward")
    report = asked(layered(region, ward), "200 mg")
    assert (str(report.verdict), report.reviews[0].state) == ("needs_review", "drafted")


def test_layers_in_the_other_order_have_another_digest(small_folder: Path, write: Write) -> None:
    one = write(change("upper_hard: 150 mg"), "one.yaml")
    other = write(change("upper_hard: 120 mg"), "other.yaml")
    digests = {
        read_files(small_folder, paths).digest for paths in ([], [one], [other], [one, other], [other, one])
    }
    assert len(digests) == 5


def test_a_changed_overlay_or_sign_off_file_has_another_digest(small_folder: Path, write: Write) -> None:
    path = write(change("upper_hard: 150 mg"))
    before = read_files(small_folder, [path]).digest
    path.with_suffix(".sign-offs.yaml").write_text("# nothing signed\n", encoding="utf-8")
    signed = read_files(small_folder, [path]).digest
    write(change("upper_hard: 151 mg"))
    assert len({before, signed, read_files(small_folder, [path]).digest}) == 3


def test_the_cache_keeps_two_versions_of_an_overlay_apart(layered: Layered) -> None:
    verdicts = [
        str(asked(layered(change(f"upper_hard: {limit}")), "140 mg").verdict)
        for limit in ("150 mg", "130 mg", "150 mg")
    ]
    assert verdicts == ["needs_review", "stop", "needs_review"]
    assert str(asked(layered(), "200 mg").verdict) == "needs_review"


REFUSED: dict[str, tuple[str, str]] = {
    "unknown rule": (change("upper_hard: 1 mg", "alpha.intrathecal.none"), "3: the formulary has no rule '"),
    "unknown rule withdrawn": ("withdraw:\n  beta.it: {reason: r}\n", "3: the formulary has no rule"),
    "unknown drug": (
        "reports:\n  gamma: {it: [{dose: 1 mg, outcome: o, population: p, source: label, where: w}]}\n",
        "3: the formulary has no drug 'gamma'; 'itdose drugs' lists them",
    ),
    "unknown route": (
        "forbid:\n  alpha:\n    oral: {reason: r, evidence: [{source: label, where: w}]}\n",
        "4: route 'oral' is not defined",
    ),
    "unknown key": ("chnage: {}\n", "2: chnage: this key is not known"),
    "unknown key of a change": (change("upper_hrad: 1 mg"), "5: change."),
    "nothing changed": (change("usual: 50 mg to 100 mg"), "3: it changes nothing; the formulary"),
    "the same in grams": (change("usual: 0.05 g to 0.1 g"), "3: it changes nothing; the formulary"),
    "no reason": (change("upper_hard: 1 mg").replace("The ward decided.", "''"), "4: reason has"),
    "a number": (change("upper_hard: 150"), "5: change."),
    "limits out of order": (change("usual: 50 mg to 250 mg"), "5: upper_soft lies above upper_hard"),
    "a key twice": ("withdraw: {}\nwithdraw: {}\n", "3: withdraw stands here a second time"),
    "a tab": ("withdraw:\n\ta: {reason: r}\n", "3: not YAML: "),
    "a source twice": (
        'sources:\n  label: {title: T, authors: A, year: "2020", kind: label, doi: d}\n',
        "3: the formulary has a source label already; choose another key",
    ),
    "a drug twice": (
        "drugs:\n  alpha: {name: a, basis: {form: f, stated_by: {source: label, where: w}}}\n",
        "3: the formulary has alpha already; use rules, change or products for it",
    ),
    "an id twice": (
        new_rule("adult", "child"),
        "5: the id must be unique and start with alpha.intrathecal.single_dose",
    ),
    "two rules for one patient": (
        new_rule("other", "adult", keys="indication: [pain], "),
        f"5: {RULE} and alpha.intrathecal.single_dose.other both cover",
    ),
    "an unknown source": (new_rule("child", "child").replace(" label", " labl"), "5: source 'labl'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_at_the_overlay_s_own_line(name: str, refusals: Refusals) -> None:
    body, problem = REFUSED[name]
    [line] = refusals(body)
    assert line.startswith(f"site.yaml:{problem}")


def test_an_overlay_without_a_site_is_refused(small_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("withdraw: {}\n", encoding="utf-8")
    with pytest.raises(FormularyError, match=r"site\.yaml:1: site: this key is missing"):
        Formulary.load(small_folder, overlays=[path], as_of=DAY)


def test_several_problems_of_an_overlay_come_at_once(refusals: Refusals) -> None:
    body = change("upper_hard: 1 mg", "alpha.intrathecal.none", more="withdraw:\n  beta.it: {reason: r}\n")
    assert [line.split(": ")[0] for line in refusals(body)] == ["site.yaml:3", "site.yaml:7"]


def test_a_problem_of_the_lower_layer_names_the_lower_file(refusals: Refusals, write: Write) -> None:
    region = write(change("upper_hard: 300 mg"), "region.yaml", "Region")
    ward = write("withdraw: {}\n", "ward.yaml", "Ward")
    [problem] = refusals(region, ward)
    assert problem.startswith("region.yaml:3: dose.upper_hard is loosened")


def test_the_formulary_without_overlays_has_no_layer(small_folder: Path) -> None:
    formulary = Formulary.load(small_folder, as_of=DAY)
    assert formulary.layers == ()
    assert report_row(asked(formulary, "60 mg"))["formulary"]["layers"] == []
