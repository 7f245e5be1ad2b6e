"""Stage 9: on the stream, what must not be shown is taken out before anybody sees it."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

# ![alt](url) and [text](url); footnotes [^1] are not links. No construct may hold the beginning of another:
# then every construct is either whole or open, wherever the stream is cut.
_UNFIT = re.compile(
    r"(?P<image>!?)\[(?!\^\d+\])(?P<words>[^\[\]<\n]{0,300})\]"
    r"\((?P<target>[^()\[\]<\s]{0,1000})[^()\[\]<\n]{0,200}\)"
    r"|(?P<tag><[a-zA-Z/!][^<>\[\n]{0,300}>)"
    r"|(?P<address>\b(?:https?://|www\.)[^\s()<>\[\]!]+)",
    re.IGNORECASE,
)
# The same, not closed yet.
_OPEN = re.compile(
    r"(?:!?\[(?!\^\d+\])[^\[\]<\n]{0,300}(?:\](?:\([^()\[\]<\n]{0,1200})?)?|!"
    r"|<(?:[a-zA-Z/!][^<>\[\n]{0,300})?"
    r"|\b(?:h|ht|htt|https?|https?:|https?:/|https?://[^\s()<>\[\]!]*|w{1,3}|www\.[^\s()<>\[\]!]*))\Z",
    re.IGNORECASE,
)


class Reviewer:
    """Takes images, HTML and addresses out; a link keeps its words.

    Answers are made of the company's own documents: an address in one can only come from somewhere else,
    unless it stands in a source word for word.

    Args:
        known_text: the sources' text; addresses standing there may be shown.
        hosts: addresses there may be shown too, whatever follows.
    """

    def __init__(self, known_text: str = "", hosts: Collection[str] = ()):
        self._known, self._hosts = known_text, hosts
        self._held = ""
        self._before = " "  # stands for the character already let through: inside a word or not

    def feed(self, piece: str) -> str:
        """Return what is settled; an open link, tag or address is held back."""
        text = self._held + piece
        found = _OPEN.search(self._before + text)
        cut = max(found.start() - 1, 0) if found else len(text)
        self._held = text[cut:]
        return self._clean(text[:cut])

    def finish(self) -> str:
        """Return the rest, with whatever stayed open taken as plain text."""
        rest, self._held = self._held, ""
        return self._clean(rest)

    def _clean(self, text: str) -> str:
        if not text:
            return ""
        before, self._before = self._before, "x" if text[-1].isalnum() or text[-1] == "_" else " "
        return _UNFIT.sub(self._made_fit, before + text)[1:]

    def _made_fit(self, found: re.Match[str]) -> str:
        if found["tag"]:
            return " "  # not nothing: what stands around must not close up to another tag
        if found["address"]:
            return found[0] if self._is_known(found[0].rstrip(".,;")) else ""
        if found["image"]:
            return ""
        return found[0] if self._is_known(found["target"]) else found["words"]

    def _is_known(self, address: str) -> bool:
        if not address.startswith(("https://", "www.")):
            return False
        return address in self._known or self._is_at_an_allowed_host(address)

    def _is_at_an_allowed_host(self, address: str) -> bool:
        try:
            parts = urlsplit(address if "://" in address else f"https://{address}")
            return parts.hostname in self._hosts and not (parts.username or parts.password)
        except ValueError:
            return False
