"""Pages: what may act for a person without them, and the ways to end it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from allauth.idp.oidc.models import Client, Token
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, limits
from accounts.keys.forms import KeyForm
from accounts.keys.fresh import is_fresh
from accounts.models import ApiKey, User
from accounts.tokens.provider import SCOPES


@dataclass(frozen=True, slots=True)
class LetIn:
    """An application that a person has let in."""

    client: Client
    rights: list[str]
    since: datetime


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """List keys and applications; make a key, whose value this answer shows and no other."""
    form = KeyForm(request.POST or None)
    made: str | None = None
    if request.method == "POST":
        if not is_fresh(request.session, request.user):
            return _prove_first()
        if form.is_valid():
            limits.take_or_refuse(limits.rule("user_keys"), request.user.pk)
            _, made = ApiKey.objects.issue(request.user, form.cleaned_data["name"], form.expires_at())
            form = KeyForm()
    context = {
        "form": form,
        "made": made,
        "must_prove": not is_fresh(request.session, request.user),
        "prove_url": _prove_first().url,
        "keys": ApiKey.objects.visible_to(request.user),
        "applications": applications_of(request.user),
    }
    return render(request, "accounts/keys.html", context)


@login_required
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own keys."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.user), pk=pk)
    key.revoke()
    words = gettext("The key “%(name)s” is revoked. Nothing can use it any more.")
    messages.success(request, words % {"name": key.name})
    return redirect("keys")


@login_required
@require_POST
def revoke_application(request: HttpRequest, client_id: str) -> HttpResponse:
    """Take back what an application was given."""
    tokens = Token.objects.filter(user=request.user, client_id=client_id).select_related("client")
    name = get_object_or_404(Client, pk__in=tokens.values("client_id")).name
    tokens.delete()
    audit.record(audit.Act.TOKEN_REVOKED, target=("allauth_idp_oidc.client", client_id))
    words = gettext("“%(name)s” has no access to your account any more.")
    messages.success(request, words % {"name": name})
    return redirect("keys")


def applications_of(user: User) -> list[LetIn]:
    """Return the applications that hold a token of the person which is still good."""
    kinds = (Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN)
    tokens = Token.objects.valid().filter(user=user, type__in=kinds, client__isnull=False)
    found: dict[str, LetIn] = {}
    for token in tokens.select_related("client").order_by("created_at"):
        entry = found.setdefault(token.client_id, LetIn(token.client, [], token.created_at))
        words = (SCOPES.get(scope, scope) for scope in token.get_scopes())
        entry.rights.extend(word for word in words if word not in entry.rights)
    return list(found.values())


def _prove_first() -> HttpResponseRedirect:
    query = urlencode({"next": reverse("keys")})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")
