"""Wiring: settings, ASGI, Celery, URLs, logs. Knows every app; no app knows it."""

from chatsite.celery import app as celery_app

__all__ = ("celery_app",)
