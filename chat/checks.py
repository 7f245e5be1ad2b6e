"""System checks: settings that start but would not serve."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseFailure

from chat.models import CareText, HelpLine


@register("chat")
def check_chain(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Warn of a chain that can end without an answer."""
    if settings.LLM_CHAIN and settings.LLM_CHAIN[-1] == "extractive":
        return []
    if not settings.LLM_CHAIN:
        return [
            Error("LLM_CHAIN names no provider.", hint="Set it to extractive, at the least.", id="chat.E001")
        ]
    return [
        Warning(
            "LLM_CHAIN does not end with extractive.",
            hint="With it last, customers get quoted passages while every model is away.",
            id="chat.W001",
        )
    ]


@register("chat", deploy=True)
def check_carrier(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Warn of a public site that keeps events, limits and caches in one process's memory."""
    if settings.REDIS_URL or not settings.HTTPS:
        return []
    return [
        Warning(
            "REDIS_URL is not set: everything runs in one process.",
            hint="Serve with exactly one web process, or set REDIS_URL.",
            id="chat.W002",
        )
    ]


@register(Tags.database)
def check_crisis_review(
    app_configs: object, databases: object = None, **kwargs: object
) -> list[CheckMessage]:
    """Warn of texts and help lines for people in danger that nobody has reviewed (``check --database``)."""
    if not databases:
        return []
    try:
        texts = CareText.objects.filter(reviewed_on=None).count()
        lines = HelpLine.objects.filter(reviewed_on=None, is_active=True).count()
    except DatabaseFailure:  # before the first migration, or without a database: other checks say so
        return []
    if not texts and not lines:
        return []
    return [
        Warning(
            f"{texts} crisis texts and {lines} help lines are not reviewed.",
            hint="A clinician and the company must review them in admin before customers use the desk.",
            id="chat.W003",
        )
    ]
