"""The tables of the smaller nouns: one of all their documents, others by which they are found.

Times are whole microseconds since 1970 (UTC), as in ``tables``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    select,
)

from .tables import DOCUMENT, EXACT, KEY, NAME, metadata

documents = Table(
    "documents",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("noun", String(32), nullable=False),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("uid", String(100), nullable=False),
    Column("state", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("noun", "project", "name", "uid"),
    Index("ix_documents_recent", "noun", "project", "updated", "id"),
    Index("ix_documents_project", "project"),
    **EXACT,
)

document_tags = Table(
    "document_tags",
    metadata,
    Column("noun", String(32), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("tag", NAME, primary_key=True),
    Column("document_id", KEY, nullable=False, index=True),
    **EXACT,
)

document_labels = Table(
    "document_labels",
    metadata,
    Column("document_id", KEY, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_document_labels_name", "name", "value"),
    info={"owner": documents},
    **EXACT,
)

feature_columns = Table(
    "feature_columns",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("document_id", KEY, nullable=False, index=True),
    Column("noun", String(16), nullable=False),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("position", Integer, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    Index("ix_feature_columns_name", "noun", "project", "name"),
    **EXACT,
)

feature_labels = Table(
    "feature_labels",
    metadata,
    Column("feature_id", KEY, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_feature_labels_name", "name", "value"),
    info={"owner": feature_columns},
    **EXACT,
)

hub_sources = Table(
    "hub_sources",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    **EXACT,
)


def of_noun(noun: str) -> FromClause:
    """The rows of one noun."""
    return select(documents).where(documents.c.noun == noun).subquery()
