"""How two texts of a document differ: paragraph beside paragraph, and the changed words within.

The work is bounded whatever the texts: what stands once in both pins them together (patience diff, B. Cohen),
and only the short stretches between two pins are compared thing by thing, by Python's ``difflib``.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new", "changed"]
Words = tuple[tuple[Kind, str], ...]  # "same", "gone" and "new" stretches of a paragraph

_CLOSELY = 40_000  # pairs of things compared with each other in one stretch; more are pinned down first
_DEPTH = 6  # how often a stretch between two pins is pinned again
_PAIRS = 2_500  # pairs of paragraphs of one stretch that are all tried …
_AHEAD = 8  # … and how far is looked ahead in a longer one
_WORD_PAIRS = 6_000_000  # pairs of words compared in a whole comparison; later paragraphs are shown whole
ALIKE = 0.5  # share of words in common from which a paragraph counts as the changed one, not as another
_UNIT = re.compile(r"[^\n]*\S[^\n]*(?:\n|\Z)")
_BEGINS = re.compile(r"\s*(?:[-*+]\s|\d{1,9}[.)]\s|\||#{1,6}\s|>|```|~~~)")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Opcode = tuple[bool, int, int, int, int]  # whether equal, then the stretch of both


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph, list item, table row or heading, with the offset at which it stands."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the comparison; a changed one has ``words``, the others their ``text``."""

    kind: Kind
    text: str = ""
    words: Words = ()


def compare(before: str, after: str) -> list[Block]:
    """Return the paragraphs of both texts in order: the same, gone, new, or changed with the words marked."""
    former, latter = units(before), units(after)
    blocks: list[Block] = []
    budget = _WORD_PAIRS
    for is_same, i, j, k, m in _opcodes([unit.text for unit in former], [unit.text for unit in latter]):
        if is_same:
            blocks += [Block("same", unit.text) for unit in former[i:j]]
            continue
        for old, new in _together([unit.text for unit in former[i:j]], [unit.text for unit in latter[k:m]]):
            cost = len(old or "") * len(new or "") // 25  # a word is some five characters with its space
            if old and new and cost <= budget:
                budget -= min(cost, _CLOSELY)
                blocks.append(Block("changed", words=words(old, new)))
            else:
                blocks += [Block("gone", old)] if old else []
                blocks += [Block("new", new)] if new else []
    return blocks


