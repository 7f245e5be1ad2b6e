"""Signing in with any OpenID Connect provider: allauth's, with a nonce and a checked signature.

allauth sends state and PKCE. The nonce (OpenID Connect Core 1.0, section 3.1.2.1) ties the identity token to
this browser's request, and the signature is checked although the token comes from the provider directly.
"""

import logging
from functools import wraps

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string
from requests import RequestException

from accounts.leaving import View, leave_by_page

logger = logging.getLogger(__name__)


class CheckingAdapter(OpenIDConnectOAuth2Adapter):
    """Speaks with the provider, and checks the signature of what it says."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, object]:
        try:
            return jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, TypeError, ValueError) as error:
            # A token or key set that lacks its parts, or names an algorithm that its key is not for.
            raise OAuth2Error("Invalid id_token") from error


class NonceProvider(OpenIDConnectProvider):
    """Sends a nonce along; the social adapter compares it when the person comes back."""

    oauth2_adapter_class = CheckingAdapter

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: object = None,
        **kwargs: object,
    ) -> HttpResponseBase:
        """Lead the browser to the provider."""
        nonce = get_random_string(32)
        parameters = {**(kwargs.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        return super().redirect(
            request, process, next_url, data, auth_params=parameters, nonce=nonce, **kwargs
        )


def missing_when_unset(view: View) -> View:
    """Answer 404 for a service that no setting names."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    return guarded


def _ask(view: View, request: HttpRequest, adapter: CheckingAdapter) -> HttpResponseBase:
    try:
        return view(request)
    except (RequestException, ImproperlyConfigured, KeyError, ValueError) as error:
        # The provider is away, or what it says lacks parts of the protocol, or a name is too long.
        logger.warning("sign-in service failed", exc_info=True)
        return render_authentication_error(request, adapter.get_provider(), exception=error)


@leave_by_page
@missing_when_unset
def sign_in_elsewhere(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Begin a sign-in at the provider."""
    adapter = CheckingAdapter(request, provider_id)
    return _ask(OAuth2LoginView.adapter_view(adapter), request, adapter)


@missing_when_unset
def come_back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """End a sign-in that began here."""
    adapter = CheckingAdapter(request, provider_id)
    return _ask(OAuth2CallbackView.adapter_view(adapter), request, adapter)
