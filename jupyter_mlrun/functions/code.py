"""The code of a function: of a file, a notebook or text, and what its documentation says."""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jupyter_mlrun.errors import MLRunDataNotFoundError, MLRunInvalidArgumentError
from jupyter_mlrun.model.entry_points import describe_handlers
from jupyter_mlrun.model.fields import Fields
from jupyter_mlrun.model.function import decode_source, encode_source

if TYPE_CHECKING:
    from jupyter_mlrun.export.nuclio import NuclioSettings

_LARGEST = "MLRUN_FUNCTION__SPEC__SOURCE_CODE_MAX_BYTES"
_LARGEST_CODE = 10_000


class Coded:
    """The part of a function that holds its code."""

    metadata: Fields
    spec: Fields
    to_dict: Any

    @property
    def code(self) -> str:
        """Its source."""
        return decode_source(self.to_dict())

    def with_code(
        self, from_file: str = "", body: str | None = None, with_doc: bool = True
    ) -> Self:
        """Give it code: of a .py file or a notebook, as text, or of the notebook this runs in."""
        if body and from_file:
            raise MLRunInvalidArgumentError(
                "with_code takes either body or from_file, not both: leave one of them out"
            )
        origin = from_file or "<code>"
        if body is None:
            from jupyter_mlrun.notebook import current_notebook

            path = Path(from_file) if from_file else current_notebook()
            body, origin = read_source(path, function=self.metadata.get("name") or ""), str(path)
        self.spec.build["functionSourceCode"] = encoded(body)
        if with_doc:
            self.spec["entry_points"] = describe_handlers(body, origin)
        return self

    def with_entry_points(self) -> Self:
        """Describe the functions of its code anew."""
        self.spec["entry_points"] = describe_handlers(self.code)
        return self

    def doc(self) -> None:
        """Print what it is, its handlers and what they take."""
        print(format_doc(self.metadata, self.spec))


def encoded(source: str) -> str:
    """Source text as a document holds it; a warning where it is more than MLRun's limit."""
    text = encode_source(source)
    largest = int(os.environ.get(_LARGEST) or _LARGEST_CODE)
    if len(text) > largest:
        warnings.warn(
            f"The code has {len(text)} bytes as it is stored, more than {largest}: it goes into "
            "each version of the function, and a cluster takes 1 MB at most. Give it as a source "
            "by with_source_archive",
            UserWarning,
            stacklevel=3,
        )
    return text


def read_source(path: Path, ignored_tags: str = "", function: str = "") -> str:
    """The source of a Python file, or of a notebook as an export for that function reads it."""
    if path.suffix != ".ipynb":
        return _text(path)
    return _module(_notebook(path, ignored_tags), path, function)


def read_code(
    path: Path, ignored_tags: str = "", function: str = ""
) -> tuple[str, NuclioSettings | None]:
    """The same, and what a notebook's ``%nuclio`` magics ask for in the environment of here."""
    if path.suffix != ".ipynb":
        return _text(path), None
    from jupyter_mlrun.export.nuclio import read_settings

    notebook = _notebook(path, ignored_tags)
    return _module(notebook, path, function), read_settings(
        notebook, str(path.parent), expands=True
    )


def _text(path: Path) -> str:
    _require_file(path)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MLRunInvalidArgumentError(
            f"{path.absolute()} cannot be read as Python: {error}. Name a .py file or a notebook"
        ) from None


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise MLRunInvalidArgumentError(
            f"{path.absolute()} is a folder: name a .py file or a notebook in it"
        )
    if not path.is_file():
        raise MLRunDataNotFoundError(f"There is no file {path.absolute()}")


def _notebook(path: Path, ignored_tags: str) -> dict[str, Any]:
    from jupyter_mlrun.export.notebook import read_notebook

    _require_file(path)
    notebook = read_notebook(str(path))
    ignored = {tag.strip() for tag in ignored_tags.split(";") if tag.strip()}
    if ignored:
        cells = notebook.get("cells") or []
        notebook["cells"] = [
            cell for cell in cells if not ignored & set(cell["metadata"].get("tags") or ())
        ]
    return notebook


def _module(notebook: dict[str, Any], path: Path, function: str) -> str:
    from jupyter_mlrun.export.notebook import build_source, marked

    return marked(build_source(notebook, path.name, function).module, path.name)


def find_origin(path: Path) -> str:
    """Where a file's code comes from: the git remote, its commit and the path in it, else ''."""
    folder = path.absolute().parent
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return ""
    remote = _git(folder, "config", "--get", "remote.origin.url")
    # an address may carry a password, which belongs into no document
    scheme, mark, rest = remote.rpartition("://")
    address = f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else remote
    return f"{address or folder}#{commit}:{path}"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def format_doc(metadata: Fields, spec: Fields) -> str:
    """What a function is and what its handlers take, as lines of text."""
    lines = [f"function: {metadata.get('name')}", str(spec.get("description") or "")]
    if spec.get("default_handler"):
        lines.append(f"default handler: {spec['default_handler']}")
    entries: dict[str, Any] = spec.get("entry_points") or {}
    if entries:
        lines.append("entry points:")
    for name, entry in entries.items():
        lines.append(f"  {name}: {entry.get('doc', '')}")
        lines += [f"    {_format_parameter(each)}" for each in entry.get("parameters") or []]
    return "\n".join(lines)


def _format_parameter(parameter: dict[str, Any]) -> str:
    kind = f"({parameter['type']})" if parameter.get("type") else ""
    default = f", default={parameter['default']}" if "default" in parameter else ""
    return f"{parameter['name']}{kind}  - {parameter.get('doc', '')}{default}"
