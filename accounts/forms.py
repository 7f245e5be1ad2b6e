"""Forms of the account pages: allauth's, in the desk's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.socialaccount import forms as service_forms
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class PlainWords:
    """Gives fields their labels and hints; no text stands inside an input, where it goes away at typing.

    ``words`` holds a label, or a label and a hint, for each field.
    """

    words: ClassVar[dict[str, str | Promise | tuple[str | Promise, str | Promise]]] = {}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            said = self.words.get(name)
            if isinstance(said, tuple):
                field.label, field.help_text = said
            elif said:
                field.label, field.help_text = said, ""


class SignInForm(PlainWords, account_forms.LoginForm):
    """User name or e-mail address, and password."""

    words: ClassVar = {
        "login": _("User name or e-mail address"),
        "password": _("Password"),
        "remember": _("Stay signed in on this device"),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["remember"].initial = True

    def user_credentials(self) -> dict[str, str]:
        """Return what was typed, once: a name and an address both would hash the password twice.

        Twice for a known address and once for an unknown one could be told apart by a watch.
        """
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


_AGAIN = _("The same password again")


class _NewPassword(PlainWords):
    """Two fields for a new password."""

    words: ClassVar = {
        "oldpassword": _("Password of now"),
        "password1": (_("New password"), password_validators_help_text_html()),
        "password2": _AGAIN,
    }


class SignUpForm(PlainWords, account_forms.SignupForm):
    """A new customer: user name, e-mail address, password twice."""

    words: ClassVar = {
        "username": (_("User name"), _("Letters, digits and @ . + - _")),
        "email": _("E-mail address"),
        "password1": (_("Password"), password_validators_help_text_html()),
        "password2": _AGAIN,
    }


class ServiceSignUpForm(PlainWords, service_forms.SignupForm):
    """What a sign-in service did not tell: a free user name, an e-mail address."""

    words: ClassVar = {"username": SignUpForm.words["username"], "email": _("E-mail address")}


class AddEmailForm(PlainWords, account_forms.AddEmailForm):
    """One more e-mail address."""

    words: ClassVar = {"email": _("Another e-mail address")}

    def clean_email(self) -> str:
        """Refuse somebody else's address where nothing is going to prove whose it is.

        With mandatory verification it is taken in silence, and only its owner gets the message.
        """
        email = super().clean_email()
        if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
            account_forms.flows.manage_email.email_already_exists(email, user=self.user)
        return email


class PasswordChangeForm(_NewPassword, account_forms.ChangePasswordForm):
    """The password of now, and a new one twice."""


class PasswordSetForm(_NewPassword, account_forms.SetPasswordForm):
    """A first password, for people who came through a sign-in service."""


class PasswordFromLinkForm(_NewPassword, account_forms.ResetPasswordKeyForm):
    """A new password, behind the link of a message."""


class PasswordResetForm(PlainWords, account_forms.ResetPasswordForm):
    """The address that the link goes to."""

    words: ClassVar = {"email": _("E-mail address")}


class ConfirmPasswordForm(PlainWords, account_forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    words: ClassVar = {"password": _("Password")}


_CODE = (_("Code"), _("Six digits from your authenticator app, or one of your recovery codes."))


class SecondStepForm(PlainWords, mfa_forms.AuthenticateForm):
    """The second step of a sign-in."""

    words: ClassVar = {"code": _CODE}


class ConfirmSecondStepForm(PlainWords, mfa_forms.ReauthenticateForm):
    """The second step once more, before something that matters."""

    words: ClassVar = {"code": _CODE}


class ActivateAppForm(PlainWords, totp_forms.ActivateTOTPForm):
    """The first code of a new authenticator app."""

    words: ClassVar = {"code": (_("Code"), _("The six digits that the app shows now."))}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


_NO_PASSKEY = _("That passkey could not be used. Please try again, or sign in another way.")


@contextmanager
def _refusing_nonsense() -> Iterator[None]:
    """Say in words that a passkey's answer is none.

    allauth expects the parts that browsers send. Whatever else is posted ends in one of these, deep in the
    parser.
    """
    try:
        yield
    except forms.ValidationError as error:
        if error.code != "incorrect_code":
            raise
        raise forms.ValidationError(_NO_PASSKEY) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise forms.ValidationError(_NO_PASSKEY) from error


class _CheckedPasskey:
    def clean_credential(self) -> object:
        """Return whose passkey it is."""
        with _refusing_nonsense():
            return super().clean_credential()


class PasskeySignInForm(_CheckedPasskey, passkey_forms.LoginWebAuthnForm):
    """A passkey instead of a password."""


class PasskeyStepForm(_CheckedPasskey, passkey_forms.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class ConfirmPasskeyForm(_CheckedPasskey, passkey_forms.ReauthenticateWebAuthnForm):
    """A passkey before something that matters."""


class AddPasskeyForm(PlainWords, passkey_forms.AddWebAuthnForm):
    """A name for a new passkey, and what it may do."""

    words: ClassVar = {
        "name": (_("Name"), _("So that you can tell it from others, such as: my phone.")),
        "passwordless": (
            _("Sign in with it alone, without a password"),
            _("Otherwise it is a second step after the password."),
        ),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, object]:
        """Check what the device made."""
        with _refusing_nonsense():
            return super().clean()


class RenamePasskeyForm(PlainWords, passkey_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    words: ClassVar = {"name": _("Name")}


class ProfileForm(forms.ModelForm):
    """What the desk calls a person, and the language it answers in."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "language")
        labels: ClassVar = {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "language": _("Language"),
        }
        help_texts: ClassVar = {
            "language": _(
                "Of the pages and the answers. As asked: pages as your browser wants them, answers in the "
                "language of the question."
            )
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["language"].choices = [("", _("As asked")), *settings.LANGUAGES]
