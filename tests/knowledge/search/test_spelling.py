"""Mistyped words."""

import pytest

from knowledge.search import Query, search
from knowledge.search.spelling import correct, may_be_mistyped
from tests.knowledge.conftest import Publish


@pytest.fixture
def bags(publish: Publish) -> None:
    publish("bags", "Your baggage allowance is one suitcase. Excess baggage costs 60 euros. Wine stays here.")
    publish("refunds", "A refund needs the ticket. Form K7 and the number 12345 go on the ticket.")


@pytest.mark.usefixtures("bags")
@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("bagage", "baggage"),
        ("baggagge", "baggage"),
        ("bagahe", ""),  # two slips
        ("baggaeg", "baggage"),
        ("bahgage", "baggage"),
        ("Refudn", "refund"),
        ("tiket", "ticket"),
        ("gaggage", ""),  # the first letter is not doubted
        ("wife", ""),  # another letter in a short word is another word
        ("wne", ""),
        ("12354", ""),
        ("k8", ""),
        ("ticketrefund", "ticket refund"),
    ],
)
def test_one_slip_is_corrected(mistyped: str, meant: str) -> None:
    word = mistyped.lower()
    assert search(Query(mistyped)).corrected == ({word: meant} if meant else {})


@pytest.mark.usefixtures("bags")
def test_corrected_question_finds_the_passage_with_less_confidence() -> None:
    exact, mistyped = search(Query("excess baggage")), search(Query("excess bagage"))
    assert mistyped.hits[0].passage_id == exact.hits[0].passage_id
    assert 0.5 * exact.score < mistyped.score < exact.score


@pytest.mark.usefixtures("bags")
def test_known_words_and_words_with_synonyms_stay() -> None:
    assert search(Query("suitcases and refunds of a kitten")).corrected == {}


def test_frequent_word_is_preferred(publish: Publish) -> None:
    publish("rare", "The paddling pool is open.")
    for number in range(3):
        publish(f"often-{number}", "A parking place costs 5 euros.")
    publish("odd", "A parting gift.")
    assert search(Query("parling")).corrected == {"parling": "parking"}


def test_word_of_another_language_of_the_library_is_no_slip(publish: Publish) -> None:
    publish("bags", "The ballet bag.")
    publish("billetes", "El billete cuesta 5 euros.", language="es")
    assert search(Query("billete", language="en")).corrected == {}


def test_question_in_a_language_the_library_lacks_is_not_corrected(publish: Publish) -> None:
    publish("bags", "Your baggage and your ticket.")
    assert search(Query("bagage", language="fr")).corrected == {}


def test_accents_come_back(publish: Publish) -> None:
    publish("vuelos", "Un avión grande y la facturación en línea.", language="es")
    corrected = search(Query("facturasion del avoin", language="es")).corrected
    assert corrected == {"facturasion": "facturación", "avoin": "avión"}


def test_german_compound_is_parted(publish: Publish) -> None:
    publish("gepaeck", "Für Gepäck gilt eine Gebühr. Der Transport kostet mehr.", language="de")
    results = search(Query("Was kostet die Gepäckgebühr und der Gepäckstransport?", language="de"))
    assert results.corrected == {
        "gepäckgebühr": "gepäck gebühr",
        "gepäckstransport": "gepäck transport",
    }
    assert results.hits


def test_word_of_an_earlier_turn_is_corrected(publish: Publish) -> None:
    publish("bags", "Baggage costs 60 euros.")
    publish("seats", "Seats cost 8 euros.")
    results = search(Query("how many euros?", history=("my bagage",)))
    assert results.corrected == {"bagage": "baggage"} and results.hits[0].slug == "bags"


def test_withdrawn_words_are_forgotten(publish: Publish) -> None:
    publish("bags", "Baggage costs 60 euros.")
    publish("bags", "Suitcases cost 60 euros.")
    assert search(Query("bagage costs")).corrected == {}


@pytest.mark.usefixtures("bags")
def test_few_words_are_corrected_at_once() -> None:
    assert len(correct([f"bagage{letter}" for letter in "abcdefghijk"], "en")) <= 6


@pytest.mark.parametrize("word", ["abc", "23kg", "é" * 30, "手荷物", ""])
def test_what_is_never_taken_for_mistyped(word: str) -> None:
    assert not may_be_mistyped(word) or len(word) == 3
