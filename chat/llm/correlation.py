"""What a call tells the provider of where it comes from: the request's id, for both sides' logs."""

from typing import Final

from chat.llm.base import Finish, Request
from chat.origin import request_id
from chat.spans import Span, span

# Each vendor's own name for an id of the caller's; servers of one's own log the general one.
_HEADERS: Final = {"openai": "X-Client-Request-Id", "azure": "x-ms-client-request-id"}
_GENERAL: Final = "X-Request-ID"
# As the GenAI semantic conventions call providers (gen_ai.provider.name).
_PROVIDERS: Final = {"azure": "azure.ai.openai"}


def headers_of_call(provider: str, call: Span) -> dict[str, str]:
    """Return the headers of a call; a server of one's own also learns of the trace, a vendor does not.

    Args:
        provider: kind of provider, as in ``LLM_CHAIN``.
        call: the call's span.
    """
    headers = {_HEADERS.get(provider, _GENERAL): found} if (found := request_id()) else {}
    return headers | call.headers() if provider == "compatible" else headers


def begin_call(provider: str, model: str, request: Request) -> Span:
    """Return the span of a call, after the GenAI semantic conventions; end it with ``end``."""
    call = span(f"chat {model}", kind="client")
    if call.is_recorded:
        known = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
            "gen_ai.request.model": model,
            "gen_ai.request.max_tokens": request.max_tokens,
            "gen_ai.request.stream": True,
            "gen_ai.output.type": "text" if request.schema is None else "json",
        }
        if request.temperature is not None:
            known["gen_ai.request.temperature"] = request.temperature
        call.set(known)
    return call


def note_first_text(call: Span, seconds: float) -> None:
    """Note how long the first text took."""
    call.set({"gen_ai.response.time_to_first_chunk": round(seconds, 3)})


def note_finish(call: Span, finish: Finish, model: str) -> None:
    """Note how a call ended, what it took, and which model the provider says has answered."""
    if not call.is_recorded:
        return
    usage = finish.usage
    known = {
        "gen_ai.response.finish_reasons": ("tool_calls" if finish.calls else finish.reason,),
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
    }
    call.set({**known, "gen_ai.response.model": model} if model else known)
