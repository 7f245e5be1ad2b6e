"""What staff see of a change: paragraphs side by side, words marked, never a page that hangs."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.differ import Block, compare, moved, units, words

BEFORE = "# Pets\n\nDogs fly for 50 euros.\n\n- In the cabin\n- In the hold\n\nLast words.\n"


def kinds(before: str, after: str) -> list[str]:
    return [block.kind for block in compare(before, after)]


def test_changed_word_is_marked_in_its_paragraph() -> None:
    changed = compare(BEFORE, BEFORE.replace("50 euros", "60 euros"))[1]
    assert changed == Block(
        "changed", words=(("same", "Dogs fly for "), ("gone", "50"), ("new", "60"), ("same", " euros."))
    )


def test_changed_phrase_is_marked_whole() -> None:
    assert words("Bring two small bags today.", "Bring one large bag today.") == (
        ("same", "Bring "),
        ("gone", "two small bags"),
        ("new", "one large bag"),
        ("same", " today."),
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE, ["same"] * 5),
        (BEFORE.replace("Last words.\n", ""), ["same"] * 4 + ["gone"]),
        (BEFORE + "\nMore of it.\n", ["same"] * 5 + ["new"]),
        (BEFORE.replace("- In the hold\n", ""), ["same"] * 3 + ["gone", "same"]),
        (BEFORE.replace("Last words.", "Nothing alike at all"), ["same"] * 4 + ["gone", "new"]),
    ],
)
def test_paragraphs_are_aligned(after: str, expected: list[str]) -> None:
    assert kinds(BEFORE, after) == expected


def test_moved_paragraph_is_gone_here_and_new_there() -> None:
    assert sorted(kinds("A one.\n\nB two.\n\nC three.\n", "B two.\n\nC three.\n\nA one.\n")) == [
        *("gone", "new", "same", "same")
    ]


def test_inserted_paragraph_does_not_shift_the_changed_one() -> None:
    before = "The fee is 50 euros for a dog.\n\nThe fee is 20 euros for a bird.\n"
    after = (
        "Snakes stay at home always!\n\nThe fee is 60 euros for a dog.\n\nThe fee is 30 euros for a bird.\n"
    )
    assert kinds(before, after) == ["new", "changed", "changed"]


TEXTS = st.lists(st.sampled_from(["a b", "a c", "- x", "# H", "| t |", "", "a b c d"]), max_size=40).map(
    "\n".join
)


@settings(max_examples=150, deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    blocks = compare(before, after)
    for side, text in (("gone", before), ("new", after)):
        read = [
            block.text or "".join(word for kind, word in block.words if kind in ("same", side))
            for block in blocks
            if block.kind in ("same", "changed", side)
        ]
        assert read == [unit.text for unit in units(text)]


def test_units_know_where_they_stand() -> None:
    text = "# A\nfirst\nsecond\n\n- one\n  more\n- two\n"
    assert [text[unit.start :].startswith(unit.text.split("\n")[0]) for unit in units(text)] == [True] * 4
    assert [unit.text for unit in units(text)] == ["# A", "first\nsecond", "- one\n  more", "- two"]


def test_pages_move_with_their_paragraphs() -> None:
    before = "Page one.\n\nPage two.\n\nMore.\n\nPage three.\n"
    starts = [before.index(words) for words in ("Page one", "Page two", "Page three")]
    after = "New first.\n\nPage one.\n\nPage two is new.\n\nMore.\n\nPage three.\n"
    assert moved(starts, before, after) == [0, after.index("More"), after.index("Page three")]


def test_pages_of_an_unchanged_text_stay() -> None:
    text = "\n\n".join(f"Words of page {number}." for number in range(9))
    starts = [match.start() for match in re.finditer("Words", text)]
    assert moved(starts, text, text) == starts


BIG = 1_000_000
SENTENCE = (
    "Dogs, cats and number {} travel in the cabin for a fee that depends on the weight of the carrier. "
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("same line\n\n" * (BIG // 11), "same line\n\n" * (BIG // 12) + "other line\n\n" * 999),
        ("a " * (BIG // 2), "b a " * (BIG // 4)),
        ("x" * BIG, "y" * BIG),
        (
            "\n\n".join(SENTENCE.format(n) * 3 for n in range(BIG // 300)),
            "\n\n".join(SENTENCE.format(n).replace("fee", "price") * 3 for n in range(BIG // 300)),
        ),
        (
            "\n\n".join(f"line {n % 150}" for n in range(BIG // 10)),
            "\n\n".join(f"line {n * 7 % 151}" for n in range(BIG // 10)),
        ),
        (
            "\n\n".join(f"line {n}" for n in range(BIG // 12)),
            "\n\n".join(f"line {n}" for n in reversed(range(BIG // 12))),
        ),
    ],
    ids=["one line", "one paragraph", "one word", "every paragraph", "few lines", "reversed"],
)
def test_hostile_text_is_compared_with_bounded_work(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    from knowledge.documents import differ

    class Counting(differ.SequenceMatcher):
        def __init__(self, junk: None, a: list, b: list, autojunk: bool) -> None:
            compared.append(len(a) * len(b))
            super().__init__(junk, a, b, autojunk)

    monkeypatch.setattr(differ, "SequenceMatcher", Counting)
    blocks = compare(before, after)
    assert {"gone", "new"} & {block.kind for block in blocks} or any(block.words for block in blocks)
    assert sum(compared) < 40_000_000 and max(compared, default=0) <= 40_000
