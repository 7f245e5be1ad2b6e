"""Word's automatic numbers: counted here as Word counts them, since they are not in the text."""

import re
from dataclasses import dataclass, field

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from knowledge.documents.formats.docx_styles import Style, numbering_of
from knowledge.documents.formats.html_blocks import roman

_PART = re.compile(r"%(\d)")
_PLAIN = re.compile(r"^%\d[.)]?$")  # a number that Markdown's own lists can say
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Label:
    """How a list item begins: at which depth (1 is the outermost), with which number or other text."""

    level: int
    number: int | None = None
    text: str = ""


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    pattern: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbers:
    """The lists of one document, and how far each has counted."""

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, _List] = {}
        self._abstract: dict[str, _List] = {}
        self._numbering = _numbering(document)

    def next(self, paragraph: Element, style: Style) -> Label | None:
        """Return the label of a paragraph, counted on; None for one in no list."""
        own = numbering_of(paragraph.find(qn("w:pPr")))
        key, level = own or style.numbering or ("0", 0)
        if not key.strip("0"):
            return None
        found = self._list(key)
        if found is None or level not in found.levels:
            return Label(level + 1)
        kind = found.levels[level].kind
        found.counts[level] = found.counts.get(level, found.levels[level].start - 1) + 1
        for deeper in [one for one in found.counts if one > level]:
            del found.counts[deeper]
        if kind in ("bullet", "none"):
            return Label(level + 1)
        pattern = found.levels[level].pattern
        if kind == "decimal" and _PLAIN.match(pattern):
            return Label(level + 1, number=found.counts[level], text=_filled(pattern, found))
        return Label(level + 1, text=_filled(pattern, found))

    def _list(self, key: str) -> _List | None:
        if key in self._lists or self._numbering is None:
            return self._lists.get(key)
        number = next(
            (one for one in self._numbering.iterchildren(qn("w:num")) if one.get(qn("w:numId")) == key), None
        )
        if number is None:
            return None
        abstract = number.find(qn("w:abstractNumId"))
        abstract_key = abstract.get(qn("w:val")) if abstract is not None else ""
        base = self._abstract.setdefault(abstract_key, self._read(abstract_key))
        overrides = list(number.iterchildren(qn("w:lvlOverride")))
        # Lists of one kind count on together, unless one begins anew.
        self._lists[key] = _List(_with(base.levels, overrides)) if overrides else base
        return self._lists[key]

    def _read(self, key: str) -> _List:
        abstracts = self._numbering.iterchildren(qn("w:abstractNum"))
        found = next((one for one in abstracts if one.get(qn("w:abstractNumId")) == key), None)
        levels = found.iterchildren(qn("w:lvl")) if found is not None else ()
        return _List({int(level.get(qn("w:ilvl")) or 0): _level(level) for level in levels})


def _numbering(document: Document) -> Element | None:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith("/numbering"):
            return getattr(relation.target_part, "element", None)
    return None


def _with(levels: dict[int, _Level], overrides: list[Element]) -> dict[int, _Level]:
    changed = {key: _Level(one.start, one.kind, one.pattern) for key, one in levels.items()}
    for override in overrides:
        at = int(override.get(qn("w:ilvl")) or 0)
        own, start = override.find(qn("w:lvl")), override.find(qn("w:startOverride"))
        if own is not None:
            changed[at] = _level(own)
        if start is not None and at in changed:
            changed[at].start = int(start.get(qn("w:val")) or 1)
    return changed


def _level(element: Element) -> _Level:
    def value(name: str, otherwise: str) -> str:
        found = element.find(qn(name))
        return (found.get(qn("w:val")) if found is not None else None) or otherwise

    start = value("w:start", "1")
    return _Level(int(start) if start.isdigit() else 1, value("w:numFmt", "decimal"), value("w:lvlText", ""))


def _filled(pattern: str, of: _List) -> str:
    """Put the counts into a pattern such as ``%1.%2``."""

    def count(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        one = of.levels.get(level, _Level())
        return _counted(of.counts.get(level, one.start), one.kind)

    return _PART.sub(count, pattern)


def _counted(number: int, kind: str) -> str:
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        letters = _LETTERS[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return letters.upper() if kind == "upperLetter" else letters
    if kind in ("lowerRoman", "upperRoman") and number > 0:
        return roman(number).upper() if kind == "upperRoman" else roman(number)
    return f"{number:02d}" if kind == "decimalZero" else str(number)
