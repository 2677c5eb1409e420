"""``itdose formulary sign-off`` as it is typed: keys, passphrases, files and their rights."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report-1.schema.json").read_text("utf-8"))
RULE = "alpha.intrathecal.single_dose.adult"
SECRET = {"ITDOSE_KEY_PASSPHRASE": "a long sentence"}
needs_posix = pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")


@pytest.fixture(autouse=True)
def signing_day(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(strftime=lambda _: "2026-11-21")
    monkeypatch.setattr("itdose.cli.formulary.sign_off.time", clock)


@pytest.fixture
def key(run: Run, tmp_path: Path) -> Path:
    """Make a key as a pharmacist would, and write an overlay with its public half."""
    path = tmp_path / "key.pem"
    done = run("formulary", "sign-off", "--new-key", str(path), **SECRET)
    assert done.returncode == 0
    [public] = re.findall(r'public_key: "([^"]+)"', done.stdout)
    (tmp_path / "site.yaml").write_text(
        'site: {name: St. Elsewhere, version: "7"}\n'
        f'signers: {{ph: {{name: P. Harm, role: pharmacist, public_key: "{public}"}}}}\n'
        f"change: {{{RULE}: {{reason: The ward decided., limits: {{dose: {{upper_hard: 300 mg}}}}}}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def small(small_folder: Path) -> str:
    """Return the small formulary with a version that the report's schema accepts."""
    path = small_folder / "formulary.yaml"
    path.write_text(path.read_text("utf-8").replace("2026.1.0", "2026.01.0"), encoding="utf-8")
    return str(small_folder)


@pytest.fixture
def sign(run: Run, key: Path, small: str, tmp_path: Path) -> Run:
    """Sign the overlay's rules, with further or other options."""

    def signed(*more: str, **environment: str) -> CompletedProcess[str]:
        words = ["--signer", "ph", "--key", str(key), "--yes", *more]
        return run(
            "formulary", "sign-off", small, str(tmp_path / "site.yaml"), *words, **SECRET | environment
        )

    return signed


def test_a_new_key_is_encrypted_and_its_public_half_is_printed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.pem"
    done = run("formulary", "sign-off", "--new-key", str(path), **SECRET)
    assert done.returncode == 0
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert re.search(
        r'^  KEY: \{name: NAME, role: ROLE, public_key: "[A-Za-z0-9+/]{43}="\}$', done.stdout, re.MULTILINE
    )


