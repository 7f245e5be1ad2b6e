"""The site: its address and keys, what a page may load, languages, static files, logs."""

import logging
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from chatsite import env, production
from chatsite.framework import BASE_DIR
from chatsite.logs import logging_settings
from chatsite.policy import content_security_policy

VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
NODE_MODULES = BASE_DIR / "node_modules"

# --- The site -----------------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
PORT = env.integer("PORT", 8000, least=1)
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}")
SITE_PARTS = urlsplit(SITE_URL)
HTTPS = SITE_PARTS.scheme == "https"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_local = SITE_PARTS.hostname in production.LOOPBACK
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _LOOPBACK if _local else [SITE_PARTS.hostname])
# Pages whose scripts may open a socket or send a form: full origins, as a bare host would let any port in.
TRUSTED_ORIGINS = env.words(
    "TRUSTED_ORIGINS",
    [f"http://{host}:{SITE_PARTS.port or 80}" for host in _LOOPBACK] if _local else [SITE_URL],
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

# --- Metrics ------------------------------------------------------------------------------------------------

# Who may read /metrics: programs in these networks that did not come through a proxy, and who has the token.
METRICS_ALLOWED_NETWORKS = env.networks("METRICS_ALLOWED_NETWORKS") or [
    ip_network("127.0.0.0/8"),
    ip_network("::1/128"),
]
METRICS_TOKEN = env.text("METRICS_TOKEN")
# Where a worker serves its own. 0: web processes that share its VAR_DIR give them out with theirs.
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
METRICS_PORT = env.integer("METRICS_PORT", 0)

# --- Traces, under OpenTelemetry's own names ----------------------------------------------------------------

_otlp = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
TRACES_URL = env.url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (f"{_otlp}/v1/traces" if _otlp else "")
if env.flag("OTEL_SDK_DISABLED", False):
    TRACES_URL = ""
TRACES_HEADERS = env.headers("OTEL_EXPORTER_OTLP_TRACES_HEADERS") or env.headers("OTEL_EXPORTER_OTLP_HEADERS")
TRACES_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "chatsite")
_SAMPLERS = ["always_on", "always_off", "traceidratio"]
TRACES_SAMPLER = env.choice(
    "OTEL_TRACES_SAMPLER",
    "parentbased_always_on",
    [*_SAMPLERS, *(f"parentbased_{name}" for name in _SAMPLERS)],
)
TRACES_SAMPLER_SHARE = env.share("OTEL_TRACES_SAMPLER_ARG", 1.0)
# Whether a caller's traceparent is gone on with; without, nobody outside decides what is recorded.
TRACES_FROM_CALLERS = env.flag("TRACES_FROM_CALLERS", True)

# --- Logs ---------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", list(logging.getLevelNamesMapping()))
LOG_FORMAT = env.choice("LOG_FORMAT", "json", ["json", "console"])
LOGGING = logging_settings(level=LOG_LEVEL, style=LOG_FORMAT)
