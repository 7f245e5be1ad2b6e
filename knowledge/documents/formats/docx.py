"""Word files: headings, lists, tables, notes; what is hidden or deleted in them stays out."""

import io
import zipfile
from pathlib import PurePath

import docx
from django.conf import settings
from docx.document import Document

from knowledge.documents.archives import Room, read_member
from knowledge.documents.formats.blocks import Block, write
from knowledge.documents.formats.docx_blocks import blocks_of
from knowledge.documents.formats.extract import Extract
from knowledge.errors import DocumentRefused

MOST_PARTS = 5_000
_TIMES = 5  # what a file may unpack to, in sizes of the largest file: its pictures are packed already
_NO_TITLE = ("word document", "document", "untitled", "microsoft word", "title")


def read(path: PurePath, content: bytes) -> Extract:
    """Read a Word file (.docx).

    Raises DocumentRefused with code ``bomb`` or ``broken``.
    """
    _check_size(content)
    document = docx.Document(io.BytesIO(content))
    blocks = blocks_of(document)
    return Extract(write(blocks), title=_title(document, blocks), language=_language(document))


def _check_size(content: bytes) -> None:
    """Unpack everything once, and keep nothing, before a library does so without a limit."""
    room = Room(_TIMES * settings.DOCUMENT_MAX_BYTES)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
        if len(entries) > MOST_PARTS:
            raise DocumentRefused("bomb", f"It has {len(entries):,} parts; no Word file has.")
        for entry in entries:
            read_member(package, entry, room)


def _title(document: Document, blocks: list[Block]) -> str:
    """Return the title among the properties, unless it is one that Word or a template put there."""
    title = (document.core_properties.title or "").strip()
    return "" if title.lower() in _NO_TITLE else title


def _language(document: Document) -> str:
    return document.core_properties.language or ""
