"""A sign-off holds for the rule as it was signed, and for nothing that is changed later."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from itdose import Formulary, Order, assess
from itdose.curation.signing import Desk
from itdose.errors import FormularyError
from itdose.formulary.files import read_files
from itdose.formulary.sign_off import SigningError, load_key, new_key, public_text
from itdose.formulary.sign_off_file import sign_off_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from itdose.findings import RuleReview

    Edit = Callable[[str, str, str], None]

DAY = date(2026, 6, 1)
SIGNED_ON = "2026-05-31"
FIRST = "drugs/first.yaml"
RULE = "alpha.intrathecal.single_dose.adult"
PASSPHRASE = b"a long sentence"
PEM, PUBLIC = new_key(PASSPHRASE)
SIGNERS = f'signers:\n  ph: {{name: P. Harm, role: pharmacist, public_key: "{PUBLIC}"}}\n'
LOOSER = f"change:\n  {RULE}:\n    reason: The ward decided.\n    limits: {{dose: {{upper_hard: 300 mg}}}}\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[..., Path]:
    """Write an overlay that knows one signer."""

    def written(body: str = LOOSER, name: str = "site.yaml", site: str = "St. Elsewhere") -> Path:
        path = tmp_path / name
        path.write_text(f'site: {{name: {site}, version: "7"}}\n{SIGNERS}{body}', encoding="utf-8")
        return path

    return written


@pytest.fixture
def sign(small_folder: Path) -> Callable[..., Path]:
    """Sign rules of the last overlay, and write its sign-offs beside it."""

    def signed(*overlays: Path, rules: tuple[str, ...] = (RULE,)) -> Path:
        desk = Desk(read_files(small_folder, overlays))
        signed_rules = desk.sign(rules, "ph", load_key(PEM, PASSPHRASE), SIGNED_ON)
        path = overlays[-1].with_suffix(".sign-offs.yaml")
        path.write_text(sign_off_text({**desk.sign_offs(), **signed_rules}), encoding="utf-8")
        return path

    return signed


@pytest.fixture
def load(small_folder: Path) -> Callable[..., Formulary]:
    """Load the small formulary with overlays."""

    def loaded(*overlays: Path) -> Formulary:
        return Formulary.load(small_folder, overlays=overlays, as_of=DAY)

    return loaded


@pytest.fixture
def refusals(load: Callable[..., Formulary], tmp_path: Path) -> Callable[..., list[str]]:
    """Return what is wrong as lines, without the folder."""

    def found(*overlays: Path) -> list[str]:
        with pytest.raises(FormularyError) as caught:
            load(*overlays)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return found


def review(formulary: Formulary, dose: str = "60 mg") -> tuple[str, RuleReview]:
    report = assess(Order(drug="alpha", dose=dose, route="it"), formulary)
    [found] = report.reviews
    return str(report.verdict), found


def test_a_signed_rule_may_hold_a_looser_limit(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay()
    sign(path)
    verdict, found = review(load(path), "300 mg")
    assert (verdict, found.state, found.is_signed_off) == ("needs_review", "signed_off", True)
    assert found.sign_off is not None
    assert found.sign_off._asdict() == {
        "site": "St. Elsewhere",
        "name": "P. Harm",
        "role": "pharmacist",
        "on": SIGNED_ON,
        "is_valid": True,
    }


def test_a_signed_drafted_rule_may_answer_within_limits(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary], edit: Edit
) -> None:
    edit(FIRST, "state: cross_checked", "state: drafted")
    path = overlay("withdraw: {}\n")
    assert review(load(path))[0] == "needs_review"
    sign(path)
    assert review(load(path))[0] == "within_limits"


def test_a_report_says_who_signed_and_when(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay()
    sign(path)
    report = assess(Order(drug="alpha", dose="60 mg", route="it"), load(path))
    [finding] = [finding for finding in report.findings if finding.code == "rule-reviewed"]
    assert finding.message.endswith(
        f"signed-off on 2026-01-01, signed off by P. Harm (pharmacist, St. Elsewhere) on {SIGNED_ON}"
    )


def test_a_signed_rule_is_thin_again_when_its_review_falls_due(
    overlay: Callable[..., Path], sign: Callable[..., Path], small_folder: Path
) -> None:
    path = overlay()
    sign(path)
    late = Formulary.load(small_folder, overlays=[path], as_of=date(2027, 1, 2))
    assert review(late)[0] == "needs_review"


TIGHTER = LOOSER.replace("300 mg", "150 mg")
LATER: list[tuple[str, str]] = [
    ("upper_hard: 150 mg", "upper_hard: 151 mg"),
    ("upper_hard: 150 mg", "upper_hard: 150 mg, usual: 50 mg to 90 mg"),
    ("The ward decided.", "The ward decided otherwise."),
    ("name: St. Elsewhere", "name: St. Somewhere"),
    ("role: pharmacist", "role: chief pharmacist"),
    ("name: P. Harm", "name: P. Harmless"),
]


@pytest.mark.parametrize(("old", "new"), LATER)
def test_a_later_change_of_the_overlay_voids_the_sign_off(
    old: str,
    new: str,
    overlay: Callable[..., Path],
    sign: Callable[..., Path],
    load: Callable[..., Formulary],
) -> None:
    path = overlay(TIGHTER)
    sign(path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    _, found = review(load(path))
    assert (found.state, found.is_signed_off) == ("cross_checked", False)
    assert found.sign_off is not None
    assert not found.sign_off.is_valid


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("usual: 50 mg to 100 mg", "usual: 51 mg to 100 mg"),
        ("category: [adult]", "category: [adult, child]"),
        ("toxic_from: 500 mg", "toxic_from: none, not believed"),
        ("none, a low dose is only weak", "none, a low dose is weak"),
        ("where: table 1", "where: table 2"),
        ('due: "2027-01-01"', 'due: "2027-01-02"'),
        ('per_gram: "4.06"', 'per_gram: "4.07"'),
        ("form: alpha sulfate", "form: alpha chloride"),
    ],
)
def test_a_later_change_of_the_formulary_below_voids_the_sign_off(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    old: str,
    new: str,
    overlay: Callable[..., Path],
    sign: Callable[..., Path],
    load: Callable[..., Formulary],
    edit: Edit,
) -> None:
    path = overlay(TIGHTER)
    sign(path)
    edit(FIRST, old, new)
    _, found = review(load(path))
    assert (found.state, found.is_signed_off) == ("cross_checked", False)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FIRST, "outcome: weakness", "outcome: sleep"),
        (FIRST, "It is for one route only.", "It is for one route alone."),
        ("formulary.yaml", "version: 2026.1.0", "version: 2026.1.1"),
    ],
)
def test_a_change_elsewhere_leaves_the_sign_off_valid(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    file: str,
    old: str,
    new: str,
    overlay: Callable[..., Path],
    sign: Callable[..., Path],
    load: Callable[..., Formulary],
    edit: Edit,
) -> None:
    path = overlay()
    sign(path)
    edit(file, old, new)
    assert review(load(path))[1].is_signed_off


def test_a_voided_sign_off_lets_no_looser_limit_through(
    overlay: Callable[..., Path], sign: Callable[..., Path], refusals: Callable[..., list[str]]
) -> None:
    path = overlay()
    sign(path)
    overlay(LOOSER.replace("300 mg", "301 mg"))
    [problem] = refusals(path)
    assert problem.startswith(
        "site.yaml:5: dose.upper_hard is loosened from 200 mg to 301 mg; a named person"
    )


def test_a_report_says_that_a_sign_off_is_void(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay(TIGHTER)
    sign(path)
    overlay(TIGHTER.replace("150 mg", "140 mg"))
    report = assess(Order(drug="alpha", dose="60 mg", route="it"), load(path))
    [finding] = [finding for finding in report.findings if finding.code == "rule-reviewed"]
    assert finding.message.endswith(
        "no longer signed off: it was changed after P. Harm (pharmacist, St. Elsewhere) "
        "on 2026-05-31 signed it"
    )


def test_a_further_layer_that_changes_the_rule_voids_the_sign_off(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay(TIGHTER)
    sign(path)
    ward = overlay(TIGHTER.replace("150 mg", "120 mg"), "ward.yaml", "Ward")
    assert review(load(path))[1].is_signed_off
    assert not review(load(path, ward))[1].is_signed_off


def test_a_further_layer_about_something_else_does_not(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay()
    sign(path)
    drug = "drugs:\n  gamma: {name: gamma, basis: {form: f, stated_by: {source: label, where: w}}}\n"
    assert review(load(path, overlay(drug, "ward.yaml", "Ward")))[1].is_signed_off


def test_signing_one_rule_signs_no_other(
    overlay: Callable[..., Path], sign: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    narrower = (
        "rules:\n  alpha:\n    intrathecal:\n"
        "      - {id: alpha.intrathecal.single_dose.child, mode: single_dose, category: [child], "
        'limits: {dose: {lower_hard: "none, a", usual: 1 mg, upper_hard: "none, b", toxic_from: "none, c"}}, '
        "evidence: [{source: label, where: table 2, supports: [dose.usual]}], "
        'review: {state: drafted, on: "2026-01-01", due: "2027-01-01"}}\n'
    )
    path = overlay(LOOSER + narrower)
    sign(path)
    rules = load(path).drug("alpha").routes["intrathecal"].rules
    assert {rule.id.rpartition(".")[2]: rule.review.is_signed_off for rule in rules} == {
        "adult": True,
        "child": False,
    }


def test_the_desk_offers_the_rules_that_the_overlay_changes_or_adds(
    overlay: Callable[..., Path], small_folder: Path
) -> None:
    assert Desk(read_files(small_folder, [overlay()])).own_rules() == (RULE,)
    assert Desk(read_files(small_folder, [overlay("withdraw: {}\n")])).own_rules() == ()


def test_a_signature_by_another_key_is_void(
    overlay: Callable[..., Path], sign: Callable[..., Path], refusals: Callable[..., list[str]]
) -> None:
    path = overlay()
    sign(path)
    _, another = new_key(b"other")
    path.write_text(path.read_text("utf-8").replace(PUBLIC, another), encoding="utf-8")
    assert "a named person must sign" in refusals(path)[0]


def test_the_desk_refuses_a_key_that_is_not_the_signer_s(
    overlay: Callable[..., Path], small_folder: Path
) -> None:
    pem, _ = new_key(b"other")
    desk = Desk(read_files(small_folder, [overlay()]))
    with pytest.raises(SigningError, match=r"not the one that the overlay holds for P\. Harm"):
        desk.sign((RULE,), "ph", load_key(pem, b"other"), SIGNED_ON)


def test_the_desk_refuses_a_signer_whom_the_overlay_does_not_know(
    overlay: Callable[..., Path], small_folder: Path
) -> None:
    desk = Desk(read_files(small_folder, [overlay()]))
    with pytest.raises(FormularyError, match=r"'dr' is not among the signers of this overlay; it has: ph"):
        desk.sign((RULE,), "dr", load_key(PEM, PASSPHRASE), SIGNED_ON)


ENTRY = '{signer: ph, signed_on: "2026-05-31", signature: "%s"}'
NO_SIGNATURES = [
    "AAAA",
    "abc",
    base64.b64encode(bytes(64)).decode(),
    base64.b64encode(bytes(65)).decode(),
]


@pytest.mark.parametrize("signature", NO_SIGNATURES)
def test_what_is_no_signature_signs_nothing(
    signature: str, overlay: Callable[..., Path], refusals: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "site.sign-offs.yaml").write_text(f"{RULE}: {ENTRY % signature}\n", encoding="utf-8")
    assert refusals(overlay())[0].startswith("site.yaml:5: dose.upper_hard is loosened")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{RULE}: {ENTRY % '!'}\n", f"1: {RULE}.signature: the text does not have the needed form"),
        (
            f"# head\n{RULE}: {ENTRY % 'AAAA'}\n".replace("ph", "dr"),
            "2: 'dr' is not among the overlay's signers",
        ),
        (f"alpha.none: {ENTRY % 'AAAA'}\n", "1: there is no rule 'alpha.none'; take this sign-off out"),
        (f"{RULE}: {{signer: ph, signed_on: today, signature: AAAA}}\n", f"1: {RULE}.signed_on: "),
        (f"{RULE}: {{signer: ph, signature: AAAA}}\n", f"1: {RULE}.signed_on: this key is missing"),
        (f"{RULE}: {ENTRY % 'AAAA'}\n{RULE}: {ENTRY % 'AAAA'}\n", f"2: {RULE} stands here a second time"),
        ("", "1: the file is empty"),
    ],
)
def test_a_sign_off_that_can_not_hold_is_refused_with_file_and_line(
    text: str,
    problem: str,
    overlay: Callable[..., Path],
    refusals: Callable[..., list[str]],
    tmp_path: Path,
) -> None:
    (tmp_path / "site.sign-offs.yaml").write_text(text, encoding="utf-8")
    assert refusals(overlay(TIGHTER))[0].startswith(f"site.sign-offs.yaml:{problem}")


def test_a_sign_off_of_a_withdrawn_rule_must_go(
    overlay: Callable[..., Path], sign: Callable[..., Path], refusals: Callable[..., list[str]]
) -> None:
    path = overlay()
    sign(path)
    overlay(f"withdraw: {{{RULE}: {{reason: Not used.}}}}\n")
    assert refusals(path)[0].startswith(f"site.sign-offs.yaml:2: there is no rule '{RULE}'")


def test_a_public_key_that_is_none_is_said(
    overlay: Callable[..., Path], load: Callable[..., Formulary]
) -> None:
    path = overlay()
    path.write_text(path.read_text("utf-8").replace(PUBLIC, "AAAA"), encoding="utf-8")
    with pytest.raises(FormularyError, match=r"site\.yaml:3: signers\.ph\.public_key: "):
        load(path)


def test_a_key_is_read_with_its_passphrase_alone() -> None:
    assert public_text(load_key(PEM, PASSPHRASE)) == PUBLIC
    with pytest.raises(SigningError, match="wrong passphrase, or no PEM private key"):
        load_key(PEM, b"a long sentense")


def test_a_key_of_another_kind_is_refused() -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE),
    )
    with pytest.raises(SigningError, match="not an Ed25519 key; make one with --new-key"):
        load_key(pem, PASSPHRASE)


def test_a_private_key_is_never_written_in_clear() -> None:
    assert PEM.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
