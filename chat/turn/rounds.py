"""Rounds of look-ups that a model asks for before it answers.

What is found becomes more of the evidence, under the next numbers: from there on it is cited, judged and
shown like all that the desk has looked up itself. To the model it is data between the prompt's own
delimiters, with personal values masked. Whose records are read is what the turn knows; no call can say it.
"""

import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure

from chat import tools
from chat.database import in_database
from chat.events.types import TurnTool
from chat.llm.base import PromptMessage, Provider, Request, ToolCall, Usage
from chat.llm.errors import ProviderError
from chat.models import ToolCall as ToolCallRow
from chat.models import Turn
from chat.safety.injection import disarmed_passage
from chat.safety.personal import Restorer, without_placeholders
from chat.spans import span
from chat.turn import concealment
from chat.turn.context import Evidence, ToolUse, TurnContext
from chat.turn.opening import Opening
from chat.turn.refusal import numbered
from chat.turn.tool_results import result_text, told_again

logger = structlog.get_logger(__name__)

Outcome = ToolCallRow.Outcome

MOST_ARGUMENTS: Final = 2_000  # characters of one call
MOST_KEPT: Final = 400  # characters of an argument in the record
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_KNOWN: Final = {tool.name: tuple(tool.parameters["properties"]) for tool in tools.TOOLS}
_AWAY: Final = "This could not be looked up just now. Answer from what you have."


@asynccontextmanager
async def looking_up(context: TurnContext, provider: Provider) -> AsyncIterator["Rounds"]:
    """Begin the rounds of one provider; where it fails, the next begins with the evidence of the first."""
    evidence, grounding = context.evidence, context.grounding
    context.usage = context.spent = Usage()
    try:
        yield Rounds(context, provider)
    except ProviderError:
        context.evidence, context.grounding = evidence, grounding
        raise


