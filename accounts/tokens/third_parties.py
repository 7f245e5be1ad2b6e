"""OAuth 2 and OpenID Connect for applications of others: allauth's flows, on fewer and stricter terms.

Authorisation code with PKCE (S256, for every client), client credentials, refresh, revocation. There is no
implicit flow, no device flow, no password grant and no registration by anybody but staff.
"""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from allauth.account.internal.decorators import login_not_required
from allauth.idp.oidc import views
from allauth.idp.oidc.forms import AuthorizationForm
from allauth.idp.oidc.models import Client
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from accounts.audit import Act, record
from accounts.leaving import leave_by_page
from accounts.tokens.provider import OPENID, is_ours, offered_scopes

GRANTS = (
    Client.GrantType.AUTHORIZATION_CODE,
    Client.GrantType.REFRESH_TOKEN,
    Client.GrantType.CLIENT_CREDENTIALS,
)


class AskedWrongly(OAuth2Error):
    """An application asks for something that is not done here; said on a page of ours, never on its own."""

    error = "invalid_request"


class Authorize(views.AuthorizationView):
    """The page where a person lets an application in."""

    template_name = "accounts/authorize.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Show what the application asks for; refuse what goes without PKCE or beyond the scopes."""
        words = _wrong(request)
        if words:
            error = AskedWrongly(description=words)
            return render(request, "idp/oidc/error.html", {"error": error}, status=HTTPStatus.BAD_REQUEST)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthorizationForm) -> HttpResponse:
        """Give the application its code, and note that the person let it in."""
        client_id, scopes = self._request_info["client_id"], form.cleaned_data["scopes"]
        record(Act.TOKEN_CREATED, target=("allauth_idp_oidc.client", client_id), scopes=scopes)
        return super().form_valid(form)


def _wrong(request: HttpRequest) -> str:
    if request.GET.get("response_type") != "code":
        return "Only response_type=code is offered."
    if not request.GET.get("code_challenge") or request.GET.get("code_challenge_method") != "S256":
        return "PKCE with code_challenge_method=S256 is required."
    if not set(request.GET.get("scope", "").split()) <= offered_scopes().keys():
        return "It asks for a right that is not on offer."
    if any(not is_ours(resource) for resource in request.GET.getlist("resource")):
        return "It asks for a token for another site."
    return ""


def _leave(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Lead to the application, also to one on the person's device, whose address has no host."""

    def leaving(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        target = urlsplit(response.get("Location", ""))
        if request.method == "POST" and target.scheme not in ("", "http", "https") and not target.netloc:
            shown = {"target": target.geturl(), "host": gettext("the application")}
            return render(request, "accounts/leaving.html", shown)
        return response

    return leave_by_page(leaving)


@login_not_required
@require_safe
def configuration(request: HttpRequest) -> JsonResponse:
    """Tell applications where everything is and what is offered (RFC 8414; OpenID Connect Discovery)."""
    signs = bool(settings.IDP_OIDC_PRIVATE_KEY)
    where = {
        "authorization_endpoint": "authorization",
        "token_endpoint": "token",
        "revocation_endpoint": "revoke",
    }
    if signs:
        where |= {"userinfo_endpoint": "userinfo", "jwks_uri": "jwks"}
    body = {
        "issuer": settings.SITE_URL,
        **{name: settings.SITE_URL + reverse(f"idp:oidc:{view}") for name, view in where.items()},
        "scopes_supported": list(offered_scopes()),
        "response_types_supported": ["code"],
        "grant_types_supported": [grant.value for grant in GRANTS],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "subject_types_supported": ["public"],
    }
    if signs:
        body["id_token_signing_alg_values_supported"] = ["RS256"]
    return JsonResponse(body, headers={"Access-Control-Allow-Origin": "*"})


def _with_openid(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Leave out what needs the key that signs who somebody is."""

    def only(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.IDP_OIDC_PRIVATE_KEY:
            raise Http404(f"{OPENID} is not offered")
        return view(request, *args, **kwargs)

    return csrf_exempt(only)


def _named() -> list[URLPattern | URLResolver]:
    return [
        path(".well-known/openid-configuration", configuration, name="configuration"),
        path(".well-known/oauth-authorization-server", configuration, name="oauth-configuration"),
        path(".well-known/jwks.json", _with_openid(views.jwks), name="jwks"),
        path("oauth/authorize", csrf_exempt(_leave(Authorize.as_view())), name="authorization"),
        path("oauth/token", views.token, name="token"),
        path("oauth/revoke", views.revoke, name="revoke"),
        path("oauth/userinfo", _with_openid(views.user_info), name="userinfo"),
    ]


# allauth finds its views by these names.
urlpatterns = [path("", include(([path("", include((_named(), "oidc")))], "idp")))]
