"""What the server never loads, however long it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.live import live_server
from tests.server.documents import PROJECT
from tests.server.test_processes import API, has_state, submit, until

HEAVY = ("numpy", "pandas", "pyarrow", "sklearn", "scipy", "matplotlib", "kubernetes", "dask")
LATE = ("alembic", "sqlalchemy.orm", "psycopg", "pymysql", "psutil")


def test_importing_every_route_is_light() -> None:
    code = (
        "import sys\n"
        "from jupyter_mlrun_server.app import MLRunServerApp\n"
        "from jupyter_mlrun_server.handlers import routes\n"
        "routes()\n"
        f"print(*[name for name in {HEAVY + LATE!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    # jupyter_server itself brings psutil
    assert done.stdout.split() in ([], ["psutil"])


def test_a_server_at_work_has_none_of_the_users_libraries(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        server.call("POST", f"{API}/projects", {"metadata": {"name": PROJECT}})
        source = (
            "import pandas\ndef train(context):\n"
            "    context.log_dataset('d', pandas.DataFrame({'a': [1]}))"
        )
        uid = submit(server, source)
        done = until(lambda: has_state(server, uid, "completed", "error"), 60)
        assert done["status"]["state"] == "completed", done
        server.call("GET", f"{API}/lab/runs?project={PROJECT}")
        assert server.process is not None
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()
        assert not [name for name in HEAVY if f"/{name}/" in maps]
