"""The store: documents with indexed columns; every function takes a connection."""
