"""From the files of a formulary, with the overlays over it, to the compiled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itdose.formulary import Formulary
from itdose.formulary.compile import compile_rows
from itdose.formulary.consistency import valid_models
from itdose.formulary.layered import lay_over, refuse_unsigned_loosening, signed_rows
from itdose.user_cache import remember_names

if TYPE_CHECKING:
    from itdose.formulary.files import FormularyFiles
    from itdose.formulary.load import Models


def compile_and_remember(files: FormularyFiles) -> dict[str, Any]:
    """Compile the files, and keep the names for completion."""
    rows = compile_files(files)
    remember_names(Formulary(rows, as_of="").names())
    return rows


def compile_files(files: FormularyFiles) -> dict[str, Any]:
    """Validate the files of a formulary and compile them; raise FormularyError with all problems."""
    models = valid_models(files)
    rows = _compiled(models, files)
    if not files.overlays:
        return rows
    merged = lay_over(models, files.overlays)
    layered = signed_rows(merged, files.overlays, _compiled(merged, files))
    refuse_unsigned_loosening(merged, Formulary(rows, as_of=""), Formulary(layered, as_of=""))
    return layered


def _compiled(models: Models, files: FormularyFiles) -> dict[str, Any]:
    return compile_rows(models, models.units, files.digest)
