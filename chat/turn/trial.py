"""A dry run: one question through the stages of a turn, of which nothing is kept and nobody is told.

There is no conversation, no customer whose records could be read, and no answer cache: what comes out was
made just now from what stands in the library.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from chat.database import in_database
from chat.errors import ChatError
from chat.events.ids import EventId
from chat.events.log import Appender, LogFigures
from chat.events.types import Frame
from chat.llm.answer_stream import estimated_tokens
from chat.llm.base import Request
from chat.models import Turn
from chat.turn.conceal import conceal_trial
from chat.turn.context import ConversationState, Customer, Exchange, TurnContext
from chat.turn.crisis import show_protocol, show_support, take_care, watch
from chat.turn.ground import ground
from chat.turn.prompt import write
from chat.turn.runner import write_answer
from chat.turn.screen import screen
from chat.turn.understand import understand
from knowledge.models import Audience, Version
from knowledge.search import Hit, Query, prepare, search

NOBODY = 0  # the id of no user, so that no look-up finds anybody's booking
RANKED = 10  # passages shown, whatever the number that goes into the prompt


@dataclass(frozen=True, slots=True)
class Asked:
    """What staff try.

    Attributes:
        question: as a customer would write it.
        earlier: the conversation's earlier questions, oldest first.
        language: of the person; empty: told from the words.
        audience: whose passages the ranking shows. Answers are made of public ones whatever is chosen here.
        on: the day of travel, which selects the versions; None: the day in the question, else today.
    """

    question: str
    earlier: tuple[str, ...] = ()
    language: str = ""
    audience: str = Audience.PUBLIC
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage found.

    Attributes:
        source_number: its number in the prompt; None when it does not go there.
        is_public: whether customers may read it.
        others: the document's other published versions, which hold on other days.
    """

    hit: Hit
    source_number: int | None
    is_public: bool
    others: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class OtherText:
    """A document of which another version holds on the day of travel than today; None: none does."""

    title: str
    then: int | None
    today: int | None


@dataclass(slots=True)
class Trial:
    """What came of a question.

    ``grounding`` and ``request`` are as they were before a model spoke; the context has what followed.
    """

    context: TurnContext
    day: date
    ranking: tuple[Ranked, ...] = ()
    other_texts: tuple[OtherText, ...] = ()
    grounding: str = ""
    request: Request | None = None
    error: ChatError | None = None

    @property
    def prompt_tokens(self) -> int:
        """Return about how many tokens the prompt is."""
        if self.request is None:
            return 0
        texts = (self.request.system, *(message.text for message in self.request.messages))
        return estimated_tokens(sum(map(len, texts)))


class SilentLog:
    """An event log that keeps nothing and tells nobody."""

    def append(self, turn: UUID, frame: Frame) -> None:
        """Forget the frame."""

    async def flush(self, turn: UUID) -> None:
        """Return at once."""

    def is_superseded(self, turn: UUID, attempt: int) -> bool:
        """Nobody else writes here."""
        return False

    async def follow(self, turn: UUID, after: EventId | None = None) -> AsyncIterator[Frame | None]:
        """Yield nothing."""
        return
        yield

    def figures(self) -> LogFigures:
        """It holds nothing."""
        return LogFigures(turns=0, events=0, followers=0)

    async def aclose(self) -> None:
        """Nothing is open."""


async def try_question(asked: Asked, *, with_answer: bool) -> Trial:
    """Take a question through the stages, up to the prompt or to the answer.

    Args:
        asked: the question.
        with_answer: whether a model is asked. Words that need none are written in any case.

    Returns:
        The trial; where a stage failed, with its error and as far as it came.
    """
    context = attempt_at(asked)
    trial = Trial(context, timezone.localdate())
    try:
        await _up_to_the_prompt(trial, asked)
        if with_answer:
            await watch(context)
        if await take_care(context):
            await show_protocol(context)
        elif with_answer or context.reply is not None:
            await write_answer(context)
            await show_support(context)
    except ChatError as error:
        trial.error = error
    return trial


async def _up_to_the_prompt(trial: Trial, asked: Asked) -> None:
    context = trial.context
    await screen(context)
    await conceal_trial(context)
    await understand(context)
    if asked.on is not None:
        context.slots["date"] = asked.on.isoformat()
    if "date" in context.slots:
        trial.day = date.fromisoformat(context.slots["date"])
    with context.timed("ground"):
        await ground(context)
    await write(context)
    trial.grounding, trial.request = context.grounding, context.request
    if trial.grounding:
        query = Query(
            text=context.concealed.search_text or context.question,
            history=tuple(one.question for one in context.state.exchanges),
            language=context.language,
            on=trial.day,
            audience=asked.audience,
            limit=RANKED,
        )
        if not context.concealed.has_failed:
            query = await prepare(query)
        await in_database(_compare, trial, query)


def attempt_at(asked: Asked) -> TurnContext:
    """Return an attempt at a turn of nobody's, which is never stored."""
    turn, conversation = uuid4(), uuid4()
    now = timezone.now()
    return TurnContext(
        turn_id=turn,
        conversation_id=conversation,
        customer=Customer(NOBODY, language=asked.language),
        appender=Appender(SilentLog(), turn=turn, conversation=conversation, attempt=1),
        question=asked.question,
        revision=0,
        asked_at=now,
        deadline_at=now + timedelta(seconds=settings.TURN_DEADLINE_SECONDS),
        today=timezone.localdate(),
        state=ConversationState(
            exchanges=[Exchange(question, "") for question in asked.earlier], questions=len(asked.earlier)
        ),
    )


def _compare(trial: Trial, query: Query) -> None:
    """Rank further down than the prompt goes, and see what the day of travel changes."""
    context, results = trial.context, search(query)
    trial.ranking = _ranked(results.hits, context, trial.grounding)
    if trial.day != context.today:
        trial.other_texts = _other_texts({hit.document_id: hit.title for hit in results.hits}, trial)


def _ranked(hits: tuple[Hit, ...], context: TurnContext, grounding: str) -> tuple[Ranked, ...]:
    is_used = grounding != Turn.Grounding.REFUSED
    numbers = {item.hit.passage_id: item.source.number for item in context.evidence if item.hit and is_used}
    published = Version.objects.published().filter(document__in={hit.document_id for hit in hits})
    audiences = dict(published.values_list("document", "document__audience"))
    others: dict[object, list[Version]] = {}
    for version in published.defer("text").order_by("number"):
        others.setdefault(version.document_id, []).append(version)
    return tuple(
        Ranked(
            hit,
            numbers.get(hit.passage_id),
            audiences.get(hit.document_id) == Audience.PUBLIC,
            tuple(v for v in others.get(hit.document_id, ()) if v.pk != hit.version_id),
        )
        for hit in hits
    )


def _other_texts(titles: dict[UUID, str], trial: Trial) -> tuple[OtherText, ...]:
    then, today = (
        dict(Version.objects.in_force(day).filter(document__in=titles).values_list("document", "number"))
        for day in (trial.day, trial.context.today)
    )
    return tuple(
        OtherText(title, then.get(pk), today.get(pk))
        for pk, title in titles.items()
        if then.get(pk) != today.get(pk)
    )
