"""What a Word style means for reading: a heading and its level, hidden text, a list."""

import re
from dataclasses import dataclass

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

_LONGEST_CHAIN = 12  # styles based on each other; a circle ends here
_HEADING_NAME = re.compile(r"(?i)^(?:heading|überschrift|titre|título|titulo|titolo|kop|rubrik)\s*(\d)$")
_TITLE_NAMES = ("title", "titel", "titre", "título", "titolo")
_BODY_LEVEL = 9  # outline level of what is no heading
_OFF = ("0", "false", "off", "none")
_TINY = 4  # half points; nobody reads less


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph's style.

    Args:
        name: as Word shows it.
        heading: level from 1, 0 for the document's title, None for running text.
        is_hidden: whether its text is not shown.
        numbering: the list that the style brings, as (id, level), or None.
    """

    name: str = ""
    heading: int | None = None
    is_hidden: bool = False
    numbering: tuple[str, int] | None = None


class Styles:
    """The styles of one document."""

    def __init__(self, document: Document) -> None:
        elements = document.styles.element.iterchildren(qn("w:style"))
        self._elements = {element.get(qn("w:styleId")): element for element in elements}
        self._default = next(
            (
                key
                for key, one in self._elements.items()
                if one.get(qn("w:default")) == "1" and one.get(qn("w:type")) == "paragraph"
            ),
            None,
        )
        self._read: dict[str | None, Style] = {}

    def of_paragraph(self, paragraph: Element) -> Style:
        """Return the style of a paragraph, its own outline level included."""
        properties = paragraph.find(qn("w:pPr"))
        key = _value(properties.find(qn("w:pStyle"))) if properties is not None else None
        style = self._style(key or self._default)
        level = _outline(properties)
        if level is None or style.heading is not None:
            return style
        return Style(style.name, level + 1 if level < _BODY_LEVEL else None, style.is_hidden, style.numbering)

    def hides(self, run: Element) -> bool:
        """Say whether a run's text is not shown: marked hidden, white, or too small to read."""
        properties = run.find(qn("w:rPr"))
        if properties is None:
            return False
        key = _value(properties.find(qn("w:rStyle")))
        return _is_unseen(properties) or (key is not None and self._style(key).is_hidden)

    @staticmethod
    def is_deleted(row: Element) -> bool:
        """Say whether a table's row is deleted in a revision, or hidden."""
        properties = row.find(qn("w:trPr"))
        return properties is not None and (
            properties.find(qn("w:del")) is not None or _is_on(properties.find(qn("w:hidden")))
        )

    def _style(self, key: str | None) -> Style:
        if key not in self._read:
            self._read[key] = self._resolved(key)
        return self._read[key]

    def _resolved(self, key: str | None) -> Style:
        """Read a style and those it is based on; the nearest that says something holds."""
        name, heading, numbering, hidden = "", None, None, False
        body = False
        for _ in range(_LONGEST_CHAIN):
            element = self._elements.get(key)
            if element is None:
                break
            own = _value(element.find(qn("w:name"))) or ""
            name = name or own
            level = _outline(element.find(qn("w:pPr")))
            body = body or (level is not None and level >= _BODY_LEVEL)
            if heading is None and not body:
                heading = _heading_of(own, level)
            numbering = numbering or numbering_of(element.find(qn("w:pPr")))
            properties = element.find(qn("w:rPr"))
            hidden = hidden or (properties is not None and _is_on(properties.find(qn("w:vanish"))))
            key = _value(element.find(qn("w:basedOn")))
        return Style(name, heading, hidden, numbering)


def numbering_of(properties: Element | None) -> tuple[str, int] | None:
    """Return the list a paragraph or style belongs to, as (id, level); the id ``0`` means none."""
    found = properties.find(qn("w:numPr")) if properties is not None else None
    if found is None:
        return None
    key, level = _value(found.find(qn("w:numId"))), _value(found.find(qn("w:ilvl")))
    return (key or "", int(level) if level and level.isdigit() else 0) if key else None


def _heading_of(name: str, level: int | None) -> int | None:
    if name.lower() in _TITLE_NAMES:
        return 0
    if found := _HEADING_NAME.match(name):
        return max(int(found[1]), 1)
    return level + 1 if level is not None and level < _BODY_LEVEL else None


def _outline(properties: Element | None) -> int | None:
    value = _value(properties.find(qn("w:outlineLvl"))) if properties is not None else None
    return int(value) if value and value.isdigit() else None


def _is_unseen(properties: Element) -> bool:
    if _is_on(properties.find(qn("w:vanish"))) or _is_on(properties.find(qn("w:webHidden"))):
        return True
    size = _value(properties.find(qn("w:sz")))
    if size and size.isdigit() and int(size) < _TINY:
        return True
    color = (_value(properties.find(qn("w:color"))) or "").upper()
    return (
        color == "FFFFFF"
        and properties.find(qn("w:shd")) is None
        and properties.find(qn("w:highlight")) is None
    )


def _is_on(element: Element | None) -> bool:
    return element is not None and (_value(element) or "1").lower() not in _OFF


def _value(element: Element | None) -> str | None:
    return element.get(qn("w:val")) if element is not None else None
