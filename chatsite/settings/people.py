"""Who people are, what they may use, what is kept of it, and who is told."""

from chatsite import access, env, identity
from chatsite.framework import LIMIT_DEFAULTS
from chatsite.settings.site import COMPANY_NAME, HTTPS, SECRET_KEY, SITE_PARTS
from chatsite.settings.storage import REDIS_URL

# --- Plans and money ----------------------------------------------------------------------------------------

CURRENCY = env.text("CURRENCY", "USD").upper()  # of plans and prices
# How long a process keeps plans and prices before it looks again (0: it always looks).
PLAN_CACHE_SECONDS = env.number("PLAN_CACHE_SECONDS", 5)
# From this share of a plan's day or month on, the cheaper models answer.
SPEND_STEP_DOWN_AT = env.number("SPEND_STEP_DOWN_AT", 0.8)
# Staff are told when a day costs more than this, or so many times the median of two weeks (0: never).
DESK_MONEY_PER_DAY = env.amount("DESK_MONEY_PER_DAY")
DESK_SPEND_TIMES_MEDIAN = env.number("DESK_SPEND_TIMES_MEDIAN", 3)

# --- People -------------------------------------------------------------------------------------------------

# Names that allauth reads, and this file does not.
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "chat"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "accounts.hashers.CappedArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_HASHES_AT_ONCE = env.integer("PASSWORD_HASHES_AT_ONCE", 2, least=1)  # in one process; 46 MB each
PASSWORD_HASH_WAIT_SECONDS = env.seconds("PASSWORD_HASH_WAIT_SECONDS", 10)
SIGN_UP_OPEN = env.flag("SIGN_UP_OPEN", True)
STAFF_NEEDS_MFA = env.flag("STAFF_NEEDS_MFA", False)  # the admin opens only to staff with a second step

# Without a mail server, messages go to the log's console and nobody has to prove an address.
_mail = env.mail_server("EMAIL_URL")
EMAIL_HOST = _mail.get("EMAIL_HOST") or env.text("EMAIL_HOST")
_has_mail = bool(_mail or EMAIL_HOST)
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND") or (
    f"django.core.mail.backends.{'smtp' if _has_mail else 'console'}.EmailBackend"
)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH")
EMAIL_PORT = _mail.get("EMAIL_PORT") or env.integer("EMAIL_PORT", 587, least=1)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"] if _mail else env.flag("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"] if _mail else env.flag("EMAIL_USE_TLS", not EMAIL_USE_SSL)
EMAIL_TIMEOUT = _mail.get("EMAIL_TIMEOUT") or env.seconds("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f'"{COMPANY_NAME}" <no-reply@{SITE_PARTS.hostname}>')
EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", "mandatory" if _has_mail else "none", ["none", "optional", "mandatory"]
)
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_EMAIL_NOTIFICATIONS = _has_mail  # a new password, address or passkey is told to its owner
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_PARTS.scheme
# An unproven address must not be locked by a second step; where none is ever proven, that says nothing.
MFA_ALLOW_UNVERIFIED_EMAIL = EMAIL_VERIFICATION != "mandatory"
MFA_TOTP_ISSUER = COMPANY_NAME

OIDC_NAME = env.text("OIDC_NAME", COMPANY_NAME)
OIDC_SERVER_URL = env.url("OIDC_SERVER_URL")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
if OIDC_CLIENT_ID and not OIDC_SERVER_URL:
    env.refuse('setting refused: "OIDC_CLIENT_ID" needs "OIDC_SERVER_URL", the address of the provider')
SOCIALACCOUNT_PROVIDERS = identity.sign_in_services(
    oidc=(OIDC_NAME, OIDC_SERVER_URL, OIDC_CLIENT_ID, env.text("OIDC_CLIENT_SECRET")),
    google=(env.text("GOOGLE_CLIENT_ID"), env.text("GOOGLE_CLIENT_SECRET")),
    microsoft=(
        env.text("MICROSOFT_CLIENT_ID"),
        env.text("MICROSOFT_CLIENT_SECRET"),
        env.text("MICROSOFT_TENANT", "organizations"),
    ),
    github=(env.text("GITHUB_CLIENT_ID"), env.text("GITHUB_CLIENT_SECRET")),
)

# Programs: tokens from a sign-in, and OpenID Connect for third parties, who need our key (PEM) to trust it;
# without one they still get OAuth 2.
HEADLESS_JWT_PRIVATE_KEY = access.token_key(SECRET_KEY)
IDP_OIDC_PRIVATE_KEY = env.text("OIDC_PROVIDER_KEY")
SOCKET_RECHECK_SECONDS = env.seconds("SOCKET_RECHECK_SECONDS", 30)  # a lost sign-out is found out by then

# --- Limits: number/period (30/m, 10/5m), 0 for none; RATELIMIT_ENABLE=false turns all of them off ----------

RATELIMIT_ENABLE = env.flag("RATELIMIT_ENABLE", True)
LIMITS = {name: env.rate(f"LIMIT_{name.upper()}", default) for name, default in LIMIT_DEFAULTS.items()}
LIMITS_REDIS_SECONDS = env.seconds("LIMITS_REDIS_SECONDS", 0.25)  # patience with Redis, which counts for all
# While Redis is away each process counts alone, to this share of what guards models and passwords.
LIMITS_ALONE_SHARE = env.number("LIMITS_ALONE_SHARE", 0.5)
# django-ratelimit, which guards the forms by address.
RATELIMIT_IP_META_KEY = "accounts.limits.address.address_of_request"
# The warning is about backends that the library does not know, as the one in use. The error, about counters
# in memory, stops a public site without Redis; on http, one process counts exactly in its own memory.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]
if not (REDIS_URL or HTTPS):
    SILENCED_SYSTEM_CHECKS.append("django_ratelimit.E003")

# --- Audit and retention ------------------------------------------------------------------------------------

AUDIT_ADDRESSES = env.flag("AUDIT_ADDRESSES", True)  # whether entries keep the IP address
# Days that conversations (since their last message) and audit entries are kept; 0: for ever.
CONVERSATION_RETENTION_DAYS = env.integer("CONVERSATION_RETENTION_DAYS", 0)
AUDIT_RETENTION_DAYS = env.integer("AUDIT_RETENTION_DAYS", 0)

# --- Webhooks -----------------------------------------------------------------------------------------------

WEBHOOK_ALLOW_HTTP = env.flag("WEBHOOK_ALLOW_HTTP", False)  # addresses without TLS, too
# Networks that webhooks may go to although they are not public, such as 10.1.0.0/16.
WEBHOOK_ALLOWED_NETWORKS = env.networks("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_SWITCH_OFF_DAYS = env.integer("WEBHOOK_SWITCH_OFF_DAYS", 3, least=1)  # of nothing but failures
WEBHOOK_RETENTION_DAYS = env.integer("WEBHOOK_RETENTION_DAYS", 30)  # of the deliveries' log; 0: for ever
# How long a process that knows of no endpoint for an event believes so.
WEBHOOK_CACHE_SECONDS = env.number("WEBHOOK_CACHE_SECONDS", 5)
