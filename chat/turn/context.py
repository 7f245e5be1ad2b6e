"""What the stages of one attempt share."""

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

from chat.events.log import Appender
from chat.llm.base import Provider, Request, Source, Usage
from chat.models import Turn
from chat.safety.personal import Known, Placeholders
from chat.spans import span
from chat.turn.strategy import PLAIN, Strategy
from chat.turn.tone import Mood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.safety.crisis import Sighting
    from chat.safety.crisis.classifier import Judgement
    from chat.safety.crisis.decision import Decision
    from knowledge.records import Fact
    from knowledge.search import Hit

Intent = Literal["policy", "flight", "booking", "small_talk", "hand_off", "other"]


@dataclass(frozen=True, slots=True)
class Customer:
    """The person a turn works for. Look-ups take the id from here, never from text."""

    id: int
    first_name: str = ""
    language: str = ""
    last_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question and its answer (empty where there is none)."""

    question: str
    answer: str


@dataclass(slots=True)
class ConversationState:
    """What a conversation remembers for its next turn; shared by all processes through the cache.

    Attributes:
        revision: the conversation's revision this state was made of.
        exchanges: the most recent ones, oldest first.
        questions: how many questions were answered in all.
        language: language of the last turn.
        slots: slots last used.
        record_keys: flights and bookings the last answers cited.
        sentiment: how the person's last message sounded.
    """

    revision: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    questions: int = 0
    language: str = ""
    slots: dict[str, Any] = field(default_factory=dict)
    record_keys: list[str] = field(default_factory=list)
    sentiment: str = "calm"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One source of the prompt together with what it stands for."""

    source: Source
    hit: "Hit | None" = None
    fact: "Fact | None" = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that needs no model: a fixed text, or one from the answer cache."""

    text: str
    source: Turn.Source
    provider: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Footnote:
    """A citation of the answer: its number there, and the evidence."""

    number: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SteppedDown:
    """That the person's plan had no room for the usual model.

    Attributes:
        to: who answers instead: a cheaper model, or quotations.
        until: when the plan's day or month begins anew, in the desk's time.
    """

    to: Literal["cheaper", "quotes"]
    until: datetime


class Budget(Protocol):
    """What the person's plan leaves for this answer; only people whose plan has limits have one.

    Attributes:
        is_reserved: whether something is set aside for this attempt.
    """

    is_reserved: bool

    async def affordable(self) -> tuple[Provider, ...]:
        """Set aside what an answer may cost, and return who may be asked for it."""
        ...

    async def has_room_for_a_round(self, provider: Provider, request: Request) -> bool:
        """Set aside what one more call of that provider may cost; tell whether there was room for it."""
        ...


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One look-up that the model has asked for.

    Attributes:
        name: of the tool; ``unknown`` where there is none of that name.
        arguments: masked.
        outcome: one of ``ToolCall.Outcome``.
        ms: milliseconds it took.
        round: 1 for the first calls.
    """

    name: str
    arguments: dict[str, str]
    outcome: str
    ms: int
    round: int


@dataclass(slots=True)
class Concealed:
    """What of the question may leave the process; nothing, until a stage has told what is personal.

    Attributes:
        question: with placeholders for what is personal.
        search_text: with nothing in their stead.
        placeholders: the conversation's.
        known: values of the person, to be looked for in whatever else leaves.
        is_personal: whether anything was found, so that the answer is nobody else's.
        has_failed: nothing may leave: only the quoting provider, in this process, is asked.
    """

    question: str = ""
    search_text: str = ""
    placeholders: Placeholders = field(default_factory=lambda: Placeholders(""))
    known: Known = field(default_factory=Known)
    is_personal: bool = True
    has_failed: bool = True


@dataclass(slots=True)
class Danger:
    """Whether the person, or somebody they write of, may be in danger, as far as is known.

    Attributes:
        accept_language: what the person's browser asked for; tells a country.
        sighting: what the cues say; None until they were looked for.
        judging: the model's judgement under way; None where none was asked for.
        decision: what follows; None until it is decided.
    """

    accept_language: str = ""
    sighting: "Sighting | None" = None
    judging: "asyncio.Task[Judgement | None] | None" = None
    decision: "Decision | None" = None


