"""What is quoted: exact words, nothing cut that belongs together, no more sources than needed."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from chat.llm.base import Source
from chat.llm.quotation import (
    MOST_QUOTES,
    SHARED_WINDOW_CHARACTERS,
    WHOLE_CHARACTERS,
    WINDOW_CHARACTERS,
    quotes,
)
from chat.llm.quotation_window import OMISSION, OMITTED_ROWS
from knowledge.documents.split import split

FEES = Source(
    1,
    "passage",
    "Sports equipment",
    "Sports equipment › Fees",
    "Prices are per direction.\n\n"
    "| Item | Fee |\n| --- | --- |\n| Bicycle | €60 |\n| Surfboard | €75 |\n\n"
    "You may bring:\n\n- one bicycle in a box;\n- one surfboard up to 2.5 m,\n  fins removed;\n- skis.\n",
)
PETS = Source(2, "passage", "Travelling with pets", "", "A small dog may travel in the cabin for €50.")
DELAYS = Source(3, "passage", "Flight delays", "Flight delays › Hotel", "We pay a hotel for the night.")
FLIGHT = Source(
    4,
    "record",
    "Flight LW214, 21 November 2026",
    "",
    "Flight LW214 from Lisbon to Madrid\nStatus: delayed by 95 minutes\nGate B14",
)
SAMPLE = Path(settings.BASE_DIR) / "knowledge" / "sample" / "policies"
QUESTIONS = [
    "How much is it?",
    "can I take my dog",
    "¿cuánto pesa la maleta?",
    "refund 24 hours",
    "",
    "?!",
    "xyzzy",
]


def quoted(question: str, *sources: Source, language: str = "en") -> list[int]:
    return [quote.source.number for quote in quotes(question, sources, language=language)]


def long_text(sentences: int, marked: int) -> str:
    return " ".join(
        f"Sentence {n} says {'that a trombone flies free' if n == marked else 'something else again'}."
        for n in range(sentences)
    )


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("What does a surfboard cost?", [1]),
        ("Can my dog fly in the cabin?", [2]),
        ("Is LW214 delayed and do you pay a hotel?", [4, 3]),
        ("Status of LW214?", [4]),
        ("Fee for a bicycle, and may my dog come into the cabin?", [1, 2]),
        ("xyzzy", [1]),
    ],
)
def test_sources_that_fit_are_quoted(question: str, numbers: list[int]) -> None:
    assert quoted(question, FEES, PETS, DELAYS, FLIGHT) == numbers


def parts(text: str) -> list[str]:
    """Return the exact slices that a quotation is made of."""
    return [part for piece in text.split(OMISSION) for part in piece.split(OMITTED_ROWS)]


def window_of(question: str, text: str) -> str:
    (quote,) = quotes(question, [Source(1, "passage", "T", "", text)], language="en")
    return quote.text


def test_same_text_is_quoted_once_and_follows_the_ranking() -> None:
    twin = Source(9, "passage", "Animals", "", PETS.text)
    assert quoted("small dog", twin, PETS) == [9]


def test_passages_that_search_cannot_tell_apart_are_both_quoted() -> None:
    other = Source(6, "passage", "Dogs on board", "", "A dog eats before the flight. " * 30, fit=0.95)
    chosen = quotes("small dog", [replace(PETS, text=f"{PETS.text} " * 30), other], language="en")
    assert [quote.source.number for quote in chosen] == [2, 6]
    assert all(len(quote.text) <= SHARED_WINDOW_CHARACTERS for quote in chosen)
    assert quoted("small dog", PETS, replace(other, fit=0.8)) == [2]


def test_beside_a_record_nothing_is_quoted_for_being_as_good() -> None:
    other = Source(6, "passage", "Gates", "", "The status of a gate is shown on the screens.")
    assert quoted("Status of LW214?", FLIGHT, replace(DELAYS, text="A status."), other) == [4]


def test_records_alike_are_quoted_together() -> None:
    tomorrow = Source(5, "record", "Flight LW214, 22 November 2026", "", FLIGHT.text)
    assert quoted("When does LW214 leave?", FLIGHT, tomorrow) == [4, 5]


def test_never_more_than_three() -> None:
    words = ["bicycle", "trombone", "parrot", "kayak"]
    sources = [Source(n, "passage", word, "", f"One {word} each.") for n, word in enumerate(words, 1)]
    assert len(quoted(" and ".join(words), *sources)) == MOST_QUOTES


def test_one_question_gets_one_passage() -> None:
    sources = [
        Source(
            1, "passage", "Kayaks", "", "A kayak travels in the hold, as this long paragraph explains. " * 6
        ),
        Source(2, "passage", "Boards", "", "The board of the airline meets in spring. " * 9, fit=0.7),
    ]
    assert quoted("May I take a kayak on board?", *sources) == [1]


def test_short_passage_is_joined_by_the_next_of_its_document() -> None:
    sources = [
        Source(1, "passage", "Kayaks", "", "A kayak needs planning."),
        Source(2, "passage", "Canoes", "", "A canoe is not a kayak.", fit=0.7),
        Source(3, "passage", "Kayaks", "Kayaks › Fees", "A kayak costs €60.", fit=0.6),
    ]
    assert quoted("kayak", *sources) == [1, 3]


def test_booking_is_quoted_whole_beside_passages() -> None:
    booking = Source(1, "record", "Booking K7PQ2M", "", "\n".join(f"Line {n} of K7PQ2M" for n in range(40)))
    chosen = quotes("K7PQ2M and my dog", [booking, PETS], language="en")
    assert [quote.text for quote in chosen] == [booking.text, PETS.text]


def test_lead_in_of_what_is_not_quoted_is_left_out() -> None:
    text = long_text(12, 11) + " You may bring:\n\n" + "\n".join(f"- {'thing ' * 110}{n};" for n in range(2))
    (quote,) = quotes("trombone", [Source(1, "passage", "T", "", text)], language="en")
    assert quote.text.endswith("Sentence 11 says that a trombone flies free.")


def test_question_in_another_language_finds_its_word() -> None:
    other = Source(7, "passage", "Fees", "", "Nothing to see here.")
    assert quoted("¿Puedo llevar un surfboard?", other, FEES, language="es") == [1]


def test_no_sources_no_quotes() -> None:
    assert quotes("Anything?", [Source(1, "passage", "Empty", "", " \n ")], language="en") == []


def test_short_passage_is_quoted_whole() -> None:
    (quote,) = quotes("surfboard", [FEES], language="en")
    assert quote.text == FEES.text.strip()


@pytest.mark.parametrize("marked", [0, 17, 39])
def test_window_surrounds_the_best_sentence(marked: int) -> None:
    (quote,) = quotes("trombone", [Source(1, "passage", "T", "", long_text(40, marked))], language="en")
    assert f"Sentence {marked} says that a trombone" in quote.text
    assert quote.text.startswith("Sentence")
    assert quote.text.endswith(".")
    assert WINDOW_CHARACTERS / 2 < len(quote.text) <= WINDOW_CHARACTERS


def test_list_is_entered_from_above() -> None:
    text = (
        long_text(20, 99)
        + "\n\nYou may bring:\n\n- a kayak;\n- a trombone;\n- a harp.\n\n"
        + long_text(9, 99)
    )
    (quote,) = quotes("trombone", [Source(1, "passage", "T", "", text)], language="en")
    assert "You may bring:\n\n- a kayak;\n- a trombone;" in quote.text


def test_table_is_not_cut() -> None:
    table = "| Item | Fee |\n| --- | --- |\n" + "\n".join(f"| thing {n} | €{n} |" for n in range(20))
    text = long_text(20, 99) + "\n\n" + table + "\n| trombone | free |\n\n" + long_text(20, 99)
    (quote,) = quotes("trombone", [Source(1, "passage", "T", "", text)], language="en")
    assert table + "\n| trombone | free |" in quote.text


def test_row_of_a_long_table_stands_under_its_head() -> None:
    head = "| Item | Fee |\n| --- | --- |"
    rows = [f"| thing {n} with a long description of what it is | €{n} |" for n in range(40)]
    text = "\n".join([head, *rows[:30], "| trombone | free |", *rows[30:]])
    assert window_of("trombone", text) == f"{head}\n| … |\n| trombone | free |"
    assert window_of("trombone", head + "\n| trombone | free |\n" + "\n".join(rows)) == (
        f"{head}\n| trombone | free |"
    )


def test_item_of_a_long_list_stands_under_its_introduction() -> None:
    items = [f"- thing {n}, {'and so on ' * 12};" for n in range(12)]
    text = "Read this. You may not bring:\n\n" + "\n".join([*items, "- a trombone;"])
    assert window_of("trombone", text).startswith(f"You may not bring:{OMISSION}- thing ")
    assert window_of("trombone", text).endswith("- a trombone;")
    assert window_of("nothing here", "Rules:\n\n" + "\n".join(items)).startswith("Rules:\n\n- thing 0")


def test_item_below_an_item_stands_under_it() -> None:
    items = "".join(f"  - thing {n}, {'and so on ' * 12};\n" for n in range(12))
    text = f"We refuse:\n\n- on domestic flights:\n{items}  - a trombone;\n- on all flights: harps."
    assert window_of("trombone", text).startswith(f"We refuse:\n\n- on domestic flights:{OMISSION}- thing ")
    assert window_of("harps", text).endswith("  - a trombone;\n- on all flights: harps.")


def test_stretch_begins_with_its_heading_and_never_ends_with_one() -> None:
    text = f"{long_text(20, 99)}\n\n## Music\n\nA trombone flies free.\n\n## Sports\n\n{long_text(20, 99)}"
    assert window_of("trombone", text).startswith("## Music\n\nA trombone flies free.") or (
        "\n\n## Music\n\nA trombone flies free." in window_of("trombone", text)
    )
    ending = f"{long_text(20, 18)}\n\n## Sports\n\n{'word ' * 150}"
    assert not window_of("trombone", ending).endswith("## Sports")


def test_sentence_that_points_back_brings_what_it_points_to() -> None:
    filling = "Nothing of this kind is meant in this sentence at all. " * 12
    text = f"{filling}Harps need a seat of their own. They cost €60 and fly with a trombone. {filling}"
    assert "Harps need a seat of their own. They cost" in window_of("trombone", text)


def test_abbreviation_ends_no_sentence() -> None:
    text = "Bags over approx. 23 kg cost more. " * 40
    (quote,) = quotes("23 kg", [Source(1, "passage", "T", "", text)], language="en")
    assert quote.text.startswith("Bags over")
    assert quote.text.endswith("more.")


@given(
    text=st.text(st.sampled_from("ab .|-*#>\n\té1Ä:;!?“”"), max_size=2_500),
    question=st.text(st.sampled_from("ab é1Ä"), max_size=30),
    kind=st.sampled_from(["passage", "record"]),
)
def test_any_text_is_quoted_exactly(text: str, question: str, kind: str) -> None:
    for quote in quotes(question, [Source(1, kind, "T", "", text)], language="en"):
        assert quote.text.strip()
        assert all(part in text for part in parts(quote.text))


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.md")), ids=lambda path: path.stem)
def test_sample_policies_are_quoted_exactly(path: Path) -> None:
    pieces = split(path.read_text(), path.stem)
    sources = [
        Source(n, "passage", path.stem, piece.heading, piece.text) for n, piece in enumerate(pieces, 1)
    ]
    for question in [*QUESTIONS, *(piece.heading for piece in pieces)]:
        chosen = quotes(question, sources, language="en")
        assert 1 <= len(chosen) <= MOST_QUOTES
        for quote in chosen:
            assert all(part in quote.source.text for part in parts(quote.text))
            assert len(quote.text) <= max(WHOLE_CHARACTERS, len(quote.source.text))
