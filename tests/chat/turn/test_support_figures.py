"""How many invented figures are found, and how many honest sentences are marked, on the sample's policies."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat.turn.answers import context_for, shown

POLICIES = sorted((Path(__file__).parents[3] / "knowledge" / "sample" / "policies").glob("*.md"))
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚ¿*])")
NUMBER = re.compile(r"(?<![\w.,:/-])\d{1,3}(?![\d.,:/-]|\w)")


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """Yield every sentence of the policies in a language, with the section it stands in."""
    for path in POLICIES:
        if path.name.endswith("-es.md") is (language == "es"):
            for section in re.split(r"\n(?=#+ )", path.read_text(encoding="utf-8").split("---", 2)[2]):
                for line in section.split("\n"):
                    if line.strip() and line[0] not in "#|":
                        yield from ((sentence, section) for sentence in SENTENCE.split(line))


@pytest.mark.parametrize("language", ["en", "es"])
def test_honest_sentences_are_not_marked(language, record_property):
    told = marked = 0
    for sentence, section in sentences(language):
        context = context_for(section, language=language)
        marked += "[^?]" in shown(context, f"{sentence} [1]") or context.support.unsupported > 0
        told += 1
    record_property("honest sentences, marked", (told, marked))
    print(f"\n{language}: {told} honest sentences, {marked} marked")
    assert told >= 200
    assert marked <= told * 0.001


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_model_that_invents_in_every_third_answer_is_found_out(language):
    """Every third answer has one number that no sentence of the section has."""
    invented = found = honest = wrongly = 0
    with_numbers = [(one, section) for one, section in sentences(language) if NUMBER.search(one)]
    for at, (sentence, section) in enumerate(with_numbers):
        is_invented = at % 3 == 2
        if is_invented:
            other = next(n for n in range(37, 999) if not re.search(rf"(?<!\d){n}(?!\d)", section))
            sentence = NUMBER.sub(str(other), sentence, count=1)
        context = context_for(section, language=language)
        is_marked = "[^?]" in shown(context, f"{sentence} [1]")
        invented, found = invented + is_invented, found + (is_invented and is_marked)
        honest, wrongly = honest + (not is_invented), wrongly + (not is_invented and is_marked)
    print(f"\n{language}: invented {invented}, found {found}; honest {honest}, marked {wrongly}")
    assert found >= 0.98 * invented
    assert wrongly == 0


PARAPHRASED = [
    (
        "A Standard ticket covers one bag of at most 23 kilograms [1].",
        "Standard fares include 1 checked bag of up to 23 kg.",
    ),
    ("You get the money within a week, that is 7 days [1].", "The refund arrives within 7 days."),
    ("Bring up to two bags of 32 kilos [1].", "Business: 2 bags, 32 kg each."),
    ("From 1 January 2026 the price is sixty euros [1].", "Since 2026-01-01 the fee is EUR 60."),
    ("The desk opens at 5:30 am and closes at 11 pm [1].", "Opening hours: 05:30 to 23:00."),
    ("Between 2 and 4 hours of delay give you a meal [1].", "For delays of 2-4 hours you receive a meal."),
    ("It is 1,500.50 EUR at most [1].", "The limit is 1.500,50 euros."),
    ("Half price means 50 percent off [1].", "Children pay 50 % less."),
    ("Puede llevar dos maletas de 23 kilos [1].", "You may bring 2 bags of 23 kg."),
    ("Cierra a las 14:30, el 3 de marzo [1].", "Closes at 2:30 pm on March 3rd."),
    ("El reembolso tarda catorce días [1].", "Refunds take 14 days."),
    ("Cuesta 1.000 € por trayecto [1].", "EUR 1,000 each way."),
]


@pytest.mark.parametrize(("told", "source"), PARAPHRASED)
def test_other_ways_to_write_a_figure_are_the_same(told, source):
    assert "[^?]" not in shown(
        context_for(source, language="es" if "í" in told or "ue" in told[:4] else "en"), told
    )
