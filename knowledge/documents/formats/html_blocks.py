"""Walk an HTML tree and give its blocks: headings, paragraphs, lists, tables, code."""

import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

from knowledge.documents.formats.blocks import WIDEST_TABLE, Block, link, plain
from knowledge.documents.formats.markdown import says_something

_NO_TEXT = frozenset(
    "script style template noscript head title iframe object embed svg math canvas audio video map area "
    " button input select textarea datalist dialog progress meter link meta base nav footer".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form header hgroup legend main menu p section summary".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHROME_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu menubar dialog alertdialog".split()
)
_CHROME_CLASSES = frozenset(
    "breadcrumb breadcrumbs pagination pager cookie-banner cookie-notice navbox catlinks printfooter toc"
    " share-buttons social-share skip-link".split()
)
_LAYOUT = "table, h1, h2, h3, h4, h5, h6, pre"  # in a cell: the table only arranges the page
_LAYOUT_SHARE = 0.2  # of the cells
_LONGEST_CELL = 1_500  # characters; more is a column of the page
_ANCHOR_SIGNS = frozenset("#¶§🔗^↑↩")  # links to the place itself, or back to it
_POINTS = re.compile(r"[•●▪◦‣]\s*(?=\S)")  # typed at the start of a line, where a list is meant
_FOOTNOTE = re.compile(r"^\[[^\]]{1,12}\]$")
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\([^()\s]*\)")  # as ``link`` writes it
_SPACES = re.compile(r"[ \t\n]+")
DEEPEST = 150  # elements inside each other that are walked; below, text is taken as it comes
MOST_CELLS = 200_000
_MOST_SPAN = 1_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Skip = Callable[[LexborNode], bool]


def blocks_of(root: LexborNode, hides: Skip) -> list[Block]:
    """Return the blocks of what ``root`` holds, without the elements that ``hides`` names."""
    walker = _Walker(hides, in_main=root.tag in ("main", "article"))
    walker.walk(root, 0)
    walker.flush()
    return walker.blocks


