"""Every setting of Chatsite, in one file (what no environment changes: ``framework``). Nothing else reads
the environment.

``REDIS_URL`` decides the carrier: without it one process does everything (embedded); with it Celery workers
run the turns and Redis carries events, signals, limits and caches (scaled). ``SITE_URL`` is the address
people type; https there switches every transport protection on.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from chatsite import access, env, framework, identity, production
from chatsite.framework import BASE_DIR, LIMIT_DEFAULTS
from chatsite.logs import logging_settings
from chatsite.policy import content_security_policy

# What no environment changes; the sections below read or change some of it.
for _part in (framework, identity, access):
    globals().update({name: value for name, value in vars(_part).items() if name.isupper()})

VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
NODE_MODULES = BASE_DIR / "node_modules"

# --- The site -----------------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
PORT = env.integer("PORT", 8000, least=1)
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}")
_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_local = _site.hostname in production.LOOPBACK
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _LOOPBACK if _local else [_site.hostname])
# Pages whose scripts may open a socket or send a form: full origins, as a bare host would let any port in.
TRUSTED_ORIGINS = env.words(
    "TRUSTED_ORIGINS", [f"http://{host}:{_site.port or 80}" for host in _LOOPBACK] if _local else [SITE_URL]
)
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        env.refuse('setting refused: "SECRET_KEY" (or "SECRET_KEY_FILE") is needed unless DEBUG=true')
    SECRET_KEY = "debug-only-" + "0" * 50
# Former keys: what was sealed or signed with them still opens, while all that is new takes the key above.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health"]  # probes come over plain http from inside
# How many own proxies add to X-Forwarded-For on the way here; nothing before their entries is believed.
_behind_proxy = env.flag("BEHIND_PROXY", False)
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 1 if _behind_proxy else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_proxy or TRUSTED_PROXIES else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would sign people out who follow a link here
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# The most bytes of a request's body where no files come, also of the fields beside files.
BODY_MAX_BYTES = env.integer("BODY_MAX_BYTES", 1_000_000, least=10_000)

# --- Applications -------------------------------------------------------------------------------------------

COMPANY_NAME = env.text("COMPANY_NAME", "Larkwing Air")

# --- Database, Redis and what follows from them -------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'chatsite.sqlite3'}")}
_database = DATABASES["default"]
# SQLite never leaves the process: more threads than these would only wait for each other.
_IS_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
DATABASE_THREADS = env.integer("DATABASE_THREADS", 3 if _IS_SQLITE else 8, least=1)
if _IS_SQLITE:
    _database["CONN_MAX_AGE"] = None
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; "
        "PRAGMA secure_delete=ON;",  # what is deleted is overwritten in the file,
    }
    # A file, because the turn works in threads and an in-memory database belongs to one connection.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"] = {"pool": {"min_size": 2, "max_size": DATABASE_THREADS + 8, "timeout": 5}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
production.refuse_unsafe(
    _site,
    debug=DEBUG,
    keys=[SECRET_KEY, *SECRET_KEY_FALLBACKS],
    hosts=[*ALLOWED_HOSTS, *TRUSTED_ORIGINS],
    redis_url=REDIS_URL,
)
EVENT_LOG = "redis" if REDIS_URL else "memory"
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "chatsite.caches.PatientRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "chatsite",
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 1,
                "SOCKET_TIMEOUT": 2,
                "IGNORE_EXCEPTIONS": True,  # a cache that is away is a cache that misses
            },
        }
    }
    # pub/sub, because the core layer drops without a word past its capacity; no read timeout, because
    # redis-py 8 would otherwise end a quiet subscription after five seconds.
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
                "prefix": "chatsite:signal",
            },
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# --- Celery -------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://"

# --- Turns --------------------------------------------------------------------------------------------------

MESSAGE_MAX_CHARACTERS = env.integer("MESSAGE_MAX_CHARACTERS", 4_000, least=1)
API_MODEL_NAME = env.text("API_MODEL_NAME", "chatsite")  # what the desk is called as a model, at /v1/
TURN_DEADLINE_SECONDS = env.seconds("TURN_DEADLINE_SECONDS", 120)
TURN_LEASE_SECONDS = env.seconds("TURN_LEASE_SECONDS", 8)
TURN_MAX_ATTEMPTS = env.integer("TURN_MAX_ATTEMPTS", 3, least=1)
BATCH_MAX_ITEMS = env.integer("BATCH_MAX_ITEMS", 100, least=1)
BATCH_TURNS_AT_ONCE = env.integer("BATCH_TURNS_AT_ONCE", 2, least=1)  # of all batches, beside live turns
CONVERSATION_STATE_SECONDS = 3_600
ANSWER_CACHE_SECONDS = env.integer("ANSWER_CACHE_SECONDS", 86_400)  # 0 turns the answer cache off
EVENT_LOG_SECONDS = env.integer("EVENT_LOG_SECONDS", 3_600, least=60)
# Redelivery must never overtake a turn that is still running; recovery is the sweeper's work.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(TURN_DEADLINE_SECONDS * TURN_MAX_ATTEMPTS) + 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
DRAIN_SECONDS = env.seconds("DRAIN_SECONDS", 20)  # a web process that is told to end waits for its turns
SOCKET_IDLE_SECONDS = env.seconds("SOCKET_IDLE_SECONDS", 1_800)
FRAME_MAX_BYTES = env.integer("FRAME_MAX_BYTES", 65_536, least=1_024)

# --- Search: measured marks, see docs/architecture.md -------------------------------------------------------

SEARCH_PASSAGES = env.integer("SEARCH_PASSAGES", 5, least=1)
SEARCH_REFUSE_BELOW = env.number("SEARCH_REFUSE_BELOW", 3.0)
SEARCH_SURE_ABOVE = env.number("SEARCH_SURE_ABOVE", 4.0)
# The company's own words for the same thing, a group a line: "en: carrycot, bassinet, baby basket".
SEARCH_SYNONYMS = env.text("SEARCH_SYNONYMS")

# Any endpoint that speaks OpenAI's embeddings; without an address and a model search works by words alone.
EMBEDDINGS_BASE_URL = env.url("EMBEDDINGS_BASE_URL")
EMBEDDINGS_API_KEY = env.text("EMBEDDINGS_API_KEY", "none")
EMBEDDINGS_MODEL = env.text("EMBEDDINGS_MODEL")
EMBEDDINGS_LANGUAGES = env.words("EMBEDDINGS_LANGUAGES", ["en"])  # languages the model serves; * for all
EMBEDDINGS_BATCH = env.integer("EMBEDDINGS_BATCH", 64, least=1)  # passages in one request
EMBEDDINGS_SECONDS = env.seconds("EMBEDDINGS_SECONDS", 10)  # patience with one request for passages …
EMBEDDINGS_QUESTION_SECONDS = env.seconds("EMBEDDINGS_QUESTION_SECONDS", 1.5)  # … and for a question
# What some models want in front of a text, such as query: and passage:. A changed one needs
# embed_documents --all.
EMBEDDINGS_QUESTION_PREFIX = env.text("EMBEDDINGS_QUESTION_PREFIX")
EMBEDDINGS_PASSAGE_PREFIX = env.text("EMBEDDINGS_PASSAGE_PREFIX")
# How far above off-topic questions (in their own spreads) a question's meaning must match to be answered for
# that alone, and to be answered without doubt.
EMBEDDINGS_TRUST_ABOVE = env.number("EMBEDDINGS_TRUST_ABOVE", 4.0)
EMBEDDINGS_SURE_ABOVE = env.number("EMBEDDINGS_SURE_ABOVE", 7.0)
EMBEDDINGS_EXACT_UP_TO = env.integer("EMBEDDINGS_EXACT_UP_TO", 20_000)  # pgvector compares so many exactly

# --- Documents brought in -----------------------------------------------------------------------------------

DOCUMENT_MAX_BYTES = env.integer("DOCUMENT_MAX_BYTES", 20_000_000, least=1_000)  # one file
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 200_000_000, least=1_000)  # all files of one upload
UNPACKED_MAX_BYTES = env.integer("UNPACKED_MAX_BYTES", 400_000_000, least=1_000)  # all files of one archive
UNPACKED_MAX_FILES = env.integer("UNPACKED_MAX_FILES", 5_000, least=1)
# Look for repeats and contradictions after a publication.
COMPARE_DOCUMENTS = env.flag("COMPARE_DOCUMENTS", True)
# One temporary file for all files of a request: Django's own handler opens one each, and runs out of them. It
# also stops a request with too many files or bytes, and leaves the words to the page.
FILE_UPLOAD_HANDLERS = ["knowledge.uploads.SpooledUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = None

# --- Language models ----------------------------------------------------------------------------------------

# The models that answer a person who is near the limit of their plan.
OPENAI_CHEAPER_MODEL = env.text("OPENAI_CHEAPER_MODEL")
AZURE_OPENAI_CHEAPER_DEPLOYMENT = env.text("AZURE_OPENAI_CHEAPER_DEPLOYMENT")
COMPATIBLE_CHEAPER_MODEL = env.text("COMPATIBLE_CHEAPER_MODEL")
ANTHROPIC_CHEAPER_MODEL = env.text("ANTHROPIC_CHEAPER_MODEL")
LLM_KINDS = ("openai", "azure", "compatible", "anthropic", "extractive")
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL", "https://api.openai.com/v1")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-4o-mini")
AZURE_OPENAI_API_KEY = env.text("AZURE_OPENAI_API_KEY")
AZURE_OPENAI_ENDPOINT = env.url("AZURE_OPENAI_ENDPOINT")
AZURE_OPENAI_DEPLOYMENT = env.text("AZURE_OPENAI_DEPLOYMENT")
AZURE_OPENAI_API_VERSION = env.text("AZURE_OPENAI_API_VERSION", "2024-10-21")
COMPATIBLE_API_KEY = env.text("COMPATIBLE_API_KEY", "none")
COMPATIBLE_BASE_URL = env.url("COMPATIBLE_BASE_URL")
COMPATIBLE_MODEL = env.text("COMPATIBLE_MODEL")
ANTHROPIC_API_KEY = env.text("ANTHROPIC_API_KEY")
ANTHROPIC_BASE_URL = env.url("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
ANTHROPIC_MODEL = env.text("ANTHROPIC_MODEL", "claude-3-5-haiku-latest")
_configured = {
    "openai": OPENAI_API_KEY,
    "azure": AZURE_OPENAI_API_KEY,
    "compatible": COMPATIBLE_BASE_URL and COMPATIBLE_MODEL,
    "anthropic": ANTHROPIC_API_KEY,
    "extractive": "built in",
}
# The chain is tried in order; the default is every provider that has been given what it needs.
LLM_CHAIN = env.words("LLM_CHAIN", [kind for kind in LLM_KINDS if _configured[kind]])
for _kind in LLM_CHAIN:
    if _kind not in LLM_KINDS:
        env.refuse(f'setting refused: "LLM_CHAIN" names {_kind!r}; choose from {", ".join(LLM_KINDS)}')
    if not _configured[_kind]:
        env.refuse(f'setting refused: "LLM_CHAIN" names {_kind!r}, which lacks its key, address or model')
LLM_CONNECT_SECONDS = env.seconds("LLM_CONNECT_SECONDS", 5)
LLM_FIRST_TOKEN_SECONDS = env.seconds("LLM_FIRST_TOKEN_SECONDS", 20)
LLM_BETWEEN_TOKENS_SECONDS = env.seconds("LLM_BETWEEN_TOKENS_SECONDS", 10)
LLM_COALESCE_SECONDS = env.seconds("LLM_COALESCE_SECONDS", 0.05)
# How long a provider that keeps failing is left alone at first; doubles each time. 0: it is asked every time.
LLM_PAUSE_SECONDS = env.number("LLM_PAUSE_SECONDS", 5)
LLM_MAX_TOKENS = env.integer("LLM_MAX_TOKENS", 900, least=16)
# Whether a provider's model is offered the desk's look-ups; "auto": until it answers that it takes none.
OPENAI_TOOLS = env.choice("OPENAI_TOOLS", "auto", ("true", "false", "auto"))
AZURE_OPENAI_TOOLS = env.choice("AZURE_OPENAI_TOOLS", "auto", ("true", "false", "auto"))
COMPATIBLE_TOOLS = env.choice("COMPATIBLE_TOOLS", "auto", ("true", "false", "auto"))
ANTHROPIC_TOOLS = env.choice("ANTHROPIC_TOOLS", "auto", ("true", "false", "auto"))
TOOL_ROUNDS = env.integer("TOOL_ROUNDS", 3)  # in which one answer may ask for look-ups; 0: none
TOOL_CALLS = env.integer("TOOL_CALLS", 4, least=1)  # of one round

# --- Crisis: messages of people in danger -------------------------------------------------------------------

CRISIS_ASKS_MODEL = env.flag("CRISIS_ASKS_MODEL", True)  # a model looks again at what the cues find
CRISIS_MODEL_SECONDS = env.seconds("CRISIS_MODEL_SECONDS", 3)  # patience with each of its two tries
CRISIS_COUNTRY = env.text("CRISIS_COUNTRY").upper()  # whose help lines (ES, US …) where a browser is silent
CRISIS_ALERT_EMAILS = env.words("CRISIS_ALERT_EMAILS")  # who of the staff is written to at once

# --- What an answer may say ---------------------------------------------------------------------------------

# A sentence whose figures do not stand in what it cites: shown with a mark, or not at all. Nothing bears out
# what cites nothing, unless every source given to the model counts for it (any_source).
UNSUPPORTED_CLAIMS = env.choice("UNSUPPORTED_CLAIMS", "mark", ["mark", "drop"])
UNCITED_CLAIMS = env.choice("UNCITED_CLAIMS", "unsupported", ["unsupported", "any_source"])
# "We have refunded you", where no record or passage says so.
UNSUPPORTED_PROMISES = env.choice("UNSUPPORTED_PROMISES", "drop", ["mark", "drop"])
# Hosts that answers may link to, beside the addresses that stand in their sources.
LINKS_ALLOWED = [host.lower() for host in env.words("LINKS_ALLOWED")]

# --- Tone: how customers sound, and the person of the staff they are offered --------------------------------

# A model is asked how the customer sounds, before each answer: a short call more that the answer waits for.
UNDERSTAND_WITH_MODEL = env.flag("UNDERSTAND_WITH_MODEL", False)
UNDERSTAND_MODEL_SECONDS = env.seconds("UNDERSTAND_MODEL_SECONDS", 1.5)  # patience; then the cues stand
HANDOVER_HOURS = env.text("HANDOVER_HOURS")  # when staff are there, in words: "Monday to Friday, 9 to 18"

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
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f'"{COMPANY_NAME}" <no-reply@{_site.hostname}>')
EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", "mandatory" if _has_mail else "none", ["none", "optional", "mandatory"]
)
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_EMAIL_NOTIFICATIONS = _has_mail  # a new password, address or passkey is told to its owner
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
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

# --- Language, time, static files ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
# One prefix a package, only its browser files: whole packages hold modules that no browser can load.
_NPM = {"marked": "lib", "dompurify": "dist", "uplot": "dist"}
STATICFILES_DIRS = [BASE_DIR / "static"] + [
    (f"npm/{package}", NODE_MODULES / package / folder)
    for package, folder in _NPM.items()
    if (NODE_MODULES / package / folder).is_dir()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "chatsite.static_files.ModuleManifestStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- What a page may load -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = content_security_policy(TRUSTED_ORIGINS, env.url("CSP_REPORT_URL"))

# Workers and beat touch this file every few seconds, for probes that can only look (deploy/healthcheck.py).
ALIVE_FILE = env.text("ALIVE_FILE")

# --- Logs ---------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", list(logging.getLevelNamesMapping()))
LOG_FORMAT = env.choice("LOG_FORMAT", "json", ["json", "console"])
LOGGING = logging_settings(level=LOG_LEVEL, style=LOG_FORMAT)
