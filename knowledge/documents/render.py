"""Show a version's text as safe HTML, with the cited passage highlighted where it stands.

Markdown in, raw HTML in it shown as text, the outcome sanitised. The blocks of a passage are framed together;
one that begins or ends inside a list, a table, a paragraph or code is marked there, to the letter.
"""

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents.highlight import CITED, highlighted

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("strong", "em", "code", "pre", "blockquote", "a", "hr", "br", "mark", "section"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}


def render_text(text: str, title: str, cited: tuple[int, int] | None = None) -> SafeString:
    """Return ``text`` (Markdown) as HTML without its first heading when that is ``title``.

    ``cited`` is the start and end of a passage in ``text``; the first highlighted element gets the id
    ``cited``.
    """
    references: dict[str, object] = {}
    tokens = _without_title(_parser.parse(text, references), title)
    if cited:
        tokens = highlighted(_parser, tokens, text, references, *cited)
    html = _parser.renderer.render(tokens, _parser.options, references)
    html = html.replace(f'class="{CITED}"', f'class="{CITED}" id="{CITED}"', 1)
    return mark_safe(_sanitise(html))  # nh3 cleans it  # nosec B703


def render_source(text: str, cited: tuple[int, int] | None = None) -> SafeString:
    """Return ``text`` as it is written, to stand in a ``pre``, with the passage ``cited`` marked."""
    if not cited:
        return escape(text)
    start, end = cited
    parts = (text[:start], text[start:end], text[end:])
    return format_html('{}<mark class="cited" id="cited">{}</mark>{}', *parts)


def _sanitise(html: str) -> str:
    """Keep what Markdown makes and nothing else; images too are left out."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}, "*": {"class", "id"}},
        attribute_filter=_safe_value,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _safe_value(_tag: str, name: str, value: str) -> str | None:
    """Keep our own class, and links that say where they lead; a relative one would lead to another page."""
    if name == "href":
        return value if value.partition(":")[0].lower() in _SCHEMES else None
    return value if name not in ("class", "id") or value == CITED else None


def _without_title(tokens: list[Token], title: str) -> list[Token]:
    is_title = len(tokens) > 2 and tokens[0].tag == "h1" and tokens[1].content == title
    return tokens[3:] if is_title else tokens
