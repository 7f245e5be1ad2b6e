"""How django-allauth is put together: what no environment changes, and the sign-in services that it may.

``settings`` takes it in. allauth reads most of these at the moment of use, so tests may change them.
"""

# --- Accounts: names, addresses, passwords ------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["accounts.limits.passwords.LimitedBackend"]
ACCOUNT_ADAPTER = "accounts.adapters.DeskAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.PasswordChangeForm",
    "set_password": "accounts.forms.PasswordSetForm",
    "reset_password": "accounts.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.forms.PasswordFromLinkForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before an address or a connected account changes
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
PASSWORD_RESET_TIMEOUT = 7_200  # seconds that the link in a message works
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_SESSION_REMEMBER = None  # the person is asked
ACCOUNT_USER_DISPLAY = "accounts.adapters.display_name"
# Wrong passwords are counted by accounts.limits; this one is for codes of a second step, by account.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/300s/key"}

# --- Second step, passkeys, sessions ------------------------------------------------------------------------

MFA_ADAPTER = "accounts.adapters.DeskMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondStepForm",
    "reauthenticate": "accounts.forms.ConfirmSecondStepForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.forms.ConfirmPasskeyForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
# A used code is remembered for one half minute, so none may be accepted for longer: it would work twice.
MFA_TOTP_TOLERANCE = 0

# --- Sign-in services ---------------------------------------------------------------------------------------

SOCIALACCOUNT_ADAPTER = "accounts.adapters.DeskSocialAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.ServiceSignUpForm"}
# The adapter lets an address lead to an account only where both sides have verified it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False

_Service = dict[str, object]


def _app(client_id: str, secret: str, **settings: object) -> _Service:
    return {"client_id": client_id, "secret": secret, "settings": {"oauth_pkce_enabled": True, **settings}}


def sign_in_services(
    *,
    oidc: tuple[str, str, str, str],
    google: tuple[str, str],
    microsoft: tuple[str, str, str],
    github: tuple[str, str],
) -> dict[str, _Service]:
    """Return allauth's settings for the services whose id is given.

    Args:
        oidc: any OpenID Connect provider: name for the button, server's address, client id, secret.
        google: client id and secret.
        microsoft: client id, secret and tenant.
        github: client id and secret.
    """
    services: dict[str, _Service] = {}
    name, server, client_id, secret = oidc
    if client_id:
        app = _app(client_id, secret, server_url=server)
        services["openid_connect"] = {"APPS": [{"provider_id": "company", "name": name, **app}]}
    if google[0]:
        services["google"] = {"APPS": [_app(*google)], "SCOPE": ["profile", "email"]}
    if microsoft[0]:
        services["microsoft"] = {"APPS": [_app(microsoft[0], microsoft[1], tenant=microsoft[2])]}
    if github[0]:
        services["github"] = {"APPS": [_app(*github)], "SCOPE": ["read:user", "user:email"]}
    return services
