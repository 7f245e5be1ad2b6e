"""Pages by cursor: stable while things are added."""

from rest_framework.pagination import CursorPagination


class NewestVersionFirst(CursorPagination):
    """Versions of one document."""

    ordering = ("-number",)


class AsTheyStand(CursorPagination):
    """Passages in the order of the text."""

    ordering = ("position",)
    page_size = 100


class AsSent(CursorPagination):
    """The files of a batch."""

    ordering = ("pk",)
    page_size = 100
