"""Pages by cursor: stable while new things arrive."""

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from accounts.cursors import Cursors


class NewestFirst(Cursors):
    """Newest things first."""

    ordering = ("-created_at", "-id")


class LastActiveFirst(Cursors):
    """Conversations, the most recently active first; ``active_at`` is annotated."""

    ordering = ("-active_at", "-id")
    page_size_query_param = "page_size"
    max_page_size = 100

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where to go on; a made-up cursor is refused like one that cannot be read."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                DateTimeField().to_python(cursor.position)
            except (ValidationError, OverflowError):
                raise NotFound(self.invalid_cursor_message) from None
        return cursor


class InOrder(Cursors):
    """Messages as they were said."""

    ordering = ("position",)
    page_size = 100
