"""``POST /v1/chat/completions``: a question with the conversation that the client holds, and its answer."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from chat.models import Turn
from chat.openai_api.answers import Answer
from chat.openai_api.edge import Edge, as_json, ask, headers_of
from chat.openai_api.errors import Refused
from chat.openai_api.following import STILL_HERE, event_stream, pieces, whole
from chat.openai_api.messages import talk_in
from chat.openai_api.parameters import body_of, check, flag, part


class CompletionsView(Edge):
    """Ask, and get the answer whole or as it is written."""

    question_in = "messages"

    async def post(self, request: HttpRequest) -> HttpResponseBase:
        """Ask the last message, in the conversation that the messages before it belong to."""
        body = body_of(request)
        ignored = check(body, needed="messages")
        stream, with_usage = flag(body, "stream"), flag(part(body, "stream_options"), "include_usage")
        talk = talk_in(body["messages"], "messages")
        submitted, place = await ask(request, talk, conversation=part(body, "metadata").get("conversation"))
        told = {"history": place.history, "ignored": [*ignored, *talk.ignored]}
        completion = Completion(submitted.turn, told, with_usage)
        if not stream:
            answer = await whole(submitted.turn)
            return as_json(completion.whole(answer), headers_of(submitted))
        response = event_stream(submitted.turn, completion.stream())
        for name, value in headers_of(submitted).items():
            response[name] = value
        return response


@dataclass(frozen=True, slots=True)
class Completion:
    """A turn in the shape of a chat completion.

    Attributes:
        turn: the turn.
        told: of the request, beside what is told of the answer.
        with_usage: whether a stream ends by telling the usage.
    """

    turn: Turn
    told: dict[str, Any]
    with_usage: bool = False

    def whole(self, answer: Answer) -> dict[str, Any]:
        """Return the answer in one piece."""
        message = {
            "role": "assistant",
            "content": answer.text,
            "refusal": None,
            "annotations": annotations(answer),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage(answer),
            "chatsite": answer.details | self.told,
        }

    async def stream(self) -> AsyncIterator[tuple[str, bool]]:
        """Yield the events of a stream, each with whether the whole answer has been given with it."""
        yield self._chunk({"role": "assistant", "content": "", "refusal": None}), False
        try:
            async with aclosing(pieces(self.turn)) as coming:
                async for piece in coming:
                    if piece is None:
                        yield STILL_HERE, False
                    elif isinstance(piece, str):
                        yield self._chunk({"content": piece}), False
                    else:
                        for line in self._ending(piece):
                            yield line, True
        except Refused as error:
            # An answer that was begun anew can be fetched by asking again; of a failed one there is no more.
            yield _data(error.body), error.code != "answer_restarted"

    def _ending(self, answer: Answer) -> list[str]:
        details = {"chatsite": answer.details | self.told}
        lines = [self._chunk({"annotations": annotations(answer)}, finish=answer.finish, **details)]
        if self.with_usage:
            lines.append(
                _data({**self._head("chat.completion.chunk"), "choices": [], "usage": usage(answer)})
            )
        return [*lines, "data: [DONE]\n\n"]

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        no_usage = {"usage": None} if self.with_usage else {}
        return _data({**self._head("chat.completion.chunk"), "choices": [choice], **no_usage, **more})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self.turn.pk.hex}",
            "object": kind,
            "created": int(self.turn.created_at.timestamp()),
            "model": settings.API_MODEL_NAME,
        }


def annotations(answer: Answer) -> list[dict[str, Any]]:
    """Return what the markers in the text point to."""
    return [{"type": "url_citation", "url_citation": one} for one in answer.citations]


def usage(answer: Answer) -> dict[str, Any]:
    """Return what models have read and written."""
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }


def _data(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
