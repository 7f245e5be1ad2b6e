"""Ask the cases of this process's desk, through the same calls as every edge, and read what came of them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from uuid import uuid4

from django.conf import settings

from accounts import limits
from accounts.models import User
from chat import conversations, dispatch
from chat.database import in_database
from chat.erasure import erase
from chat.errors import ChatError
from chat.evaluation import clock
from chat.evaluation.cases import Case, DatasetRefused
from chat.evaluation.judging import Got
from chat.events.log import close_event_log
from chat.llm.registry import close_providers
from chat.models import Citation, Conversation, ConversationFlag, Turn
from chat.turn.carrier import carrier
from knowledge.models import Audience, Passage

Listen = Callable[[Case, Got], None]
LEAVE_SECONDS = 2.0
_GROUNDED = (Turn.Grounding.SURE, Turn.Grounding.UNSURE)
_KINDS = {ConversationFlag.Kind.PROTOCOL: "protocol", ConversationFlag.Kind.SUPPORT: "support"}


async def run_cases(cases: Sequence[Case], *, at_once: int, listen: Listen) -> None:
    """Ask every case in a conversation of its own, which is deleted again, and tell what came of it.

    Args:
        cases: asked in their order, ``at_once`` of them at a time.
        listen: is told as soon as a case is done, in the order in which they are.

    Raises:
        DatasetRefused: a case's person is not there.
    """
    dispatch.serve_here()
    people = await in_database(_people, {case.person for case in cases})
    free = asyncio.Semaphore(at_once)

    async def ask(case: Case) -> None:
        async with free:
            listen(case, await _asked(case, people[case.person]))

    try:
        async with asyncio.TaskGroup() as group:
            for case in cases:
                group.create_task(ask(case))
    finally:
        await carrier().drain(LEAVE_SECONDS)
        await close_event_log()
        await limits.close()
        await close_providers()


def _people(names: Iterable[str]) -> dict[str, User]:
    people = {user.get_username(): user for user in User.objects.filter(username__in=names)}
    if missing := set(names) - people.keys():
        raise DatasetRefused(f"There is no person {', '.join(sorted(missing))} on this desk.")
    return people


async def _asked(case: Case, person: User) -> Got:
    with clock.on(case.day):
        conversation = await in_database(conversations.open_conversation, person)
        try:
            for question in (*case.after, case.ask):
                turn = await _answered(person, conversation, question)
            return await in_database(got_of, turn.pk)
        except ChatError as error:
            return Got(outcome="failed", error=error.code)
        finally:
            await in_database(erase, [conversation.pk])


async def _answered(person: User, conversation: Conversation, question: str) -> Turn:
    """Ask, and wait for the end, as whoever follows an answer does."""
    submitted = await conversations.submit(person, conversation.pk, question, uuid4())
    async with asyncio.timeout(settings.TURN_DEADLINE_SECONDS * settings.TURN_MAX_ATTEMPTS):
        async for _ in conversations.follow(submitted.turn):
            pass
    return submitted.turn


def got_of(turn_id: object) -> Got:
    """Return what is saved of a turn that has ended."""
    turn = Turn.objects.select_related("answer").prefetch_related("citations").get(pk=turn_id)
    flag = ConversationFlag.objects.filter(turn=turn).first()
    crisis = _KINDS.get(flag.kind, "") if flag else ""
    citations = list(turn.citations.all())
    documents = _documents(citations)
    return Got(
        intent=turn.intent,
        slots=turn.slots,
        language=turn.language,
        outcome=_outcome(turn, crisis, bool(citations)),
        text=turn.answer.text if turn.answer else "",
        cited=_names(citations, documents),
        staff_only=tuple(sorted(slug for slug, who in documents.values() if who != Audience.PUBLIC)),
        crisis=crisis,
        grounding=turn.grounding,
        provider=turn.provider,
        error=turn.error_code,
        ms=turn.total_ms or 0,
    )


def _outcome(turn: Turn, crisis: str, is_cited: bool) -> str:
    if turn.status != Turn.Status.COMPLETED:
        return "failed"
    if crisis == "protocol":
        return "crisis"
    if turn.grounding in _GROUNDED:
        return "answered" if is_cited else "uncited"
    return "refused" if turn.grounding else "talk"


def _documents(citations: Sequence[Citation]) -> dict[int, tuple[str, str]]:
    """Return slug and audience of the documents cited, by passage."""
    ids = [one.passage_id for one in citations if one.passage_id]
    rows = Passage.objects.filter(pk__in=ids).values_list(
        "pk", "version__document__slug", "version__document__audience"
    )
    return {pk: (slug, audience) for pk, slug, audience in rows}


def _names(citations: Sequence[Citation], documents: dict[int, tuple[str, str]]) -> tuple[str, ...]:
    names = [
        one.record_key or documents.get(one.passage_id or 0, (one.title, Audience.PUBLIC))[0]
        for one in citations
    ]
    return tuple(dict.fromkeys(names))
