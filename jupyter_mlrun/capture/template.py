"""The parts of a shipped module that run the cell: plain text, importing nothing of ours."""

from __future__ import annotations

RESERVED = {"_run_cell", "_execute", "_captured", "_unpacked", "_shell", "_shell_lines", "_Lines"}

CAPTURED = '''
def _captured(uri):
    """Return the stored value of a variable of the notebook, as a data item."""
    library = _sys.modules.get("jupyter_mlrun") or _importlib.import_module("mlrun")
    return library.get_dataitem(uri)
'''

UNPACKED = '''
def _unpacked(value, context):
    """Return what an input was packed from, where mlrun gives it as a data item of this project."""
    library = _sys.modules.get("mlrun")
    if type(value).__module__.partition(".")[0] != "mlrun" or not value.get_artifact_type():
        return value
    artifact = library.datastore.get_store_resource(value.artifact_url)
    if artifact.metadata.project != context.project:
        return value
    if artifact.kind == "dataset":
        return value.as_df()
    notes = (artifact.spec.unpackaging_instructions or {}).get("instructions") or {}
    if "pickle_module_name" not in notes:
        return value
    path = library.artifacts.get_model(value)[0] if artifact.kind == "model" else value.local()
    with open(path, "rb") as file:
        return _importlib.import_module(notes["pickle_module_name"]).load(file)
'''

SHELL = '''
class _Lines(list):
    """The lines that a command printed: a list, with .l, .n, .s and .p as in IPython."""

    l = list = property(lambda self: self)
    n = nlstr = property(lambda self: "\\n".join(self))
    s = spstr = property(lambda self: " ".join(self))
    p = paths = property(lambda self: [_pathlib.Path(p) for p in self if _os.path.exists(p)])

    def grep(self, pattern, prune=False, field=None):
        """Return the lines (or those whose field) that match a pattern or a function."""
        match = pattern if callable(pattern) else _re.compile(pattern, _re.IGNORECASE).search

        def target(line):
            parts = line.split()
            if field is None:
                return line
            return parts[field] if -len(parts) <= field < len(parts) else ""

        return _Lines(line for line in self if bool(match(target(line))) != prune)

    def fields(self, *numbers):
        """Return the whitespace-separated fields of these numbers of each line."""
        rows = [line.split() for line in self]
        if not numbers:
            return rows
        picked = ([row[n] for n in numbers if -len(row) <= n < len(row)] for row in rows)
        return _Lines(" ".join(row) for row in picked if row)

    def sort(self, field=None, nums=False):
        """Return the lines in order, of a field and as numbers if asked."""

        def key(line):
            parts = line.split()
            text = line if field is None else (parts[field] if field < len(parts) else "")
            digits = "".join(c for c in text if c.isdigit())
            return (int(digits) if digits else 0) if nums else text

        return _Lines(sorted(self, key=key))


def _shell(*parts):
    """Run a command of the notebook (`!command`), print what it prints, return its exit code."""
    command = "".join(str(part) for part in parts)
    if command.rstrip().endswith("&"):
        raise OSError("Background processes not supported.")
    process = _subprocess.Popen(
        command, shell=True, stdin=_subprocess.DEVNULL, stdout=_subprocess.PIPE,
        stderr=_subprocess.STDOUT, text=True, errors="replace",
    )
    with process:
        for line in process.stdout:
            print(line, end="", flush=True)
    return process.returncode


def _shell_lines(*parts):
    """Run a command of the notebook (`lines = !command`), return the lines that it prints."""
    command = "".join(str(part) for part in parts)
    done = _subprocess.run(
        command, shell=True, stdin=_subprocess.DEVNULL, stdout=_subprocess.PIPE,
        text=True, errors="replace",
    )
    return _Lines(done.stdout.splitlines())
'''

RUN_CELL = '''
def _run_cell(name, text, values, outputs, show=False):
    """Run a cell in a fresh copy of this module that holds these values; return its outputs."""
    scope = _util.module_from_spec(__spec__)
    before = _sys.modules.get(scope.__name__)
    _sys.modules[scope.__name__] = scope
    try:
        __spec__.loader.exec_module(scope)
{restore}        vars(scope).update(values)
        _execute(vars(scope), name, text, show)
    except SystemExit as ended:
        # a cell that ends itself in order has its outputs all the same
        if ended.code not in (None, 0):
            raise
    finally:
        if before is None:
            del _sys.modules[scope.__name__]
        else:
            _sys.modules[scope.__name__] = before
    found = {{output: vars(scope)[output] for output in outputs if output in vars(scope)}}
    missing = ", ".join(repr(output) for output in outputs if output not in found)
    if missing:
        error = NameError(f"output {{missing}} of {{name}} is not bound at the end of the cell")
        error.outputs = found
        raise error
    return tuple(found.values()) if len(found) != 1 else found[outputs[0]]
'''

EXECUTE = '''
def _execute(scope, name, text, show):
    """Execute the text of a cell; its line numbers are those of the cell in the notebook."""
    text, file = "\\n" + text, f"<cell {{name}}>"
    _linecache.cache[file] = (len(text), None, text.splitlines(True), file)
{body}'''

EXECUTE_PLAIN = """    exec(compile(text, file, "exec"), scope)
"""

EXECUTE_SHOW = """    tree = compile(text, file, "exec", _ast.PyCF_ONLY_AST)
    last = _ast.Expression(tree.body.pop().value if show else _ast.Constant(None))
    exec(compile(tree, file, "exec"), scope)
    value = eval(compile(_ast.fix_missing_locations(last), file, "eval"), scope)
    if value is not None:
        print(repr(value))
"""

EXECUTE_AWAIT = """    allow = _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(text, file, "exec", _ast.PyCF_ONLY_AST | allow)
    last = _ast.Expression(tree.body.pop().value if show else _ast.Constant(None))
    codes = [compile(tree, file, "exec", allow)]
    codes.append(compile(_ast.fix_missing_locations(last), file, "eval", allow))

    def run():
        with _asyncio.Runner() as runner:
            for code in codes:
                value = eval(code, scope)
                if code.co_flags & _inspect.CO_COROUTINE:
                    value = runner.run(value)
        if value is not None:
            print(repr(value))

    # a loop that runs already, as in a kernel, rests meanwhile: so what interrupts this thread
    # ends the cell
    loop = _asyncio._get_running_loop()
    task = _asyncio.current_task(loop) if loop else None
    if task:
        _asyncio.tasks._leave_task(loop, task)
    _asyncio._set_running_loop(None)
    try:
        run()
    finally:
        _asyncio.set_event_loop(loop)
        _asyncio._set_running_loop(loop)
        if task:
            _asyncio.tasks._enter_task(loop, task)
"""

IMPORTS = {
    "captured": ["import importlib as _importlib", "import sys as _sys"],
    "shell": [
        "import os as _os",
        "import pathlib as _pathlib",
        "import re as _re",
        "import subprocess as _subprocess",
    ],
    "body": [
        "import importlib.util as _util",
        "import linecache as _linecache",
        "import sys as _sys",
    ],
    "execute": ["import linecache as _linecache"],
    "inputs": ["import importlib as _importlib", "import sys as _sys"],
    "show": ["import ast as _ast"],
    "await": [
        "import ast as _ast",
        "import asyncio as _asyncio",
        "import inspect as _inspect",
    ],
}
