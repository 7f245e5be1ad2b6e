"""Answers on pages without a script: Markdown to HTML, by the same rules as static/js/markdown.js."""

from collections.abc import Sequence
from typing import Any

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

register = template.Library()

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "em": {"class"},
    "sup": {"class"},
    "td": {"align"},
    "th": {"align"},
}
_LONGEST_NUMBER = 3
_DOUBT = "[^?]"
_PATH_MARK = " › "


def _citation(state: StateInline, silent: bool) -> bool:
    """Read ``[^3]`` as a marker of citation 3."""
    end = state.src.find("]", state.pos, state.posMax)
    number = state.src[state.pos + 2 : end]
    is_marker = state.src.startswith("[^", state.pos) and end > 0
    if not (is_marker and number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        return False
    if not silent:
        state.push("citation", "", 0).meta = {"number": int(number)}
    state.pos = end + 1
    return True


def _doubt(state: StateInline, silent: bool) -> bool:
    """Read ``[^?]``, which stands behind a sentence that no source bears out."""
    if not state.src.startswith(_DOUBT, state.pos):
        return False
    if not silent:
        state.push("doubt", "", 0)
    state.pos += len(_DOUBT)
    return True


def _doubt_html(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return '<em class="doubt">not found in the sources</em>'


def _citation_html(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    number = tokens[index].meta["number"]
    if number not in env.get("numbers", ()):
        return ""  # a marker never points to nothing
    return f'<sup class="cite"><a href="#source-{env["anchor"]}-{number}">[{number}]</a></sup>'


def _image_text(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return self.renderInlineAsText(tokens[index].children or [], options, env)


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.inline.ruler.before("link", "citation", _citation)
    markdown.add_render_rule("citation", _citation_html)
    markdown.inline.ruler.before("citation", "doubt", _doubt)
    markdown.add_render_rule("doubt", _doubt_html)
    markdown.add_render_rule("image", _image_text)
    return markdown


_markdown = _build()


def _adapted(tokens: list[Token]) -> list[Token]:
    """Let an answer's headings begin below those of the page, and align cells without a style attribute."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        elif token.type in ("td_open", "th_open") and "style" in token.attrs:
            token.attrs = {"align": str(token.attrs["style"]).removeprefix("text-align:")}
    return tokens


def _safe_attribute(tag: str, name: str, value: str) -> str | None:
    if name != "href":
        return value
    is_own = value.startswith(("/", "#")) and not value.startswith(("//", "/\\"))
    return value if is_own or value.lower().startswith(("https://", "mailto:")) else None


def answer_html(text: str, *, anchor: str, numbers: Sequence[int]) -> SafeString:
    """Return the HTML of an answer.

    Args:
        text: Markdown with ``[^n]`` markers; raw HTML in it is shown as text.
        anchor: distinguishes this answer's sources from others' on the page.
        numbers: the citations that exist.
    """
    env = {"anchor": anchor, "numbers": frozenset(numbers)}
    html = _markdown.renderer.render(_adapted(_markdown.parse(text, env)), _markdown.options, env)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # nh3 has just cleaned it  # nosec B703


@register.filter
def answer(item: dict[str, Any]) -> SafeString:
    """Return the HTML of one message of a transcript."""
    numbers = [citation["number"] for citation in item.get("citations", ())]
    return answer_html(item["text"], anchor=str(item["id"]), numbers=numbers)


@register.filter
def section_name(citation: dict[str, Any]) -> str:
    """Return the path of a citation's section without the document's own title in front."""
    parts = (citation["section"] or "").split(_PATH_MARK)
    return _PATH_MARK.join(part for part in parts if part and part != citation["title"])
