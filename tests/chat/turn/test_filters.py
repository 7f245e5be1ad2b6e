"""Citing and reviewing give the same output wherever the stream is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.llm.base import Source
from chat.turn.cite import Citer
from chat.turn.context import Evidence, Footnote
from chat.turn.generate import drain
from chat.turn.review import Reviewer
from chat.turn.verdict import Verdict

KNOWN = "Write to us at https://larkwing.example/help within a month."
EVIDENCE = [Evidence(Source(n, "passage", f"T{n}", "", KNOWN)) for n in (1, 2, 3)]


def shown(pieces: list[str]) -> tuple[str, list[int]]:
    footnotes: list[Footnote] = []
    filters = [Citer(EVIDENCE, footnotes), Reviewer(KNOWN)]
    text = ""
    for piece in pieces:
        for each in filters:
            piece = each.feed(piece)
        text += piece
    return text + drain(filters), [note.evidence.source.number for note in footnotes]


CASES = [
    ("One. [2] Two. [1] Three. [2]", "One. [^1] Two. [^2] Three. [^1]", [2, 1]),
    ("A[1][3].", "A[^1][^2].", [1, 3]),
    ("A [1, 3].", "A [^1][^2].", [1, 3]),
    ("A [^2].", "A [^1].", [2]),
    ("A【3】.", "A[^1].", [3]),
    ("Not there [9].", "Not there.", []),
    ("Half [1, 9].", "Half [^1].", [1]),
    ("List:\n• one\n* two\n– three", "List:\n- one\n- two\n- three", []),
    ("* first\n  • inner", "- first\n  - inner", []),
    ("5 * 3 – 2 • x", "5 * 3 – 2 • x", []),
    ("**bold** and *it*", "**bold** and *it*", []),
    ("An ![image](https://evil.example/x.png?d=1) here", "An  here", []),
    ("A [link](https://evil.example/) here", "A link here", []),
    ("A [link](https://larkwing.example/help) here", "A [link](https://larkwing.example/help) here", []),
    ("See https://evil.example/a?b=c now", "See  now", []),
    ("See https://larkwing.example/help.", "See https://larkwing.example/help.", []),
    ("See www.evil.example now", "See  now", []),
    ("xhttps://evil.example", "xhttps://evil.example", []),
    ("<script>alert(1)</script>hi", " alert(1) hi", []),
    ("<img src=x onerror=alert(1)>hi", " hi", []),
    ("<<b>script>", "< script>", []),
    ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3", []),
    ("An open [bracket", "An open [bracket", []),
    ("An open <tag", "An open <tag", []),
    ("Wow!", "Wow!", []),
    ("who how http h", "who how http h", []),
    ("End with space [1]  \n\n", "End with space [^1]", [1]),
    ("", "", []),
]


@pytest.mark.parametrize(("written", "expected", "cited"), CASES)
def test_whole_text_is_made_fit(written, expected, cited):
    assert shown([written]) == (expected, cited)


@pytest.mark.parametrize("written", [case[0] for case in CASES])
def test_every_cut_gives_the_same(written):
    whole = shown([written])
    for cut in range(len(written) + 1):
        assert shown([written[:cut], written[cut:]]) == whole
    assert shown(list(written)) == whole


def test_marks_of_a_quoted_source_are_its_own():
    written = "As written [1]:\n\n> See note [2].\n> And [1].\n\nMore [2]."
    for pieces in ([written], list(written)):
        citer = Citer(EVIDENCE, footnotes := [], quoting=True)
        text = "".join(citer.feed(piece) for piece in pieces) + citer.finish()
        assert text == "As written [^1]:\n\n> See note [2].\n> And [1].\n\nMore [^2]."
        assert [note.evidence.source.number for note in footnotes] == [1, 2]


_FRAGMENTS = st.sampled_from(
    ["[1]", "[", "]", "(", ")", "!", "<", ">", "a", "b>", " ", "\n", "* ", "•", "http", "s://", "x.y", "www",
     ".", "[^2]", "[9]", "](", "https://larkwing.example/help", "【2】", "w", "h", "1", ",", "– ", "/"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_FRAGMENTS, max_size=14))
def test_any_pieces_give_what_the_whole_gives(pieces):
    assert shown(pieces) == shown(["".join(pieces)])


VERDICTS = [
    ("[no-answer]", None),
    (" [NO-answer] more", None),
    ("[no-answers are rare]", "[no-answers are rare]"),
    ("Yes. [no-answer] No[no", "Yes.  No[no"),
    ("[[no-answer]", "["),
    ("[no", "[no"),
    ("  ", "  "),
]


@pytest.mark.parametrize(("written", "expected"), VERDICTS)
def test_verdict_is_the_same_at_any_cut(written, expected):
    for cut in range(len(written) + 1):
        verdict = Verdict()
        shown = verdict.feed(written[:cut]) + verdict.feed(written[cut:]) + verdict.finish()
        assert (None if verdict.is_insufficient else shown) == expected
        assert not (verdict.is_insufficient and shown)
