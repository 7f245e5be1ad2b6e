"""Answers on pages without a script: the same rules as in the browser."""

import re

import pytest

from chatsite.templatetags.answers import answer, answer_html, section_name


def html(text: str, numbers: tuple[int, ...] = (1,)) -> str:
    return answer_html(text, anchor="a", numbers=numbers)


def test_a_sentence_that_no_source_bears_out_says_so_in_words():
    assert '99 EUR. <em class="doubt">not found in the sources</em>' in html("99 EUR. [^?] Ask us.")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <svg onload=alert(1)> text",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](http://evil.example)",
    "![x](https://evil.example/pixel.png)",
    "| <img src=x onerror=alert(1)> |\n| --- |\n| <script>alert(1)</script> |",
    "# <img src=x onerror=alert(1)>",
    "[^1]<img src=x onerror=alert(1)>",
    "[^<script>]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_harmless(text):
    shown = html(text)
    assert not re.search(r"<(script|img|svg|iframe|style|form|input)\b", shown, re.IGNORECASE)
    assert not re.search(r"<[^>]* on\w+=", shown, re.IGNORECASE)
    for href in re.findall(r'href="([^"]*)"', shown):
        assert re.match(r"https://|mailto:|#|/(?![/\\])", href), href


@pytest.mark.parametrize("href", ["https://a.example/b", "mailto:desk@a.example", "/knowledge/passages/3/"])
def test_safe_links_stay_and_tell_nothing(href):
    assert f'<a href="{href}" rel="noopener noreferrer nofollow">' in html(f"[x]({href})")


def test_markers_lead_to_their_source():
    assert '<sup class="cite"><a href="#source-a-1"' in html("Two bags[^1].")


def test_marker_never_points_to_nothing():
    assert html("Two bags[^7].") == "<p>Two bags.</p>\n"


@pytest.mark.parametrize("text", ["[^]", "[^x]", "[^1234]", "[^1", "[^"])
def test_what_is_no_marker_stays_text(text):
    assert text in html(f"Two bags{text}")


def test_footnote_texts_are_not_shown():
    assert "example" not in html("Two bags[^1].\n\n[^1]: https://a.example")


@pytest.mark.parametrize(("level", "tag"), [(1, "h3"), (2, "h4"), (6, "h6")])
def test_headings_begin_below_those_of_the_page(level, tag):
    assert html("#" * level + " Bags") == f"<{tag}>Bags</{tag}>\n"


def test_tables_keep_their_alignment_without_styles():
    shown = html("| a |\n| --: |\n| 1 |")
    assert '<td align="right">' in shown
    assert "style" not in shown


def test_line_break_is_a_line_break():
    assert "<br>" in html("one\ntwo")


def test_message_brings_its_own_numbers():
    item = {"id": "m", "text": "Two[^1] or three[^2].", "citations": [{"number": 2}]}
    assert re.findall(r'href="#(source-m-\d)"', answer(item)) == ["source-m-2"]


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("Checked baggage › Allowance", "Allowance"),
        ("Checked baggage", ""),
        ("Allowance › Light", "Allowance › Light"),
        ("", ""),
        (None, ""),
    ],
)
def test_section_goes_without_the_title(section, name):
    assert section_name({"title": "Checked baggage", "section": section}) == name
