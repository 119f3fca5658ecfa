"""``python -m jupyter_mlrun_server.on_demand``: the service that a client starts for itself."""

from __future__ import annotations

import sys
from typing import Any, cast


def main() -> int:
    """The exit code of the service's process."""
    # jsonschema would load a grammar of addresses and a library of times; no schema here asks
    for name in ("rfc3987_syntax", "isoduration"):
        sys.modules.setdefault(name, cast(Any, None))
    from .own_service import serve

    return serve()


if __name__ == "__main__":
    sys.exit(main())
