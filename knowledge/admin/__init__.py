"""The staff edge: policies and how they came in, the search index, operational records."""

from knowledge.admin import documents, imports, index_state, records, resemblances

__all__ = ["documents", "imports", "index_state", "records", "resemblances"]