class _Walker:
    def __init__(self, hides: Skip, *, in_main: bool) -> None:
        self.blocks: list[Block] = []
        self._hides = hides
        self._in_main = in_main
        self._words: list[str] = []  # of the block that is being read
        self._picture = self._pictured = ""  # words of a picture in this block; and of one that was a block
        self._lists: list[int | None] = []  # next number of each open list; None for one of points
        self._item: tuple[int, int | None, str] | None = (
            None  # depth, number and label of an item without words yet
        )

    def walk(self, node: LexborNode, depth: int) -> None:
        """Read what is inside ``node``."""
        child = node.child
        while child is not None:
            if child.is_text_node:
                self._words.append(plain(child.text_content or ""))
            elif child.is_element_node and not self._is_skipped(child):
                self._element(child, depth + 1)
            child = child.next

    def flush(self) -> None:
        """End the block that is being read."""
        text = _tidy("".join(self._words))
        self._words = []
        if not text:
            return
        level = len(self._lists)
        if self._item:
            at, number, label = self._item
            self._item = None
            self.blocks.append(Block("item", label + text, level=at, number=number))
        elif text != self._pictured:  # a picture's words are often its caption again
            self.blocks.extend(_lines(text, level))
        self._pictured = text if text == self._picture else ""
        self._picture = ""

    def _is_skipped(self, node: LexborNode) -> bool:
        tag = node.tag
        if tag in _NO_TEXT or self._hides(node):
            return True
        if not self._in_main and (tag == "aside" or (tag == "header" and node.parent.tag == "body")):
            return True
        attributes = node.attributes
        return (
            (attributes.get("role") or "").lower() in _CHROME_ROLES
            or not _CHROME_CLASSES.isdisjoint((attributes.get("class") or "").split())
            or (tag == "a" and "hreflang" in attributes)  # leads to the same page in another language
        )

    def _element(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if depth > DEEPEST:
            self._words.append(plain(node.text(separator=" ")))
        elif tag in _HEADINGS:
            self._heading(node, depth, _HEADINGS[tag])
        elif tag in ("ul", "ol", "menu", "dir"):
            self._list(node, depth)
        elif tag == "li":
            self._list_item(node, depth)
        elif tag == "table":
            self._table(node, depth)
        elif tag == "pre":
            self.flush()
            self.blocks.append(Block("code", node.text()))
        elif tag in _BLOCKS:
            self._block(node, depth)
        else:
            self._inline(node, tag, depth)

    def _block(self, node: LexborNode, depth: int) -> None:
        self.flush()
        if node.tag == "dd" and not self._lists:  # what a term means hangs below it
            self._item = (1, None, "")
        self.walk(node, depth)
        self.flush()
        if node.tag == "dd":
            self._item = None

    def _inline(self, node: LexborNode, tag: str, depth: int) -> None:
        if tag == "br":
            self._words.append("\n\n")
        elif tag == "img":
            self._picture = plain(says_something(node.attributes.get("alt")))
            self._words.append(self._picture)
        elif tag in ("a", "sup"):
            self._linked(node, tag, depth)
        else:
            self.walk(node, depth)

    def _linked(self, node: LexborNode, tag: str, depth: int) -> None:
        """Read a link; signs that only point to the page itself, and marks of its notes, are left out."""
        outer, self._words = self._words, []
        blocks = len(self.blocks)
        self.walk(node, depth)
        inner, self._words = "".join(self._words), outer
        target = (node.attributes.get("href") or "") if tag == "a" else ""
        bare = inner.replace("\\", "").strip()
        if (tag == "sup" and _FOOTNOTE.match(bare)) or (target.startswith("#") and bare in _ANCHOR_SIGNS):
            return
        if len(self.blocks) > blocks or not target or "\n" in inner.strip():
            self._words.append(inner)
            return
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        self._words.append(f"{lead}{link(inner.strip(), target)}{trail}")

    def _heading(self, node: LexborNode, depth: int, level: int) -> None:
        self.flush()
        self._item = None
        before = len(self.blocks)
        self.walk(node, depth)
        text = _LINK.sub(r"\1", _tidy("".join(self._words)).replace("\n", " "))
        self._words = []
        if text and len(self.blocks) == before:
            self.blocks.append(Block("heading", text, level=level))

    def _list(self, node: LexborNode, depth: int) -> None:
        self.flush()
        number = _whole(node.attributes.get("start"), 1) if node.tag == "ol" else None
        self._lists.append(number)
        self.walk(node, depth)
        self.flush()
        self._lists.pop()
        self._item = None

    def _list_item(self, node: LexborNode, depth: int) -> None:
        self.flush()
        loose = not self._lists
        if loose:
            self._lists.append(None)
        number = self._lists[-1]
        if number is not None:
            number = _whole(node.attributes.get("value"), number)
            self._lists[-1] = number + 1
        label = _label(node, number)
        self._item = (len(self._lists), None if label else number, label)
        self.walk(node, depth)
        self.flush()
        self._item = None
        if loose:
            self._lists.pop()

    def _table(self, node: LexborNode, depth: int) -> None:
        self.flush()
        rows = [row for row in node.css("tr") if _table_of(row) == node.mem_id]
        cells = [_cells(row) for row in rows]
        seen = [cell for row in cells for cell in row if not self._is_skipped(cell)]
        if sum(map(_arranges, seen)) > _LAYOUT_SHARE * len(seen):
            for row in cells:
                for cell in row:
                    if not self._is_skipped(cell):
                        self._block(cell, depth + 2)
            return
        for caption in node.css("caption"):
            self._block(caption, depth + 1)
        shown = [row for row, element in zip(cells, rows, strict=True) if not self._is_skipped(element)]
        self.blocks.append(Block("table", rows=list(_grid(shown, lambda cell: self._cell(cell, depth + 2)))))

    def _cell(self, node: LexborNode, depth: int) -> str:
        """Return a cell's text on one line; what would be paragraphs is divided by semicolons."""
        if self._is_skipped(node):
            return ""
        inner = _Walker(self._hides, in_main=True)
        inner.walk(node, depth)
        inner.flush()
        texts = (
            block.text or ", ".join(cell for row in block.rows for cell in row if cell)
            for block in inner.blocks
        )
        lines = [line for text in texts for line in text.split("\n") if line.strip()]
        return "; ".join(lines).replace(":; ", ": ").replace(",; ", ", ")


def _lines(text: str, level: int) -> Iterator[Block]:
    """Yield a paragraph; lines that begin with a typed point are items."""
    rest: list[str] = []
    for line in text.split("\n"):
        if point := _POINTS.match(line):
            if rest:
                yield Block("paragraph", "\n".join(rest), level=level)
            rest = []
            yield Block("item", line[point.end() :], level=level + 1)
        else:
            rest.append(line)
    if rest:
        yield Block("paragraph", "\n".join(rest), level=level)


def _tidy(text: str) -> str:
    """Return words with single spaces; two line ends stand for a break that the page asks for."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n\n"))
    return "\n".join(line for line in lines if line)


def _whole(value: str | None, otherwise: int) -> int:
    found = re.match(r"\s*(\d{1,6})\b", value or "")
    return int(found[1]) if found else otherwise


def _label(node: LexborNode, number: int | None) -> str:
    """Return the letter or Roman number of an item whose list counts in these."""
    kind = (node.parent.attributes.get("type") or "") if node.parent is not None else ""
    if number is None or kind not in ("a", "A", "i", "I"):
        return ""
    text = _LETTERS[(number - 1) % 26] if kind in ("a", "A") else roman(number)
    return f"{text.upper() if kind.isupper() else text}) "


def roman(number: int) -> str:
    """Return a number from 1 on in small Roman letters."""
    values = zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    )
    text = ""
    for value, letters in values:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _table_of(node: LexborNode) -> int | None:
    """Return which table an element belongs to."""
    around = node.parent
    while around is not None and around.tag != "table":
        around = around.parent
    return around.mem_id if around is not None else None


def _arranges(cell: LexborNode) -> bool:
    """Say whether a cell holds a part of the page rather than a value."""
    return cell.css_first(_LAYOUT) is not None or len(cell.text()) > _LONGEST_CELL


def _cells(row: LexborNode) -> list[LexborNode]:
    cells, child = [], row.child
    while child is not None:
        if child.tag in ("td", "th"):
            cells.append(child)
        child = child.next
    return cells


def _grid(rows: list[list[LexborNode]], text_of: Callable[[LexborNode], str]) -> Iterator[list[str]]:
    """Yield rows: a cell over several rows is said in each, one over several columns once."""
    hanging: dict[int, tuple[int, str]] = {}  # by column: rows left, text
    total = 0
    for row in rows:
        line: list[str] = []
        waiting = list(row)
        while (waiting or len(line) in hanging) and len(line) < WIDEST_TABLE:
            left, text = hanging.pop(len(line), (0, ""))
            if left:
                if left > 1:
                    hanging[len(line)] = (left - 1, text)
                line.append(text)
                continue
            cell = waiting.pop(0)
            text = text_of(cell)
            down = min(_whole(cell.attributes.get("rowspan"), 1), _MOST_SPAN)
            across = max(min(_whole(cell.attributes.get("colspan"), 1), WIDEST_TABLE - len(line)), 1)
            for column in range(across):
                if down > 1:
                    hanging[len(line)] = (down - 1, text if column == 0 else "")
                line.append(text if column == 0 else "")
        total += len(line)
        if total > MOST_CELLS:
            return
        yield line
