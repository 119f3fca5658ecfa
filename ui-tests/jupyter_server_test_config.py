"""The server of the interface tests: open to this machine, never for anything else."""

import os

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821

c.ServerApp.ip = "127.0.0.1"  # noqa: F821
c.ServerApp.allow_root = True  # noqa: F821
c.ServerApp.port = int(os.environ["UI_PORT"])  # noqa: F821
c.ServerApp.port_retries = 0  # noqa: F821
c.ServerApp.root_dir = os.environ["UI_ROOT"]  # noqa: F821
# Lab starts Node at each load of a page, to see whether it has to be built
c.ServerApp.tornado_settings = {  # noqa: F821
    "page_config_data": {"buildCheck": False, "buildAvailable": False}
}
# images stay beside the server's other folders, and go with them
c.MLRunBuilder.storage = os.path.join(os.path.dirname(os.environ["UI_ROOT"]), "images")  # noqa: F821
c.MLRunBuilder.storage_driver = "vfs"  # noqa: F821
