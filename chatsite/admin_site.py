"""The staff edge's frame: Django admin under the product's name."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

# Django admin's own jQuery sets HTML from strings, which Trusted Types forbid. Its pages do without that one
# rule; nothing inline and nothing from elsewhere runs there either.
without_trusted_types = csp_replace({"require-trusted-types-for": None, "trusted-types": None})


def needs_second_step(request: HttpRequest) -> bool:
    """Tell whether this person must set up a second step before the administration opens."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return (
        settings.STAFF_NEEDS_MFA
        and not Authenticator.objects.filter(user_id=request.user.pk, type__in=kinds).exists()
    )


def view_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """Lead to a thing's own page, as Django does; an id that cannot be one is not there either (404)."""
    try:
        return shortcut(request, content_type_id, object_id)
    except ValidationError as error:
        raise Http404 from error


class DeskAdminSite(AdminSite):
    """Django admin with the desk's titles."""

    site_header = f"{settings.COMPANY_NAME} · support desk"
    site_title = "Support desk"
    index_title = "Documents, records and conversations"
    site_url = "/chat/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in; with ``STAFF_NEEDS_MFA`` only those who have set up a second step."""
        return super().has_permission(request) and not needs_second_step(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the desk's own sign-in, which has the limits and the second step; refuse customers."""
        if super().has_permission(request) and needs_second_step(request):
            messages.warning(
                request, _("Staff need a second step. Set one up, then the administration opens.")
            )
            return redirect("mfa_index")
        # Django would take a name and a password here, from staff for another account, and no second step.
        if self.has_permission(request):
            return redirect(f"{self.name}:index")
        return secure_admin_login(super().login)(request, extra_context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put the desk's "view on site" before Django's."""
        route = "r/<path:content_type_id>/<path:object_id>/"
        return [path(route, self.admin_view(view_on_site), name="view_on_site"), *super().get_urls()]

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[[HttpRequest, Any], HttpResponse]:
        """Guard a view as Django does, and let its scripts set HTML."""
        return without_trusted_types(super().admin_view(view, cacheable))
