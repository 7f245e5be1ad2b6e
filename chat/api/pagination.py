"""Pages by cursor: stable while new things arrive."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Newest things first."""

    ordering = ("-created_at", "-id")


class InOrder(CursorPagination):
    """Messages as they were said."""

    ordering = ("position",)
    page_size = 100
