"""``python fill_runs.py STORE PROJECT COUNT``: runs in bulk, beside the store's server."""

import logging
import sys

from benchmarks.documents import fill_runs
from jupyter_mlrun_server.store.database import Database

STORE, PROJECT, COUNT = sys.argv[1:]

database = Database(f"sqlite:///{STORE}", logging.getLogger(__name__))
fill_runs(database, int(COUNT), PROJECT)
database.close()
