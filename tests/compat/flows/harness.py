"""Runs flows with the client that is installed here, and tells what each of them called.

``python harness.py OUTPUT`` writes JSON: for each flow its fault, if any, and its calls.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path

import requests

FLOWS = {}
CALLS = []


def flow(function=None, *, since=(1, 0), until=(1, 99)):
    """A function of (database, project) that asserts, for clients of these versions."""

    def register(kept):
        FLOWS[kept.__name__] = (kept, since, until)
        return kept

    return register(function) if function else register


def raises(error, call, *arguments, **keywords):
    """The text of the error that the call must raise."""
    try:
        call(*arguments, **keywords)
    except error as raised:
        return str(raised)
    raise AssertionError(f"{call.__name__} did not raise {error.__name__}")


def comes_later(call, *arguments, **keywords):
    """The call must be answered by a sentence that says what to do instead."""
    text = raises(Exception, call, *arguments, **keywords)
    assert "in this release: " in text, text


def record():
    """Note every request that the client sends from now on."""
    send = requests.Session.request

    def recording(self, method, url, *arguments, **keywords):
        response = send(self, method, url, *arguments, **keywords)
        CALLS.append([method, url.partition("?")[0], response.status_code])
        return response

    requests.Session.request = recording


def main(output):
    """Run everything, each flow in a project of its own."""
    record()
    import mlrun

    version = tuple(int(part) for part in mlrun.__version__.split(".")[:2])
    here = Path(__file__).parent
    for path in sorted(here.glob("flow_*.py")):
        importlib.import_module(path.stem)
    told = {"connect": {"fault": "", "calls": []}}
    database = mlrun.get_run_db()
    told["connect"]["calls"] = list(CALLS)
    for name, (function, since, until) in FLOWS.items():
        CALLS.clear()
        fault = None
        if since <= version <= until:
            project = f"v{version[0]}-{version[1]}-{name}".replace("_", "-")
            fault = _run(mlrun, function, database, project)
        told[name] = {"fault": fault, "calls": list(CALLS)}
    Path(output).write_text(json.dumps(told))


def _run(mlrun, function, database, project):
    mlrun.mlconf.active_project = project
    try:
        database.create_project({"metadata": {"name": project}, "spec": {}})
        function(database, project)
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    sys.modules["harness"] = sys.modules["__main__"]
    main(sys.argv[1])
