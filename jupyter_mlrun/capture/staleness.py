"""Modules whose file was changed after this kernel imported them."""

from __future__ import annotations

import marshal
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path

from jupyter_mlrun.capture.sources import codes_within, same_code

HEADER_BYTES = 16


def find_stale(files: Mapping[str, bytes]) -> list[str]:
    """The modules among these files, by their paths, that do not hold what the files say now."""
    return [
        module.__name__
        for path, text in sorted(files.items())
        if (module := sys.modules.get(module_name(path))) is not None and _is_stale(module, text)
    ]


def module_name(path: str) -> str:
    """The module of a file that ships, by its path; nothing where it is none."""
    name = path.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__") if path.endswith(".py") else ""


def _is_stale(module: types.ModuleType, text: bytes) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return False
    try:
        code = compile(text, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return True
    kept = _compiled_at_import(module)
    if kept is not None and not same_code(kept, code):
        return True
    written = [each for each in codes_within(code) if each is not code]
    return any(
        not any(same_code(held, each) for each in written) for held in _held_codes(module, file)
    )


def _compiled_at_import(module: types.ModuleType) -> types.CodeType | None:
    """What Python kept of the file when it was imported, by whichever process was last."""
    if sys.dont_write_bytecode:
        # what lies there may be older than the import
        return None
    try:
        kept = marshal.loads(Path(module.__cached__ or "").read_bytes()[HEADER_BYTES:])
    except (AttributeError, OSError, EOFError, ValueError, TypeError):
        return None
    return kept if isinstance(kept, types.CodeType) else None


def _held_codes(module: types.ModuleType, file: str) -> Iterator[types.CodeType]:
    """The code of the functions and methods that the module holds and its file defined."""
    for value in list(vars(module).values()):
        of_class = isinstance(value, type) and value.__module__ == module.__name__
        members = list(vars(value).values()) if of_class else [value]
        for member in members:
            code = getattr(getattr(member, "__func__", member), "__code__", None)
            if isinstance(code, types.CodeType) and code.co_filename == file:
                yield code
