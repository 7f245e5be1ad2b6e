"""The text as a page, the cited passage highlighted."""

import re
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from knowledge.documents.render import render_source, render_text
from knowledge.documents.split import split

TEXT = """# Pets

Small dogs **may** come. Large dogs may not.

- In the cabin
- In the hold

| Pet | Fee |
| --- | --- |
| Dog | 50 |
| Cat | 40 |

Last words.
"""


def cite(words: str) -> str:
    start = TEXT.index(words)
    return render_text(TEXT, "Pets", (start, start + len(words)))


def test_title_is_not_repeated() -> None:
    assert "<h1>" not in render_text(TEXT, "Pets")
    assert "<h1>Pets</h1>" in render_text(TEXT, "Animals")


def test_neighbouring_blocks_share_a_frame() -> None:
    html = cite(TEXT[TEXT.index("- In the cabin") : TEXT.index("\n\nLast")])
    assert html.count("<section") == 1
    assert (
        html.index('<section class="cited" id="cited">')
        < html.index("<ul>")
        < html.index("</table>\n</section>")
    )


def test_sentence_is_marked_inside_its_paragraph() -> None:
    assert '<mark class="cited" id="cited">Large dogs may not.</mark></p>' in cite("Large dogs may not.")


def test_mark_keeps_emphasis() -> None:
    html = cite("Small dogs **may** come.")
    assert '<p><mark class="cited" id="cited">Small dogs <strong>may</strong> come.</mark> Large' in html


def test_item_is_marked_alone() -> None:
    assert '<li class="cited" id="cited">In the hold</li>' in cite("- In the hold")


def test_row_is_marked_alone() -> None:
    assert '<tr class="cited" id="cited">\n<td>Cat</td>' in cite("| Cat | 40 |")


def test_mark_over_two_paragraphs_closes_in_each() -> None:
    text = "One. Two.\n\nThree. Four.\n"
    html = render_text(text, "", (5, text.index(" Four")))
    assert '<p>One. <mark class="cited" id="cited">Two.</mark></p>' in html
    assert '<p><mark class="cited">Three.</mark> Four.</p>' in html


@pytest.mark.parametrize("words", [piece.text for piece in split(TEXT * 3, "Pets")])
def test_every_passage_has_one_place_to_jump_to(words: str) -> None:
    start = (TEXT * 3).index(words)
    assert render_text(TEXT * 3, "Pets", (start, start + len(words))).count('id="cited"') == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](//evil.example)",
        "[x](data:text/html,hi)",
        "![x](https://evil.example/pixel.png)",
        '<p class="cited" id="cited" style="color:red">x</p>',
    ],
)
def test_hostile_text_stays_text(hostile: str) -> None:
    html = render_text(hostile, "")
    for forbidden in ("<script", "<img", "href", "src=", "style=", 'id="cited"'):
        assert forbidden not in html.replace("&lt;", "").replace("&quot;", "") or "&lt;" in html


def test_links_open_without_telling() -> None:
    html = render_text("[Ask](mailto:desk@example.com)", "")
    assert 'href="mailto:desk@example.com"' in html and "noopener" in html


def test_signs_in_the_text_are_harmless() -> None:
    assert "<mark" not in render_text("A ⸢bracket⸣ here.", "")


def highlighted(html: str) -> str:
    """Return the text of everything highlighted, in order, blanks made one."""
    parts = HTMLParser(html).css(".cited")
    outer = [
        part for part in parts if not any(part in other.css(".cited") for other in parts if other != part)
    ]
    return " ".join(" ".join(part.text() for part in outer).split())


WORD = re.compile(r"w\d+x")
ITEM = st.integers(1, 60)  # words
PHRASE = st.sampled_from(
    ["{}", "{}.", "**{}** {}.", "*{} {}.* {}", "[{}](https://e.example/a.b)", "`{}. {}`", "{}\\*"]
)
BLOCK = st.one_of(
    st.tuples(st.just("paragraph"), st.lists(PHRASE, min_size=1, max_size=60)),
    st.tuples(st.just("lines"), st.lists(PHRASE, min_size=1, max_size=40)),
    st.tuples(st.just("quote"), st.lists(PHRASE, min_size=1, max_size=60)),
    st.tuples(
        st.sampled_from(["bullets", "numbers", "nested", "loose"]), st.lists(PHRASE, min_size=1, max_size=50)
    ),
    st.tuples(st.sampled_from(["fence", "indented"]), st.lists(PHRASE, min_size=1, max_size=60)),
    st.tuples(st.just("table"), st.lists(PHRASE, min_size=1, max_size=60)),
    st.tuples(st.just("heading"), st.lists(PHRASE, min_size=1, max_size=2)),
)


