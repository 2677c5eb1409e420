"""``itdose formulary sign-off``: a named person signs rules of a site's overlay."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itdose.cli.formulary_option import files_of, formulary_argument, split

if TYPE_CHECKING:
    from itdose.curation.signing import Desk
    from itdose.formulary.sign_off_file import SignOffs

_PASSPHRASE = "ITDOSE_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


@click.command("sign-off")
@formulary_argument
@click.option("--rule", "rules", multiple=True, metavar="ID",
              help="A rule to sign; repeatable. Left out: every rule of the overlay.")  # fmt: skip
@click.option("--signer", metavar="KEY", help="Who signs, by the key in the overlay's 'signers'.")
@click.option("--key", "key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The signer's private key.")  # fmt: skip
@click.option("--new-key", type=click.Path(dir_okay=False, path_type=Path),
              help="Make a key, write it here, and print what the overlay needs.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask before each rule.")
def command(formulary: tuple[str, ...], rules: tuple[str, ...], *, yes: bool, **said: Any) -> None:
    """Sign rules of the overlay FORMULARY as a person of the site.

    The signature covers the whole rule as this site uses it. Any later change of it, by the site or
    in the formulary below, voids the sign-off. Signed rules may answer within_limits although the
    formulary only drafted them, and may hold a looser limit.

    \b
    itdose formulary sign-off --new-key pharmacist.pem
    itdose formulary sign-off site.yaml --signer pharmacist --key pharmacist.pem
    """  # noqa: D301 - click reads this backspace as "do not wrap"
    if said["new_key"] is not None:
        _make_key(said["new_key"])
        return
    if None in (said["signer"], said["key_file"]) or not formulary:
        raise click.UsageError("to sign, name the overlay, --signer and --key; to make a key, --new-key")
    from itdose.curation.signing import Desk  # noqa: PLC0415
    from itdose.formulary.sign_off import load_key  # noqa: PLC0415

    if not split(formulary)[1]:
        raise click.UsageError("only a site's overlay is signed; the shipped formulary names no person")
    desk = Desk(files_of(formulary))
    wanted = rules or desk.own_rules()
    for rule in desk.unknown(wanted):
        raise click.BadParameter(f"there is no rule {rule!r}", param_hint="--rule")
    chosen = tuple(rule for rule in wanted if yes or _agreed(desk, rule))
    key = load_key(said["key_file"].read_bytes(), _passphrase(confirm=False))
    _write(desk, desk.sign(chosen, said["signer"], key, time.strftime("%Y-%m-%d")))
    click.echo(f"{len(chosen)} of {len(wanted)} rules signed; the sign-offs stand in {desk.sign_off_path}")


def _write(desk: Desk, signed: SignOffs) -> None:
    from itdose.batch.write import whole_file  # noqa: PLC0415
    from itdose.formulary.sign_off_file import sign_off_text  # noqa: PLC0415

    with whole_file(Path(desk.sign_off_path)) as file:
        file.write(sign_off_text({**desk.sign_offs(), **signed}).encode())


def _make_key(path: Path) -> None:
    from itdose.formulary.sign_off import new_key  # noqa: PLC0415

    if path.exists():
        raise click.BadParameter(
            f"{path} is there already; a key is never written over", param_hint="--new-key"
        )
    pem, public = new_key(_passphrase(confirm=True))
    # Readable by its owner alone from the first byte.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(pem)
    click.echo(f"The private key stands in {path}. Keep it and its passphrase to yourself.")
    click.echo("Write this into the overlay, with your name and role:\n")
    click.echo(f'signers:\n  KEY: {{name: NAME, role: ROLE, public_key: "{public}"}}')


def _passphrase(*, confirm: bool) -> bytes:
    said = os.environ.get(_PASSPHRASE)
    if said is None:
        said = click.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=confirm, err=True)
    if not said:
        raise click.UsageError("the key needs a passphrase")
    return str(said).encode()


def _agreed(desk: Desk, rule: str) -> bool:
    from itdose.cli import output  # noqa: PLC0415
    from itdose.render.monograph import rule_text  # noqa: PLC0415

    click.echo(rule_text(desk.formulary, rule, width=output.width()))
    return click.confirm(f"Sign {rule}?")
