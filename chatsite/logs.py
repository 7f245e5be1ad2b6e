"""Logs as JSON lines (or coloured lines for people), each with the ids of its request and its turn."""

import logging
import threading
from collections.abc import MutableMapping
from typing import Any

import structlog

from chat.safety.personal import scrub_log_line
from chat.spans import trace_ids
from chatsite.log_volume import LogVolume


def _add_trace_ids(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    event.update(trace_ids())
    return event


_SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_trace_ids,
]
# One list for good: a logger keeps the one that it was first used with.
_PROCESSORS = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]

# Tracebacks become text first (plain ones, without local variables), so that nothing is rendered unscrubbed.
_LAST = [structlog.processors.StackInfoRenderer(), structlog.processors.format_exc_info, scrub_log_line]


def logging_settings(*, level: str, style: str) -> dict[str, object]:
    """Return Django's LOGGING and set structlog up to write through it.

    Args:
        level: lowest level written, by name.
        style: ``json`` for machines, ``console`` for people.
    """
    # What logging prints of a line it could not write, and threading of a thread that broke, is not scrubbed.
    logging.raiseExceptions = False
    threading.excepthook = _log_broken_thread
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # These bring handlers of their own; theirs are emptied, so that every line has one shape and is scrubbed.
    borrowed = {
        name: {"handlers": [], "propagate": True}
        for name in ("uvicorn", "uvicorn.error", "celery", "celery.task", "django", "django.server")
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": _formatter(style)},
        "filters": {"volume": {"()": LogVolume}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["volume"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **borrowed,
            # Addresses may carry secrets: ``request_served`` tells of patterns (chatsite/request_ids.py).
            "uvicorn.access": {"handlers": [], "propagate": False},
            "django.request": {"level": "ERROR"},
            # The sweep comes by every two seconds; that it did is no news.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


def _formatter(style: str) -> dict[str, object]:
    if style == "json":
        rendering = structlog.processors.JSONRenderer()
    else:
        # Plain tracebacks: the pretty ones print local variables, and with them people's words and keys.
        rendering = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_LAST, rendering],
    }


def _log_broken_thread(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_type is not SystemExit:
        logging.getLogger(__name__).error(
            "thread_broke", exc_info=(broken.exc_type, broken.exc_value, broken.exc_traceback)
        )
