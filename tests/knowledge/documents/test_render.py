"""The text as a page, the cited passage highlighted."""

import pytest

from knowledge.documents.render import render_text
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
