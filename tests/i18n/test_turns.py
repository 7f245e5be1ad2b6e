"""The language of answers, and of the desk's words about them."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone, translation

from accounts.models import User
from chat.database import in_database
from chat.errors import TurnFailed
from chat.models import Conversation, Message, Turn
from chat.turn import runner
from chat.turn.context import TurnContext
from chat.turn.language import of_turn, of_words
from chat.turn.overdue import give_up

UNFINISHED = {
    "en": "The answer could not be finished. Please try again.",
    "es": "No se pudo terminar la respuesta. Inténtelo de nuevo.",
}
ASKED = {"en": "How heavy may my bag be?", "es": "¿Cuánto puede pesar mi maleta?"}


def answered_in(text: str, *, profile: str = "", before: str = "", browser: str = "") -> str:
    return of_turn(text, profile=profile, before=before, accept_language=browser)


@pytest.mark.parametrize(
    ("text", "given", "spoken"),
    [
        ("How heavy may my bag be?", {"profile": "es"}, "es"),
        ("¿Cuánto puede pesar mi maleta?", {"profile": "en", "before": "es"}, "en"),
        ("¿Cuánto puede pesar mi maleta?", {}, "es"),
        ("LW123", {}, "en"),
        ("LW123", {"browser": "es-ES"}, "es"),
        ("Where is my bag?", {"browser": "es-ES"}, "en"),
    ],
)
def test_profile_wins_and_else_the_first_message_tells(text, given, spoken):
    assert answered_in(text, **given) == spoken


@pytest.mark.parametrize(
    "text", ["ok", "OK, thanks!", "LW123", "flight LW123", "yes", "23 kg?", "", "vuelo", "thanks"]
)
def test_scraps_do_not_turn_a_spanish_conversation(text):
    assert answered_in(text, before="es", browser="en-GB") == "es"


@pytest.mark.parametrize("text", ["ok", "gracias", "vuelo LW123", "sí", "Hola"])
def test_scraps_do_not_turn_an_english_conversation(text):
    assert answered_in(text, before="en", browser="es") == "en"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("And what about my dog?", "es", "en"),
        ("And my dog?", "es", "en"),
        ("¿Y mi perro?", "en", "es"),
        ("Cuánto cuesta una maleta más", "en", "es"),
        ("Wie viel kostet das mit dem Hund?", "en", "de"),
        ("How much is it with the dog?", "de", "en"),
    ],
)
def test_clear_change_of_language_is_followed(text, before, after):
    assert answered_in(text, before=before) == after


def test_desk_words_follow_profile_then_browser_then_question():
    assert of_words(ASKED["en"], profile="es", accept_language="en") == "es"
    assert of_words(ASKED["en"], profile="", accept_language="es") == "es"
    assert of_words(ASKED["es"], profile="", accept_language="") == "es"
    assert of_words("Wie viel kostet das?", profile="", accept_language="de") == "en"


def turn_of(user: User, language: str, **turn: Any) -> Turn:
    """Return a turn that waits for a carrier."""
    conversation = Conversation.objects.create(
        owner=user, message_count=1, accept_language=turn.pop("header", "")
    )
    now = timezone.now()
    question = Message.objects.create(
        conversation=conversation, position=1, role="user", text=ASKED[language], created_at=now
    )
    times = {"created_at": now, "deadline_at": now + timedelta(minutes=1), **turn}
    return Turn.objects.create(conversation=conversation, question=question, position=1, **times)


@pytest.fixture
def no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every turn fail, after others had their chance to run."""

    async def fail(context: TurnContext) -> None:
        for _ in range(5):
            await asyncio.sleep(0.01)
        raise TurnFailed

    monkeypatch.setattr(runner, "write_answer", fail)


def words_of(turn: UUID) -> str:
    return Turn.objects.get(pk=turn).error_words


@pytest.mark.anyio
async def test_turns_in_two_languages_at_once_do_not_mix(desk, no_answer, alice, bob):
    turns = {}
    for number in range(6):
        language, person = ("es", alice) if number % 2 else ("en", bob)
        turns[(await in_database(turn_of, person, language)).pk] = language

    await asyncio.gather(*(runner.run_turn(turn, lambda _: nullcontext()) for turn in turns))
    for turn, language in turns.items():
        assert await in_database(words_of, turn) == UNFINISHED[language]
    assert translation.get_language() == "en"


@pytest.mark.anyio
async def test_profile_decides_the_words_of_a_failure(desk, no_answer, alice):
    alice.language = "es"
    await alice.asave()
    turn = await in_database(turn_of, alice, "en")
    await runner.run_turn(turn.pk, lambda _: nullcontext())
    assert await in_database(words_of, turn.pk) == UNFINISHED["es"]


def test_turns_given_up_are_told_in_each_persons_language(alice, bob):
    over = timezone.now() - timedelta(days=1)
    spanish = turn_of(alice, "en", header="es-ES", deadline_at=over)
    english = turn_of(bob, "en", deadline_at=over)
    give_up()
    assert words_of(spanish.pk) == UNFINISHED["es"]
    assert words_of(english.pk) == UNFINISHED["en"]


def test_words_are_fixed_when_an_error_is_raised():
    with translation.override("es"):
        error = TurnFailed()
    assert error.words == str(error) == UNFINISHED["es"]
