"""``jupyter mlrun autoload``: one line in the user's own IPython configuration."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import click

LINE = (
    'get_config().InteractiveShellApp.extensions.append("jupyter_mlrun")  # jupyter-mlrun autoload'
)
MARK = "# jupyter-mlrun autoload"


def config_file() -> Path:
    """The configuration of the default profile, which IPython and its kernels read."""
    from IPython.paths import get_ipython_dir

    return Path(get_ipython_dir()) / "profile_default" / "ipython_config.py"


def is_on(path: Path) -> bool:
    """Whether the file loads the magics: by our line, or by one of the user's own."""
    return path.exists() and find_line(path) is not None


def find_line(path: Path) -> int | None:
    """The number of the line that adds the magics to IPython's extensions; None without one."""
    for statement in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr) and _adds(statement):
            return statement.lineno
    return None


def _adds(statement: ast.Assign | ast.AugAssign | ast.Expr) -> bool:
    """``….extensions = [us]``, ``….extensions += [us]``, ``….extensions.append(us)``."""
    if isinstance(statement, ast.Expr):
        call = statement.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            return False
        target, adds = call.func.value, call.func.attr in ("append", "extend", "insert")
    else:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        adds = True
    is_list = isinstance(target, ast.Attribute) and target.attr == "extensions"
    parts = ast.walk(statement)
    ours = any(isinstance(part, ast.Constant) and part.value == "jupyter_mlrun" for part in parts)
    return adds and is_list and ours


def find_fault(path: Path) -> str:
    """Why IPython cannot read the file, so that no line in it counts; empty where it can."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"{path}, line {line}" if line else str(path)
        return f"{where} is not Python ({getattr(error, 'msg', error)}), so IPython leaves it out"
    return ""


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def _is_line(line: str) -> bool:
    return line.rstrip().endswith(MARK) and not line.lstrip().startswith("#")


def switch(path: Path, on: bool) -> bool:
    """Put the line in or take it out; whether anything changed."""
    before = _lines(path) if path.exists() else []
    if is_on(path) if on else not any(_is_line(line) for line in before):
        return False
    if on:
        if before and not before[-1].endswith("\n"):
            before[-1] += "\n"
        after = [*before, LINE + "\n"]
    else:
        after = [line for line in before if not _is_line(line)]
    path.parent.mkdir(parents=True, exist_ok=True)
    # a linked configuration keeps its link
    target = path.resolve() if path.is_symlink() else path
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        draft.write_text("".join(after), encoding="utf-8")
        if path.exists():
            draft.chmod(path.stat().st_mode)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return True


@click.command()
@click.argument("state", type=click.Choice(["on", "off", "status"]))
def autoload(state: str) -> None:
    """Load the magics in every new kernel: on, off, or status."""
    path = config_file()
    fault = find_fault(path)
    if fault and state == "on":
        raise click.ClickException(f"{fault}: mend it, then switch autoload on")
    try:
        changed = state != "status" and switch(path, state == "on")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.ClickException(fault or f"{path} is not in UTF-8: save it so") from None
    word = "on" if not fault and is_on(path) else "off"
    already = "" if changed or state == "status" else " already"
    click.echo(f"autoload is {word}{already} ({path})")
    if state == "off" and word == "on":
        where = f"{path}, line {find_line(path)}"
        raise click.ClickException(f"{where} is yours and loads the magics: take it out there")
    if fault:
        click.echo(f"warning: {fault}", err=True)
    if changed:
        click.echo("It holds for kernels that start from now on.")
