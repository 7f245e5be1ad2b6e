"""What is found, what is left alone, and what it costs."""

import time
from datetime import date
from pathlib import Path

import pytest

from benchmarks.personal_data import Labelled, measure, read
from chat.safety.personal import Known, Person, detect
from tests.chat.safety.personal.cases import PERSONAL, labelled
from tests.chat.safety.personal.ordinary import ORDINARY

SHARED = Path("/work/shared/data/safety")


def found(text: str, known: Known | None = None) -> list[str]:
    return [text[span.start : span.end] for span in (detect(text, known) if known else detect(text))]


@pytest.mark.parametrize("written", PERSONAL)
def test_every_value_is_found_whole(written):
    assert measure([labelled(written)]).missed == []


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_messages_are_left_alone(text):
    assert found(text) == []


def test_a_message_costs_less_than_half_a_millisecond():
    messages = [*map(labelled, PERSONAL), *(Labelled(text, ()) for text in ORDINARY)]
    assert measure(messages).milliseconds < 0.5


@pytest.mark.parametrize(
    ("name", "least"), [("pii_airline_dev.jsonl", 0.98), ("presidio_research_generated_small.json", 0.98)]
)
def test_development_sets_reach_their_figures(name, least):
    if not (SHARED / name).exists():
        pytest.skip(f"{SHARED / name} is not here")
    score = measure(read(SHARED / name))
    assert score.recall >= least
    assert score.over_masked == []


@pytest.mark.parametrize(
    "piece",
    (
        "a@b.co |a|@|1|1 |passport no |a.|:a|My name is Alice |one | dot |at a dot |0x|(|calle A |born on | |"
        "AB12 |12 Oak |ñ１|\u200b1|[|+|IBAN ES91 "
    ).split("|"),
)
def test_time_grows_with_the_length_and_no_faster(piece):
    text = piece * (20_000 // len(piece))
    begun = time.thread_time()
    detect(text)
    assert time.thread_time() - begun < 2  # a quadratic pattern takes minutes


ALICE = Known(
    people=(Person("Alice", "Exámple", date(1984, 3, 12)), Person("Rosa", "Prueba")),
    emails=("alice@example.com",),
    references=("QWXZTR",),
    others=(("700900123", "PHONE_NUMBER"),),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("alice example here", ["alice example"]),
        ("I am Alice", ["Alice"]),
        ("EXAMPLE, ALICE", ["EXAMPLE, ALICE"]),
        ("Example/Alice", ["Example/Alice"]),
        ("is qwx-ztr fine", ["qwx-ztr"]),
        ("q w x z t r", ["q w x z t r"]),
        ("and 70 09 00 123?", ["70 09 00 123"]),
        ("on 12.3.1984, yes", ["12.3.1984"]),
        ("ALICE@EXAMPLE.COM", ["ALICE@EXAMPLE.COM"]),
        ("Rosa Prueba travels", ["Rosa Prueba"]),
        ("una rosa para la prueba", []),  # a name that is a word, and one in small letters
        ("malice examples", []),
        ("Is it an example?", []),
        ("See Alice. Example follows", ["Alice", "Example"]),
    ],
)
def test_known_values_are_found_however_they_are_written(text, values):
    assert found(text, ALICE) == values


def test_places_are_those_of_the_original():
    text = "Ｃａｒｄ\u200b ４１１１\u00a0１１１１–１１１１ １１１１, ½ paid"
    assert found(text) == ["４１１１\u00a0１１１１–１１１１ １１１１"]


def test_a_value_across_the_edge_of_two_windows_is_found():
    for length in range(1_960, 2_010, 7):
        text = "word " * (length // 5) + "my card is 4111 1111 1111 1112 thanks " + "word " * 500
        assert found(text) == ["4111 1111 1111 1112"]