def markdown(blocks: list[tuple[str, list[str]]]) -> str:
    """Write the blocks with words of which each stands once."""
    numbers = count(1)

    def filled(phrase: str) -> str:
        return re.sub(r"\{\}", lambda _: f"w{next(numbers)}x", phrase)

    text = []
    for kind, phrases in blocks:
        words = [filled(phrase) for phrase in phrases]
        pairs = [" ".join(words[first : first + 2]) for first in range(0, len(words), 2)]
        shapes = {
            "paragraph": " ".join(words),
            "lines": "\n".join(words),
            "quote": "> " + "\n> ".join(words),
            "bullets": "\n".join(f"- {part}" for part in pairs),
            "numbers": "\n".join(f"{number}. {part}" for number, part in enumerate(pairs, start=1)),
            "nested": "- "
            + " ".join(words[:3])
            + "".join(f"\n  - {part}\n    - {part}y" for part in words[3:]),
            "loose": "\n\n".join(f"- {part}\n\n  {part}y" for part in pairs),
            "fence": "```\n" + "\n".join(pairs) + "\n```",
            "indented": "    " + "\n    ".join(pairs),
            "table": "| A | B |\n| --- | --- |\n" + "\n".join(f"| {part} | {part}y |" for part in words),
            "heading": "## " + " ".join(words),
        }
        text.append(shapes[kind])
    return "\n\n".join(text) + "\n"


@settings(max_examples=120, deadline=None)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=6))
@example(blocks=[("nested", ["{}."] * 200)])
@example(blocks=[("bullets", ["{}."] * 2), ("quote", ["**{}** {}."] * 200)])
@example(blocks=[("table", ["{}"] * 150)])
@example(blocks=[("fence", ["{}."] * 200), ("lines", ["*{} {}.* {}"] * 80)])
def test_exactly_the_cited_passage_is_highlighted(blocks: list[tuple[str, list[str]]]) -> None:
    text = markdown(blocks)
    for piece in split(text, "Title"):
        html = render_text(text, "Title", (piece.start, piece.end))
        assert WORD.findall(highlighted(html)) == WORD.findall(text[piece.start : piece.end])
        assert html.count('id="cited"') == 1
        without = HTMLParser(html).text().split()
        assert without == HTMLParser(render_text(text, "Title")).text().split()


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("- One. Two.\n- Three.\n", "Two.\n- Three.", ["<mark", "Two.</mark>", '<li class="cited">Three.']),
        ("> One. Two.\n", "Two.", ['One. <mark class="cited" id="cited">Two.</mark></p>']),
        (
            "```\none\ntwo < 3\n```\n",
            "two < 3",
            ['one\n<mark class="cited" id="cited">two &lt; 3</mark>\n</code>'],
        ),
        (
            "| A | B |\n| - | - |\n| a. b | c |\n",
            "b | c",
            ['a. <mark class="cited" id="cited">b</mark></td>'],
        ),
        (
            "**One. Two** three.\n",
            "Two** three.",
            ['One. <mark class="cited" id="cited">Two</mark></strong>'],
        ),
        ("- a\n  - b\n  - c\n- d\n", "  - c", ['<li class="cited" id="cited">c</li>']),
        ("a [one two](https://e.example/) b\n", "two", ['one <mark class="cited" id="cited">two</mark></a>']),
    ],
)
def test_passage_is_marked_inside(text: str, words: str, shown: list[str]) -> None:
    start = text.index(words)
    html = render_text(text, "", (start, start + len(words)))
    assert [part for part in shown if part not in html] == []


def test_place_that_cannot_be_cut_out_marks_its_paragraph() -> None:
    text = "See [the rules](https://e.example/very/long) now.\n"
    start = text.index("very")
    html = render_text(text, "", (start, start + 4))
    assert highlighted(html) == "See the rules now." and 'href="https://e.example/very/long"' in html


def test_source_is_escaped_and_marked() -> None:
    html = render_source("a <b> c", (2, 5))
    assert html == 'a <mark class="cited" id="cited">&lt;b&gt;</mark> c'
    assert render_source("a <b>") == "a &lt;b&gt;"
