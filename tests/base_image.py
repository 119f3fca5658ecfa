"""A base image made on this machine, of its own Python: what builds start from in tests.

Also a registry that takes images, where the distribution's program is installed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pip

import jupyter_mlrun
import jupyter_mlrun_runtimes
from tests.live import free_port

NAME = "localhost/mlrun-test-base:1"
PROGRAMS = ("sh", "cat", "echo", "mkdir", "ls", "env", "id", "sleep", "base64", "touch")
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "test", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip",
    "site-packages", "dist-packages", "config-3*",
)  # fmt: skip
WHEEL = "demo_sum-1.0-py3-none-any.whl"
COMMAND = "#!/usr/bin/python3\nfrom jupyter_mlrun.__main__ import cli\ncli()\n"

has_buildah = shutil.which("buildah") is not None and os.getuid() == 0
has_registry = shutil.which("docker-registry") is not None


def write_wheel(folder: Path, name: str = "demo_sum", version: str = "1.0") -> Path:
    """A package of one module, as pip installs it."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\ndef add(a, b):\n    return a + b\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return file


def write_root(root: Path) -> None:
    """A root file system: a shell, some programs, Debian's Python, pip, this project, a wheel."""
    for part in ("tmp", "etc", "root", "wheels", "proc", "sys", "dev", "usr/bin", "usr/lib64"):
        (root / part).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for link in ("bin", "lib", "lib64"):
        (root / link).symlink_to(f"usr/{link}")
    files = {program: Path("/usr/bin") / program for program in PROGRAMS}
    files["python"] = files["python3"] = Path("/usr/bin/python3").resolve()
    for name, file in files.items():
        shutil.copy(file.resolve(), root / "usr/bin" / name)
    version = files["python"].name
    shutil.copytree(f"/usr/lib/{version}", root / "usr/lib" / version, ignore=LEFT_OUT,
                    ignore_dangling_symlinks=True)  # fmt: skip
    packages = root / "usr/local/lib" / version / "dist-packages"
    shutil.copytree(Path(pip.__file__).parent, packages / "pip", ignore=LEFT_OUT)
    _copy_libraries(root, [*files.values(), *(root / "usr/lib" / version).rglob("*.so")])
    write_wheel(root / "wheels")
    _add_project(root, packages)


def _add_project(root: Path, packages: Path) -> None:
    """What a run's pod needs of this project: its code alone, without any other library."""
    for module in (jupyter_mlrun, jupyter_mlrun_runtimes):
        source = Path(str(module.__file__)).parent
        left_out = shutil.ignore_patterns("__pycache__", "labextension")
        shutil.copytree(source, packages / source.name, ignore=left_out)
    command = root / "usr/local/bin/jupyter-mlrun"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(COMMAND)
    command.chmod(0o755)


def _copy_libraries(root: Path, files: list[Path]) -> None:
    told = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True).stdout
    for library in sorted(set(re.findall(r"(/\S+\.so\S*)", told))):
        if not Path(library).exists():
            continue
        target = root / ("usr" + library if not library.startswith("/usr") else library[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(library).resolve(), target)


def buildah(storage: Path, *arguments: str) -> str:
    """What buildah answers, over a storage of its own."""
    options = ["--root", str(storage), "--runroot", f"{storage}.run", "--storage-driver", "vfs"]
    done = subprocess.run(
        ["buildah", *options, *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make_base(storage: Path, folder: Path) -> str:
    """The name of the base image, in the storage."""
    root = folder / "root"
    write_root(root)
    container = buildah(storage, "from", "scratch")
    buildah(storage, "copy", "--quiet", container, str(root), "/")
    env = ("PATH=/usr/local/bin:/usr/bin:/bin", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/wheels",
           "PIP_BREAK_SYSTEM_PACKAGES=1", "PIP_ROOT_USER_ACTION=ignore",
           "PIP_DISABLE_PIP_VERSION_CHECK=1")  # fmt: skip
    words = [word for each in env for word in ("--env", each)]
    buildah(storage, "config", *words, container)
    buildah(storage, "commit", "--rm", "--quiet", container, NAME)
    shutil.rmtree(root)
    return NAME


@dataclass(frozen=True)
class Registry:
    """A registry of this machine."""

    port: int

    def tags(self, name: str) -> str:
        """What it says of a repository."""
        with urlopen(f"http://127.0.0.1:{self.port}/v2/{name}/tags/list", timeout=10) as answer:
            return str(answer.read().decode())


@contextlib.contextmanager
def registry(folder: Path, address: str = "127.0.0.1", port: int = 0) -> Iterator[Registry]:
    """A registry that takes images, on a free port where none is named."""
    port = port or free_port()
    settings = folder / "registry.yml"
    settings.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/blobs}}}}\n"
        f"http: {{addr: '{address}:{port}'}}\n"
    )
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(settings)], stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
        yield Registry(port)
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    print(make_base(Path(sys.argv[1]), Path(sys.argv[2])))