@dataclass(slots=True)
class Support:
    """How much of an answer its sources bear out.

    Attributes:
        claims: sentences with a figure, a code or a promise.
        unsupported: of these, the ones that no source bears out.
        marked: sentences shown with the mark.
        withheld: sentences, or their ends, that were not shown.
        promises: unsupported sentences that said something was done or approved.
        personal: values of other people taken out.
        failures: sentences that could not be judged; they were marked.
    """

    claims: int = 0
    unsupported: int = 0
    marked: int = 0
    withheld: int = 0
    promises: int = 0
    personal: int = 0
    failures: int = 0


@dataclass(slots=True)
class TurnContext:
    """One attempt at one turn: what is known so far, and the means to say it."""

    turn_id: UUID
    conversation_id: UUID
    customer: Customer
    appender: Appender
    question: str
    revision: int
    asked_at: datetime
    deadline_at: datetime
    today: date

    state: ConversationState = field(default_factory=ConversationState)
    concealed: Concealed = field(default_factory=Concealed)
    intent: Intent = "other"
    language: str = "en"
    slots: dict[str, Any] = field(default_factory=dict)
    mood: Mood | None = None
    strategy: Strategy = PLAIN
    evidence: list[Evidence] = field(default_factory=list)
    confidence: float = 0.0
    corrected: dict[str, str] = field(default_factory=dict)
    grounding: Turn.Grounding | Literal[""] = ""
    cache_key: str = ""
    cache_provider: str = ""
    reply: Reply | None = None
    prompt_version: str = ""
    request: Request | None = None
    fence: str = ""  # the prompt's mark around sources
    canary: str = ""  # a random word of the prompt, which no answer may hold
    leaks: int = 0
    cut_from_sources: int = 0
    support: Support = field(default_factory=Support)
    danger: Danger = field(default_factory=Danger)
    budget: Budget | None = None
    stepped_down: SteppedDown | None = None
    tool_uses: list[ToolUse] = field(default_factory=list)

    raw_text: str = ""
    text: str = ""
    footnotes: list[Footnote] = field(default_factory=list)
    source: Turn.Source = Turn.Source.FIXED
    provider: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    spent: Usage = field(default_factory=Usage)  # of it, what the rounds before the last have taken
    cost_nano: int = 0  # billionths of the desk's currency
    is_shared: bool = False  # the words are those of another turn, which asked the model for both
    finish: Literal["stop", "length", "filtered"] = "stop"
    first_token_ms: int | None = None
    chunks: int = 0  # pieces of the answer that were shown
    notices: list[dict[str, str]] = field(default_factory=list)
    quick_replies: list[str] = field(default_factory=list)

    started: float = field(default_factory=time.monotonic)
    stage_ms: dict[str, int] = field(default_factory=dict)
    whole: bool = False
    stop_requested: bool = False
    superseded: bool = False
    generation: asyncio.Task[None] | None = None

    @property
    def sure(self) -> bool:
        """Tell whether the evidence fits the question well, as far as search can tell."""
        return self.grounding != Turn.Grounding.UNSURE

    @property
    def tone(self) -> str:
        """Return how the question sounds; empty while nobody has looked."""
        return str(self.mood.sentiment) if self.mood else ""

    @property
    def attempt(self) -> int:
        """Return which try this is."""
        return self.appender.attempt

    @property
    def elapsed_ms(self) -> int:
        """Return the milliseconds since this attempt began."""
        return round((time.monotonic() - self.started) * 1000)

    def stop(self) -> None:
        """End the writing of the answer, now or as soon as it would begin."""
        self.stop_requested = True
        if self.generation is not None:
            self.generation.cancel()

    def give_up(self) -> None:
        """End without an outcome: another attempt has taken the turn over."""
        self.superseded = True
        self.stop()

    def drop_partial_text(self) -> None:
        """Forget what was written so far: another provider begins anew."""
        self.raw_text = self.text = ""
        self.footnotes = []

    @contextmanager
    def timed(self, stage: str) -> "Iterator[None]":
        """Add the time spent inside to the stage's milliseconds."""
        begun = time.monotonic()
        try:
            with span(stage):
                yield
        finally:
            spent = round((time.monotonic() - begun) * 1000)
            self.stage_ms[stage] = self.stage_ms.get(stage, 0) + spent
