"""Mark a stretch of a Markdown text in its parsed form, so that it is highlighted to the letter.

The blocks are parsed without any sign in them, so a highlight can change no structure. Only a paragraph that
the stretch begins or ends in is parsed once more, with signs at these places; where that would change what it
says, the whole paragraph is marked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents.split import line_starts

CITED = "cited"  # class of everything highlighted
# Brackets nobody types; being punctuation, they leave the emphasis beside them as it was.
_SIGNS = ("⸢⸣", "⸤⸥", "⦃⦄", "⦅⦆", "⦇⦈", "⦉⦊", "⧘⧙", "⧚⧛", "⸦⸧")
_DESCEND = {"thead", "tbody"}  # highlighted by their rows
_CODE = {"fence", "code_block"}


def highlighted(
    parser: MarkdownIt,
    tokens: Sequence[Token],
    text: str,
    references: Mapping[str, object],
    start: int,
    end: int,
) -> list[Token]:
    """Return ``tokens``, which ``parser`` made of ``text``, with everything between the offsets highlighted.

    Neighbouring blocks share a ``section``; parts of a block get the class or a ``mark``. ``references`` are
    the links that the text defines, as the parser left them.
    """
    end = start + len(text[start:end].rstrip())
    signs = next((pair for pair in _SIGNS if pair[0] not in text and pair[1] not in text), None)
    return list(_Highlighter(parser, tokens, text, references, signs, start, end).blocks())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line of a block's content stands: offset in the content, in the text, and its length."""

    inner: int
    outer: int
    length: int


