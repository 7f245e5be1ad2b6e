"""Blocks as Markdown: what is written is what a Markdown parser reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from knowledge.documents.clean import clean
from knowledge.documents.formats.blocks import Block, link, plain, unescaped, write

_parser = MarkdownIt("commonmark").enable("table")


def words(markdown: str) -> str:
    """Return the text a reader sees, and fail over anything that is not running text."""
    tokens = _parser.parse(markdown)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "text_special"}, markdown
    return "".join(child.content for child in children)


@given(st.text(st.sampled_from("ab1 .)#*_+-=~`<>&;[](){}!|\\:/'\"é"), min_size=1, max_size=40))
def test_no_text_becomes_structure(text: str) -> None:
    shown = " ".join(text.split())
    if shown:
        assert words(write([Block("paragraph", plain(text))])) == shown


@given(st.lists(st.text(st.sampled_from("ab |\\*`"), max_size=8), min_size=2, max_size=4))
def test_cells_stay_cells(cells: list[str]) -> None:
    rows = [["x"] * len(cells), [plain(cell).strip() or "y" for cell in cells]]
    tokens = _parser.parse(write([Block("table", rows=rows)]))
    assert sum(token.type == "td_open" for token in tokens) == len(cells)


@given(st.text(max_size=60))
def test_written_text_is_clean(text: str) -> None:
    written = write([Block("paragraph", plain(text))])
    assert clean(written).strip("\n") == written.strip("\n")


def test_unescaped_gives_back_what_plain_took() -> None:
    assert unescaped(plain("1. *a* <b> \\ _c_")) == "1. *a* <b> \\ _c_"


def test_item_after_a_deep_one_returns() -> None:
    items = [("a", 1), ("b", 2), ("c", 3), ("d", 1), ("e", 9)]
    assert (
        write(Block("item", text, level=level) for text, level in items) == "- a\n  - b\n    - c\n- d\n  - e"
    )


@pytest.mark.parametrize(
    ("target", "written"),
    [
        ("https://a.example/b", "[fees](https://a.example/b)"),
        ("mailto:desk@a.example", "[fees](mailto:desk@a.example)"),
        ("javascript:alert(1)", "fees"),
        ("data:text/html,x", "fees"),
        ("/local", "fees"),
        ("https://a.example/ b", "fees"),
        ("https://a.example/" + "x" * 400, "fees"),
        ("", "fees"),
    ],
)
def test_links_lead_to_the_web_alone(target: str, written: str) -> None:
    assert link("fees", target) == written


def test_pages_are_marked_between_blocks() -> None:
    blocks = [
        Block("paragraph", "a", page=1),
        Block("paragraph", "b", page=3),
        Block("heading", "c", 2, page=3),
    ]
    assert write(blocks) == "a\n\n\f\fb\n\n## c"


def test_code_with_fences_in_it_stays_whole() -> None:
    assert write([Block("code", "```\nx\n```")]) == "````\n```\nx\n```\n````"
