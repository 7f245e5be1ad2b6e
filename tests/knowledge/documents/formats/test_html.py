"""HTML: structure kept, the page's machinery and hidden text left out."""

import pytest

from knowledge.documents.formats import html
from knowledge.documents.parse import Parsed, parse
from knowledge.errors import DocumentRefused


def read(body: str, head: str = "", attributes: str = "") -> Parsed:
    page = (
        f"<!DOCTYPE html><html {attributes}><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    )
    return parse("bags.html", page.encode())


def text(body: str, head: str = "") -> str:
    return read(body, head).text.rstrip("\n")


def test_headings_and_paragraphs() -> None:
    assert (
        text("<h1>Bags</h1><p>One  bag\n is free.<p>Two are not.")
        == "# Bags\n\nOne bag is free.\n\nTwo are not."
    )


def test_lists_keep_depth_and_numbers() -> None:
    body = "<ul><li>Cabin<ol start=3><li>A coat<li>A bag</ol><li>Hold</ul>"
    assert text(body) == "- Cabin\n  3. A coat\n  4. A bag\n- Hold"


def test_item_with_several_paragraphs_stays_together() -> None:
    assert text("<ol><li><p>First.</p><p>More of it.</p></li><li>Second.</li></ol>") == (
        "1. First.\n\n   More of it.\n\n2. Second."
    )


def test_two_numbered_lists_do_not_run_together() -> None:
    assert text("<ol><li>a one<li>a two</ol><ol><li>b one</ol>") == "1. a one\n2. a two\n1) b one"


def test_letters_of_a_list_are_said() -> None:
    assert text('<ol type="a"><li>Skis<li>Kayaks</ol>') == "- a) Skis\n- b) Kayaks"


def test_table_keeps_cells_over_rows() -> None:
    body = """<table><caption>Fees</caption><tr><th>Route<th>Fare<th>Fee</tr>
      <tr><td rowspan=2>Lisbon<td>Light<td>EUR 40|50</tr><tr><td>Flex<td>EUR 0</tr>
      <tr><td colspan=2>Others<td>EUR 9</tr></table>"""
    assert text(body) == (
        "Fees\n\n| Route | Fare | Fee |\n| --- | --- | --- |\n| Lisbon | Light | EUR 40\\|50 |\n"
        "| Lisbon | Flex | EUR 0 |\n| Others |  | EUR 9 |"
    )


def test_table_that_arranges_the_page_is_read_as_text() -> None:
    assert text("<table><tr><td><h2>Fees</h2><p>Forty.</td></tr></table>") == "## Fees\n\nForty."


def test_links_keep_words_and_safe_targets() -> None:
    body = """<p><a href="https://a.example/x_(y)">Our [fees]</a>, <a href="/local">local</a>,
      <a href="javascript:alert(1)">script</a>, <a href="mailto:d@a.example">write</a></p>"""
    assert text(body) == (
        "[Our \\[fees\\]](https://a.example/x_%28y%29), local, script, [write](mailto:d@a.example)"
    )


def test_code_keeps_its_lines() -> None:
    assert text("<pre>a *b*\n  c</pre>") == "```\na *b*\n  c\n```"


def test_accidental_markdown_is_guarded() -> None:
    assert text("<p># 1. *a* _b_ `c` [d](e) &lt;b&gt; &amp;amp; 2 * 3 snake_case") == (
        "\\# 1. \\*a\\* \\_b\\_ \\`c\\` [d\\](e) \\<b> \\&amp; 2 * 3 snake_case"
    )
    assert text("<p>1. one<p>- two<p>+ three<p>&gt; four<p>---<p>|--|") == (
        "1\\. one\n\n\\- two\n\n\\+ three\n\n\\> four\n\n\\---\n\n\\|--|"
    )


def test_text_that_looks_like_a_comment_is_kept() -> None:
    assert text("<p>Write &lt;!-- note --&gt; here") == "Write \\<!-- note --> here"


def test_machinery_is_left_out() -> None:
    body = """<header>Shop</header><nav>Menu</nav><script>var x</script><style>p{}</style><aside>Ads</aside>
      <p>Bags<button>Buy</button></p><noscript>on</noscript><template>t</template><svg><text>s</text></svg>
      <div role="navigation">Again</div>
      <form><p>Form text</p><input value="v"></form><footer>Legal</footer>"""
    assert text(body) == "Bags\n\nForm text"


def test_main_is_chosen() -> None:
    body = "<div>Menu of all pages</div><main><h1>Bags</h1><p>One bag is free.</p></main><div>Shop now</div>"
    assert text(body) == "# Bags\n\nOne bag is free."


def test_one_small_article_of_a_long_page_is_not_all() -> None:
    body = f"<article>Teaser</article><p>{'One bag is free. ' * 20}</p>"
    assert "One bag" in text(body) and "Teaser" in text(body)


HIDDEN = [
    "<p hidden>ignore",
    '<p aria-hidden="true">ignore',
    "<p inert>ignore",
    '<p style="display:none">ignore',
    '<p style="color:red; Display : None !important">ignore',
    '<p style="visibility:hidden">ignore',
    '<p style="opacity:0">ignore',
    '<p style="opacity:.01">ignore',
    '<p style="font-size:0">ignore',
    '<p style="font-size:1px">ignore',
    '<p style="position:absolute;left:-9999px">ignore',
    '<p style="text-indent:-999em">ignore',
    '<p style="clip:rect(0 0 0 0)">ignore',
    '<p style="clip-path:inset(50%)">ignore',
    '<p style="height:0;overflow:hidden">ignore',
    '<p style="transform:scale(0)">ignore',
    '<p style="color:#ffffff">ignore',
    '<p style="color: rgba(0,0,0,0)">ignore',
    '<p class="sr-only">ignore',
    '<p class="unseen">ignore',
    '<p id="gone">ignore',
    "<!-- ignore --><p>",
    "<dialog>ignore</dialog>",
    '<img alt="" title="ignore">',
]
STYLE = "<style>/* x */ .unseen, b.x { display: none } #gone{visibility:hidden}</style>"


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_text_is_left_out(hidden: str) -> None:
    assert text(f"<p>Bags</p>{hidden}", STYLE) == "Bags"


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="opacity:0.8">seen',
        '<p style="font-size:10px">seen',
        '<p style="margin-left:-10px">seen',
        '<p style="background:#006;color:white">seen',
        '<div style="background-color:navy"><p style="color:#fff">seen</p></div>',
        '<p hidden="until-found">seen',
        "<details><summary>seen</summary></details>",
        '<p class="on-paper">seen',
        '<p style="height:0">seen',
    ],
)
def test_shown_text_is_kept(shown: str) -> None:
    style = "<style>@media print { .on-paper { display: none } } .x .on-paper { display: none }</style>"
    assert text(shown, style) == "seen"


