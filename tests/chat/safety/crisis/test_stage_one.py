"""Stage one: what the cues see, what they leave alone, and what they cost."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.safety.crisis import Level, assess, is_possible_crisis
from chat.safety.crisis.cues import all_cues
from chat.safety.crisis.evaluation import Script, measure, read_cases
from chat.safety.crisis.pattern import BadPattern, translated
from chat.safety.crisis.plain import plain

OWN = Path(__file__).parent / "own_cases.jsonl"
DEVELOPMENT = Path(__file__).parents[5] / "shared" / "data" / "safety" / "crisis_cases_dev.jsonl"


def level(*messages: str) -> Level:
    return assess(messages).level


@pytest.mark.parametrize("path", [OWN, DEVELOPMENT], ids=["own", "development"])
def test_figures_hold(path):
    if not path.exists():
        pytest.skip(f"{path} is not here")
    cases = read_cases(path)
    assert len(cases) > 80
    report = measure(cases, Script(wrong=0.02, failing=0.03))
    assert report.recall >= 0.97 and report.passed_on <= 0.2
    assert report.precision() >= 0.96 and report.false_positives() <= 0.02
    assert report.precision(with_model=False) >= 0.96 and report.false_positives(with_model=False) <= 0.02


def test_measurement_can_fail():
    report = measure(read_cases(OWN), Script(wrong=0.5))
    assert report.precision() < 0.99 and report.false_positives() > 0


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr", "de", "it"])
def test_every_language_has_a_list(language):
    assert language in all_cues().languages


@pytest.mark.parametrize(
    "text",
    [
        "Me muero de la risa",
        "I'm dying of laughter",
        "this queue is killing me",
        "I want to die of embarrassment",
        "quiero morirme de la risa",
        "Je meurs de faim",
        "Ich sterbe vor Langeweile",
        "muoio dal ridere",
        "estou morrendo de fome",
    ],
)
def test_idioms_are_no_cues(text):
    assert not assess([text])


@pytest.mark.parametrize(
    "text",
    [
        "Me muero de la risa, pero quiero matarme",
        "I'm dying of laughter. No: I want to die",
        "this queue is killing me and I want to kill myself",
        "kill two birds with one stone, then I will end my life",
    ],
)
def test_idioms_take_out_their_own_words_only(text):
    assert level(text) is Level.STRONG


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "I w4nt to d1e",
        "k1ll mys3lf",
        "I want to k.i.l.l myself",
        "kiiiilll myself",
        "k*ll myself",
        "quiero\nmorir",
        "quiero... morirme",
        "I don’t want to live anymore",
        "Ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "QUIERO MORÍR",
    ],
)
def test_disguises_are_seen_through(text):
    assert level(text) is Level.STRONG


@pytest.mark.parametrize(
    "text",
    [
        "I'm not going to kill myself over a bag",
        "Don't worry, I'm not suicidal",
        "no voy a hacerme daño",
        "Ten years ago I wanted to die, and today I am well",
        "In the film on board the hero wants to kill himself",
        "Je ne vais pas me suicider",
        "Ich will mich nicht umbringen",
        "non voglio uccidermi",
    ],
)
def test_denied_past_and_told_goes_to_stage_two(text):
    assert level(text) is Level.WEAK


@pytest.mark.parametrize(
    "text",
    ["My son wants to kill himself", "mi hermana dice que no quiere vivir", "Mon ami veut se suicider"],
)
def test_others_in_danger_count(text):
    assert level(text) is Level.STRONG


def test_negation_of_another_clause_turns_nothing_round():
    assert level("No. I want to die") is Level.STRONG
    assert level("Do not rebook me, I want to die") is Level.STRONG


def test_last_three_messages_are_read_together():
    assert level("I want", "to", "die") is Level.STRONG
    assert level("I want", "x", "y", "to die") is not Level.STRONG
    assert assess(["I want to die", "and?", "how heavy may a bag be?"]).earlier is Level.STRONG
    assert not assess(["I want to die", "and?", "so", "how heavy may a bag be?"])


@pytest.mark.parametrize(
    "text",
    [
        "ik wil niet meer leven",
        "я не хочу больше жить",
        "死にたい",
        "nie chcę już żyć",
        "yaşamak istemiyorum artık",
    ],
)
def test_language_without_a_list_is_known_as_such(text):
    assert assess([text]).unlisted


@pytest.mark.parametrize(
    "text",
    ["What time does IB3456 leave?", "Wo ist mein Koffer?", "BCN MAD 14 Nov?", "ok", "Gracias 👍", "¿Wifi?"],
)
def test_ordinary_questions_are_nobodys_business(text):
    assert not assess([text])


def test_only_strong_cues_are_let_through_limits():
    assert is_possible_crisis("I want to kill myself")
    assert not is_possible_crisis("I cant take it anymore") and not is_possible_crisis("refund!")


@given(st.lists(st.text(max_size=400), max_size=4))
def test_any_input_is_survived(messages):
    assess(messages)


def test_longest_message_is_quick():
    assess(["i want to no me quiero " * 170])
    begun = time.process_time()
    assess(["i want to no me quiero " * 170] * 3)
    assert time.process_time() - begun < 0.5  # it takes some 20 ms


def test_ordinary_message_costs_a_fraction_of_a_millisecond():
    texts = [case.messages for case in read_cases(OWN) if not case.is_crisis]
    assert measure([case for case in read_cases(OWN)], Script()).ms < 1.0 and texts  # some 0.05 ms


@pytest.mark.parametrize("pattern", [".. die", "(i)? die", "ab*", "{nobody} die", "die (", "don't die"])
def test_patterns_of_another_form_are_refused(pattern):
    with pytest.raises(BadPattern):
        translated(pattern, {})


def test_plain_form():
    assert plain("Don’t   STOP!\nNão (já)…") == "dont stop | nao | ja |"
