"""Where things are kept: database, Redis, caches, the Channels layer, the broker."""

from chatsite import env, production
from chatsite.settings.site import (
    ALLOWED_HOSTS,
    DEBUG,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    SITE_PARTS,
    TRUSTED_ORIGINS,
    VAR_DIR,
)

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
    _database["OPTIONS"] = {
        "pool": {
            "min_size": 2,
            "max_size": DATABASE_THREADS + 8,
            "timeout": 5,
            # Beyond this a lost connection is given up, and the next who needs one has it made at once. As it
            # comes the pool would double its pauses for five minutes, and stay away long after the database.
            "reconnect_timeout": 2,
        }
    }
# Behind a pooler that lends a connection for one transaction (PgBouncer, pool_mode = transaction) nothing
# may outlive that: no cursor kept by the server, no prepared statement. See docs/scaling.md.
DATABASE_POOLER = env.choice("DATABASE_POOLER", "none", ("none", "transaction"))
if DATABASE_POOLER == "transaction":
    if _IS_SQLITE:
        env.refuse('setting refused: "DATABASE_POOLER" is for PostgreSQL, and DATABASE_URL names SQLite')
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True
    _database["OPTIONS"]["prepare_threshold"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
# Past one Redis each of its three uses may have one of its own; what is left (limits, figures of the
# processes) stays with REDIS_URL. See docs/scaling.md.
BROKER_URL = env.text("BROKER_URL") or REDIS_URL  # Celery's queues
CACHE_URL = env.text("CACHE_URL") or REDIS_URL  # caches, breakers, tickets, allauth's counters
EVENTS_URL = env.text("EVENTS_URL") or REDIS_URL  # logs of answers, and signals between processes
if not REDIS_URL and (BROKER_URL or CACHE_URL or EVENTS_URL):
    env.refuse('setting refused: "BROKER_URL", "CACHE_URL" and "EVENTS_URL" need "REDIS_URL" beside them')
production.refuse_unsafe(
    SITE_PARTS,
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
            "LOCATION": CACHE_URL,
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
                "hosts": [{"address": EVENTS_URL, "socket_timeout": None}],
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
    CHANNEL_LAYERS = {"default": {"BACKEND": "chatsite.layers.MemoryLayer"}}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# --- Celery -------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = BROKER_URL or "memory://"
