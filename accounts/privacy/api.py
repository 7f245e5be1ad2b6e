"""One's own data over REST."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.privacy.exporting import export_response


class _OneFormat(DefaultContentNegotiation):
    """Answer in the one format there is, whatever a client that wants an archive asks for."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """Everything the desk keeps of the signed-in person."""

    content_negotiation_class = _OneFormat

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY}, operation_id="me_export")
    def get(self, request: Request) -> HttpResponseBase:
        """Return everything kept of you: a ZIP archive with JSON and Markdown."""
        return export_response(request.user)
