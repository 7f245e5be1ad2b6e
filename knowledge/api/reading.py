"""Turn what was sent, a text or a file, into a draft."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from knowledge.api.problems import too_large
from knowledge.documents.language import detect
from knowledge.documents.parse import Parsed, parse
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document, Version

DETAILS = ("title", "slug", "category", "audience", "language")


def parsed_from(sent: dict[str, Any]) -> Parsed:
    """Return the text that was sent, with the details of its file beneath those that were sent.

    Raises DocumentRefused for a file that cannot be read, Refused for one that is too large.
    """
    if upload := sent.get("file"):
        return parse(upload.name, _content(upload))
    title, text = sent["title"], sent["text"]
    slug = slugify(title)[:120].strip("-") or "document"
    return Parsed(text=text, title=title, slug=slug, language=detect(text))


def details_of(parsed: Parsed, sent: dict[str, Any]) -> dict[str, Any]:
    """Return the details of a new document: those that were sent, else those that the file names."""
    return {name: sent.get(name, getattr(parsed, name)) for name in DETAILS}


def keep(document: Document, parsed: Parsed, sent: dict[str, Any], author: AbstractBaseUser) -> Version:
    """Save the text as the document's draft, and publish it when that is asked for."""
    version = save_draft(
        document,
        parsed.text,
        author=author,
        note=sent.get("note", ""),
        effective_from=sent.get("effective_from", parsed.effective_from),
        effective_until=sent.get("effective_until", parsed.effective_until),
        file_name=sent["file"].name if "file" in sent else "",
        page_starts=parsed.page_starts,
    )
    return publish_version(version) if sent["publish"] else version


def _content(upload: UploadedFile) -> bytes:
    """Read a file that is not too large; one of several megabytes waits on the disk, not in memory."""
    if upload.size > settings.DOCUMENT_MAX_BYTES:
        raise too_large(settings.DOCUMENT_MAX_BYTES)
    return upload.read()
