"""``jupyter nbconvert --to mlrun``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import Bool

from jupyter_mlrun.errors import MLRunConflictError
from jupyter_mlrun.export.notebook import build_export, refuse_foreign


def _check(targets: list[Path]) -> None:
    try:
        refuse_foreign(targets, "--MLRunExporter.force=True")
    except MLRunConflictError as error:
        raise ConversionException(str(error)) from None


class MLRunExporter(Exporter):
    """The notebook's code as a module, with the function document beside it."""

    export_from_notebook = "MLRun function"
    output_mimetype = "text/x-python"
    force = Bool(False, help="Replace files that an export did not write.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".py"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> Any:
        """The module; the function is an extra file of the resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        metadata = resources.get("metadata") or {}
        source = metadata.get("name") or "notebook"
        name = resources.get("unique_key") or source
        here = str(metadata.get("path") or "")
        if not self.force and self._writes_files():
            # nbconvert itself writes over whatever is there
            folder = Path(self._folder() or here or ".")
            _check([folder / f"{name}.py", folder / f"{name}.yaml"])
        module, function, build = build_export(nb, source, f"{source}.ipynb", here)
        for warning in build.warnings:
            self.log.warning(warning)
        outputs = resources.get("outputs")
        outputs = outputs if isinstance(outputs, dict) else {}
        # beside the module: nbconvert takes the path from where it writes
        outputs[f"./{name}.yaml"] = function.encode()
        resources["outputs"] = outputs
        return module, resources

    def _writes_files(self) -> bool:
        writer = self.config.get("NbConvertApp", {}).get("writer_class", "FilesWriter")
        return "Stdout" not in str(writer)

    def _folder(self) -> str:
        return str(self.config.get("FilesWriter", {}).get("build_directory", "") or "")