class Rounds:
    """The rounds of one provider's answer.

    Args:
        context: the attempt.
        provider: who answers.
    """

    def __init__(self, context: TurnContext, provider: Provider):
        self._context, self._provider = context, provider
        self._done = 0
        self._said: tuple[PromptMessage, ...] = ()  # calls and results so far
        self._may_call = False

    async def request(self) -> Request:
        """Return the next call of the model; the tools are in it while there is room for one more round."""
        request = self._context.request
        if request is None:
            raise RuntimeError("the prompt is written by the stage before")
        if self._done >= settings.TOOL_ROUNDS or not self._provider.takes_tools:
            self._may_call = False
        else:
            request = replace(request, tools=tools.TOOLS)
            self._may_call = await self._has_room(self._with_results(request))
        if not self._said:
            return request if self._may_call else replace(request, tools=())
        return replace(self._with_results(request), tools=tools.TOOLS, may_call=self._may_call)

    def opening(self) -> list[Opening]:
        """Return the filter for text that may come before calls; none where there can be no calls."""
        return [Opening()] if self._may_call else []

    async def look_up(self, calls: Sequence[ToolCall]) -> None:
        """Look up what a round ended in; what was written before is dropped.

        Raises:
            ProviderError: calls came although none were offered any more.
        """
        if not self._may_call:
            raise ProviderError("calls without end")
        context = self._context
        context.drop_partial_text()
        context.spent, context.first_token_ms = context.usage, None
        self._done += 1
        asked = _clean(calls, self._done)
        results = [await self._answered(call, place) for place, call in enumerate(asked)]
        said = PromptMessage("assistant", "", calls=tuple(map(_as_said, asked)))
        self._said = (*self._said, said, *results)

    # --- one call ---------------------------------------------------------------------------------

    async def _answered(self, call: ToolCall, place: int) -> PromptMessage:
        begun = time.monotonic()
        name = call.name if call.name in _KNOWN else "unknown"
        with span(f"execute_tool {name}") as execution:
            outcome, words = await self._outcome(call, place)
            execution.set(_described(name, str(outcome)))
        use = ToolUse(
            name=name,
            arguments=self._masked(call),
            outcome=str(outcome),
            ms=round((time.monotonic() - begun) * 1000),
            round=self._done,
        )
        self._context.tool_uses.append(use)
        # In the log before any word that may come of it: whoever follows this answer parts from it here.
        self._context.appender.append(TurnTool(use.name, use.arguments, use.outcome, use.ms, use.round))
        return PromptMessage("tool", words, answers=call.id)

    async def _outcome(self, call: ToolCall, place: int) -> tuple[Outcome, str]:
        try:
            if place >= settings.TOOL_CALLS:
                raise tools.BadArguments("Too many calls at once; this one was not made.")
            found = await tools.call(call.name, self._own_words(call), self._asker())
            if not (found.facts or found.hits):
                return Outcome.NOTHING, found.nothing
            return Outcome.FOUND, await self._take_in(found)
        except tools.BadArguments as error:
            return Outcome.REFUSED, str(error)
        except (tools.ToolFailed, DatabaseFailure):
            logger.warning("tool_failed", tool=call.name if call.name in _KNOWN else "unknown")
            return Outcome.FAILED, _AWAY
        except Exception as error:  # noqa: BLE001 - whatever ails a look-up, the answer goes on without it
            # No traceback and no message: either may hold the records.
            logger.error("tool_broke", tool=call.name, reason=type(error).__name__)
            return Outcome.FAILED, _AWAY

    def _asker(self) -> tools.Asker:
        context = self._context
        on = date.fromisoformat(context.slots["date"]) if "date" in context.slots else None
        return tools.Asker(context.customer.id, context.language, on)

    def _own_words(self, call: ToolCall) -> Any:
        """Return a call's arguments with the person's values where the model has placeholders.

        A search does without: it may be sent to an endpoint for embeddings.
        """
        given = _arguments(call)
        if not isinstance(given, dict):
            return given
        placeholders = self._context.concealed.placeholders
        if call.name == "search_policies":
            masked = {name: self._mask(value) for name, value in given.items()}
            return {
                name: without_placeholders(value) if isinstance(value, str) else value
                for name, value in masked.items()
            }
        restorer = Restorer(placeholders, self._context.language)
        return {
            name: restorer.feed(value) + restorer.finish() if isinstance(value, str) else value
            for name, value in given.items()
        }

    # --- masking ----------------------------------------------------------------------------------

    def _mask(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        concealed = self._context.concealed
        # Placeholders of the conversation's own stay as they are; they are not the person's literal words.
        pieces = re.split(r"(\[[A-Z]{2,8}_\d{1,4}\])", value)
        masked = (
            piece if place % 2 else concealed.placeholders.mask(piece, concealed.known, may_issue=False)
            for place, piece in enumerate(pieces)
        )
        return "".join(masked)

    def _masked(self, call: ToolCall) -> dict[str, str]:
        """Return the arguments that the tool knows, as they may be recorded."""
        try:
            given = _arguments(call)
            known = _KNOWN.get(call.name, ())
            named = {name: given[name] for name in known if given.get(name) is not None}
            return {name: self._mask(_plain(value))[:MOST_KEPT] for name, value in named.items()}
        except tools.BadArguments:
            return {}
        except Exception as error:  # noqa: BLE001 - whatever ails the detector, the raw words are not kept
            concealment.count_failure(error)
            return {}

    # --- results ----------------------------------------------------------------------------------

    async def _take_in(self, found: tools.Found) -> str:
        """Make what was found evidence, and return it as the model may read it."""
        context = self._context
        items = numbered(found.facts, found.hits, context.language)
        known = {_key(item): item for item in context.evidence}
        new: list[Evidence] = []
        for item in items:
            if _key(item) not in known:
                number = len(context.evidence) + len(new) + 1
                new.append(replace(item, source=replace(item.source, number=number)))
        masked = [concealment.concealed_source(item.source, context) for item in new]
        placeholders = context.concealed.placeholders
        if placeholders.is_changed and context.customer.id:
            await in_database(concealment.store, context.conversation_id, placeholders)
        context.evidence = [*context.evidence, *new]
        context.cut_from_sources += sum(disarmed_passage(hit.text).cut for hit in found.hits)
        if found.is_sure:
            context.grounding = Turn.Grounding.SURE
        before = [known[_key(item)].source.number for item in items if _key(item) in known]
        return told_again(before) + result_text(masked, context.fence)

    def _with_results(self, request: Request) -> Request:
        return replace(request, messages=(*request.messages, *self._said)) if self._said else request

    async def _has_room(self, request: Request) -> bool:
        """Tell whether the person's plan has room for the call that would follow on a round of look-ups."""
        budget = self._context.budget
        return budget is None or await budget.has_room_for_a_round(self._provider, request)


def _described(name: str, outcome: str) -> dict[str, str]:
    """Return what a span tells of an executed tool, in the words of the GenAI semantic conventions."""
    known = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.type": "function"}
    return {**known, "gen_ai.tool.name": name, "chatsite.tool.outcome": outcome}


def _key(item: Evidence) -> object:
    """Return what tells a record or passage from all others."""
    if item.fact is not None:
        return item.fact.key
    return item.hit.passage_id if item.hit is not None else (item.source.title, item.source.text)


def _arguments(call: ToolCall) -> Any:
    """Return what the call holds.

    Raises:
        BadArguments: it is no JSON, or too much of it.
    """
    if len(call.arguments) > MOST_ARGUMENTS:
        raise tools.BadArguments("The arguments are too long.")
    try:
        return json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        raise tools.BadArguments("The arguments are not JSON.") from None


def _clean(calls: Sequence[ToolCall], number: int) -> tuple[ToolCall, ...]:
    """Return the calls, each with an id of its own that every vendor takes back."""
    cleaned: dict[str, ToolCall] = {}
    for place, call in enumerate(calls):
        is_good = _ID.fullmatch(call.id) and call.id not in cleaned
        call_id = call.id if is_good else f"call_{number}_{place}"
        cleaned[call_id] = replace(call, id=call_id)
    return tuple(cleaned.values())


def _plain(value: Any) -> str:
    """Return a value as text that can be stored: no lone halves of characters, nothing invisible."""
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _as_said(call: ToolCall) -> ToolCall:
    """Return a call as a vendor takes it back: of a name that can be one, with a JSON object."""
    try:
        given = _arguments(call)
    except tools.BadArguments:
        given = {}
    arguments = json.dumps(given if isinstance(given, dict) else {})
    return replace(call, name=call.name if call.name in _KNOWN else "unknown", arguments=arguments)
