"""Entries that follow from signals: sign-in and out, passwords, second factors, rights, settings.

Passwords, rights and deletions are seen on the rows themselves, so no way of changing them (pages, admin,
REST, a command) goes by unseen. A handler that cannot write lets the act fail with it.
"""

from typing import Any, Final

from allauth.account import signals as account_signals
from allauth.idp.oidc.models import Token
from allauth.mfa import signals as mfa_signals
from allauth.socialaccount import signals as social_signals
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth import signals as auth_signals
from django.contrib.auth.models import Group
from django.db.models import Model, Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import Signal
from django.http import HttpRequest

from accounts.audit.acts import Act
from accounts.audit.trail import digest, record

_RIGHTS: Final = ("is_staff", "is_superuser")
_SETTINGS: Final = ("Plan", "PersonPlan", "GroupPlan", "Price")
_WATCHED: Final = (*_RIGHTS, "is_active", "email")


def connect() -> None:
    """Begin to listen; called once, when the application is ready."""
    user = get_user_model()
    auth_signals.user_logged_in.connect(_signed_in, dispatch_uid="audit_signed_in")
    auth_signals.user_login_failed.connect(_sign_in_failed, dispatch_uid="audit_sign_in_failed")
    auth_signals.user_logged_out.connect(_signed_out, dispatch_uid="audit_signed_out")
    pre_save.connect(_about_to_change, sender=user, dispatch_uid="audit_user_before")
    post_save.connect(_changed, sender=user, dispatch_uid="audit_user_after")
    post_delete.connect(_deleted, sender=user, dispatch_uid="audit_user_deleted")
    for sender in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_rights_changed, sender=sender, dispatch_uid=f"audit_{sender._meta.db_table}")
    post_save.connect(_key_made, sender=apps.get_model("accounts", "ApiKey"), dispatch_uid="audit_key_made")
    post_save.connect(_token_made, sender=Token, dispatch_uid="audit_token_made")
    watch_settings(*(apps.get_model("accounts", name) for name in _SETTINGS))
    for signal, act in _SIMPLE:
        signal.connect(_simple(act), weak=False, dispatch_uid=f"audit_{act}")


def watch_settings(*models: type[Model]) -> None:
    """Write an entry for every saved or deleted row of models that act like settings (plans, prices).

    The values stand in the entry, so the models must hold nothing personal and nothing secret.
    """
    for model in models:
        label = model._meta.label_lower
        pre_save.connect(_setting_before, sender=model, dispatch_uid=f"audit_before_{label}")
        post_save.connect(_setting_saved, sender=model, dispatch_uid=f"audit_saved_{label}")
        post_delete.connect(_setting_deleted, sender=model, dispatch_uid=f"audit_deleted_{label}")


def _signed_in(request: HttpRequest | None, user: Any, **_: object) -> None:
    record(Act.SIGN_IN, actor=user, target=user, request=request)


def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """Name the account that was tried. What belongs to nobody may be a mistyped password, and is not kept."""
    names = (credentials.get(name) for name in ("username", "email", "login"))
    name = next((str(name) for name in names if name), "")
    tried = Q(username__iexact=name) | Q(email__iexact=name)
    user = get_user_model().objects.filter(tried).first() if name else None
    if user is not None:
        record(Act.SIGN_IN_FAILED, target=user, request=request)
    else:
        record(Act.SIGN_IN_FAILED, request=request, unknown_name=digest(name))


def _signed_out(request: HttpRequest | None, user: Any, **_: object) -> None:
    if user is not None and user.pk is not None:
        record(Act.SIGN_OUT, actor=user, target=user, request=request)


def _about_to_change(instance: Any, raw: bool, update_fields: Any = None, **_: object) -> None:
    instance._audit_before = None
    touched = update_fields is None or set(_WATCHED) & set(update_fields)
    if not raw and touched and not instance._state.adding:
        instance._audit_before = type(instance).objects.filter(pk=instance.pk).values(*_WATCHED).first()


