"""The provider without a key: honest words around exact quotations."""

import re

import pytest

from chat.llm.base import Request, Source, Text
from chat.llm.extractive import WORDS, ExtractiveProvider, answer_text
from tests.chat.llm.asking import ask

POLICY = Source(
    3,
    "passage",
    "Checked baggage",
    "Checked baggage › Size",
    "- A bag weighs at most 23 kg.\n- Its sides add up to 158 cm.\n\nHeavier bags cost €60.",
)
FLIGHT = Source(
    1, "record", "Flight LW214, 21 November 2026", "", "Flight LW214\nStatus: delayed by 95 minutes"
)


def answer(question: str, *sources: Source, **changes: object) -> str:
    return answer_text(Request("", (), question, sources, **changes))


def quoted_lines(text: str) -> list[str]:
    return [line[2:] for line in text.split("\n") if line.startswith("> ")]


def test_answer_says_that_it_quotes() -> None:
    assert answer("How heavy may a bag be?", POLICY) == (
        "This is what our policies say, quoted word for word.\n\n"
        "From “Checked baggage”, section “Size” [3]:\n\n"
        "> - A bag weighs at most 23 kg.\n"
        "> - Its sides add up to 158 cm.\n"
        ">\n"
        "> Heavier bags cost €60."
    )


def test_spanish_answer_names_the_other_language() -> None:
    text = answer("¿Cuánto pesa una bag?", POLICY, language="es")
    assert text.startswith("Esto es lo que dicen nuestras condiciones, citado palabra por palabra.")
    assert "De «Checked baggage», apartado «Size» [3], en inglés:" in text


def test_record_and_policy_each_have_a_lead_in() -> None:
    text = answer("Is LW214 delayed, and how heavy may a bag be?", FLIGHT, POLICY)
    assert text.startswith(WORDS["en"]["both"])
    assert "Flight LW214, 21 November 2026 [1]:\n\n> Flight LW214\n> Status:" in text
    assert "section “Size” [3]:\n\n> - A bag" in text


def test_unsure_answer_says_so() -> None:
    assert answer("bag", POLICY, sure=False).startswith("I am not sure that this answers your question.")


def test_without_sources_nothing_is_claimed() -> None:
    assert answer("bag") == WORDS["en"]["nothing"]
    assert answer("bag", language="es") == WORDS["es"]["nothing"]


def test_unknown_language_is_answered_in_english() -> None:
    assert answer("bag", language="fi") == WORDS["en"]["nothing"]


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_every_sentence(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()


@pytest.mark.parametrize("question", ["bag", "158 cm", "LW214 delayed and bag weight", "xyzzy", ""])
def test_quoted_lines_are_the_sources_own(question: str) -> None:
    lines = quoted_lines(answer(question, POLICY, FLIGHT))
    assert lines
    assert all(line in POLICY.text or line in FLIGHT.text for line in lines)


def test_every_quotation_is_cited() -> None:
    text = answer("Is LW214 delayed, and how heavy may a bag be?", FLIGHT, POLICY)
    cited = re.findall(r"\[(\d)\](?:, [^:]+)?:\n\n> ", text)
    assert cited == ["1", "3"]
    assert text.count("\n\n> ") == 2


@pytest.mark.anyio
async def test_stream_is_the_answer_in_small_pieces() -> None:
    asked = Request("", (), "How heavy may a bag be?", (FLIGHT, POLICY))
    outcome = await ask(ExtractiveProvider(), asked)
    assert outcome.text == answer_text(asked)
    assert max(len(piece.split()) for piece in outcome.pieces) == 4
    assert outcome.finish.reason == "stop"
    assert outcome.finish.usage.estimated
    assert outcome.finish.usage.completion_tokens == -(-len(outcome.text) // 4)


@pytest.mark.anyio
async def test_stream_may_be_left_early() -> None:
    stream = ExtractiveProvider().stream(Request("", (), "bag", (POLICY,)))
    assert isinstance(await anext(stream), Text)
    await stream.aclose()