def test_pictures_give_their_words() -> None:
    body = (
        '<img src="data:image/png;base64,AAAA" alt="Map of the gates"><img alt="IMG_2041.jpg"><img alt="x">'
    )
    assert text(f"<p>{body}</p>") == "Map of the gates"


def test_title_and_language() -> None:
    parsed = read("<h1>Equipaje</h1><p>Uno.", "<title>Equipaje | Aerolínea</title>", 'lang="es-ES"')
    assert (parsed.title, parsed.language) == ("Equipaje", "es-es")
    assert read("<h1>Bags</h1>x", "<title>Help desk</title>").title == "Help desk"
    assert read("<h1>Bags &amp; coats</h1>x").title == "Bags & coats"
    assert read("<p>Words alone").title == "Bags"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="shift_jis">', "cp932"),
        ('<meta http-equiv=content-type content="text/html; charset=EUC-JP">', "euc_jp"),
        ("", "utf-16"),
        ("", "utf-8-sig"),
        ('<meta charset="iso-8859-1">', "utf-8"),
        ("", "cp932"),
    ],
)
def test_encoding_is_found(head: str, encoding: str) -> None:
    page = f"<html><head>{head}</head><body><p>手荷物は無料です</p></body></html>"
    assert parse("x.html", page.encode(encoding)).text == "手荷物は無料です\n"


def test_old_western_page() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>Überfracht kostet 60 €</body></html>'
    assert parse("x.html", page.encode("cp1252")).text == "Überfracht kostet 60 €\n"


def test_deep_nesting_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(DocumentRefused) as refused:
        read("<div>" * (html.DEEPEST + 1) + "x")
    assert refused.value.code == "broken"


def test_unclosed_old_tags_are_no_nesting() -> None:
    assert text("<ul>" + "<li>x<p>y" * 3000 + "</ul>").count("- x") == 3000


def test_nesting_below_the_walked_depth_keeps_its_words() -> None:
    assert text("<div>" * 500 + "deep words") == "deep words"


@pytest.mark.parametrize(
    "page", ["<html>", "<html><body></body></html>", "<html><frameset><frame></frameset></html>"]
)
def test_page_without_text_is_refused(page: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse("x.html", page.encode())
    assert refused.value.code == "empty"


def test_caption_that_repeats_its_picture_is_said_once() -> None:
    figure = '<figure><img alt="Our new cabin"><figcaption>Our new cabin</figcaption></figure>'
    assert text(f"{figure}<p>Yes.<p>Yes.") == "Our new cabin\n\nYes.\n\nYes."
