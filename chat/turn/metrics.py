"""What is counted of turns: once a turn, when its outcome is settled; never per word of an answer.

Every label is from a closed set: nothing that a person or a model has written becomes one.
"""

from typing import Final

from django.utils import timezone
from prometheus_client import Counter, Histogram

from chat.errors import ChatError
from chat.llm.registry import known_models
from chat.turn.charge import FREE, usage_of
from chat.turn.context import TurnContext

NONE: Final = "none"
OTHER: Final = "other"
NANO: Final = 1e9

TURNS: Final = Counter("chatsite_turns", "Turns that ended.", ["outcome", "intent", "provider", "source"])
FAILURES: Final = Counter("chatsite_turn_failures", "Turns without an answer, by the error's code.", ["code"])
FIRST_TOKEN: Final = Histogram(
    "chatsite_first_token_seconds",
    "From the beginning of a turn's last attempt to the first words of its answer.",
    ["source"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 15, 30, 60),
)
WHOLE: Final = Histogram(
    "chatsite_turn_seconds",
    "From the beginning of a turn's last attempt to its outcome.",
    ["source"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120),
)
WAIT: Final = Histogram(
    "chatsite_turn_wait_seconds",
    "From a question to the beginning of the first attempt at its turn.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)
STAGES: Final = Histogram(
    "chatsite_turn_stage_seconds",
    "Time in one stage of a turn.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30),
)
TOKENS: Final = Counter("chatsite_tokens", "Tokens of answers.", ["provider", "model", "kind"])
COST: Final = Counter(
    "chatsite_cost", "Money for answers, in the desk's currency (CURRENCY).", ["provider", "model"]
)
CONFIDENCE: Final = Histogram(
    "chatsite_retrieval_confidence",
    "Normalised score of the best passage or record, where something was looked up.",
    buckets=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
)
GROUNDING: Final = Counter("chatsite_grounding", "What an answer could be made from.", ["grounding"])
CLAIMS: Final = Counter("chatsite_claims", "Sentences with a figure, a code or a promise.")
UNSUPPORTED: Final = Counter("chatsite_unsupported_claims", "Of the claims, those that no source bears out.")
LOOK_UPS: Final = Counter("chatsite_tool_calls", "Look-ups that models asked for.", ["outcome"])
TAKEOVERS: Final = Counter(
    "chatsite_lease_takeovers", "Turns begun again after their process or database was lost."
)
SUPERSEDED: Final = Counter("chatsite_attempts_superseded", "Attempts that ended because another one counts.")


def begun(context: TurnContext) -> None:
    """Count the beginning of an attempt: how long the question waited, or that it had to begin again."""
    if context.attempt > 1:
        TAKEOVERS.inc()
    else:
        WAIT.observe(max((timezone.now() - context.asked_at).total_seconds(), 0.0))


def superseded() -> None:
    """Count an attempt that found that it counts no more."""
    SUPERSEDED.inc()


def given_up(code: str) -> None:
    """Count a turn that was failed without an attempt: it had had all of them, or its time is over."""
    TURNS.labels("failed", OTHER, NONE, NONE).inc()
    FAILURES.labels(code).inc()


def ended(context: TurnContext, error: ChatError | None) -> None:
    """Count a turn whose outcome is settled.

    Args:
        context: the attempt that counts.
        error: why there is no answer; None where there is one, or where the person stopped it.
    """
    outcome, source = _outcome(context, error), _source(context, error)
    provider = context.provider or NONE
    TURNS.labels(outcome, context.intent, provider, source).inc()
    if error is not None:
        FAILURES.labels(error.code).inc()
    if context.first_token_ms is not None:
        FIRST_TOKEN.labels(source).observe(context.first_token_ms / 1_000)
    WHOLE.labels(source).observe(context.elapsed_ms / 1_000)
    for stage, ms in context.stage_ms.items():
        STAGES.labels(stage).observe(ms / 1_000)
    _count_quality(context)
    spent(context)


def spent(context: TurnContext) -> None:
    """Count the tokens and the money of an answer, also of one that was deleted while it was written."""
    usage = usage_of(context)
    if context.provider in FREE or not (usage.prompt_tokens or usage.completion_tokens):
        return
    model = context.model if context.model in known_models() else OTHER
    TOKENS.labels(context.provider, model, "prompt").inc(usage.prompt_tokens - usage.cached_tokens)
    TOKENS.labels(context.provider, model, "cached").inc(usage.cached_tokens)
    TOKENS.labels(context.provider, model, "completion").inc(usage.completion_tokens)
    if context.cost_nano:
        COST.labels(context.provider, model).inc(context.cost_nano / NANO)


def _count_quality(context: TurnContext) -> None:
    if context.grounding:
        CONFIDENCE.observe(context.confidence)
        GROUNDING.labels(str(context.grounding)).inc()
    if context.support.claims:
        CLAIMS.inc(context.support.claims)
        UNSUPPORTED.inc(context.support.unsupported)
    for use in context.tool_uses:
        LOOK_UPS.labels(use.outcome).inc()


def _outcome(context: TurnContext, error: ChatError | None) -> str:
    if error is not None:
        return "failed"
    return "stopped" if context.stop_requested and not context.whole else "completed"


def _source(context: TurnContext, error: ChatError | None) -> str:
    if error is not None:
        return NONE
    return "shared" if context.is_shared else str(context.source)
