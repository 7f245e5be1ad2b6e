"""Two versions beside each other, as rows for a page: what went, what came, what stayed the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from knowledge.documents.differ import Block, compare
from knowledge.documents.timeline import long_date
from knowledge.models import Version

_NEAR = 2  # unchanged paragraphs shown on either side of a change
_FOLDED = 3  # fewer than these are not worth folding away
_SIGNS = {"gone": ("−", "Removed"), "new": ("+", "Added"), "changed": ("±", "Changed"), "same": ("", "")}


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph: its sign and the word for it, its text with ``ins`` and ``del``; or a folded stretch."""

    kind: str
    sign: str = ""
    word: str = ""
    html: str = ""
    folded: list["Row"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something beside the text that differs."""

    name: str
    before: str
    after: str


def rows(before: str, after: str) -> list[Row]:
    """Return the paragraphs of both texts with the changes marked; long unchanged stretches are folded."""
    found: list[Row] = []
    groups = [
        (same, list(blocks)) for same, blocks in groupby(compare(before, after), lambda b: b.kind == "same")
    ]
    for number, (is_same, blocks) in enumerate(groups):
        shown = [_row(block) for block in blocks]
        if is_same:
            first = _NEAR if number else 0
            last = len(shown) - (_NEAR if number + 1 < len(groups) else 0)
            shown = list(_folded(shown, first, last))
        found += shown
    return found


def is_changed(found: Sequence[Row]) -> bool:
    """Say whether any paragraph differs."""
    return any(row.kind in ("gone", "new", "changed") for row in found)


def facts(before: Version, after: Version) -> list[Fact]:
    """Return what differs beside the text, in the order of the form."""
    pairs = [(name, _fact(before, attribute), _fact(after, attribute)) for name, attribute in _FACTS]
    return [Fact(*pair) for pair in pairs if pair[1] != pair[2]]


_FACTS = (
    ("Status", "status"),
    ("First day", "effective_from"),
    ("Last day", "effective_until"),
    ("Author", "author"),
    ("Note", "note"),
    ("File", "file_name"),
    ("Pages", "page_starts"),
)
_NONE = {"effective_from": "from the beginning", "effective_until": "until replaced"}


def _fact(version: Version, attribute: str) -> str:
    value = getattr(version, attribute)
    if attribute == "status":
        return version.get_status_display()
    if attribute == "page_starts":
        return str(len(value)) if value else "none"
    if attribute in _NONE:
        return long_date(value) if value else _NONE[attribute]
    return str(value) if value else "none"


def _folded(shown: list[Row], first: int, last: int) -> Iterator[Row]:
    if last - first < _FOLDED:
        yield from shown
        return
    yield from shown[:first]
    yield Row("folded", folded=shown[first:last])
    yield from shown[last:]


def _row(block: Block) -> Row:
    sign, word = _SIGNS[block.kind]
    return Row(block.kind, sign, word, _html(block))


def _html(block: Block) -> SafeString:
    if block.kind == "changed":
        parts = (_marked(kind, text) for kind, text in block.words)
        return mark_safe("".join(parts))  # each part is escaped  # nosec B703
    return mark_safe(_marked(block.kind, block.text))  # likewise  # nosec B703


def _marked(kind: str, text: str) -> str:
    """Return text as HTML, inserted or deleted where it is."""
    tag = {"gone": "del", "new": "ins"}.get(kind)
    return str(format_html("<{0}>{1}</{0}>", tag, text)) if tag else str(escape(text))
