"""How messages sound: what the cues see, what they leave alone, what they cost.

The labelled messages are few, and whoever wrote the cues wrote them; the held-out half was written before the
cues and is not tuned on. The figures are a floor against mistakes in the lists, no promise about customers.
"""

import time
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from chat.turn.tone import Reading, Sentiment, is_urgent, read
from chat.turn.tone.evaluation import measure, read_cases
from chat.turn.tone.judge import Judgement, judgement_of
from knowledge.records import Departure

HERE = Path(__file__).parent
DEVELOPMENT, HELD_OUT = HERE / "tone_dev.jsonl", HERE / "tone_held_out.jsonl"
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def sounds(text: str, *earlier: str) -> str:
    return str(read(text, earlier).sentiment)


@pytest.mark.parametrize(("path", "least"), [(DEVELOPMENT, 0.95), (HELD_OUT, 0.9)], ids=["dev", "held out"])
def test_figures_hold(path, least):
    report = measure(read_cases(path))
    assert report.table.total() >= 80 and report.accuracy >= least
    for sentiment in Sentiment:
        right, total = report.count(sentiment)
        assert total >= 12 and right / total >= 0.8, sentiment
    assert all(right / total >= 0.9 for right, total in report.by_language.values())
    assert report.calm_taken_for_cross == 0 and report.urgency_accuracy >= 0.95


def test_measurement_can_fail(tmp_path):
    wrong = DEVELOPMENT.read_text("utf-8").replace('"angry"', '"calm"')
    (tmp_path / "wrong.jsonl").write_text(wrong, "utf-8")
    report = measure(read_cases(tmp_path / "wrong.jsonl"))
    assert report.accuracy < 0.9 and report.calm_taken_for_cross > 0.1


def test_command_prints_the_confusion_table(tmp_path):
    out = StringIO()
    call_command("evaluate_tone", str(HELD_OUT), "--wrong", stdout=out)
    assert "taken for" in out.getvalue() and "frustrated" in out.getvalue() and "ms of CPU" in out.getvalue()
    (tmp_path / "odd.jsonl").write_text('{"text": "x", "sentiment": "sad", "urgent": false}', "utf-8")
    with pytest.raises(CommandError, match="ValueError"):
        call_command("evaluate_tone", str(tmp_path / "odd.jsonl"))


@pytest.mark.parametrize(
    "text",
    [
        "I'm not angry, just confused",
        "I am not in the least worried",
        "So I'll be able to have an estimate?",
        "Casi me muero de vergüenza",
        "I want to report a fraud with my card",
        "No estoy nada enfadada, solo pregunto",
        "Where do I file a complaint about lost luggage?",
        "¿Qué compensación hay por un retraso?",
        "Is the terrible weather going to last?",
        "WHAT DOES A BAG OF 30 KG COST",
        "Perfect!!! Thanks!!!",
        "MAD - BCN - LIS 14 NOV",
        "👍",
        "",
    ],
)
def test_what_only_looks_like_a_cue_is_calm(text):
    assert sounds(text) == "calm"


def test_strong_words_in_a_long_pasted_text_are_chance():
    policy = "A bag of up to 23 kg is included on each Standard fare. Bags over 32 kg are not accepted. " * 12
    assert sounds(f"{policy} Furious passengers are a concern. {policy}") == "calm"


def test_a_plain_phrase_takes_out_its_own_words_only():
    assert sounds("Where is the lost property office, you thieves?") == "angry"
    assert sounds("No rush, but I am really worried") == "worried"


def test_heat_makes_annoyance_anger():
    assert sounds("this is ridiculous, I only want to change a name") == "frustrated"
    assert sounds("THIS IS RIDICULOUS, I ONLY WANT TO CHANGE A NAME!!!") == "angry"


def test_the_same_question_again_is_frustration():
    question = "How heavy may my bag be?"
    assert sounds(question) == "calm"
    assert sounds("how heavy may my bag be", question) == "frustrated"
    assert sounds(question, "And a dog?") == "calm"
    assert sounds("And now?", "And now?") == "calm"  # too short to tell


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a real person",
        "can I speak with someone from your staff?",
        "human please",
        "agent",
        "Please have a person look at this",
        "Connect me to a supervisor",
        "Quiero hablar con una persona",
        "páseme con un agente, por favor",
        "Quiero que lo vea una persona",
        "agente humano",
    ],
)
def test_wish_for_a_person_is_heard(text):
    assert read(text).wants_person


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to talk to a person",
        "no quiero hablar con una persona",
        "I talked to your agent yesterday, and she said 23 kg. Is that true?",
        "I booked through a travel agent",
        "How much may one person carry?",
        "And if I need to talk to someone at the gate?",
        "¿Cuánto equipaje puede llevar una persona?",
    ],
)
def test_persons_and_agents_are_spoken_of_without_a_wish(text):
    assert not read(text).wants_person


def booked(hours: float, *, flight: str = "LW214", reference: str = "K7PQ2M") -> Departure:
    return Departure(reference, flight, NOW + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("reading", "slots", "departures", "urgent"),
    [
        (Reading(), {}, [], False),
        (Reading(is_pressing=True), {}, [], True),
        (Reading(), {"date": "2026-11-21"}, [], True),
        (Reading(), {"date": "2026-11-22"}, [], True),
        (Reading(), {"date": "2026-11-23"}, [booked(3)], False),  # the question is of another day
        (Reading(), {"date": "2026-11-20"}, [], False),
        (Reading(), {}, [booked(3)], True),
        (Reading(), {}, [booked(25)], False),
        (Reading(), {}, [booked(-1)], False),
        (Reading(), {"booking": "OTHER1"}, [booked(3)], False),
        (Reading(), {"booking": "K7PQ2M"}, [booked(3)], True),
        (Reading(), {"flight": "LW999"}, [booked(3)], False),
    ],
)
def test_travel_within_a_day_is_urgent(reading, slots, departures, urgent):
    assert is_urgent(reading, slots, departures, today=TODAY, now=NOW) is urgent


@given(st.text(max_size=400), st.lists(st.text(max_size=100), max_size=3))
def test_any_input_is_survived(text, earlier):
    read(text, earlier)


def test_longest_message_is_quick():
    text = "I STILL NO not very waiting for this!!! " * 200
    read(text)
    begun = time.thread_time()
    read(text, [text] * 6)
    assert time.thread_time() - begun < 0.5  # it takes some 20 ms


def test_ordinary_message_costs_a_fraction_of_a_millisecond():
    cases = read_cases(DEVELOPMENT)
    # The least of some, since memory is cleared up in between, of a process that holds much by now.
    assert min(measure(cases).ms for _ in range(5)) < 0.2  # some 0.05 ms


def test_models_answer_is_read_strictly():
    assert judgement_of('{"sentiment": "angry", "urgent": true}') == Judgement(Sentiment.ANGRY, True)


@pytest.mark.parametrize(
    "answer",
    ["angry", "[]", '{"sentiment": "angry"}', '{"sentiment": "sad", "urgent": true}',
     '{"sentiment": "calm", "urgent": "no"}', '{"sentiment": [], "urgent": true}',
     '{"sentiment": "calm", "urgent": true, "x": 1}'],
)  # fmt: skip
def test_models_answer_of_another_form_is_refused(answer):
    with pytest.raises(ValueError):
        judgement_of(answer)
