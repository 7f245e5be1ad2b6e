"""The parameters of a request: what holds, what is ignored, and what is refused by name (docs/openai.md)."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from chat.openai_api.errors import Refused, Unsupported

Body = Mapping[str, Any]

# They would change how a model writes. The desk's answers follow from its sources, so nothing is lost to a
# client whose wish is not heard; it is told which were not.
IGNORED: Final = frozenset(
    "temperature top_p presence_penalty frequency_penalty logit_bias seed max_tokens max_completion_tokens "
    "max_output_tokens reasoning reasoning_effort verbosity service_tier store user safety_identifier "
    "prompt_cache_key prompt_cache_retention prompt_cache_options parallel_tool_calls truncation include "
    "instructions prediction".split()
)
_NO_TOOLS: Final = "The desk looks things up by itself and takes no tools."
_PLAIN: Final = "Answers are plain text; no other format can be asked for."


def _is_plain_format(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "text"


def _is_plain_text(value: object) -> bool:
    return isinstance(value, dict) and (value.get("format") is None or _is_plain_format(value["format"]))


# A client would rely on these. Each with the values that ask for nothing, and the words of the refusal.
_REFUSED: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "n": (lambda value: value == 1, "The desk writes one answer."),
    "tools": (lambda value: value == [], _NO_TOOLS),
    "functions": (lambda value: value == [], _NO_TOOLS),
    "tool_choice": (lambda value: value in ("none", "auto"), _NO_TOOLS),
    "function_call": (lambda value: value in ("none", "auto"), _NO_TOOLS),
    "max_tool_calls": (lambda value: value == 0, _NO_TOOLS),
    "web_search_options": (lambda value: False, "The desk answers from its own sources alone."),
    "response_format": (_is_plain_format, _PLAIN),
    "text": (_is_plain_text, _PLAIN),
    "modalities": (lambda value: value == ["text"], _PLAIN),
    "audio": (lambda value: False, _PLAIN),
    "stop": (lambda value: value in ("", []), "Answers cannot be cut at a stop sequence."),
    "logprobs": (lambda value: value is False, "There are no probabilities of tokens."),
    "top_logprobs": (lambda value: value == 0, "There are no probabilities of tokens."),
    "background": (lambda value: value is False, "Ask with a stream; the answer is kept if you go away."),
    "prompt": (lambda value: False, "There are no stored prompts."),
    "context_management": (lambda value: value == [], "The desk looks after the conversation's length."),
    "moderation": (lambda value: False, "The desk's own checks hold, and cannot be chosen."),
}


def body_of(request: HttpRequest) -> Body:
    """Return the request's body.

    Raises:
        Refused: it is not a JSON object, or has text in it that cannot be written down.
    """
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refused("The body is not valid JSON in UTF-8.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.", code="invalid_json")
    return body


def check(body: Body, *, needed: str) -> tuple[str, ...]:
    """Check everything but the question; return the names of what is ignored.

    Args:
        body: the request's body.
        needed: where the question is.

    Raises:
        Refused: something is missing, unknown here or not to be had.
    """
    for name in ("model", needed):
        if body.get(name) is None:
            words = f"Missing required parameter: '{name}'."
            raise Refused(words, code="missing_required_parameter", param=name)
    check_model(body["model"])
    for name, (asks_for_nothing, words) in _REFUSED.items():
        if body.get(name) is not None and not asks_for_nothing(body[name]):
            raise Unsupported(name, f"'{name}' is not supported here: {words}")
    return tuple(sorted(name for name in body if name in IGNORED and body[name] is not None))


def check_model(model: object) -> None:
    """Check that a model is the one there is.

    Raises:
        Refused: it is not.
    """
    if not isinstance(model, str):
        raise wrong_type("model", "a text")
    if model != settings.API_MODEL_NAME:
        words = f"The model '{model[:100]}' does not exist; there is '{settings.API_MODEL_NAME}'."
        raise Refused(words, status=404, code="model_not_found", param="model")


def flag(body: Body, name: str) -> bool:
    """Return a yes or no; no where it is not given.

    Raises:
        Refused: it is something else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(name, "true or false")
    return bool(value)


def part(body: Body, name: str) -> Body:
    """Return an object within the body; an empty one where it is not given.

    Raises:
        Refused: it is something else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise wrong_type(name, "an object")
    return value or {}


def wrong_type(param: str, wanted: str) -> Refused:
    """Return the error for something of another kind than is wanted."""
    return Refused(f"Invalid type for '{param}': it must be {wanted}.", code="invalid_type", param=param)
