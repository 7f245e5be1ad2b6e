"""A stand-in for a language model, where none is set: reads the sources aloud, at the pace of one.

It speaks OpenAI's protocol on this machine, so that the desk uses it like any model: what it says is
streamed, checked, cited and kept. It writes nothing of its own.
"""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any, Self

from aiohttp import web

MODEL = "stand-in"
_SOURCE = re.compile(r"<(\w+) source (\d+)>\n(.*?)\n</\1 source \2>", re.DOTALL)
_MARKS = re.compile(r"^[\s>#*-]+|^\d+\.\s+|\*\*|(?<!\w)\*|\*(?!\w)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚ¿])")
_MOST_SENTENCES, _MOST_SOURCES = 3, 2
NO_ANSWER = "[no-answer]"


class StandIn:
    """The server, on a free port of this machine. ``away`` makes it fail, as models do.

    Args:
        word_seconds: how long a word takes.
    """

    def __init__(self, word_seconds: float):
        self.word_seconds = word_seconds
        self.away = False
        self.base_url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=1).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        answer = said_of(prompt)
        if self.away or not answer:  # what is no question about sources, a stand-in cannot judge
            return web.json_response({"error": {"message": "The stand-in is away."}}, status=503)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionError):  # a desk that is killed hears no more of it
            await self._say(response, answer, asked=len(prompt))
        return response

    async def _say(self, response: web.StreamResponse, answer: str, *, asked: int) -> None:
        words = re.findall(r"\s*\S+", answer)
        for word in words:
            await response.write(_event({"content": word}))
            await asyncio.sleep(self.word_seconds)
        usage = {"prompt_tokens": asked // 4, "completion_tokens": len(words)}
        await response.write(_event({}, finish="stop"))
        await response.write(_line({"model": MODEL, "choices": [], "usage": usage}) + b"data: [DONE]\n\n")


def said_of(prompt: str) -> str:
    """Return the first plain sentences of the first sources, each with its number; empty without sources."""
    sources = _SOURCE.findall(prompt)
    said = []
    for _, number, text in sources[:_MOST_SOURCES]:
        plain = [_MARKS.sub("", line).strip() for line in text.splitlines()[1:] if "|" not in line]
        whole = [line for line in plain if line.endswith(".") or ": " in line]
        sentences = [sentence for line in whole for sentence in _SENTENCE_END.split(line)]
        said += [f"- {sentence} [{number}]" for sentence in sentences[:_MOST_SENTENCES]]
    return "\n".join(said) if said else (NO_ANSWER if sources else "")


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return _line({"model": MODEL, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _line(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"
