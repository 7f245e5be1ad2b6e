"""Reading a page as a person does, and telling what of it was left in English."""

import re
from html.parser import HTMLParser

from tests.i18n.catalogue import read

SPOKEN = ("aria-label", "placeholder", "alt", "title")
# Small words that English has and Spanish has not, for what nobody has marked for translation.
ENGLISH = re.compile(r"\b(the|your|you|and|with|this|are|not|have|from|was|please|of)\b", re.I)
_VOID = {"meta", "link", "input", "img", "br", "hr", "source"}


class _Words(HTMLParser):
    """Collects what is shown or read aloud, beside what is marked as of another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in ("script", "style") or (given.get("lang") or "es") != "es" or "dir" in given
        if not (self._is_silent or silent):
            self.found += [given[name] or "" for name in SPOKEN if given.get(name)]
            if tag == "meta" and given.get("name") == "description":
                self.found.append(given["content"] or "")
        if tag not in _VOID:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_silent:
            self.found.append(" ".join(data.split()))

    @property
    def _is_silent(self) -> bool:
        return any(silent for _, silent in self._open)


def words_of(html: str) -> list[str]:
    """Return the pieces of text of a Spanish page, without people's own words (``dir="auto"``)."""
    reader = _Words()
    reader.feed(html)
    return reader.found


def english_in(html: str, *own: str) -> list[str]:
    """Return the pieces of a Spanish page that are English.

    Args:
        html: the page.
        own: names and titles that are no words of the desk.
    """
    return [words for words in words_of(html) if words not in own and _is_english(words)]


def _is_english(words: str) -> bool:
    return words in _UNSAID or bool(ENGLISH.search(words)) or any(one.fullmatch(words) for one in _PATTERNS)


def _plain(words: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", words).split())


def _sources() -> set[str]:
    pairs = [
        (source, form)
        for message in read("es")
        if message.id
        for source, form in zip(
            [message.id] if isinstance(message.id, str) else message.id,
            [message.string] if isinstance(message.id, str) else message.string,
            strict=True,
        )
    ]
    forms = {form for _, form in pairs}
    return {source for source, form in pairs if source != form and source not in forms}


_UNSAID = {source for source in _sources() if "%(" not in source}
_PATTERNS = [
    re.compile(re.sub(r"%\\\(\w+\\\)s", ".+?", re.escape(_plain(source))))
    for source in _sources()
    if "%(" in source and len(re.findall(r"[A-Za-z]{3,}", re.sub(r"%\(\w+\)s", "", source))) > 1
]
