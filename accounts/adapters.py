"""What allauth asks the desk: words, limits, who may join, whose address counts, how secrets are stored."""

import base64
import logging
from functools import cache
from smtplib import SMTPException
from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.hashers import HashingBusyError
from accounts.language import known
from accounts.models import User

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from allauth.socialaccount.providers.base import Provider
    from django.forms import BaseForm

logger = logging.getLogger(__name__)

_WRONG = _("That name or address and that password do not belong together. Both are case-sensitive.")


def display_name(user: User) -> str:
    """Return what messages and authenticator apps call a person."""
    return str(user)


def _language_of_reader(email: str, context: dict[str, object]) -> str:
    """Return the language of the person behind an address; the present one where none was chosen."""
    readers = [context["user"]] if context.get("user") else filter_users_by_email(email)
    chosen = (known(getattr(reader, "language", "")) for reader in readers)
    return next(filter(None, chosen), translation.get_language())


class DeskAccountAdapter(DefaultAccountAdapter):
    """Accounts with user name and e-mail address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("The main address cannot be removed. Prefer another one first."),
        "duplicate_email": _("This address is already one of yours."),
        "email_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "email_taken": _("There is an account with this address. You can sign in with it."),
        "enter_current_password": _("That is not your password of now."),
        "incorrect_password": _("That is not your password."),
        "incorrect_code": _(
            "That code does not fit. Codes change every half minute; take the one shown now."
        ),
        "invalid_password_reset": _("This link is used up or too old. Please ask for a new one."),
        "max_email_addresses": _("You can have %d addresses at most."),
        "too_many_login_attempts": _("Too many wrong tries. Please wait five minutes and try again."),
        "unverified_primary_email": _("The main address must be a confirmed one."),
        "username_taken": _("That user name is taken. Please choose another."),
        "rate_limited": _("That was asked for too often. Please wait a moment."),
        "busy": HashingBusyError.words,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether people may make accounts themselves."""
        return settings.SIGN_UP_OPEN

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
        """Return the person with this name or address and password; the limits come first.

        Raises:
            ValidationError: too many wrong tries, or too many passwords being checked at once.
        """
        try:
            return super().authenticate(request, **credentials)
        except HashingBusyError as error:
            raise self.validation_error("busy") from error

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Count nothing here: ``accounts.limits.passwords`` does, wherever a password is typed.

        It counts exactly under concurrency, by account whatever of its names was typed, and goes on counting
        while Redis is away, where allauth's own counter would refuse everybody.
        """

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page after a password was changed or set."""
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Return the page after an address was confirmed."""
        return reverse("account_email" if self.request.user.is_authenticated else "sign-in")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send a message; where the mail server is away, say so instead of breaking the page.

        Known and unknown addresses get the same words, since both get a message. A message is written in the
        language of whoever gets it, whoever asked for it.
        """
        language = _language_of_reader(email, context)
        try:
            with translation.override(language):
                super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            logger.error("mail not sent", extra={"mail": template_prefix, "reason": type(error).__name__})
            words = _("The e-mail could not be sent just now. Please try again in a few minutes.")
            self.add_message(self.request, messages.ERROR, message=words)


class DeskSocialAdapter(DefaultSocialAccountAdapter):
    """Accounts at other services."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("There is an account with this address. Sign in to it, then connect %s there."),
        "no_password": _("Set a password first; otherwise you could not sign in any more."),
        "no_verified_email": _("Confirm an e-mail address first; a lost password could not be replaced."),
        "connected_other": _("That account is connected to somebody else here."),
    }

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> "Provider":
        """Return the service; OpenID Connect ones with a nonce in each sign-in."""
        from accounts.oidc import NonceProvider  # allauth's views there load this adapter

        found = super().get_provider(request, provider, client_id)
        return NonceProvider(request, app=found.app) if found.id == NonceProvider.id else found

    def populate_user(
        self, request: HttpRequest, sociallogin: "SocialLogin", data: dict[str, object]
    ) -> User:
        """Take over the name, and believe an address only where the service says a plain true.

        Some send the text "false", which is true to Python.
        """
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True
        return super().populate_user(request, sociallogin, data)

    def save_user(
        self, request: HttpRequest, sociallogin: "SocialLogin", form: "BaseForm | None" = None
    ) -> User:
        """Make the account, without those of the service's addresses that are somebody else's here."""
        sociallogin.email_addresses = [
            address for address in sociallogin.email_addresses if not filter_users_by_email(address.email)
        ]
        return super().save_user(request, sociallogin, form)

    def can_authenticate_by_email(self, login: "SocialLogin", email: str) -> bool:
        """Let an address lead to an account only where its owner has confirmed it here, too.

        The service's side is looked at by allauth before. Without this, whoever made an account here with
        somebody's unconfirmed address would share it with them, or lose it to them.
        """
        confirmed_here = EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
        return confirmed_here and super().can_authenticate_by_email(login, email)

    def pre_social_login(self, request: HttpRequest, sociallogin: "SocialLogin") -> None:
        """Refuse an identity whose nonce is not the one this browser was sent away with."""
        sent = sociallogin.state.get("nonce")
        got = (sociallogin.account.extra_data.get("id_token") or {}).get("nonce") if sent else None
        if got != sent:
            logger.warning("sign-in service answered with another nonce")
            raise ImmediateHttpResponse(render_authentication_error(request, sociallogin.provider))


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Return what encrypts with the first key and reads all; keys are derived by HKDF (RFC 5869)."""

    def derived(key: str) -> Fernet:
        kdf = HKDF(hashes.SHA256(), length=32, salt=None, info=b"chatsite second step")
        return Fernet(base64.urlsafe_b64encode(kdf.derive(key.encode())))

    return MultiFernet([derived(key) for key in keys])


class DeskMFAAdapter(DefaultMFAAdapter):
    """Second step and passkeys; secrets are encrypted in the database with a key made from SECRET_KEY."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": DeskAccountAdapter.error_messages["incorrect_code"],
        "unverified_email": _("Confirm your e-mail addresses first."),
        "add_email_blocked": _("Switch the second step off before you add an address."),
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret."""
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return _cipher(keys).decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the company, not the host, where a browser asks whether to keep a passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.COMPANY_NAME}

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """Return the name that a new passkey starts with."""
        count = user.authenticator_set.filter(type=type).count()
        if count == 0:
            return gettext("My passkey")
        return gettext("Passkey %(number)s") % {"number": count + 1}
