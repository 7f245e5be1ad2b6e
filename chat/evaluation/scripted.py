"""A model that judges without fault and reads aloud, over OpenAI's protocol: for runs to be repeated.

It knows the cases. Of a question that must be refused, and of one whose sources do not hold what is
expected, it says that they do not hold the answer; of a message it is to judge for danger it says what the
case does; of all others it reads aloud, each with its number, the sentences that hold what is expected, then
those most like the question. So a run shows the most that any model could make of what the desk finds, and
whether the desk's guards let it through. A case may say what the model says (``model_says``).
"""

import asyncio
import json
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

from aiohttp import web

from chat.evaluation.cases import Case
from chat.evaluation.judging import holds, plain
from chat.turn.verdict import NO_ANSWER

MODEL: Final = "scripted"
MOST_SENTENCES: Final = 4
PIECE: Final = 24  # characters sent at a time
_SOURCE = re.compile(r"<(\w+) source (\d+)>\n(.*?)\n</\1 source \2>", re.DOTALL)
_MARKS = re.compile(r"^[\s>#*-]+|^\d+\.\s+|\*\*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚ¿])")
_WORD = re.compile(r"[^\W_]{3,}")
_STEM = 5  # letters that words of one family share


class ScriptedModel:
    """The server, on a free port of this machine, in a thread of its own.

    Args:
        cases: what will be asked.
    """

    def __init__(self, cases: Iterable[Case]):
        self._cases = sorted(((plain(case.ask), case) for case in cases), key=lambda one: -len(one[0]))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-model", daemon=True)
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()
        return self

    def __exit__(self, *exc_info: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _begin(self) -> None:
        app = web.Application(client_max_size=4_000_000)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        answer = self.said_to([str(message["content"]) for message in body["messages"]])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for at in range(0, len(answer), PIECE):
            await response.write(_event({"content": answer[at : at + PIECE]}))
        await response.write(_event({}, finish="stop"))
        usage = {"prompt_tokens": len(str(body)) // 4, "completion_tokens": len(answer) // 4}
        await response.write(_line({"model": MODEL, "choices": [], "usage": usage}) + b"data: [DONE]\n\n")
        return response

    def said_to(self, messages: list[str]) -> str:
        """Return the answer to a prompt: the rules, what was said, the sources, and the question last."""
        cases = self._cases_of(messages[-1])
        if "is_crisis" in messages[0]:
            danger = any(case.crisis for case in cases)
            return json.dumps({"is_crisis": danger, "confidence": 0.95, "reason": "as labelled"})
        answers = [_answer(case, messages) for case in cases] or [_read(messages, [])]
        return next(filter(None, answers), NO_ANSWER)

    def _cases_of(self, message: str) -> list[Case]:
        """Return the case with the longest question in the message, and those that ask the same."""
        text = plain(message)
        asked = next((question for question, _ in self._cases if question in text), None)
        return [case for question, case in self._cases if question == asked]


def _answer(case: Case, messages: list[str]) -> str:
    """Return what is said for a case; empty where the sources do not hold what it expects."""
    if case.model_says or case.expected_outcome == "refused":
        return case.model_says or NO_ANSWER
    is_judged = case.intent != "booking"  # whose records come with placeholders
    return _read(messages, [phrase.split("|") for phrase in case.says] if is_judged else [])


def _read(messages: list[str], wanted: Sequence[Sequence[str]]) -> str:
    return read_aloud(messages[-1], "\n".join(messages[:-1]), wanted)


def read_aloud(question: str, prompt: str, wanted: Sequence[Sequence[str]] = ()) -> str:
    """Return the sentences of the prompt's sources that hold what is wanted, then those like the question.

    Args:
        question: the last message.
        prompt: with the sources.
        wanted: phrases, each in several wordings; empty is returned where no sentence holds any of them.
    """
    asked = _stems(question)
    said = [
        (_held(sentence, wanted), len(asked & _stems(sentence)), -order, sentence, number)
        for number, text in _sources(prompt)
        for order, sentence in enumerate(_sentences(text))
    ]
    best = sorted(said, key=lambda one: one[:3], reverse=True)[:MOST_SENTENCES]
    if wanted and not any(held for held, *_ in best):
        return ""
    return "\n".join(f"- {sentence} [{number}]" for *_, sentence, number in best)


def _held(sentence: str, wanted: Sequence[Sequence[str]]) -> int:
    text = plain(sentence)
    return sum(any(holds(text, phrase) for phrase in wordings) for wordings in wanted)


def _sources(prompt: str) -> list[tuple[str, str]]:
    return [(number, text) for _, number, text in _SOURCE.findall(prompt)]


def _sentences(text: str) -> list[str]:
    """Return sentences, lines of lists and rows of tables; the first line names the source."""
    lines = [_MARKS.sub("", line).strip() for line in text.splitlines()[1:]]
    rows = [line.strip("| ").replace(" | ", ", ") for line in lines if line and not set(line) <= set("|-: ")]
    return [sentence for row in rows for sentence in _SENTENCE_END.split(row) if len(sentence) > 2]


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return _line({"model": MODEL, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _line(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"
