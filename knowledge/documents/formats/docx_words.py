"""The words of a Word paragraph: runs, links, insertions, notes' marks, equations; nothing hidden."""

from collections.abc import Iterator

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element
from lxml import etree

from knowledge.documents.formats.blocks import link, plain
from knowledge.documents.formats.docx_math import in_one_line
from knowledge.documents.formats.docx_styles import Styles
from knowledge.documents.formats.markdown import says_something

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DELETED = frozenset(qn(name) for name in ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:commentReference"))
_BREAKS = {
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:tab"): " ",
    qn("w:noBreakHyphen"): "-",
    qn("w:ptab"): " ",
}
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
DEEPEST = 60


class Words:
    """Reads paragraphs of one document, and remembers the notes they refer to."""

    def __init__(self, document: Document, styles: Styles) -> None:
        self._part = document.part
        self._styles = styles
        self._loaded: dict[str, dict[str, Element]] = {}
        self._fields: list[bool] = []  # of each open field: whether its instruction is over
        self.notes: list[Element] = []

    def of(self, paragraph: Element) -> str:
        """Return the paragraph's text as Markdown, ``\\n`` where a line is broken."""
        self._fields = []
        lines = "".join(self._inside(paragraph, 0)).split("\n")
        return "\n".join(" ".join(line.split()) for line in lines if line.strip())

    def boxes(self, paragraph: Element) -> Iterator[Element]:
        """Yield the text boxes on a paragraph; of one written twice for old programs, the first."""
        for box in paragraph.iter(qn("w:txbxContent")):
            if not any(above.tag == f"{_CHOICES}Fallback" for above in box.iterancestors()):
                yield box

    def _inside(self, parent: Element, depth: int) -> Iterator[str]:
        if depth > DEEPEST:
            return
        for child in parent.iterchildren(tag=etree.Element):
            tag = child.tag
            if tag in _DELETED or tag == f"{_CHOICES}Fallback":
                continue
            if tag == qn("w:r"):
                if not self._styles.hides(child):
                    yield from self._run(child, depth)
            elif tag == qn("w:hyperlink"):
                yield link("".join(self._inside(child, depth + 1)), self._target(child))
            elif tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                yield plain(in_one_line(child))
            else:
                yield from self._inside(child, depth + 1)

    def _run(self, run: Element, depth: int) -> Iterator[str]:
        for child in run.iterchildren(tag=etree.Element):
            tag = child.tag
            if tag == qn("w:fldChar"):
                self._field(child.get(qn("w:fldCharType")))
            elif not all(self._fields):
                continue  # the instruction of a field; its result follows
            elif tag == qn("w:t"):
                yield plain(child.text or "")
            elif tag in _BREAKS:
                yield _BREAKS[tag]
            elif tag in _NOTES:
                yield self._note(child, _NOTES[tag])
            elif tag in (qn("w:drawing"), qn("w:pict")) or tag == f"{_CHOICES}AlternateContent":
                yield from self._picture(child)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _picture(self, drawing: Element) -> Iterator[str]:
        described = next(drawing.iter(f"{_DRAWING}docPr"), None)
        if described is not None and (words := says_something(_described(described))):
            yield f" {plain(words)} "

    def _note(self, reference: Element, kind: str) -> str:
        note = self._notes(kind).get(reference.get(qn("w:id")) or "")
        if note is None:
            return ""
        self.notes.append(note)
        return f" (note {len(self.notes)})"

    def _notes(self, kind: str) -> dict[str, Element]:
        if kind not in self._loaded:
            self._loaded[kind] = {}
            for relation in self._part.rels.values():
                if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
                    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
                    root = etree.fromstring(relation.target_part.blob, parser)
                    self._loaded[kind] = {note.get(qn("w:id")) or "": note for note in root}
        return self._loaded[kind]

    def _target(self, hyperlink: Element) -> str:
        relation = self._part.rels.get(hyperlink.get(qn("r:id")) or "")
        return relation.target_ref if relation is not None and relation.is_external else ""


def _described(picture: Element) -> str:
    """Return the words for a picture, without the remark of the program that guessed them."""
    words = picture.get("descr") or ""
    lines = [line for line in words.splitlines() if line.strip()]
    return lines[0] if len(lines) > 1 and "AI" in lines[-1] else words
