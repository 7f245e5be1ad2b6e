"""Staff's lists: keys (to revoke), applications of others (to register), what they hold (to take back)."""

from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import ApiKey
from accounts.tokens.access import READ
from accounts.tokens.provider import SCOPES, offered_scopes
from accounts.tokens.third_parties import GRANTS

_LOOPBACK = ("127.0.0.1", "::1")


class OnlyEnds(admin.ModelAdmin):
    """A list of things that staff may look at and end, but neither make nor change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody makes these here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes these."""
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(OnlyEnds):
    """People's keys; their values are not here to be seen."""

    list_display = ("name", "prefix", "user", "created_at", "last_used_at", "expires_at", "state")
    list_filter = ("revoked_at", "created_at")
    search_fields = ("name", "prefix", "user__username", "user__email")
    list_select_related = ("user",)
    fields = ("user", "name", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description="Revoke the selected keys", permissions=["delete"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """End the keys at once."""
        for key in keys:
            key.revoke()
        self.message_user(request, f"Revoked: {len(keys)}.", messages.SUCCESS)


class ApplicationForm(forms.ModelForm):
    """An application of others: what it is, where it lives, what it may ask people for."""

    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, initial=[READ], help_text="What it may ask for."
    )
    grant_types = forms.MultipleChoiceField(
        choices=[(grant.value, grant.label) for grant in GRANTS],
        widget=forms.CheckboxSelectMultiple,
        initial=[Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN],
        help_text="With client credentials it acts as its owner, without asking anybody.",
    )

    class Meta:
        model = Client
        fields = ("name", "type", "owner", "grant_types", "scopes", "redirect_uris")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(name, f"{name}: {SCOPES[name]}") for name in offered_scopes()]
        if self.instance.pk and not self.instance._state.adding:
            self.initial |= {
                "scopes": self.instance.get_scopes(),
                "grant_types": self.instance.get_grant_types(),
            }

    def clean_redirect_uris(self) -> str:
        """Refuse addresses to which a code could be read on the way."""
        text = self.cleaned_data["redirect_uris"]
        for uri in filter(None, map(str.strip, text.splitlines())):
            parts = urlsplit(uri)
            is_plain = parts.scheme == "http" and parts.hostname not in _LOOPBACK
            if not parts.scheme or is_plain or parts.fragment or "*" in uri:
                words = f"{uri}: it must be an https or loopback address, or an application's own scheme."
                raise forms.ValidationError(words)
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse combinations that would not work, or not be safe."""
        data = super().clean() or {}
        grants = data.get("grant_types", ())
        if Client.GrantType.CLIENT_CREDENTIALS in grants:
            if data.get("type") == Client.Type.PUBLIC:
                self.add_error("type", "Client credentials need a client that keeps a secret.")
            if not data.get("owner"):
                self.add_error("owner", "Client credentials need an owner: the account to act as.")
        if Client.GrantType.AUTHORIZATION_CODE in grants and not (data.get("redirect_uris") or "").strip():
            self.add_error("redirect_uris", "People are led back to one of these.")
        return data

    def save(self, commit: bool = True) -> Client:
        """Save the choices the way the provider reads them."""
        self.instance.set_scopes(self.cleaned_data["scopes"])
        self.instance.set_default_scopes([READ] if READ in self.cleaned_data["scopes"] else [])
        self.instance.set_grant_types(self.cleaned_data["grant_types"])
        self.instance.set_response_types(["code"])
        return super().save(commit)

    def _post_clean(self) -> None:
        # The model keeps lines of text; the lists are put in by ``save``.
        chosen = {name: self.cleaned_data.pop(name, None) for name in ("scopes", "grant_types")}
        super()._post_clean()
        self.cleaned_data |= {name: value for name, value in chosen.items() if value is not None}


admin.site.unregister(Client)
admin.site.unregister(Token)


@admin.register(Client)
class ApplicationAdmin(admin.ModelAdmin):
    """Applications of others, registered by staff."""

    form = ApplicationForm
    list_display = ("name", "id", "type", "owner", "created_at")
    list_filter = ("type",)
    search_fields = ("id", "name")
    raw_id_fields = ("owner",)
    readonly_fields = ("id", "created_at")
    fields = ("name", "id", "type", "owner", "grant_types", "scopes", "redirect_uris", "created_at")
    actions = ("new_secret",)

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        """Save; a new confidential client's secret is shown once."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            self._give_secret(request, obj)

    @admin.action(description="Give the selected applications a new secret", permissions=["change"])
    def new_secret(self, request: HttpRequest, clients: QuerySet[Client]) -> None:
        """Replace the secrets; the old ones are good for nothing any more."""
        for client in clients.filter(type=Client.Type.CONFIDENTIAL):
            self._give_secret(request, client)

    def _give_secret(self, request: HttpRequest, client: Client) -> None:
        secret = get_adapter().generate_client_secret()
        client.set_secret(secret)
        client.save()
        if client.type == Client.Type.CONFIDENTIAL:
            words = f"The secret of {client.name}, shown this once: {secret}"
            self.message_user(request, words, messages.WARNING)


@admin.register(Token)
class GrantAdmin(OnlyEnds):
    """What applications hold; deleting a row takes it back at once."""

    list_display = ("client", "type", "user", "created_at", "expires_at")
    list_filter = ("type",)
    list_select_related = ("client", "user")
    search_fields = ("client__name", "user__username")
    fields = ("client", "type", "user", "scopes", "created_at", "expires_at")
