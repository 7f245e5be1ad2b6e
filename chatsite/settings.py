"""Every setting of Chatsite, in one file (what no environment changes: ``framework``). Nothing else reads
the environment.

``REDIS_URL`` decides the carrier: without it one process does everything (embedded); with it Celery workers
run the turns and Redis carries events, signals, limits and caches (scaled). ``SITE_URL`` is the address
people type; https there switches every transport protection on.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE

from chatsite import env
from chatsite.framework import (
    ASGI_APPLICATION,
    BASE_DIR,
    CELERY_ACCEPT_CONTENT,
    CELERY_BEAT_SCHEDULE,
    CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP,
    CELERY_BROKER_CONNECTION_TIMEOUT,
    CELERY_TASK_ACKS_LATE,
    CELERY_TASK_DEFAULT_QUEUE,
    CELERY_TASK_IGNORE_RESULT,
    CELERY_TASK_PUBLISH_RETRY,
    CELERY_TASK_ROUTES,
    CELERY_TASK_SERIALIZER,
    CELERY_WORKER_HIJACK_ROOT_LOGGER,
    CELERY_WORKER_PREFETCH_MULTIPLIER,
    INSTALLED_APPS,
    MIDDLEWARE,
    REST_FRAMEWORK,
    ROOT_URLCONF,
    SPECTACULAR_SETTINGS,
    TEMPLATES,
)
from chatsite.logs import logging_settings

VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
NODE_MODULES = BASE_DIR / "node_modules"

# --- The site -----------------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
PORT = env.integer("PORT", 8000, least=1)
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}")
_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_local = _site.hostname in ("127.0.0.1", "localhost", "::1")
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

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health"]  # probes come over plain http from inside
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

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
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
    # A file, because the turn works in threads and an in-memory database belongs to one connection.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"] = {"pool": {"min_size": 2, "max_size": DATABASE_THREADS + 8, "timeout": 5}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
EVENT_LOG = "redis" if REDIS_URL else "memory"
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
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
TURN_DEADLINE_SECONDS = env.seconds("TURN_DEADLINE_SECONDS", 120)
TURN_LEASE_SECONDS = env.seconds("TURN_LEASE_SECONDS", 8)
TURN_MAX_ATTEMPTS = env.integer("TURN_MAX_ATTEMPTS", 3, least=1)
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

# --- People -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "chat"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
RATELIMIT_ENABLE = env.flag("RATELIMIT_ENABLE", True)
# One process counts exactly in its own memory, so the warnings about a shared cache do not apply there; the
# second warning is about Django's built-in Redis backend, which is not the one in use.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"] + ([] if REDIS_URL else ["django_ratelimit.E003"])

# --- Language, time, static files ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# One prefix a package, only its browser files: whole packages hold modules that no browser can load.
_NPM = {"marked": "lib", "dompurify": "dist"}
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

# --- What a page may load (django-csp): nothing inline, nothing from elsewhere ------------------------------

# A policy cannot name an IPv6 address; 'self' covers the page's own host in today's browsers.
_sockets = [origin.replace("http", "ws", 1) for origin in TRUSTED_ORIGINS if "[" not in origin]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_sockets],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["dompurify"],
    }
}

# --- Logs ---------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", list(logging.getLevelNamesMapping()))
LOG_FORMAT = env.choice("LOG_FORMAT", "json", ["json", "console"])
LOGGING = logging_settings(level=LOG_LEVEL, style=LOG_FORMAT)
