"""Requirements of a function that has no image: installed when its run starts, once for all runs.

An environment is a folder named by the requirements and the interpreter. It lies over the
interpreter's own packages: what these have already is not installed again. Runs that start
together wait for the first, which installs; ``lock.json`` in it says what came of it.

``python -m jupyter_mlrun.requirements MODULE …`` runs a module there, as Dask's own in a pod.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import MLRunRuntimeError
from .paths import environments_folder

WANTED, STATE = "JUPYTER_MLRUN_REQUIREMENTS", "JUPYTER_MLRUN_INSTALLED"
LOCK_FILE = "lock.json"
SECONDS = 3600
LAST_LINES = 6
KEY = 20
# what is imported by the packages asked for, and by those that these ask for: told by the
# environment's own Python, whose pip knows how requirements are written
_RESOLVE = """
import json, re, sys
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
normal = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found, queue = {}, []
for line in json.loads(sys.argv[1]):
    try:
        wanted = Requirement(line)
        queue.append((wanted.name, tuple(wanted.extras)))
    except InvalidRequirement:
        pass
queue += [(each.metadata["Name"], ()) for each in distributions(path=[sys.argv[2]])]
seen = set()
while queue:
    name, extras = queue.pop()
    if (normal(name), extras) in seen:
        continue
    seen.add((normal(name), extras))
    try:
        one = distribution(name)
    except PackageNotFoundError:
        continue
    found[normal(name)] = one.version
    for text in one.requires or ():
        try:
            need = Requirement(text)
        except InvalidRequirement:
            # of a package from before there were rules
            continue
        if need.marker is None or any(need.marker.evaluate({"extra": e}) for e in (*extras, "")):
            queue.append((need.name, tuple(need.extras)))