def _changed(instance: Any, created: bool, raw: bool, **_: object) -> None:
    if raw:
        return
    if created:
        rights = [name for name in _RIGHTS if getattr(instance, name)]
        record(Act.ACCOUNT_CREATED, target=instance, rights=rights)
        return
    # Set by set_password and cleared after the save; a hash that is only renewed at sign-in leaves it empty.
    if instance._password is not None:
        record(Act.PASSWORD_CHANGED, target=instance)
    before = instance.__dict__.pop("_audit_before", None) or {}
    changed = {
        name: getattr(instance, name) for name, old in before.items() if getattr(instance, name) != old
    }
    if rights := {name: changed[name] for name in _RIGHTS if name in changed}:
        record(Act.RIGHTS_CHANGED, target=instance, **rights)
    if "is_active" in changed:
        act = Act.ACCOUNT_ACTIVATED if instance.is_active else Act.ACCOUNT_DEACTIVATED
        record(act, target=instance)
    if "email" in changed:
        record(Act.EMAIL_CHANGED, target=instance)


def _deleted(instance: Any, **_: object) -> None:
    record(Act.ACCOUNT_DELETED, target=instance, was_staff=instance.is_staff)


def _rights_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: Any, model: Any, **_: object
) -> None:
    if action not in ("post_add", "post_remove", "post_clear") or (pk_set is not None and not pk_set):
        return
    which = "members" if reverse else model._meta.model_name
    ids = sorted(pk_set or ())[:50]
    record(Act.RIGHTS_CHANGED, target=instance, change=f"{which} {action.removeprefix('post_')}", ids=ids)


def _key_made(instance: Any, created: bool, raw: bool, **_: object) -> None:
    if created and not raw:
        record(Act.KEY_CREATED, target=instance, owner=instance.user_id)


def _token_made(instance: Token, created: bool, raw: bool, **_: object) -> None:
    """Note what an application is given; whom it acts for is the object's owner."""
    if created and not raw and instance.type == Token.Type.ACCESS_TOKEN:
        facts = {"owner": instance.user_id, "scopes": instance.get_scopes()}
        record(Act.TOKEN_CREATED, target=("allauth_idp_oidc.client", instance.client_id), **facts)


def _simple(act: Act) -> Any:
    """Return a handler for signals that give a request and a user, or something that belongs to one."""

    def handler(request: HttpRequest | None = None, **given: Any) -> None:
        owner = next((given[name] for name in ("sociallogin", "socialaccount") if name in given), None)
        user = given.get("user") or getattr(owner, "user", None)
        account = getattr(owner, "account", owner)
        thing = getattr(given.get("authenticator"), "type", "") or getattr(account, "provider", "")
        signed_in = user if user is not None and user.pk else None
        facts = {"kind": str(thing)} if thing else {}
        record(act, actor=signed_in, target=signed_in, request=request, **facts)

    return handler


_SIMPLE: Final[tuple[tuple[Signal, Act], ...]] = (
    (account_signals.password_reset, Act.PASSWORD_RESET),
    (mfa_signals.authenticator_added, Act.FACTOR_ADDED),
    (mfa_signals.authenticator_removed, Act.FACTOR_REMOVED),
    (mfa_signals.authenticator_reset, Act.FACTOR_RESET),
    (mfa_signals.authentication_failed, Act.FACTOR_FAILED),
    (social_signals.social_account_added, Act.PROVIDER_CONNECTED),
    (social_signals.social_account_removed, Act.PROVIDER_REMOVED),
)


def _values(instance: Model) -> dict[str, str]:
    fields = instance._meta.concrete_fields
    return {field.name: str(field.value_from_object(instance))[:80] for field in fields}


def _setting_before(instance: Model, raw: bool, **_: object) -> None:
    if not raw:
        before = type(instance)._base_manager.filter(pk=instance.pk).first() if instance.pk else None
        instance._audit_before = _values(before) if before else {}


def _setting_saved(instance: Model, raw: bool, **_: object) -> None:
    if raw:
        return
    before, now = instance.__dict__.pop("_audit_before", {}), _values(instance)
    changed = {
        name: [before.get(name, ""), value] for name, value in now.items() if before.get(name) != value
    }
    if changed:
        record(Act.SETTINGS_CHANGED, target=instance, changed=changed)


def _setting_deleted(instance: Model, **_: object) -> None:
    record(Act.SETTINGS_CHANGED, target=instance, deleted=_values(instance))
