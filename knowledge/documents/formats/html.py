"""HTML: the part of a page that is its text, without menus, scripts and what is hidden."""

import re
from collections import Counter
from pathlib import PurePath

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.documents.clean import clean_characters
from knowledge.documents.formats.blocks import Block, write
from knowledge.documents.formats.encoding import decode
from knowledge.documents.formats.extract import Extract
from knowledge.documents.formats.html_blocks import blocks_of
from knowledge.documents.formats.html_hidden import Hidden
from knowledge.errors import DocumentRefused

_HEAD = 4096  # bytes in which a page names its encoding
_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,100}encoding=[\"']([\w-]{1,40})")
DEEPEST = (
    2_000  # elements inside each other; the parser's time grows with the square, and no page reaches 200
)
MOST_TAGS = 500_000
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<(/?)([a-z][a-z0-9:-]*)[^<>]*>", re.DOTALL | re.I
)
# Elements that hold nothing, or that the next of their kind ends.
_FLAT = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th tbody thead"
    " tfoot option optgroup colgroup caption rp rt body html head".split()
)
_MAIN = ("main, [role=main]", "article")  # the first kind of which there is exactly one holds the text
_LEAST_SHARE = 0.25  # of the page's text that this one must hold


def read(path: PurePath, content: bytes) -> Extract:
    """Read the text of a page, its title and its language.

    Raises DocumentRefused with code ``binary``, ``encoding`` or ``broken`` (nested too deeply, too many
    parts).
    """
    text = decode(content, _declared(content))
    _check_depth(text)
    tree = LexborHTMLParser(text)
    return Extract(write(_blocks(tree)), title=_title(tree), language=_language(tree))


def _declared(content: bytes) -> str:
    found = _CHARSET.search(content[:_HEAD]) or _XML_ENCODING.search(content[:_HEAD])
    return found[1].decode("ascii", "replace") if found else ""


def _check_depth(text: str) -> None:
    """Refuse a page whose elements lie inside each other by the thousand, before it is parsed."""
    within: Counter[str] = Counter()
    depth = 0
    for number, match in enumerate(_TAG.finditer(text)):
        name = (match[3] or "").lower()
        if not name or name in _FLAT:
            continue
        if not match[2]:
            within[name] += 1
            depth += 1
        elif within[name]:
            within[name] -= 1
            depth -= 1
        if depth > DEEPEST or number > MOST_TAGS:
            raise DocumentRefused("broken", "Its elements are nested too deeply, or too many.")


def _title(tree: LexborHTMLParser) -> str:
    """Return the first heading when <title> begins with it (and the site's name follows), else <title>."""
    node = tree.css_first("title")
    title = _words(node)
    heading = _words(tree.css_first("main h1") or tree.css_first("article h1") or tree.css_first("h1"))
    return heading if heading and (not title or title.startswith(heading)) else title


def _words(node: LexborNode | None) -> str:
    return " ".join(clean_characters(node.text()).split()) if node is not None else ""


def _language(tree: LexborHTMLParser) -> str:
    root = tree.css_first("html")
    return (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root is not None else ""


def _blocks(tree: LexborHTMLParser) -> list[Block]:
    """Return the blocks of the one main or article when it holds enough of the page, else of the page."""
    if tree.body is None:
        return []
    hides = Hidden(tree).hides
    whole = blocks_of(tree.body, hides)
    for selector in _MAIN:
        found = {node.mem_id: node for node in tree.css(selector) if not hides(node)}
        if len(found) == 1:
            part = blocks_of(next(iter(found.values())), hides)
            if _size(part) >= _LEAST_SHARE * _size(whole):
                return part
    return whole


def _size(blocks: list[Block]) -> int:
    return sum(len(block.text) + sum(len(cell) for row in block.rows for cell in row) for block in blocks)
