"""Cutting a text into passages."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents.split import LIMIT, SMALL, Piece, split

SENTENCE = "A checked bag may weigh up to 23 kg on every flight of the booking. "
LONG = SENTENCE * 8  # about 540 characters


def pieces(text: str) -> list[Piece]:
    return split(text, "Baggage")


def test_sections_become_passages_with_title_path() -> None:
    found = pieces(f"# Baggage\n\n## Fees\n\n{LONG}\n\n### At the gate\n\n{LONG}\n\n## Claims\n\n{LONG}\n")
    assert [piece.heading for piece in found] == [
        "Baggage › Fees",
        "Baggage › Fees › At the gate",
        "Baggage › Claims",
    ]


def test_title_stands_once_in_path() -> None:
    assert pieces("# Baggage\n\nText.")[0].heading == "Baggage"


def test_other_first_heading_joins_path() -> None:
    assert pieces("# Bags and more\n\nText.")[0].heading == "Baggage › Bags and more"


def test_heading_markup_is_left_out() -> None:
    assert pieces("## **Fees** for `LW`\n\nText.")[0].heading == "Baggage › Fees for LW"


def test_paragraphs_are_packed_up_to_the_limit() -> None:
    found = pieces("\n\n".join([LONG.strip()] * 4))
    assert len(found) == 4
    assert len(pieces("\n\n".join([SENTENCE * 4] * 3))) == 1


def test_long_paragraph_is_cut_at_sentences() -> None:
    found = pieces(SENTENCE * 30)
    assert all(piece.text.endswith("booking.") and len(piece.text) <= LIMIT + SMALL for piece in found)


def test_text_without_spaces_is_cut_anyway() -> None:
    assert [len(piece.text) for piece in pieces("x" * 2000)] == [900, 1100]


def test_list_stays_whole_with_its_introduction() -> None:
    items = "\n".join(f"- Item {number}: {SENTENCE}" for number in range(8))
    found = pieces(f"{LONG}\n\nYou may bring:\n\n{items}\n")
    assert found[1].text.startswith("You may bring:\n\n- Item 0")
    assert found[1].text.count("\n- Item") == 8


def test_long_list_is_cut_between_items() -> None:
    items = "\n".join(f"{number}. {SENTENCE * 3}" for number in range(1, 9))
    assert all(re.match(r"\d\. A checked", piece.text) for piece in pieces(items))


def test_long_list_repeats_its_introduction() -> None:
    items = "".join(f"- thing number {n}: {SENTENCE * 3}\n" for n in range(12))
    text = f"Some words. You may not bring:\n\n{items}"
    first, *others = pieces(text)
    assert first.text.startswith("Some words. You may not bring:\n\n- thing number 0")
    assert others
    for piece in others:
        assert piece.text == "You may not bring:\n\n" + text[piece.start : piece.end]
        assert piece.text.startswith("You may not bring:\n\n- thing number")


def test_list_without_introduction_repeats_nothing() -> None:
    text = LONG + "\n\n" + "".join(f"- thing number {n}: {SENTENCE * 3}\n" for n in range(12))
    assert all(piece.text == text[piece.start : piece.end] for piece in pieces(text))


def test_long_table_repeats_its_head() -> None:
    rows = "\n".join(f"| Route {number} | {SENTENCE}|" for number in range(30))
    text = f"| Route | Rule |\n| --- | --- |\n{rows}\n"
    found = pieces(text)
    assert len(found) > 1
    assert all(piece.text.startswith("| Route | Rule |\n| --- | --- |\n| Route ") for piece in found)
    assert found[1].text.endswith(text[found[1].start : found[1].end])


def test_short_sibling_sections_join() -> None:
    found = pieces("# Baggage\n\n## Skis?\n\nYes, EUR 40.\n\n## Kayaks?\n\nNo.\n")
    assert [piece.heading for piece in found] == ["Baggage"]
    assert found[0].text == "## Skis?\n\nYes, EUR 40.\n\n## Kayaks?\n\nNo."


def test_headings_alone_give_nothing() -> None:
    assert pieces("# Baggage\n\n## Fees\n") == []


@given(
    st.lists(
        st.sampled_from(
            [
                "# Baggage",
                "## Fees",
                "- one\n- two",
                "> said",
                "```\ncode\n```",
                "| a | b |\n|---|---|\n| 1 | 2 |",
            ]
        )
        | st.text("abc .!\n*é", min_size=1, max_size=400),
        max_size=12,
    )
)
def test_passages_are_slices_in_order(blocks: list[str]) -> None:
    text = "\n\n".join(blocks)
    found = pieces(text)
    assert all(piece.text.endswith(text[piece.start : piece.end]) and piece.text.strip() for piece in found)
    assert all(one.end <= two.start for one, two in pairwise(found))


@pytest.mark.parametrize("ending", ["", "\n", "\n\n\n"])
def test_end_of_text_is_not_lost(ending: str) -> None:
    assert pieces(f"# Baggage\n\nLast words.{ending}")[0].text == "Last words."
