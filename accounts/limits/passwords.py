"""Wrong passwords are counted before one is hashed, wherever it is typed: pages, admin, interfaces."""

import hashlib
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.limits.address import network_of
from accounts.limits.errors import LimitReachedError
from accounts.limits.limiter import give_back_now, take_all_now
from accounts.limits.rules import Use, rule


class LimitedBackend(AuthenticationBackend):
    """allauth's sign-in by password, with a limit of wrong ones by address and by account.

    A try is counted before the password is looked at, and uncounted when it was right: so it is exact when
    many come at once, and people who know their password spend nothing.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Return whose password it is.

        Raises:
            LimitReachedError: too many wrong ones, from this address or for this account.
        """
        if not credentials.get("password"):
            return None
        decision = take_all_now(*_uses(request, credentials))
        if not decision.allowed:
            raise LimitReachedError(decision)
        user = super().authenticate(request, **credentials)
        if user is not None:
            give_back_now(decision)
        return user

    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Do the same for async callers, whom Django would else lead past it."""
        return await sync_to_async(self.authenticate)(request, **credentials)


def key_of_account(typed: str) -> str:
    """Return one key for an account, whether its name or an address of it was typed, and in whatever case.

    What belongs to nobody is counted too, under its digest: it may be a password in the wrong field.
    """
    typed = typed.strip()[:254]
    found = list(filter_users_by_email(typed)) if "@" in typed else [get_user_by_username(typed)]
    if found and found[0] is not None:
        return str(found[0].pk)
    return hashlib.sha256(typed.casefold().encode()).hexdigest()[:32]


def _uses(request: HttpRequest | None, credentials: dict[str, Any]) -> list[Use]:
    typed = next((credentials[name] for name in ("username", "email", "phone") if credentials.get(name)), "")
    uses = [Use(rule("sign_in_account"), key_of_account(str(typed)))]
    address = request.META.get("REMOTE_ADDR") if request else None
    if address:  # a shell or a test may sign somebody in without one
        uses.append(Use(rule("sign_in_address"), network_of(address)))
    return uses
