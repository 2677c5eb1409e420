"""Put the compiled formulary into the wheel, so that the first check needs neither YAML nor pint."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledFormulary(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Compiles ``data/`` while a wheel is built. An editable install compiles on first use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the formulary and add it beside its sources."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from itdose.formulary.cache import compiled_file  # noqa: PLC0415
        from itdose.formulary.compilation import compile_files  # noqa: PLC0415 - found only now
        from itdose.formulary.files import read_files  # noqa: PLC0415
        from itdose.version import __version__  # noqa: PLC0415

        files = read_files(root / "data")
        content = compiled_file(compile_files(files), files.digest, __version__)
        with tempfile.NamedTemporaryFile("wb", suffix=".json", delete=False) as file:
            file.write(content)
        self._file = Path(file.name)
        build_data["force_include"][file.name] = "itdose/data/compiled.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the compiled file away again: it stands in the wheel now."""
        del build_data, artifact_path
        if version != "editable":
            self._file.unlink()
