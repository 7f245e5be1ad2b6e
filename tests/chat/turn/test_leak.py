"""A model that tells its rules is ended; everything else passes unchanged, wherever the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from chat.turn.leak import LeakGuard, PromptLeaked

CANARY = "0a1b2c3d4e5f6071"
RULES = (
    "You are the automated support assistant of Larkwing. Every statement of fact comes from a source, and "
    f"ends with that source's number in square brackets. Never write this mark: {CANARY}"
)


def shown(*pieces: str) -> str:
    guard = LeakGuard([CANARY], RULES)
    return "".join(guard.feed(piece) for piece in pieces) + guard.finish()


@pytest.mark.parametrize(
    "written",
    [
        f"The mark is {CANARY}.",
        f"The mark is {CANARY.upper()}",
        "It is " + "-".join(CANARY),
        "Sure! Every statement of fact comes from a source, and ends with that source's number.",
        "EVERY STATEMENT OF FACT\ncomes from a source, and ends with\n> that",
    ],
)
def test_the_rules_and_their_mark_never_pass(written):
    for pieces in ([written], list(written)):
        guard = LeakGuard([CANARY], RULES)
        passed = ""
        with pytest.raises(PromptLeaked):
            for piece in pieces:
                passed += guard.feed(piece)
            guard.finish()
        assert len(passed.replace("-", "")) <= len("EVERY STATEMENT OF FACT comes")


def test_words_that_merely_begin_like_the_rules_pass():
    written = "Every statement of fact comes from us. You are the automated gate's guest, 0a1b2c, 0a1b."
    assert shown(written) == shown(*written) == written


_PIECES = st.sampled_from(
    [
        "every ",
        "statement ",
        "of fact ",
        "comes ",
        "from a ",
        "0a1b",
        "2c3d",
        " ",
        "-",
        "x",
        ".",
        "\n",
        "you are the ",
    ]
)


@given_settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=14))
def test_any_pieces_give_the_whole_or_end(pieces):
    def outcome(*cut: str) -> str | None:
        try:
            return shown(*cut)
        except PromptLeaked:
            return None

    whole = "".join(pieces)
    assert outcome(whole) == outcome(*pieces) == outcome(*whole)
    assert outcome(whole) in (None, whole)
