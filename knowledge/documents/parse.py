"""Read a file into text with its details: one parser a file ending.

A parser takes the file's bytes and gives a ``Parsed``; a new format is one more entry in ``PARSERS``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from django.utils.text import slugify

from knowledge.documents.clean import clean
from knowledge.errors import DocumentRefused
from knowledge.models import Audience

LARGEST = 2_000_000  # bytes; a policy of a thousand pages is smaller
_FENCE = "---"
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as the library takes it: Markdown ``text`` and the details of its document."""

    text: str
    title: str
    slug: str
    category: str = ""
    audience: str = Audience.PUBLIC
    language: str = "en"
    effective_from: date | None = None
    effective_until: date | None = None


def parse(name: str, content: bytes) -> Parsed:
    """Read the file ``name`` (a path inside the imported folder; its ending chooses the parser).

    Raises DocumentRefused with code ``kind``, ``size``, ``empty``, ``binary``, ``encoding`` or ``details``.
    """
    path = PurePath(name)
    parser = PARSERS.get(path.suffix.lower())
    if parser is None:
        ending = f"ending in “{path.suffix}”" if path.suffix else "without an ending"
        raise DocumentRefused("kind", f"Files {ending} cannot be read; these can: {', '.join(PARSERS)}.")
    if len(content) > LARGEST:
        raise DocumentRefused("size", f"It is larger than {LARGEST // 1_000_000} MB.")
    if not content.strip():
        raise DocumentRefused("empty", "The file is empty.")
    parsed = parser(path, content)
    if not parsed.text.strip():
        raise DocumentRefused("empty", "There is no text in it.")
    return parsed


def parse_markdown(path: PurePath, content: bytes) -> Parsed:
    """Read UTF-8 Markdown with optional ``key: value`` lines between two ``---`` lines at its top."""
    details, body = _front_matter(_decode(content))
    text = clean(body)
    heading = _HEADING.search(text)
    title = details.get("title") or (
        heading.group(1) if heading else path.stem.replace("-", " ").capitalize()
    )
    parsed = Parsed(
        text=text, title=title[:200], slug=slug_of(details.get("slug") or path.with_suffix("").as_posix())
    )
    return _with_details(parsed, details)


def slug_of(name: str) -> str:
    """Return the slug for a path: its parts joined, without the number that only orders files."""
    parts = [re.sub(r"^\d+[-_. ]+(?=\D)", "", part) for part in PurePath(name).parts]
    return slugify("-".join(parts))[:120].strip("-") or "document"


PARSERS: dict[str, Callable[[PurePath, bytes], Parsed]] = {
    ".md": parse_markdown,
    ".markdown": parse_markdown,
}


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise DocumentRefused("binary", "It holds zero bytes, so it is not a text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentRefused("encoding", f"It is not UTF-8: byte {error.start} cannot be read.") from error


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the details at the top, keys in lower case and quotes removed, and what follows them."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in (line.strip() for line in lines[1:]):
        return {}, text
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    pairs = (line.partition(":") for line in lines[1:end] if ":" in line and not line.startswith((" ", "#")))
    details = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}
    return details, "\n".join(lines[end + 1 :])


def _with_details(parsed: Parsed, details: dict[str, str]) -> Parsed:
    audience = details.get("audience") or parsed.audience
    if audience not in Audience.values:
        raise DocumentRefused(
            "details", f"“audience: {audience}” is unknown; use {' or '.join(Audience.values)}."
        )
    language = (details.get("language") or parsed.language).lower()
    if not _LANGUAGE.fullmatch(language) or len(language) > 8:
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
    )


def _date(details: dict[str, str], key: str) -> date | None:
    value = details.get(key)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise DocumentRefused("details", f"“{key}: {value}” is no date such as 2026-01-31.") from error
