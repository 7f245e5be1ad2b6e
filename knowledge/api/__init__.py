"""The REST edge for staff: documents, versions, passages, search and imports."""
