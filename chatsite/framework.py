"""How the frameworks are put together: what no environment changes. ``settings`` takes it in."""

from pathlib import Path

from celery.schedules import crontab

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Django -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "chatsite.apps.ChatsiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_ratelimit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "allauth.idp.oidc",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.microsoft",
    "allauth.socialaccount.providers.github",
    "chatsite",
    "accounts",
    "knowledge",
    "chat",
    "webhooks",
]
MIDDLEWARE = [
    "chatsite.request_ids.RequestId",
    "chatsite.metrics.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "chatsite.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.Languages",
    "accounts.audit.asking.remember_request",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.tokens.moves.SessionMoves",
    "accounts.limits.middleware.Limits",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "chatsite.context_processors.company",
            ]
        },
    }
]

# --- Celery -------------------------------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# A message has done its work when a turn is claimed; what happens to the turn then is the sweeper's to see.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Redis may be away for hours
# A Redis that refuses commands (out of memory, read-only, busy) must not end a worker either.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False  # the dispatcher, told that the broker is away, runs the turn itself
CELERY_TASK_DEFAULT_QUEUE = "turns"
CELERY_TASK_ROUTES = {
    "knowledge.tasks.*": {"queue": "background"},
    "chat.tasks.sweep": {"queue": "background"},
    "chat.batches.*": {"queue": "background"},
    "accounts.tasks.*": {"queue": "background"},
    "webhooks.tasks.*": {"queue": "background"},
}
CELERY_BEAT_SCHEDULE = {
    "sweep-turns": {"task": "chat.tasks.sweep", "schedule": 2.0, "options": {"expires": 2}},
    "release-batches": {"task": "chat.batches.release", "schedule": 1.0, "options": {"expires": 1}},
    "embed-passages": {
        "task": "knowledge.tasks.embed_passages",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "follow-library": {
        "task": "knowledge.tasks.follow_library",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    # Not only what was published: a text may come into force because its day has come.
    "find-resemblances": {
        "task": "knowledge.tasks.find_resemblances",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "apply-retention": {
        "task": "accounts.tasks.apply_retention",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"expires": 3_600},
    },
    "look-after-spending": {
        "task": "accounts.tasks.look_after_spending",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "send-webhooks": {"task": "webhooks.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "resume-imports": {
        "task": "knowledge.tasks.resume_imports",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
}

# --- Limits: of each rule, which LIMIT_… of the environment changes -----------------------------------------

LIMIT_DEFAULTS = {
    "conversation_messages": "30/m",  # whichever way they come
    "user_messages": "20/m",  # over REST and the page without scripts
    "batch_items": "600/h",  # questions sent in batches
    "user_requests": "600/m",  # to the REST interface
    "anonymous_requests": "120/m",  # of an address, of whoever is not signed in
    "socket_frames": "600/m",  # of a user, counted by each process
    "uploads": "60/m",  # of a member of staff, each of many files
    "user_tickets": "60/m",  # for sockets
    "user_keys": "20/h",  # API keys made
    "sign_in_address": "10/m",  # wrong passwords from an address …
    "sign_in_account": "5/5m",  # … and for an account
    "sign_up_address": "10/10m",
    "password_reset_address": "10/10m",
    "password_reset_account": "3/h",
}

# --- REST ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.limits.throttles.Requests"],
    "NUM_PROXIES": 0,  # the client's address is put right before Django sees a request
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "chat.api.pagination.NewestFirst",
    "EXCEPTION_HANDLER": "chat.api.problems.problem_response",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chatsite",
    "DESCRIPTION": "Ask, follow the answer as it is written, and read what it was made from.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",  # what names and tags are made without; some routes have another address
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatsite.api_schema.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "TurnStatus": "chat.models.Turn.Status",
        "FlightStatus": "knowledge.models.Flight.Status",
        "BookingStatus": "knowledge.models.Booking.Status",
        "BatchItemState": "chat.models.BatchItem.Progress",
        "BatchState": "chat.api.batch_serializers.BATCH_STATES",
        "AnswerLanguage": "chatsite.settings.LANGUAGES",
        "BeyondLimit": "accounts.models.Plan.Beyond",
        "AnswerSource": "chat.models.Turn.Source",
        "CitationKind": "chat.models.Citation.Kind",
        "NoticeKind": "chat.turn.present.NOTICE_KINDS",
        "KeyState": "accounts.keys.api.STATES",
        "Audience": "knowledge.models.Audience",
        "DocumentState": "knowledge.models.documents.DocumentState",
        "VersionStatus": "knowledge.models.Version.Status",
        "SearchVerdict": "knowledge.api.search.VERDICTS",
        "ImportStatus": "knowledge.models.Import.Status",
        "FileOutcome": "knowledge.models.ImportedFile.Outcome",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
