"""What stands beside an answer, as plain words: the same for every kind of output."""

import re
from collections.abc import Iterator
from typing import Any

from chat.safety.sanitise import sanitise
from chat.terminal.desk import Event
from chat.terminal.remote import absolute

_FOOTNOTE = re.compile(r"\[\^(\d{1,3})\]")
_HELP_KINDS = ("crisis", "support")
_SOURCES = {
    "quoted": "quoted word for word, without a model",
    "cache": "from the answer cache",
    "fixed": "a fixed text",
}


def safe(text: object) -> str:
    """Return words of the desk without anything that a terminal would obey or hide."""
    return sanitise(str(text)) if text else ""


def answer_text(text: object) -> str:
    """Return the Markdown of an answer with its footnotes as [1]."""
    return _FOOTNOTE.sub(r"[\1]", safe(text))


def footnote_words(citation: dict[str, Any]) -> str:
    """Return what a footnote points to: title, section, version, page and day."""
    title, section = safe(citation.get("title")), safe(citation.get("section"))
    words = f"{title} › {section}" if section and section != title else title or "Record"
    facts = [
        f"{name} {safe(citation[key])}"
        for key, name in (("version", "version"), ("page", "page"), ("effective_from", "in force since"))
        if citation.get(key)
    ]
    if citation.get("kind") == "record":
        facts.append("your records")
    return f"{words} ({', '.join(facts)})" if facts else words


def footnote_address(citation: dict[str, Any], site: str) -> str:
    """Return where a footnote's passage is read; empty for records."""
    address = citation.get("url")
    return safe(absolute(site, str(address))) if address else ""


def notice_lines(notice: dict[str, Any]) -> Iterator[str]:
    """Yield a notice line by line, help lines with everything that is needed to reach them."""
    for part in ("title", "text"):
        if words := safe(notice.get(part)):
            yield words
    for line in notice.get("lines") or ():
        known = [safe(line.get(part)) for part in ("name", "place", "phone", "text", "hours", "url")]
        yield "- " + ", ".join(part for part in known if part)


def by_place(notices: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the notices that stand before an answer, help lines, and those that stand after it."""
    first = [notice for notice in notices if notice.get("kind") in _HELP_KINDS]
    return first, [notice for notice in notices if notice not in first]


def source_words(event: Event) -> str:
    """Return where an answer's words come from and how long it took (seconds)."""
    source, usage = event.get("source") or {}, event.get("usage") or {}
    kind = source.get("kind")
    words = f"written by {safe(source.get('model'))}" if kind == "model" else _SOURCES.get(str(kind), "")
    took = usage.get("total_ms")
    seconds = f"{took / 1000:.1f} s" if isinstance(took, int | float) else ""
    return " · ".join(part for part in (words, seconds) if part)


def exchange_author(role: str) -> str:
    """Return who speaks."""
    return {"user": "You", "agent": "A person of the desk", "system": "Notice"}.get(role, "Desk")
