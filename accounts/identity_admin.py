"""What staff see of how people sign in: they may end it, and never read or make its secrets."""

from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.sessions import end_session

# Services are named by settings, whose secrets may stay in files; tokens of services are not kept.
for _model in (SocialApp, SocialToken, SocialAccount, Authenticator, UserSession, EmailConfirmation):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class MayOnlyEnd(admin.ModelAdmin):
    """Rows that are looked at and deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes them by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes them."""
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(MayOnlyEnd):
    """Second steps. Without them, somebody who lost their phone gets in again; first ask who they are."""

    fields = list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username", "user__email")


@admin.register(SocialAccount)
class SocialAccountAdmin(MayOnlyEnd):
    """Accounts at other services."""

    fields = list_display = ("user", "provider", "uid", "date_joined", "last_login")
    list_filter = ("provider",)
    search_fields = ("user__username", "user__email", "uid")


@admin.register(UserSession)
class UserSessionAdmin(MayOnlyEnd):
    """Browsers that people are signed in with; deleting one signs it out."""

    fields = list_display = ("user", "ip", "user_agent", "created_at")
    search_fields = ("user__username", "user__email", "ip")

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        """End the session, not only its row."""
        end_session(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        """End each session."""
        for session in queryset:
            end_session(session)
