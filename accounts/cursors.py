"""Pages by cursor, for every list of the REST API."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

if TYPE_CHECKING:  # the framework reads its settings, which lead here, while these are being imported
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Cursors(CursorPagination):
    """Pages that stay as they are while things are added.

    A cursor of another list, or one made up, is told as a page that is not there: the framework itself would
    hand its position to the database and break.
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: "Request", view: "APIView | None" = None
    ) -> list[Any] | None:
        """Return the page that the request's cursor asks for.

        Raises:
            NotFound: the cursor is none of this list.
        """
        try:
            return super().paginate_queryset(queryset, request, view)
        except (
            ValidationError,
            ValueError,
            TypeError,
            OverflowError,
        ) as error:  # what fields raise for a foreign position
            if self.cursor_query_param not in request.query_params:
                raise
            raise NotFound(self.invalid_cursor_message) from error
