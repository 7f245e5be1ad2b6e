"""An answer as OpenAI's clients are told of it, made of a turn's final event, whichever way that was had."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.conf import settings
from django.urls import reverse

from chat.events import Frame
from chat.models import Turn
from chat.openai_api.errors import Refused, of_failed_turn
from chat.turn.wording import SENTENCES

_MARKER: Final = re.compile(r"\[\^(\d+)\]")
Finish = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        text: with a marker such as ``[^1]`` after each claim.
        is_whole: False when it was stopped.
        finish: why it ends where it ends.
        citations: one for each marker in the text, in its order.
        prompt_tokens, completion_tokens: what models have read and written for it; 0 where none was asked.
        details: what the desk tells beside it, for clients that know the desk.
    """

    text: str
    is_whole: bool
    finish: Finish
    citations: Sequence[dict[str, Any]]
    prompt_tokens: int
    completion_tokens: int
    details: dict[str, Any]


def answer_of(frame: Frame) -> Answer:
    """Return the answer that a final event tells of.

    Raises:
        Refused: there is none.
    """
    event = json.loads(frame.json)
    if event["type"] == "turn.failed":
        raise of_failed_turn(event["code"], event["words"])
    if event["message"] is None:
        words = "The answer was stopped before anything was written."
        raise Refused(words, status=409, code="turn_stopped", headers={"x-should-retry": "false"})
    text, usage = event["message"]["text"], event.get("usage", {})
    if event.get("source", {}).get("kind") == Turn.Source.QUOTED:
        usage = {}  # no model has read or written anything; what is kept are estimates
    return Answer(
        text=text,
        is_whole=event["type"] == "turn.completed",
        finish=_finish(text),
        citations=_marked(text, event["citations"], event["conversation"]),
        prompt_tokens=usage.get("prompt_tokens", 0),
        completion_tokens=usage.get("completion_tokens", 0),
        details=_details(event),
    )


def _details(event: dict[str, Any]) -> dict[str, Any]:
    """Return what the desk's own API has of the answer; addresses with the site in front."""
    return {
        "conversation": event["conversation"],
        "turn": event["turn"],
        "status": event["type"].removeprefix("turn."),
        "citations": [{**one, "url": _absolute(one["url"])} for one in event["citations"]],
        "notices": event.get("notices", []),
        "quick_replies": event.get("quick_replies", []),
        "source": event.get("source"),
    }


def _marked(text: str, citations: Sequence[dict[str, Any]], conversation: str) -> list[dict[str, Any]]:
    """Return what each marker points to, and where it stands (in characters, that is code points)."""
    known = {one["number"]: one for one in citations}
    here = settings.SITE_URL + reverse("conversation", args=[conversation])
    return [
        {
            "start_index": marker.start(),
            "end_index": marker.end(),
            "title": " › ".join(filter(None, (cited["title"], cited["section"]))),
            # A record has no page of its own; the answer's page shows it.
            "url": _absolute(cited["url"]) or here,
        }
        for marker in _MARKER.finditer(text)
        if (cited := known.get(int(marker[1]))) is not None
    ]


def _absolute(url: str | None) -> str | None:
    return settings.SITE_URL + url if url else None


def _finish(text: str) -> Finish:
    """Tell why an answer ends; where a model was cut short, the desk says so in a sentence at the end."""
    if text.endswith(tuple(SENTENCES["ended_length"].values())):
        return "length"
    if text.endswith(tuple(SENTENCES["ended_filtered"].values())):
        return "content_filter"
    return "stop"
