"""The staff edge's frame: Django admin under the product's name."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

# Django admin's own jQuery sets HTML from strings, which Trusted Types forbid. Its pages do without that one
# rule; nothing inline and nothing from elsewhere runs there either.
without_trusted_types = csp_replace({"require-trusted-types-for": None, "trusted-types": None})


class DeskAdminSite(AdminSite):
    """Django admin with the desk's titles."""

    site_header = f"{settings.COMPANY_NAME} · support desk"
    site_title = "Support desk"
    index_title = "Documents, records and conversations"
    site_url = "/chat/"

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[[HttpRequest, Any], HttpResponse]:
        """Guard a view as Django does, and let its scripts set HTML."""
        return without_trusted_types(super().admin_view(view, cacheable))
