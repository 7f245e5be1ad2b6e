"""``/v1/responses``: a question and its answer, kept by the desk under the id of its response."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from accounts.models import User
from chat import conversations
from chat.database import in_database
from chat.errors import NotFound
from chat.models import Turn
from chat.openai_api.answers import answer_of
from chat.openai_api.edge import Edge, as_json, ask, headers_of, id_in
from chat.openai_api.errors import Refused, Unsupported
from chat.openai_api.following import event_stream, whole
from chat.openai_api.messages import talk_in
from chat.openai_api.parameters import Body, body_of, check, flag, part
from chat.openai_api.response_events import ResponseEvents
from chat.openai_api.response_shape import PREFIX, ResponseShape

NO_RESPONSE = "There is no such response."


class ResponsesView(Edge):
    """Ask, and get the answer whole or as it is written."""

    question_in = "input"

    async def post(self, request: HttpRequest) -> HttpResponseBase:
        """Ask the last message of the input, after the previous response or in the conversation named."""
        body = body_of(request)
        ignored = check(body, needed="input")
        stream, after = flag(body, "stream"), _previous(body)
        talk = talk_in(body["input"], "input")
        submitted, place = await ask(request, talk, conversation=_conversation(body), after=after)
        told = {"history": place.history, "ignored": [*ignored, *talk.ignored]}
        turn = submitted.turn
        shape = ResponseShape(turn, await in_database(_before, turn), told)
        if not stream:
            return as_json(await _finished(shape), headers_of(submitted))
        response = event_stream(turn, ResponseEvents(shape).stream())
        for name, value in headers_of(submitted).items():
            response[name] = value
        return response


class ResponseView(Edge):
    """One response."""

    async def get(self, request: HttpRequest, response_id: str) -> HttpResponseBase:
        """Return a response as it stands: in progress, completed, incomplete or failed."""
        if request.GET.get("stream", "false").lower() not in ("", "false", "0"):
            raise Unsupported("stream", "A response that was kept is given whole.")
        turn_id = id_in(response_id, "response_id", prefix=PREFIX, words=NO_RESPONSE)
        return as_json(await in_database(_as_it_stands, request.user, turn_id))


async def _finished(shape: ResponseShape) -> dict[str, Any]:
    answer = await whole(shape.turn)
    turn = await in_database(Turn.objects.get, pk=shape.turn.pk)
    return ResponseShape(turn, shape.previous, shape.told).finished(answer)


def _as_it_stands(user: User, turn_id: UUID) -> dict[str, Any]:
    try:
        turn = conversations.get_turn(user, turn_id)
    except NotFound:
        raise Refused(NO_RESPONSE, status=404, code=NotFound.code, param="response_id") from None
    shape = ResponseShape(turn, _before(turn))
    final = conversations.final_frame(turn_id)
    if final is None:
        return shape.in_progress()
    try:
        return shape.finished(answer_of(final))
    except Refused as error:
        return shape.failed(error)


def _before(turn: Turn) -> UUID | None:
    """Return the turn before this one in its conversation."""
    earlier = Turn.objects.filter(conversation_id=turn.conversation_id, position__lt=turn.position)
    return earlier.order_by("-position").values_list("pk", flat=True).first()


def _previous(body: Body) -> UUID | None:
    name = "previous_response_id"
    if body.get(name) is None:
        return None
    return id_in(body[name], name, prefix=PREFIX, words=NO_RESPONSE)


def _conversation(body: Body) -> object:
    """Return the conversation that is named: as its id, an object with its id, or in the metadata."""
    named = body.get("conversation")
    if isinstance(named, dict):
        named = named.get("id") or "none"
    return named or part(body, "metadata").get("conversation")
