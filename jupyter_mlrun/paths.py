"""Where things lie in the data directory: pure functions of the environment."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path


def data_dir() -> Path:
    """The folder of the service: ``$JUPYTER_MLRUN_HOME``, else ``mlrun`` in Jupyter's data folder.

    Jupyter's own rule is repeated here for the usual cases because a run asks before it may
    import anything large; elsewhere jupyter_core is asked.
    """
    if home := os.environ.get("JUPYTER_MLRUN_HOME"):
        return Path(home).expanduser().absolute()
    if data := os.environ.get("JUPYTER_DATA_DIR"):
        return Path(data) / "mlrun"
    if sys.platform.startswith("linux") and not os.environ.get("JUPYTER_PLATFORM_DIRS"):
        base = os.environ.get("XDG_DATA_HOME")
        return (Path(base) if base else Path.home() / ".local" / "share") / "jupyter" / "mlrun"
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "mlrun"


def server_file(root: Path | None = None, host: str = "") -> Path:
    """The file in which a host's service writes its address and its local token (0600).

    Hosts that share a home folder have one each: an address is good on its own host.
    """
    return (root or data_dir()) / f"server.{_part(host or os.uname().nodename)}.json"


def leader_lock(host: str, root: Path | None = None) -> Path:
    """The file that the launching server of this host holds locked."""
    return (root or data_dir()) / f"leader.{_part(host)}.lock"


def run_folder(project: str, uid: str, root: Path | None = None) -> Path:
    """The folder of one run."""
    return Path(run_path(project, uid, root))


def run_path(project: str, uid: str, root: Path | None = None) -> str:
    """The same as a text, which is made in a tenth of the time: every write of a run asks."""
    return f"{root or data_dir()}/runs/{_part(project)}/{_part(uid)}"


def artifacts_folder(root: Path | None = None) -> Path:
    """The folder below which every project's artifacts lie."""
    return (root or data_dir()) / "artifacts"


def artifact_folder(project: str, uid: str, iteration: int = 0, root: Path | None = None) -> Path:
    """The folder of one iteration's artifacts: no two runs share it."""
    return artifacts_folder(root) / _part(project) / _part(uid) / str(int(iteration))


def clusters_folder(root: Path | None = None) -> Path:
    """The folder of clusters that belong to functions."""
    return (root or data_dir()) / "clusters"


def cluster_folder(project: str, function: str, version: str, root: Path | None = None) -> Path:
    """The folder of one cluster: a function has one for each shape that it asked for."""
    return clusters_folder(root) / _part(project) / _part(function) / _part(version)


def builds_folder(root: Path | None = None) -> Path:
    """The folder of builds of images."""
    return (root or data_dir()) / "builds"


def build_folder(
    project: str, function: str, tag: str, build: str, root: Path | None = None
) -> Path:
    """The folder of one build."""
    return builds_folder(root) / _part(project) / _part(function) / _part(tag) / _part(build)


def environments_folder(root: Path | None = None) -> Path:
    """The folder of environments with the requirements of functions, one for each set."""
    given = os.environ.get("JUPYTER_MLRUN_ENVIRONMENTS")
    return Path(given).expanduser().absolute() if given else (root or data_dir()) / "environments"


def dask_keys_folder(root: Path | None = None) -> Path:
    """Where the keys lie with which this user's Dask clusters and clients talk."""
    return (root or data_dir()) / "dask-keys"


def fill_templates(path: str, project: str, uid: str) -> str:
    """An artifact path with ``{{run.uid}}``, ``{{project}}`` and the like filled in."""
    for name, value in (
        ("{{run.uid}}", uid),
        ("{{project}}", project),
        ("{{run.project}}", project),
        ("{{workflow.uid}}", os.environ.get("MLRUN_WORKFLOW_ID", "")),
    ):
        path = path.replace(name, value)
    return path


def output_path(path: str, project: str, uid: str) -> str:
    """Below which path a run's artifacts go: the one that was asked for, else the service's own."""
    filled = fill_templates(path, project, uid)
    if not filled:
        return str(artifact_folder(project, uid).parent)
    return filled if "://" in filled else os.path.abspath(os.path.expanduser(filled))


def is_part(name: str) -> bool:
    """Whether the name is one plain path part."""
    return re.fullmatch(r"[A-Za-z0-9_][-A-Za-z0-9_.@]{0,199}", name) is not None


def _part(name: str) -> str:
    """The name, when it is one plain path part; what would leave its folder is refused."""
    if not is_part(name):
        raise ValueError(f"{name!r} cannot name a folder")
    return name
