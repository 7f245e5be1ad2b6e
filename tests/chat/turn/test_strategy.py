"""How an answer is given to whom."""

import pytest

from chat.turn.foreword import Foreword
from chat.turn.strategy import PLAIN, Strategy, choose
from chat.turn.tone import Sentiment
from chat.turn.wording import SENTENCES

CALM, WORRIED, FRUSTRATED, ANGRY = Sentiment


def test_calm_person_gets_the_plain_answer():
    assert choose(CALM) == PLAIN and PLAIN.steps == [] and PLAIN.shape == []


@pytest.mark.parametrize(
    ("sentiment", "feeling"), [(WORRIED, "worry"), (FRUSTRATED, "frustration"), (ANGRY, "anger")]
)
def test_feelings_are_acknowledged(sentiment, feeling):
    assert choose(sentiment) == Strategy(acknowledges=feeling)


def test_hurry_brings_the_shortest_path_first():
    assert choose(CALM, is_urgent=True).steps == ["shortest_first"]


@pytest.mark.parametrize(
    ("sentiment", "before", "is_urgent", "offered"),
    [
        (FRUSTRATED, CALM, False, False),
        (ANGRY, CALM, False, False),
        (ANGRY, CALM, True, True),
        (FRUSTRATED, CALM, True, False),
        (FRUSTRATED, FRUSTRATED, False, True),
        (ANGRY, FRUSTRATED, False, True),
        (FRUSTRATED, ANGRY, False, True),
        (CALM, ANGRY, False, False),
        (WORRIED, WORRIED, True, False),
    ],
)
def test_person_is_offered_after_two_cross_messages_or_anger_in_a_hurry(
    sentiment, before, is_urgent, offered
):
    assert choose(sentiment, before, is_urgent=is_urgent).offers_person is offered


def test_nobody_is_offered_what_they_have_asked_for():
    assert not choose(ANGRY, ANGRY, wants_person=True).offers_person


def test_anger_lasts_one_message_unless_it_thanks():
    assert choose(CALM, ANGRY).acknowledges == "frustration"
    assert choose(CALM, ANGRY, is_thankful=True) == PLAIN
    assert choose(CALM, FRUSTRATED) == PLAIN


def test_offer_alone_changes_no_words():
    assert choose(CALM).shape == Strategy(offers_person=True).shape


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_foreword_is_the_same_however_the_text_is_cut(size):
    text = "Up to 23 kg [^1]."
    filtered = Foreword("I understand.")
    shown = "".join(filtered.feed(text[n : n + size]) for n in range(0, len(text), size)) + filtered.finish()
    assert shown == f"I understand.\n\n{text}"


def test_no_answer_has_no_foreword():
    filtered = Foreword("I understand.")
    assert filtered.feed("") + filtered.finish() == ""


def test_words_for_feelings_hold_no_claim():
    words = [text for key, by in SENTENCES.items() if key.startswith("feel_") for text in by.values()]
    assert len(words) == 10
    assert not any(mark in text for text in words for mark in "[]{}0123456789")