print(json.dumps([f"{name}=={version}" for name, version in sorted(found.items())]))
"""


def enter(arguments: Sequence[str], module: str = "jupyter_mlrun") -> None:
    """Go on in the environment with what the variables want; does not return where that works.

    Where it does not, the reason is left for ``tell`` and ``failure``.
    """
    wanted = [line for line in os.environ.pop(WANTED, "").split("\n") if line]
    if not wanted:
        return
    try:
        folder = make(wanted, environments_folder())
        hold(folder)
    except (MLRunRuntimeError, OSError, subprocess.SubprocessError) as error:
        os.environ[STATE] = json.dumps({"wanted": wanted, "error": str(error)})
        return
    environment = {**os.environ, STATE: str(folder / LOCK_FILE)}
    python = str(_python(folder))
    sys.stdout.flush()
    os.execve(python, [python, "-P", "-m", module, *arguments], environment)


def failure() -> str:
    """Why the environment cannot be entered; empty where it can, or nothing was wanted."""
    state = os.environ.get(STATE, "")
    if not state.startswith("{"):
        return ""
    return f"the requirements could not be installed: {json.loads(state)['error']}"


def tell(context: Any) -> None:
    """Record in the run what was installed; raises where that failed."""
    state = os.environ.get(STATE, "")
    if not state:
        return
    found = json.loads(state if state.startswith("{") else Path(state).read_text())
    shown = {key: found[key] for key in ("wanted", "lock", "environment") if key in found}
    context.set_status(requirements=shown)
    if found.get("error"):
        raise MLRunRuntimeError(f"the run's requirements could not be installed: {found['error']}")


def make(wanted: Sequence[str], root: Path) -> Path:
    """The environment with these requirements, made where it is not there."""
    from filelock import FileLock

    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = root / key_of(wanted)
    lock = FileLock(f"{folder}.lock")
    if not (folder / LOCK_FILE).exists() and lock_is_held(lock):
        print("waiting for another run that installs the same requirements", flush=True)
    with lock:
        if not (folder / LOCK_FILE).exists():
            _install(wanted, folder)
        # under the lock, so that it is not removed as one that nobody uses
        os.utime(folder)
    return folder


def hold(folder: Path) -> None:
    """Keep the environment as long as this process lives, and what it becomes."""
    with contextlib.suppress(OSError):
        # a file system without locks has the time of its last use alone
        file = os.open(f"{folder}.used", os.O_RDWR | os.O_CREAT, 0o600)
        os.set_inheritable(file, True)
        fcntl.flock(file, fcntl.LOCK_SH)


@contextlib.contextmanager
def _unused(folder: Path) -> Iterator[bool]:
    """Whether no process holds the environment; nobody begins to while the block runs."""
    file = os.open(f"{folder}.used", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        is_unused = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_unused = False
        yield is_unused
    finally:
        os.close(file)


def remove_unused(root: Path, before: float) -> int:
    """Remove environments that no run has entered since that time; how many they were.

    One whose lock is held is left alone, and one in which a run still works.
    """
    from filelock import Timeout

    removed = 0
    for folder in root.iterdir() if root.is_dir() else ():
        if not _is_environment(folder):
            continue
        try:
            removed += folder.stat().st_mtime < before and _remove(folder, before)
        except (Timeout, FileNotFoundError):
            continue
        except OSError as error:
            # the others go all the same
            logging.getLogger(__name__).warning("The environment %s stays: %s", folder, error)
    return removed


def _remove(folder: Path, before: float) -> bool:
    from filelock import FileLock

    with FileLock(f"{folder}.lock", timeout=0), _unused(folder) as is_unused:
        if not is_unused or folder.stat().st_mtime >= before:
            return False
        # without it a run that comes now makes the rest anew
        (folder / LOCK_FILE).unlink(missing_ok=True)
        shutil.rmtree(folder)
        Path(f"{folder}.used").unlink(missing_ok=True)
        return True


def _is_environment(folder: Path) -> bool:
    is_named = len(folder.name) == KEY and not set(folder.name) - set("0123456789abcdef")
    return is_named and folder.is_dir() and not folder.is_symlink()


def lock_is_held(lock: Any) -> bool:
    """Whether somebody else holds a lock now."""
    from filelock import Timeout

    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


def key_of(wanted: Sequence[str]) -> str:
    """The name of the environment: another one for other requirements, or another Python."""
    parts = [sorted(line.strip() for line in wanted), sys.version, os.path.realpath(sys.prefix),
             sys.executable]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:KEY]


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _install(wanted: Sequence[str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    print(f"installing {', '.join(wanted)}", flush=True)
    _call([sys.executable, "-m", "venv", "--without-pip", str(folder)], "venv")
    packages = _packages(folder)
    (packages / "_interpreter.pth").write_text(
        "".join(f"import site; site.addsitedir({path!r})\n" for path in _own_packages())
    )
    file = folder / "requirements.txt"
    file.write_text("\n".join(wanted) + "\n")
    python = str(_python(folder))
    if not _has_pip(python):
        raise MLRunRuntimeError(
            f"{sys.executable} has no pip: type {sys.executable} -m ensurepip, or build an image"
        )
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    _call([*pip, "install", "--progress-bar", "off", "-r", str(file)], "pip")
    resolved = subprocess.run(
        [python, "-c", _RESOLVE, json.dumps(list(wanted)), str(packages)],
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    if resolved.returncode:
        raise MLRunRuntimeError(f"what was installed cannot be told: {resolved.stderr[-500:]}")
    told: Mapping[str, Any] = {
        "wanted": list(wanted), "lock": json.loads(resolved.stdout), "environment": folder.name,
    }  # fmt: skip
    draft = folder / f".{LOCK_FILE}"
    draft.write_text(json.dumps(told))
    draft.replace(folder / LOCK_FILE)


def _packages(folder: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"


def _own_packages() -> list[str]:
    import site
    import sysconfig

    paths = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        paths.append(site.getusersitepackages())
    return [path for path in dict.fromkeys(paths) if os.path.isdir(path)]


def _has_pip(python: str) -> bool:
    done = subprocess.run([python, "-c", "import pip"], capture_output=True, timeout=SECONDS)
    return done.returncode == 0


def _call(command: Sequence[str], what: str) -> None:
    """Run a command and show what it says; raises with its last lines."""
    tail: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.strip():
                tail = [*tail, line.strip()][-LAST_LINES:]
    if process.returncode:
        raise MLRunRuntimeError(
            f"{what} ended with exit code {process.returncode}: {' · '.join(tail)[-1000:]}"
        )


def main() -> None:
    """The command."""
    module, *arguments = sys.argv[1:]
    enter(arguments, module)
    sys.exit(failure() or "nothing is required")


if __name__ == "__main__":
    main()
