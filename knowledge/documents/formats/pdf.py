"""PDF: text with its pages; furniture of the pages, hidden text and scans are told apart."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from pypdf import PasswordType, PdfReader
from pypdf.generic import DictionaryObject

from knowledge.documents.formats.blocks import Block, unescaped, write
from knowledge.documents.formats.extract import PAGE_BREAK, Extract
from knowledge.documents.formats.pdf_blocks import blocks_of
from knowledge.documents.formats.pdf_lines import Line, letters, lines_of
from knowledge.documents.formats.pdf_runs import Budget, paint
from knowledge.errors import DocumentRefused

MOST_PAGES = 2_000
_FEW_LETTERS = 25  # on a page; a scan has none, or a stamp
_PICTURE = 0.3  # share of a page; a picture of that size may hold its text
_EDGE = 0.12  # share of the page's height where headers and footers stand
_EDGE_LINES = 4
_REPEATED = 0.6  # share of the pages
_LEAST_PAGES = 3
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\\?[.)]?\s")
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?i)^[\W_]*(?:page|pág(?:ina)?\.?|pagina|seite|p\.)?\s*\d{1,4}(?:\s*(?:/|of|von|de|di|sur|-)\s*\d{1,4})?[\W_]*$"
)
_NAMED_NUMBER = re.compile(
    r"(?i)^(?:page|página|pagina|seite)\s+\d{1,4}(?:\s*(?:/|of|von|de|di|sur)\s*\d{1,4})?$"
)
_NO_TITLE = re.compile(
    r"(?i)^\W*(?:anonymous|untitled|unspecified|title|document\d*|microsoft word.*"
    r"|.*\.(?:docx?|pdf|xlsx?|pptx?|indd|tex))?\W*$"
)


def read(path: PurePath, content: bytes) -> Extract:
    """Read a PDF's text, page by page.

    Raises DocumentRefused with code ``encrypted``, ``pages``, ``scanned``, ``empty`` or ``broken``.
    """
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise DocumentRefused("encrypted", "It is protected with a password. Save it without one.")
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise DocumentRefused("pages", f"It has {count:,} pages; {MOST_PAGES:,} are the most. Divide it.")
    pages = _pages(reader)
    blocks = blocks_of(_without_furniture(pages))
    text = write(blocks)
    missing = count - 1 - text.count(PAGE_BREAK)
    return Extract(
        text + PAGE_BREAK * missing,
        title=_title(reader, path, blocks),
        language=_language(reader),
        has_pages=True,
    )


def _pages(reader: PdfReader) -> list[list[Line]]:
    """Return the lines of each page, and refuse a file most of whose pages are pictures without text."""
    budget, hidden = Budget(), _hidden_layers(reader)
    pages, pictures = [], []
    for number, page in enumerate(reader.pages, start=1):
        painted = paint(page, reader, hidden, budget)
        pages.append(lines_of(painted, number))
        if painted.picture_share >= _PICTURE and letters(line.text for line in pages[-1]) < _FEW_LETTERS:
            pictures.append(number)
    if len(pictures) * 2 > len(pages):
        which = (
            "Its pages are"
            if len(pictures) == len(pages)
            else f"{len(pictures)} of its {len(pages)} pages are"
        )
        raise DocumentRefused(
            "scanned", f"{which} scanned pictures without text. Run text recognition (OCR) on it first."
        )
    if not any(pages):
        raise DocumentRefused("empty", "There is no text in it.")
    return pages


def _hidden_layers(reader: PdfReader) -> frozenset[int]:
    """Return the object numbers of the layers that are switched off when the file is opened."""
    layers = reader.root_object.get("/OCProperties")
    layers = layers.get_object() if layers is not None else None
    if not isinstance(layers, DictionaryObject):
        return frozenset()
    shown = layers.get("/D", DictionaryObject()).get_object()
    hidden = {one.idnum for one in shown.get("/OFF", ()) if hasattr(one, "idnum")}
    if shown.get("/BaseState") == "/OFF":
        on = {one.idnum for one in shown.get("/ON", ()) if hasattr(one, "idnum")}
        hidden |= {one.idnum for one in layers.get("/OCGs", ()) if hasattr(one, "idnum")} - on
    return frozenset(hidden)


def _without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Leave out page numbers, and what most pages repeat at their edges after its first appearance."""
    edges = [[line for line in _edge_lines(page)] for page in pages]
    places = Counter(key for page in edges for key in {_key(line) for line in page})
    enough = max(_REPEATED * len(pages), 2) if len(pages) >= _LEAST_PAGES else len(pages) + 1
    furniture = {key for key, number in places.items() if number >= enough}
    seen: set[tuple[str, int]] = set()
    kept = []
    for page, at_edge in zip(pages, edges, strict=True):
        edge = {id(line) for line in at_edge}
        kept.append(
            [
                _without_number(line) if id(line) in edge else line
                for line in page
                if id(line) not in edge or not _is_furniture(line, furniture, seen)
            ]
        )
        seen |= {_key(line) for line in at_edge}
    return kept


def _without_number(line: Line) -> Line:
    """Leave the page's number out of a line that has more in it."""
    cells = tuple(cell for cell in line.cells if not _NAMED_NUMBER.match(cell.text))
    return replace(line, cells=cells or line.cells)


def _edge_lines(page: Sequence[Line]) -> list[Line]:
    """Return the lines in the upper and lower margins: a few, and none from the middle of the page."""
    by_height = sorted(page, key=lambda line: -line.base)
    candidates = {id(line): line for line in (*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:])}.values()
    return [line for line in candidates if not _EDGE * line.height < line.base < (1 - _EDGE) * line.height]


def _key(line: Line) -> tuple[str, int]:
    """Return what makes lines of different pages the same: their words, numbers apart, and their height."""
    return _DIGITS.sub("#", line.text), round(line.base / 4)


def _is_furniture(line: Line, furniture: set[tuple[str, int]], seen: set[tuple[str, int]]) -> bool:
    return bool(_PAGE_NUMBER.match(line.text)) or (_key(line) in furniture and _key(line) in seen)


def _title(reader: PdfReader, path: PurePath, blocks: Sequence[Block]) -> str:
    """Return the title among the properties, unless a program put it there or it is the name of a file.

    Else what the text begins with, when that is a heading without a number; else nothing but the file's
    name is known.
    """
    title = " ".join((reader.metadata.title or "").split()) if reader.metadata else ""
    if not (_NO_TITLE.match(title) or ("_" in title and " " not in title)):
        return title
    first = next((block for block in blocks if block.kind == "heading" and block.level == 1), None)
    if first is not None and first.page == 1 and not _NUMBERED.match(first.text):
        return unescaped(first.text)
    return path.stem.replace("-", " ").replace("_", " ").capitalize()


def _language(reader: PdfReader) -> str:
    language = reader.root_object.get("/Lang")
    return str(language) if isinstance(language, str) else ""