def words(before: str, after: str) -> Words:
    """Return a paragraph with the words that went and came."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[tuple[Kind, str]] = []
    for is_same, i, j, k, m in _opcodes(old, new):
        if is_same:
            parts.append(("same", "".join(old[i:j])))
            continue
        parts += [("gone", "".join(old[i:j]))] if j > i else []
        parts += [("new", "".join(new[k:m]))] if m > k else []
    return tuple(_joined(parts))


def moved(offsets: Sequence[int], before: str, after: str) -> list[int]:
    """Return where offsets in ``before``, in order, stand in ``after``: each with its paragraph.

    One whose paragraph is gone stands where the next that stayed begins.
    """
    former, latter = units(before), units(after)
    starts = [unit.start for unit in former]
    target = [-1] * len(former)
    for is_same, i, j, k, _ in _opcodes([unit.text for unit in former], [unit.text for unit in latter]):
        for step in range(j - i if is_same else 0):
            target[i + step] = latter[k + step].start
    found = []
    for offset in offsets:
        at = bisect_right(starts, offset) - 1
        if offset == 0:
            found.append(0)  # what is put in front of the first page belongs to it
        elif at >= 0 and target[at] >= 0 and offset <= starts[at] + len(former[at].text):
            found.append(min(target[at] + offset - starts[at], len(after)))
        else:
            later = (place for place in target[bisect_left(starts, offset) :] if place >= 0)
            found.append(next(later, len(after)))
    return found


def units(text: str) -> list[Unit]:
    """Cut a Markdown text at blank lines, list items, table rows and headings."""
    found: list[Unit] = []
    end = -1
    for line in _UNIT.finditer(text):
        stays = found and line.start() == end and not _BEGINS.match(line[0]) and not _is_heading(found[-1])
        if stays:
            found[-1] = Unit(f"{found[-1].text}\n{line[0].rstrip()}", found[-1].start)
        else:
            found.append(Unit(line[0].rstrip(), line.start()))
        end = line.end()
    return found


def _is_heading(unit: Unit) -> bool:
    return unit.text.startswith("#")


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[Opcode]:
    """Yield equal and different stretches in turn; two neighbouring different ones are never given."""
    held: Opcode | None = None
    for code in _stretches(before, after, 0, len(before), 0, len(after), _DEPTH):
        if code[1] == code[2] and code[3] == code[4]:
            continue
        if held and held[0] == code[0]:
            held = (held[0], held[1], code[2], held[3], code[4])
            continue
        if held:
            yield held
        held = code
    if held:
        yield held


def _stretches(
    a: Sequence[str], b: Sequence[str], i: int, j: int, k: int, m: int, depth: int
) -> Iterator[Opcode]:
    """Compare a[i:j] with b[k:m]: what begins and ends alike first, then between pins, then closely."""
    first = 0
    while i + first < j and k + first < m and a[i + first] == b[k + first]:
        first += 1
    last = 0
    while i + first < j - last and k + first < m - last and a[j - last - 1] == b[m - last - 1]:
        last += 1
    yield (True, i, i + first, k, k + first)
    yield from _middle(a, b, i + first, j - last, k + first, m - last, depth)
    yield (True, j - last, j, m - last, m)


def _middle(
    a: Sequence[str], b: Sequence[str], i: int, j: int, k: int, m: int, depth: int
) -> Iterator[Opcode]:
    if (j - i) * (m - k) <= _CLOSELY:
        for tag, x, y, u, v in SequenceMatcher(None, a[i:j], b[k:m], autojunk=False).get_opcodes():
            yield (tag == "equal", i + x, i + y, k + u, k + v)
        return
    pins = _pins(a, b, i, j, k, m) if depth else []
    for pin, match in pins:
        yield from _stretches(a, b, i, pin, k, match, depth - 1)
        yield (True, pin, pin + 1, match, match + 1)
        i, k = pin + 1, match + 1
    if pins:
        yield from _stretches(a, b, i, j, k, m, depth - 1)
    else:
        yield (False, i, j, k, m)


def _pins(a: Sequence[str], b: Sequence[str], i: int, j: int, k: int, m: int) -> list[tuple[int, int]]:
    """Return the longest row of things that stand once in both stretches, in the same order."""
    in_a, in_b = Counter(a[i:j]), Counter(b[k:m])
    places = {b[place]: place for place in range(k, m) if in_b[b[place]] == 1}
    pairs = [(place, places[a[place]]) for place in range(i, j) if in_a[a[place]] == 1 and a[place] in places]
    ends: list[int] = []  # the lowest end of a row of each length, and the pair it ends with
    last: list[int] = []
    former: list[int] = []
    for number, (_, match) in enumerate(pairs):
        length = bisect_left(ends, match)
        former.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [match]
        last[length : length + 1] = [number]
    row = []
    at = last[-1] if last else -1
    while at >= 0:
        row.append(pairs[at])
        at = former[at]
    return row[::-1]


def _together(old: Sequence[str], new: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Put the changed paragraphs beside what they became, in order; others stand alone."""
    if not old or not new:
        return [(text, None) for text in old] + [(None, text) for text in new]
    held_old, held_new = ([Counter(_WORD.findall(text)) for text in texts] for texts in (old, new))
    if len(old) * len(new) > _PAIRS:
        return _in_turn(old, new, held_old, held_new)
    likeness = [[_likeness(one, other) for other in held_new] for one in held_old]
    # best[x][y]: what the paragraphs from x and y on can have in common at most
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for x in range(len(old) - 1, -1, -1):
        for y in range(len(new) - 1, -1, -1):
            pair = likeness[x][y] + best[x + 1][y + 1] if likeness[x][y] >= ALIKE else 0.0
            best[x][y] = max(pair, best[x + 1][y], best[x][y + 1])
    return _walk(old, new, likeness, best)


def _in_turn(
    old: Sequence[str], new: Sequence[str], held_old: Sequence[Counter[str]], held_new: Sequence[Counter[str]]
) -> list[tuple[str | None, str | None]]:
    """Put each paragraph beside the next one that is like it, a few ahead at most."""
    pairs: list[tuple[str | None, str | None]] = []
    at = 0
    for text, held in zip(old, held_old, strict=True):
        ahead = range(at, min(at + _AHEAD, len(new)))
        match = next((place for place in ahead if _likeness(held, held_new[place]) >= ALIKE), None)
        if match is None:
            pairs.append((text, None))
            continue
        pairs += [(None, passed) for passed in new[at:match]]
        pairs.append((text, new[match]))
        at = match + 1
    return pairs + [(None, text) for text in new[at:]]


def _walk(
    old: Sequence[str], new: Sequence[str], likeness: list[list[float]], best: list[list[float]]
) -> list[tuple[str | None, str | None]]:
    pairs: list[tuple[str | None, str | None]] = []
    x = y = 0
    while x < len(old) and y < len(new):
        if likeness[x][y] >= ALIKE and best[x][y] == likeness[x][y] + best[x + 1][y + 1]:
            pairs.append((old[x], new[y]))
            x, y = x + 1, y + 1
        elif best[x + 1][y] >= best[x][y + 1]:
            pairs.append((old[x], None))
            x += 1
        else:
            pairs.append((None, new[y]))
            y += 1
    return pairs + [(text, None) for text in old[x:]] + [(None, text) for text in new[y:]]


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words (with spaces and signs) in common, 0 to 1 (Dice's coefficient)."""
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def _joined(parts: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """Let a lone space between two changes belong to both, so that whole phrases are marked."""
    joined: list[tuple[Kind, str]] = []
    gone = new = ""
    for place, (kind, text) in enumerate(parts):
        is_between = kind == "same" and text.isspace() and (gone or new) and place + 1 < len(parts)
        if kind == "gone" or is_between:
            gone += text
        if kind == "new" or is_between:
            new += text
        if kind == "same" and not is_between:
            joined += [("gone", gone)] if gone else []
            joined += [("new", new)] if new else []
            joined.append((kind, text))
            gone = new = ""
    joined += [("gone", gone)] if gone else []
    joined += [("new", new)] if new else []
    return joined
