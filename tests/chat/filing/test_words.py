"""Words as patterns: whatever is typed finds itself, and case and accents do not matter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.filing.titles import checked_title
from chat.filing.words import MOST_WORDS, any_of, patterns

LATIN = st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cs", "Cc"]), max_size=30)


@given(LATIN)
def test_every_text_finds_itself(text):
    assert all(re.search(pattern, text) for pattern in patterns(text))


@pytest.mark.parametrize("said", ["équipaje", "EQUIPAJE", "Èquipaje"])
@pytest.mark.parametrize("sought", ["equipaje", "ÉQUIPAJE"])
def test_case_and_accents_do_not_matter(said, sought):
    assert re.search(any_of(sought), said)


@pytest.mark.parametrize(("said", "sought"), [("Straße", "STRASSE"), ("bag", "bags"), ("a.c", "abc")])
def test_other_words_stay_other_words(said, sought):
    assert not re.search(any_of(sought), said)


def test_many_words_are_cut():
    assert len(patterns("x " * 50)) == MOST_WORDS
    assert any_of("  ") == ""


@given(st.text(max_size=40))
def test_titles_are_one_visible_line(text):
    title = checked_title(text)
    assert title == " ".join(title.split())
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", title)
    assert checked_title(title) == title
