"""The schema's history, by Alembic; ``HEAD`` is the revision that this release needs."""

from pathlib import Path

HEAD = max(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
