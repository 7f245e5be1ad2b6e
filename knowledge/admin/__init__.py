"""The staff edge: policies and how they came in, the search index, operational records."""

from knowledge.admin import documents, records

__all__ = ["documents", "records"]