@needs_posix
@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_a_new_key_is_its_owner_s_alone(mask: int, run: Run, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        run("formulary", "sign-off", "--new-key", str(tmp_path / "new.pem"), **SECRET)
    finally:
        os.umask(before)
    assert (tmp_path / "new.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_written_over(run: Run, key: Path) -> None:
    before = key.read_bytes()
    done = run("formulary", "sign-off", "--new-key", str(key), **SECRET)
    assert (done.returncode, done.stdout) == (2, "")
    assert "a key is never written over" in done.stderr
    assert key.read_bytes() == before


def test_a_signed_overlay_is_valid_and_an_unsigned_one_is_not(
    sign: Run, run: Run, small: str, tmp_path: Path
) -> None:
    site = str(tmp_path / "site.yaml")
    unsigned = run("formulary", "validate", small, site)
    done = sign()
    signed = run("formulary", "validate", small, site)
    assert (unsigned.returncode, done.returncode, signed.returncode) == (5, 0, 0)
    assert done.stdout == f"1 of 1 rules signed; the sign-offs stand in {tmp_path}/site.sign-offs.yaml\n"
    assert "'itdose formulary sign-off'" in unsigned.stdout


@needs_posix
def test_everybody_may_read_the_sign_offs(sign: Run, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        sign()
    finally:
        os.umask(before)
    assert (tmp_path / "site.sign-offs.yaml").stat().st_mode & 0o777 == 0o644


def test_a_report_says_in_json_who_signed_and_when(sign: Run, run: Run, small: str, tmp_path: Path) -> None:
    sign()
    named = ("--formulary", small, "--formulary", str(tmp_path / "site.yaml"))
    done = run("check", "alpha", "60 mg", "--route", "it", "--format", "json", *named)
    body = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(body)
    [rule] = body["rules"]
    assert done.returncode == 0
    assert (rule["review"]["state"], rule["signed_off"]) == ("signed_off", True)
    assert rule["sign_off"] == {
        "site": "St. Elsewhere",
        "name": "P. Harm",
        "role": "pharmacist",
        "on": "2026-11-21",
        "is_valid": True,
    }


def test_a_report_says_in_text_who_signed_and_when(sign: Run, run: Run, small: str, tmp_path: Path) -> None:
    sign()
    named = ("--formulary", small, "--formulary", str(tmp_path / "site.yaml"))
    text = " ".join(run("check", "alpha", "60 mg", "--route", "it", *named).stdout.split())
    assert "signed off by P. Harm (pharmacist, St. Elsewhere) on 2026-11-21" in text


def test_a_void_sign_off_is_said_in_json(sign: Run, run: Run, small: str, tmp_path: Path) -> None:
    sign()
    site = tmp_path / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("300 mg", "150 mg"), encoding="utf-8")
    named = ("--formulary", small, "--formulary", str(site))
    body = json.loads(run("check", "alpha", "60 mg", "--route", "it", "--format", "json", *named).stdout)
    Draft202012Validator(SCHEMA).validate(body)
    assert body["rules"][0]["signed_off"] is False
    assert body["rules"][0]["sign_off"]["is_valid"] is False


def test_signing_again_keeps_the_other_sign_offs(sign: Run, tmp_path: Path) -> None:
    sign()
    path = tmp_path / "site.sign-offs.yaml"
    before = path.read_text("utf-8")
    assert sign("--rule", RULE).returncode == 0
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("more", "environment", "code", "message"),
    [
        (("--rule", "alpha.none"), {}, 2, "there is no rule 'alpha.none'"),
        (("--signer", "dr"), {}, 5, "'dr' is not among the signers of this overlay; it has: ph"),
        ((), {"ITDOSE_KEY_PASSPHRASE": "a long sentense"}, 5, "wrong passphrase, or no PEM private key"),
        ((), {"ITDOSE_KEY_PASSPHRASE": ""}, 2, "the key needs a passphrase"),
        (("--key", "nowhere.pem"), {}, 2, "nowhere.pem"),
    ],
)
def test_what_can_not_sign_writes_nothing(  # noqa: PLR0913, PLR0917 - a row and its fixtures
    more: tuple[str, ...], environment: dict[str, str], code: int, message: str, sign: Run, tmp_path: Path
) -> None:
    done = sign(*more, **environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert not (tmp_path / "site.sign-offs.yaml").exists()


def test_a_key_of_somebody_else_is_refused(sign: Run, run: Run, tmp_path: Path) -> None:
    other = str(tmp_path / "other.pem")
    run("formulary", "sign-off", "--new-key", other, **SECRET)
    done = sign("--key", other)
    assert done.returncode == 5
    assert "this key is not the one that the overlay holds for P. Harm" in done.stderr
    assert not (tmp_path / "site.sign-offs.yaml").exists()


def test_the_shipped_formulary_alone_is_not_signed(run: Run, key: Path, small: str) -> None:
    done = run("formulary", "sign-off", small, "--signer", "ph", "--key", str(key), "--yes", **SECRET)
    assert done.returncode == 2
    assert "only a site's overlay is signed" in done.stderr


@pytest.mark.parametrize("left_out", ["--signer", "--key"])
def test_signer_and_key_are_both_needed(
    left_out: str, run: Run, key: Path, small: str, tmp_path: Path
) -> None:
    options = {"--signer": "ph", "--key": str(key)}
    words = [word for name, text in options.items() if name != left_out for word in (name, text)]
    done = run("formulary", "sign-off", small, str(tmp_path / "site.yaml"), *words, **SECRET)
    assert (done.returncode, "to sign, name the overlay, --signer and --key" in done.stderr) == (2, True)
