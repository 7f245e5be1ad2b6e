"""What ends an access, wherever it is done: in a page, the admin, the shell. Connected by ``connect``."""

from datetime import datetime
from typing import Any

from allauth.core import context
from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save, pre_save
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.privacy.parts import register
from accounts.signals import Ended, end, end_key
from accounts.tokens.access import Kind, handle_of

_ENDING_FIELDS = {"password", "is_active"}


def connect() -> None:
    """Connect the receivers; called when the apps are ready."""
    pre_save.connect(_remember, User, dispatch_uid="access-remember")
    post_save.connect(_after_save, User, dispatch_uid="access-person-saved")
    post_delete.connect(_person_deleted, User, dispatch_uid="access-person-deleted")
    post_delete.connect(_session_ended, UserSession, dispatch_uid="access-session-ended")
    post_delete.connect(_key_deleted, ApiKey, dispatch_uid="access-key-deleted")
    post_delete.connect(_grant_ended, Token, dispatch_uid="access-grant-ended")
    user_logged_out.connect(_signed_out, dispatch_uid="access-signed-out")
    register("grants", old=forget_expired)


def _remember(instance: User, update_fields: Any = None, **_: Any) -> None:
    """Look at what is about to be overwritten, where it matters: not at every sign-in's ``last_login``."""
    instance._access_before = None
    if instance.pk is None or (update_fields is not None and not _ENDING_FIELDS & set(update_fields)):
        return
    instance._access_before = User.objects.filter(pk=instance.pk).values_list("password", "is_active").first()


def _after_save(instance: User, **_: Any) -> None:
    before = instance.__dict__.pop("_access_before", None)
    if before is None:
        return
    password, was_active = before
    if was_active and not instance.is_active:
        end(Ended(instance.pk))
    elif password != instance.password:
        # Grants were given under the old password, perhaps by somebody who should not have known it.
        Token.objects.filter(user=instance).delete()
        end(Ended(instance.pk, kept=_own_session(instance)))


def _own_session(user: User) -> str:
    """Return the handle of the session in which the person acts right now; it outlives the change."""
    request: HttpRequest | None = context.request
    session = getattr(request, "session", None)
    if session is None or session.session_key is None or getattr(request, "user", None) is None:
        return ""
    return handle_of(Kind.SESSION, session.session_key) if request.user.pk == user.pk else ""


def _person_deleted(instance: User, **_: Any) -> None:
    end(Ended(instance.pk))


def _session_ended(instance: UserSession, **_: Any) -> None:
    end(Ended(instance.user_id, handle_of(Kind.SESSION, instance.session_key)))


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None and request.session.session_key:
        end(Ended(user.pk, handle_of(Kind.SESSION, request.session.session_key)))


def _key_deleted(instance: ApiKey, **_: Any) -> None:
    end_key(instance)


def _grant_ended(instance: Token, **_: Any) -> None:
    if instance.expires_at and instance.expires_at <= timezone.now():
        return  # it had ended by itself, and is only cleared away now
    user_id = instance.user_id or (instance.client and instance.client.owner_id)
    if instance.type == Token.Type.ACCESS_TOKEN and user_id:
        end(Ended(user_id, handle_of(Kind.GRANT, instance.pk)))
    elif instance.type == Token.Type.REFRESH_TOKEN and not _is_rotation():
        # RFC 7009, 2.1: with the refresh token go the access tokens of the same grant.
        Token.objects.filter(
            client_id=instance.client_id, user_id=instance.user_id, type=Token.Type.ACCESS_TOKEN
        ).delete()


def forget_expired(before: datetime, *, dry_run: bool = False) -> int:
    """Delete what applications held and what has expired (``before`` is now); return how much that was."""
    expired = Token.objects.filter(expires_at__lte=before)
    return expired.count() if dry_run else expired.delete()[0]


def _is_rotation() -> bool:
    """Tell whether a refresh token goes because another takes its place: at the token endpoint only."""
    match = getattr(context.request, "resolver_match", None)
    return match is not None and match.view_name == "idp:oidc:token"
