"""Signing rules of a site's overlay: which are meant, what they say, and the new sign-offs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.errors import FormularyError, Problem
from itdose.formulary import Formulary
from itdose.formulary.compile import compile_rows
from itdose.formulary.files import sign_off_path
from itdose.formulary.layered import layered_models, read_overlay, rules_of
from itdose.formulary.overlay_model import SignOffModel
from itdose.formulary.sign_off import Signing, SigningError, public_text, sign, signed_bytes
from itdose.formulary.sign_off_file import sign_offs_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from itdose.formulary.files import FormularyFiles
    from itdose.formulary.overlay_model import OverlayModel
    from itdose.formulary.sign_off_file import SignOffs

Row = dict[str, Any]


class ToSign(NamedTuple):
    """One rule of the layered formulary, as it would be signed."""

    drug: Row
    rule: Row


class Desk:
    """The last overlay of a formulary, laid open for its signers."""

    def __init__(self, files: FormularyFiles) -> None:
        models = layered_models(files)
        # As they would be signed: no sign-off is looked at, and none is asked for.
        rows = compile_rows(models, models.units, files.digest)
        self.formulary = Formulary(rows, as_of="")
        self._file = files.overlays[-1]
        self._overlay: OverlayModel = read_overlay(models, self._file)[0]
        self._rules = {rule["id"]: ToSign(drug, rule) for drug, rule in rules_of(rows)}

    @property
    def sign_off_path(self) -> str:
        """Where the overlay's sign-offs stand."""
        return sign_off_path(self._file.path)

    def sign_offs(self) -> SignOffs:
        """Return the sign-offs that stand there now, valid or void."""
        return sign_offs_of(self.sign_off_path, self._file.sign_offs)

    def own_rules(self) -> tuple[str, ...]:
        """Return the ids of the rules that the overlay changes or adds."""
        site = self._overlay.site.name
        return tuple(
            key
            for key, (_, rule) in self._rules.items()
            if rule["site"] == site or any(change["site"] == site for change in rule["changes"])
        )

    def unknown(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids that name no rule."""
        return tuple(rule for rule in rules if rule not in self._rules)

    def sign(self, rules: tuple[str, ...], signer: str, key: Ed25519PrivateKey, on: str) -> SignOffs:
        """Return a sign-off for each rule; refuse a key that is not the signer's own."""
        if signer not in self._overlay.signers:
            known = ", ".join(self._overlay.signers) or "nobody yet"
            message = f"{signer!r} is not among the signers of this overlay; it has: {known}"
            raise FormularyError((Problem(self._file.path, 1, message),))
        person = self._overlay.signers[signer]
        if public_text(key) != person.public_key:
            raise SigningError(f"this key is not the one that the overlay holds for {person.name}")
        signing = Signing(self._overlay.site.name, person.name, person.role, on)
        return {
            rule: SignOffModel(
                signer=signer,
                signed_on=on,
                signature=sign(signed_bytes(*self._rules[rule], signing), key),
            )
            for rule in rules
        }
