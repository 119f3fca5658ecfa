"""The schema's history, by Alembic; ``HEAD`` is the revision that this release needs."""

HEAD = "0001"