class _Highlighter:
    def __init__(
        self,
        parser: MarkdownIt,
        tokens: Sequence[Token],
        text: str,
        references: Mapping[str, object],
        signs: str | None,
        start: int,
        end: int,
    ) -> None:
        self.parser, self.tokens, self.text, self.references = parser, tokens, text, references
        self.signs, self.start, self.end = signs, start, end
        self.lines = line_starts(text)

    def blocks(self) -> Iterator[Token]:
        """Yield all tokens, framing the top-level blocks that lie within."""
        framing = False
        for first, last in self._parts(0, len(self.tokens)):
            within = self._covers(self.tokens[first])
            if within != framing:
                yield _html(f'<section class="{CITED}">' if within else "</section>")
                framing = within
            yield from self.tokens[first:last] if within else self._block(first, last)
        if framing:
            yield _html("</section>")

    def _parts(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the blocks of one level as stretches of tokens, each from its opening to past its closing."""
        while first < last:
            depth, at = self.tokens[first].nesting, first + 1
            while depth > 0:
                depth += self.tokens[at].nesting
                at += 1
            yield first, at
            first = at

    def _extent(self, token: Token) -> tuple[int, int]:
        """Return the offsets of a block's first sign and past its last."""
        first, last = self.lines[token.map[0]], self.lines[token.map[1]]
        block = self.text[first:last]
        return first + len(block) - len(block.lstrip()), first + len(block.rstrip())

    def _covers(self, token: Token) -> bool:
        if not token.map or self.lines[token.map[0]] >= self.end or self.lines[token.map[1]] <= self.start:
            return False
        first, last = self._extent(token)
        return self.start <= first < last <= self.end

    def _touches(self, token: Token) -> bool:
        if not token.map or self.lines[token.map[0]] >= self.end or self.lines[token.map[1]] <= self.start:
            return False
        first, last = self._extent(token)
        return first < self.end and self.start < last

    def _block(self, first: int, last: int) -> Iterator[Token]:
        """Yield a block that is not framed, highlighted as far as the stretch goes."""
        token = self.tokens[first]
        if not self._touches(token):
            yield from self.tokens[first:last]
        elif token.type in _CODE:
            yield self._code(token)
        elif token.type == "inline":
            yield self._inline(token, self._places(token))
        elif token.type == "tr_open" and not self._covers(token):
            yield from self._row(first, last)
        elif self._covers(token) and token.nesting and token.tag not in _DESCEND and not _holds_words(token):
            yield _with_class(token)
            yield from self.tokens[first + 1 : last]
        else:
            yield token
            if last - first > 1:
                for inner in self._parts(first + 1, last - 1):
                    yield from self._block(*inner)
                yield self.tokens[last - 1]

    def _row(self, first: int, last: int) -> Iterator[Token]:
        """Yield a table row in which the stretch begins or ends; cells know no place of their own."""
        at = self.lines[self.tokens[first].map[0]]
        stop = self.lines[self.tokens[first].map[1]]
        for token in self.tokens[first:last]:
            if token.type != "inline" or not token.content:
                yield token
                continue
            found = self.text.find(token.content, at, stop)
            at = found + len(token.content) if found >= 0 else at
            places = [_Place(0, found, len(token.content))] if found >= 0 else []
            yield self._inline(token, places)

    def _places(self, token: Token, skip: int = 0) -> list[_Place]:
        """Return where the lines of a block's content stand in the text, less what Markdown strips."""
        places, inner = [], 0
        for number, line in enumerate(token.content.split("\n"), start=token.map[0] + skip):
            if number + 1 >= len(self.lines):
                break
            source = self.text[self.lines[number] : self.lines[number + 1]].rstrip()
            words = line.strip()
            if words and words in source:
                outer = self.lines[number] + source.rindex(words)
                places.append(_Place(inner + line.index(words), outer, len(words)))
            inner += len(line) + 1
        return places

    def _within(self, places: Sequence[_Place]) -> tuple[int, int] | None:
        """Return the part of a content that the stretch holds, as offsets in it; None for nothing."""
        first = last = None
        for place in places:
            begin = max(self.start - place.outer, 0)
            stop = min(self.end - place.outer, place.length)
            if begin < stop:
                first = place.inner + begin if first is None else first
                last = place.inner + stop
        return None if first is None else (first, last)

    def _code(self, token: Token) -> Token:
        """Return code as HTML with the stretch marked in it."""
        part = self._within(self._places(token, skip=int(token.type == "fence")))
        begin, stop = part or (0, 0)
        before, inside, after = token.content[:begin], token.content[begin:stop], token.content[stop:]
        marked = f'<mark class="{CITED}">{escape(inside)}</mark>' if inside else ""
        return _html(f"<pre><code>{escape(before)}{marked}{escape(after)}</code></pre>\n")

    def _inline(self, token: Token, places: Sequence[_Place]) -> Token:
        """Return a paragraph's words with the stretch marked; all of them where its place cannot be told."""
        part = self._within(places) if places else (0, len(token.content))
        if part is None:
            return token
        children = self._signed(token, *part) or token.children or []
        inside = _inside(children, self.signs if children is not token.children else None)
        return token.copy(children=list(_marked(inside)))

    def _signed(self, token: Token, first: int, last: int) -> list[Token] | None:
        """Return the words parsed with signs at the ends that lie within; None where that cannot be done."""
        content = token.content
        if not self.signs or (not content[:first].strip() and not content[last:].strip()):
            return None
        begin, stop = self.signs
        signed = content[:first] + begin + content[first:last] + stop + content[last:]
        children = self.parser.parseInline(signed, dict(self.references))[0].children or []
        told = _shape(children, self.signs)
        return (
            children
            if told == _shape(token.children or [], self.signs) and _both(children, self.signs)
            else None
        )


def _inside(children: Sequence[Token], signs: str | None) -> Iterator[tuple[Token, bool]]:
    """Yield the tokens, cut at the signs, each with whether it lies between them; without signs all do."""
    if signs is None:
        yield from ((child, True) for child in children)
        return
    is_inside = False
    for child in children:
        rest = child.content
        while at := [place for place in map(rest.find, signs) if place >= 0]:
            yield child.copy(content=rest[: min(at)]), is_inside
            is_inside = not is_inside
            rest = rest[min(at) + 1 :]
        yield (child.copy(content=rest) if rest != child.content else child), is_inside


def _marked(parts: Iterator[tuple[Token, bool]]) -> Iterator[Token]:
    """Put marks around the longest stretches inside that leave no element half open."""
    held = [(token, inside) for token, inside in parts if token.type != "text" or token.content]
    at = 0
    while at < len(held):
        best = _balanced_to(held, at)
        if best == at:
            yield held[at][0]
            at += 1
            continue
        tokens = [token for token, _ in held[at:best]]
        if all(token.type in ("softbreak", "hardbreak") for token in tokens):
            yield from tokens
        else:
            yield _inline_html(f'<mark class="{CITED}">')
            yield from tokens
            yield _inline_html("</mark>")
        at = best


def _balanced_to(held: Sequence[tuple[Token, bool]], first: int) -> int:
    """Return the end of the longest stretch from ``first`` that is inside and balanced, or ``first``."""
    depth, best = 0, first
    for at in range(first, len(held)):
        token, inside = held[at]
        depth += token.nesting
        if not inside or depth < 0:
            break
        best = at + 1 if depth == 0 else best
    return best


def _shape(children: Sequence[Token], signs: str) -> list[tuple[object, ...]]:
    """Return what the tokens say, signs left out, to compare two readings of a paragraph."""
    shape: list[tuple[object, ...]] = []
    for child in children:
        content = child.content.replace(signs[0], "").replace(signs[1], "")
        if child.type == "text" and shape and shape[-1][0] == "text":
            shape[-1] = ("text", shape[-1][1] + content)
        elif child.type != "text" or content:
            attributes = tuple(sorted(child.attrs.items()))
            shape.append(("text", content) if child.type == "text" else (child.type, content, attributes))
    return shape


def _both(children: Sequence[Token], signs: str) -> bool:
    """Say whether both signs stand where they can be cut out: in words or code, not in a picture's."""
    content = "".join(child.content for child in children if child.type in ("text", "code_inline"))
    return all(content.count(sign) == 1 for sign in signs)


def _holds_words(token: Token) -> bool:
    return token.type in ("paragraph_open", "heading_open")


def _with_class(token: Token) -> Token:
    token = token.copy(attrs=dict(token.attrs))
    token.attrJoin("class", CITED)
    return token


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def _inline_html(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)
