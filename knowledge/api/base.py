"""What every view of the staff's API has in common: who may, how much may be sent, how refusals are told."""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from knowledge.api.problems import TOO_MUCH, refused, too_large
from knowledge.errors import KnowledgeError
from knowledge.uploads import upload_was_cut

VIEW, ADD, CHANGE, DELETE = (f"knowledge.{word}_document" for word in ("view", "add", "change", "delete"))
FORM_BYTES = 100_000  # what the fields and part headers beside a file may take


class StaffMay(BasePermission):
    """Let in staff who have the permission that the view names for the method."""

    message = "You do not have the permission that this needs."

    def has_permission(self, request: Request, view: "StaffView") -> bool:
        """Look the permission up; a method without one is answered by the view (405)."""
        user = request.user
        if not (user and user.is_authenticated and user.is_staff):
            return False
        return user.has_perms(view.needs.get("GET" if request.method == "HEAD" else request.method, ()))


class StaffView(GenericAPIView):
    """A view for staff. ``needs`` names the permissions of each method."""

    permission_classes = (StaffMay,)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {"GET": (VIEW,), "OPTIONS": (VIEW,)}

    def most_bytes(self) -> int:
        """Return how large the body of a request may be."""
        return settings.DOCUMENT_MAX_BYTES

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse a body that is too large before anything reads it."""
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > self.most_bytes() + FORM_BYTES:
            raise too_large(self.most_bytes())
        super().initial(request, *args, **kwargs)

    def received(self, kind: type[Serializer], of_file: type[Serializer] | None = None) -> dict[str, Any]:
        """Return what was sent, as ``kind`` reads it, or ``of_file`` where a file came.

        Raises ValidationError, and Refused when not all files of the request are there.
        """
        data = self.request.data
        if upload_was_cut(self.request):
            raise too_large(settings.UPLOAD_MAX_BYTES)
        sent = (of_file if of_file and self.request.FILES else kind)(data=data)
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    def handle_exception(self, exc: Exception) -> Response:
        """Tell the library's refusals as problems."""
        if isinstance(exc, KnowledgeError):
            exc = refused(exc)
        elif isinstance(exc, TOO_MUCH):
            exc = too_large(self.most_bytes())
        return super().handle_exception(exc)
