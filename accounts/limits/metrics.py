"""What is counted of limits: what each rule decided, and who counted for it."""

from collections.abc import Sequence
from typing import Final

import structlog
from django.conf import settings
from prometheus_client import Counter

from accounts.limits.decision import Decision
from accounts.limits.rules import Use

logger = structlog.get_logger(__name__)

DECISIONS: Final = Counter(
    "chatsite_limit_decisions",
    "Decisions of the limiter; counted 'alone': by this process, as Redis is away.",
    ["rule", "decision", "counted"],
)


def decided(uses: Sequence[Use], decision: Decision) -> Decision:
    """Count a decision, once for each rule that allowed it, or for the one that refused, which the log tells
    of as well; return it.
    """
    if decision.allowed:
        for use in uses:
            DECISIONS.labels(_name(use.rule.name), "allowed", decision.where).inc()
    elif decision.rule is not None:
        DECISIONS.labels(_name(decision.rule.name), "refused", decision.where).inc()
        logger.warning("limit_refused", rule=_name(decision.rule.name), counted=str(decision.where))
    return decision


def _name(rule: str) -> str:
    """Return the rule's name; those that allauth's own rates were given begin with ``form-``."""
    return rule if rule in settings.LIMITS or rule.startswith("form-") else "other"
