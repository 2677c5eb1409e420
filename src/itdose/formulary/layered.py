"""The formulary with a site's overlays: merged, signed, and never loosened without a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from itdose.dose_text import Dialect
from itdose.errors import FormularyError, Problem
from itdose.formulary.consistency import find_problems, valid_models
from itdose.formulary.difference import Effect, differences
from itdose.formulary.files import sign_off_path
from itdose.formulary.load import validated
from itdose.formulary.overlay import OverlayMerge
from itdose.formulary.overlay_model import OverlayModel
from itdose.formulary.sign_off import Signing, is_signed, signed_bytes
from itdose.formulary.sign_off_file import read_sign_offs
from itdose.formulary.strict_yaml import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from itdose.formulary import Formulary
    from itdose.formulary.difference import Difference
    from itdose.formulary.files import FormularyFiles, OverlayFile
    from itdose.formulary.load import Models

Row = dict[str, Any]
OVERLAY = TypeAdapter(OverlayModel)
"""The shape of an overlay file."""


def layered_models(files: FormularyFiles) -> Models:
    """Read and validate a formulary with its overlays over it; raise FormularyError with all problems."""
    return lay_over(valid_models(files), files.overlays)


def lay_over(models: Models, overlays: Sequence[OverlayFile]) -> Models:
    """Return the models with every overlay over them, in order; raise FormularyError with all problems."""
    for file in overlays:
        overlay, document = read_overlay(models, file)
        merge = OverlayMerge(models, overlay, document, file.digest)
        models = merge.merged()
        problems = (*merge.problems, *find_problems(models))
        if problems:
            raise FormularyError(problems)
    return models


def read_overlay(models: Models, file: OverlayFile) -> tuple[OverlayModel, Document]:
    """Read and validate one overlay file by itself."""
    problems: list[Problem] = []
    document = Document(file.path, file.text)
    overlay = validated(document, OVERLAY, {"dialect": Dialect(models.units)}, problems)
    if problems:
        raise FormularyError(tuple(problems))
    return overlay, document


def signed_rows(models: Models, overlays: Sequence[OverlayFile], rows: Row) -> Row:
    """Return the compiled rows with every sign-off, valid or void; raise FormularyError with all problems."""
    problems: list[Problem] = []
    found: list[tuple[Row, Row]] = []
    for file in overlays:
        if file.sign_offs is not None:
            problems.extend(_sign(models, file, rows, found))
    if problems:
        raise FormularyError(tuple(problems))
    # All are checked before any is written into its rule; a valid one is not hidden by a void one.
    for rule, sign_off in sorted(found, key=lambda pair: bool(pair[1]["is_valid"])):
        rule["sign_off"] = sign_off
        if sign_off["is_valid"]:
            rule["review"] = {**rule["review"], "state": "signed_off"}
    return rows


def _sign(
    models: Models, file: OverlayFile, rows: Row, signed_rules: list[tuple[Row, Row]]
) -> Iterator[Problem]:
    overlay, _ = read_overlay(models, file)
    document = Document(sign_off_path(file.path), file.sign_offs or "")
    sign_offs, problems = read_sign_offs(document)
    yield from problems
    found = {rule["id"]: (drug, rule) for drug, rule in rules_of(rows)}
    for rule_id, signed in sign_offs.items():
        signer = overlay.signers.get(signed.signer)
        if signer is None:
            yield document.problem(
                (rule_id, "signer"), f"{signed.signer!r} is not among the overlay's signers"
            )
        elif rule_id not in found:
            yield document.problem((rule_id,), f"there is no rule {rule_id!r}; take this sign-off out")
        else:
            drug, rule = found[rule_id]
            signing = Signing(overlay.site.name, signer.name, signer.role, signed.signed_on)
            is_valid = is_signed(signed_bytes(drug, rule, signing), signed.signature, signer.public_key)
            signed_rules.append((rule, {**signing._asdict(), "is_valid": is_valid}))


def rules_of(rows: Row) -> Iterator[tuple[Row, Row]]:
    """Yield every compiled rule with its drug."""
    for drug in rows["drugs"].values():
        for entry in drug["routes"].values():
            for rule in entry["rules"]:
                yield drug, rule


def refuse_unsigned_loosening(models: Models, base: Formulary, layered: Formulary) -> None:
    """Raise FormularyError where overlays loosen a hard limit or toxic level that nobody signed."""
    signed = {at.rule.id for at in layered.rules() if at.rule.review.is_signed_off}
    loosened = [
        found
        for found in differences(base, layered)
        if found.effect is Effect.LOOSENED and found.is_hard and found.where not in signed
    ]
    if loosened:
        raise FormularyError(tuple(_unsigned(models, found) for found in loosened))


def _unsigned(models: Models, found: Difference) -> Problem:
    message = (
        f"{found.what} is loosened from {found.old or 'none'} to {found.new or 'none'}; a named person "
        f"must sign {found.where} first: 'itdose formulary sign-off'"
    )
    key, _, rest = found.where.partition(".")
    route = rest.partition(".")[0]
    for place, rule in enumerate(models.drugs[key].routes[route].rules):
        if rule.id == found.where:
            path = (key, "routes", route, "rules", place)
            return models.documents[models.drug_files[key]].problem(path, message)
    return Problem(models.drug_files[key], 1, message)
