"""Show a version's text as safe HTML, with the cited passage highlighted where it stands.

Markdown in, raw HTML in it shown as text, the outcome sanitised. The blocks of a passage are framed together;
one that begins or ends inside a list, a table or a paragraph is marked there to the item, row or sentence.
"""

from collections.abc import Iterator, Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents.split import line_starts

CITED = "cited"  # class of everything highlighted, and id of the first piece
# Brackets that nobody types stand for the ends of a highlight while the text is parsed; being punctuation,
# they leave the emphasis beside them as it was.
_BEGIN, _END = "⸢", "⸣"
_PLAIN_BRACKETS = str.maketrans(_BEGIN + _END, "[]")
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("strong", "em", "code", "pre", "blockquote", "a", "hr", "br", "mark", "section"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_PARTS = ("li", "tr")


def render_text(text: str, title: str, cited: tuple[int, int] | None = None) -> SafeString:
    """Return ``text`` (Markdown) as HTML without its first heading when that is ``title``.

    ``cited`` is the start and end of a passage in ``text``; the first highlighted element gets the id
    ``cited``.
    """
    text = text.translate(_PLAIN_BRACKETS)
    tokens = _highlighted(text, *cited) if cited else _parser.parse(text)
    html = _parser.renderer.render(_without_title(tokens, title), _parser.options, {})
    html = html.replace(f'class="{CITED}"', f'class="{CITED}" id="{CITED}"', 1)
    return mark_safe(_sanitise(html))


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


def _highlighted(text: str, start: int, end: int) -> list[Token]:
    """Parse ``text`` and highlight everything between the offsets."""
    inner = _ends_inside_paragraphs(text, start, end)
    for offset, sign in sorted(inner.items(), reverse=True):
        text = text[:offset] + sign + text[offset:]
    end += len(inner)
    end += len(text[end:]) - len(text[end:].lstrip())  # the blank lines after a block count as its own
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type == "inline":
            token.children = _marked(token.children or [])
    return list(_framed(tokens, line_starts(text), start, end))


def _ends_inside_paragraphs(text: str, start: int, end: int) -> dict[int, str]:
    """Return the ends of the passage that are not also ends of a paragraph, with their signs."""
    starts = line_starts(text)
    inner = {}
    for token in _parser.parse(text):
        if token.type == "paragraph_open":
            first, last = (starts[line] for line in token.map)
            for offset, sign in ((start, _BEGIN), (end, _END)):
                if text[first:offset].strip() and text[offset:last].strip():
                    inner[offset] = sign
    return inner


def _marked(children: list[Token]) -> list[Token]:
    """Turn the signs in a paragraph into a mark; where one end lies outside, the mark goes to the edge."""
    content = "".join(child.content for child in children)
    if _BEGIN not in content and _END not in content:
        return children
    parts = [] if _BEGIN in content else [_mark()]
    for child in children:
        parts += _split_at_signs(child)
    return parts if _END in content else [*parts, _end_mark()]


def _split_at_signs(child: Token) -> Iterator[Token]:
    before, begin, rest = child.content.partition(_BEGIN)
    if begin:
        yield child.copy(content=before)
        yield _mark()
    inside, end, after = (rest if begin else before).partition(_END)
    yield child.copy(content=inside)
    if end:
        yield _end_mark()
        yield child.copy(content=after)


def _mark() -> Token:
    return Token("html_inline", "", 0, content=f'<mark class="{CITED}">')


def _end_mark() -> Token:
    return Token("html_inline", "", 0, content="</mark>")


def _framed(tokens: Sequence[Token], starts: Sequence[int], start: int, end: int) -> Iterator[Token]:
    """Frame the neighbouring top-level blocks between the offsets, and mark single items and rows there."""
    framing = False
    marked_level = None
    for token in tokens:
        within = bool(token.map) and start <= starts[token.map[0]] and starts[token.map[1]] <= end
        if token.level == 0 and token.map and within != framing:
            framing = within
            yield Token(
                "html_block", "", 0, content=f'<section class="{CITED}">' if framing else "</section>"
            )
        if not framing and within and token.tag in _PARTS and marked_level is None:
            token.attrJoin("class", CITED)
            marked_level = token.level
        elif token.nesting < 0 and token.level == marked_level:
            marked_level = None
        yield token
    if framing:
        yield Token("html_block", "", 0, content="</section>")
