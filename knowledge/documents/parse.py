"""Read a file into Markdown with its details; whatever its reader fails over becomes a refusal."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from django.conf import settings
from django.utils.text import slugify

from knowledge.documents.clean import clean, clean_characters
from knowledge.documents.formats.extract import PAGE_BREAK, Extract
from knowledge.documents.formats.kinds import FORMATS, check_ending, reader_for
from knowledge.documents.language import detect, is_code
from knowledge.errors import DocumentRefused
from knowledge.models import Audience

ENDINGS = tuple(FORMATS)
LONGEST_TEXT = 5_000_000  # characters; a policy of two thousand pages is shorter
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_MARKUP = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[*`]|(?<!\w)_+|_+(?!\w)|(?<=\])\([^()\s]*\)")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as the library takes it: Markdown ``text`` and the details of its document.

    ``page_starts`` holds the offset in ``text`` at which each page of the file begins; empty for a file
    without pages. ``named`` holds the details that the front matter names: only these change a document
    which is there
    already.
    """

    text: str
    title: str
    slug: str
    category: str = ""
    audience: str = Audience.PUBLIC
    language: str = "en"
    effective_from: date | None = None
    effective_until: date | None = None
    page_starts: tuple[int, ...] = ()
    named: frozenset[str] = frozenset()


def parse(name: str, content: bytes) -> Parsed:
    """Read the file ``name`` (a path inside the imported folder; its ending chooses the reader).

    Raises DocumentRefused with code ``kind`` (cannot be read), ``size``, ``empty``, ``binary``, ``encoding``,
    ``encrypted``, ``broken``, ``scanned`` (pages without text), ``pages`` (too many) or ``details``.
    """
    path = PurePath(name)
    check_ending(path)
    if len(content) > settings.DOCUMENT_MAX_BYTES:
        raise DocumentRefused("size", f"It is larger than {in_megabytes(settings.DOCUMENT_MAX_BYTES)}.")
    if not content.strip():
        raise DocumentRefused("empty", "The file is empty.")
    extract = _read(path, content)
    text, page_starts = _with_pages(extract)
    if len(text) > LONGEST_TEXT:
        raise DocumentRefused("size", f"It has more than {LONGEST_TEXT:,} characters. Divide it.")
    if not text.strip():
        raise DocumentRefused("empty", "There is no text in it.")
    return _with_details(_parsed(path, extract, text, page_starts), extract.details)


def in_megabytes(size: int) -> str:
    """Return a size in bytes for people: ``20 MB``."""
    return f"{size / 1_000_000:.3g} MB"


def slug_of(name: str) -> str:
    """Return the slug for a path: its parts joined, without the number that only orders files."""
    parts = [re.sub(r"^\d+[-_. ]+(?=\D)", "", part) for part in PurePath(name).parts]
    return slugify("-".join(parts))[:120].strip("-") or "document"


def _read(path: PurePath, content: bytes) -> Extract:
    try:
        return reader_for(path, content)(path, content)
    except DocumentRefused:
        raise
    except (MemoryError, RecursionError) as error:
        _logger.warning("document_too_complex", exc_info=error)
        raise DocumentRefused(
            "broken", "It is built in a way that cannot be read: too much in too little."
        ) from error
    except Exception as error:  # readers raise whatever a damaged file makes them; this is the one border
        _logger.warning("document_broken", exc_info=error)
        raise DocumentRefused(
            "broken", "It is damaged, or not what its name says, and cannot be read."
        ) from error


def _with_pages(extract: Extract) -> tuple[str, tuple[int, ...]]:
    """Return the cleaned text, and where its pages begin."""
    if not extract.has_pages:
        return clean(extract.markdown), ()
    text, starts = "", []
    for page in extract.markdown.split(PAGE_BREAK):
        starts.append(len(text))
        text += page
    cleaned = clean(text)
    if cleaned != text:  # blank lines at the ends; a reader of pages cleans what it takes
        lead = len(text) - len(text.lstrip("\n"))
        starts = [min(max(start - lead, 0), len(cleaned)) for start in starts]
    return cleaned, tuple(starts)


def _parsed(path: PurePath, extract: Extract, text: str, page_starts: tuple[int, ...]) -> Parsed:
    details = extract.details
    heading = _HEADING.search(text)
    title = (
        details.get("title")
        or clean_characters(extract.title)
        or (
            _MARKUP.sub("", heading.group(1))
            if heading
            else path.stem.replace("-", " ").replace("_", " ").capitalize()
        )
    )
    own = extract.language.strip().lower().replace("_", "-")
    return Parsed(
        text=text,
        title=" ".join(title.split())[:200],
        slug=slug_of(details.get("slug") or path.with_suffix("").as_posix()),
        language=own if is_code(own) else detect(text),
        page_starts=page_starts,
    )


def _with_details(parsed: Parsed, details: Mapping[str, str]) -> Parsed:
    audience = details.get("audience") or parsed.audience
    if audience not in Audience.values:
        raise DocumentRefused(
            "details", f"“audience: {audience}” is unknown; use {' or '.join(Audience.values)}."
        )
    language = (details.get("language") or parsed.language).lower()
    if not is_code(language):
        raise DocumentRefused("details", f"“language: {language}” is no language code such as en or es.")
    first, last = _date(details, "effective_from"), _date(details, "effective_until")
    if first and last and last < first:
        raise DocumentRefused("details", "“effective_until” lies before “effective_from”.")
    return replace(
        parsed,
        audience=audience,
        language=language,
        category=details.get("category", "")[:40],
        effective_from=first,
        effective_until=last,
        named=frozenset(key for key, value in details.items() if value),
    )


def _date(details: Mapping[str, str], key: str) -> date | None:
    value = details.get(key)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise DocumentRefused("details", f"“{key}: {value}” is no date such as 2026-01-31.") from error
