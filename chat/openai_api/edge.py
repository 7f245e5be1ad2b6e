"""What every request to this API goes through: who asks, how often they may, errors as clients read them."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import View

from accounts import limits
from accounts.limits import rule
from accounts.models import User
from accounts.tokens.access import READ, WRITE
from accounts.tokens.authentication import CHALLENGE, InsufficientScope, InvalidToken
from accounts.tokens.bearer import resolve_bearer
from chat import conversations
from chat.conversations import Submitted
from chat.database import in_database, release_connection
from chat.errors import ChatError, NotFound, NotSaved, RateLimited
from chat.openai_api.errors import Refused, away, error_response, of_chat
from chat.openai_api.messages import Talk
from chat.openai_api.placing import Place, Wish, discard, place_of

LONGEST_KEY: Final = 255


class Edge(View):
    """A view of this API: a bearer alone opens it, never a browser's cookie."""

    scopes: ClassVar[dict[str, str]] = {"GET": READ, "HEAD": READ, "OPTIONS": READ, "POST": WRITE}
    question_in: ClassVar[str | None] = None

    async def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request, or tell in OpenAI's shape why not."""
        try:
            if request.COOKIES:  # a middleware has asked for their person; the answer may take long
                await release_connection()
            request.user = await self._admit(request)
            handler = getattr(self, (request.method or "").lower(), None)
            if handler is None or request.method not in self.scopes or request.method == "OPTIONS":
                raise Refused("This method is not allowed here.", status=405, code="method_not_allowed")
            return await handler(request, *args, **kwargs)
        except Refused as error:
            return error_response(error)
        except ChatError as error:
            return error_response(of_chat(error, param=self.question_in))
        except (OperationalError, InterfaceError):
            return error_response(away(str(NotSaved.words)))

    async def _admit(self, request: HttpRequest) -> User:
        """Return who asks.

        Raises:
            Refused: nobody that is let in, or not for this.
            RateLimited: they ask too often.
        """
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        found = await in_database(resolve_bearer, value.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            needed = "An API key is needed, as “Authorization: Bearer …”."
            words = str(InvalidToken.default_detail) if value else needed
            headers = {"WWW-Authenticate": CHALLENGE}
            raise Refused(words, status=401, code="invalid_api_key", headers=headers)
        user, access = found
        if not access.allows(self.scopes.get(request.method or "", WRITE)):
            words = str(InsufficientScope.default_detail)
            raise Refused(words, status=403, code=InsufficientScope.default_code)
        decision = await limits.take(rule("user_requests"), user.pk)
        request.limit_decision = decision  # the middleware tells of it
        if not decision.allowed:
            raise RateLimited(decision.retry_seconds, decision.headers)
        return user


async def ask(
    request: HttpRequest, talk: Talk, *, conversation: object, after: UUID | None = None
) -> tuple[Submitted, Place]:
    """Submit a question where it belongs; the same request again is the same question.

    Args:
        request: who asks, and what its headers tell.
        talk: the question and what the client says was before.
        conversation: the id that the body names, if it does; the header ``X-Conversation-Id`` names one too.
        after: the turn whose answer the client goes on from.

    Raises:
        ChatError: as ``conversations.submit`` does.
        Refused: a header or id that cannot be.
    """
    wish = Wish(
        talk, conversation=_conversation(request, conversation), after=after, is_retry=_is_retry(request),
        key=_key(request), accept_language=request.headers.get("Accept-Language", ""),
    )  # fmt: skip
    conversations.check_message(talk.question)  # before a conversation is begun for it
    user = request.user
    place = await in_database(place_of, user, wish)
    try:
        submitted = await conversations.submit(
            user, place.conversation, talk.question, place.client_id, over_http=True
        )
    except ChatError:
        if place.is_new:
            await in_database(discard, place.conversation)
        raise
    return submitted, place


def headers_of(submitted: Submitted) -> dict[str, str]:
    """Return what the headers of an answer tell: the limits, and where it is kept."""
    turn = submitted.turn
    told = {"X-Conversation-Id": str(turn.conversation_id), "x-request-id": str(turn.pk)}
    return {**submitted.limit_headers, **told}


def as_json(body: dict[str, Any], headers: dict[str, str] | None = None) -> JsonResponse:
    """Return a body as an answer."""
    return JsonResponse(body, headers=headers, json_dumps_params={"ensure_ascii": False})


def id_in(text: object, param: str, *, prefix: str, words: str) -> UUID:
    """Return the id that a text stands for, with or without its prefix.

    Raises:
        Refused: it is none; that is answered as an id is which nobody has.
    """
    try:
        return UUID(text.removeprefix(prefix) if isinstance(text, str) else "")
    except ValueError:
        raise Refused(words, status=404, code=NotFound.code, param=param) from None


def _conversation(request: HttpRequest, named: object) -> UUID | None:
    named = named or request.headers.get("X-Conversation-Id")
    if not named:
        return None
    return id_in(named, "conversation", prefix="conv_", words=str(NotFound.words))


def _is_retry(request: HttpRequest) -> bool:
    """Tell whether OpenAI's own clients say that they send a request again."""
    count = request.headers.get("X-Stainless-Retry-Count", "")
    return count.isdecimal() and int(count[:4]) > 0


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        words = f"The Idempotency-Key is longer than {LONGEST_KEY} characters."
        raise Refused(words, status=422, code="idempotency_key_too_long")
    return key
