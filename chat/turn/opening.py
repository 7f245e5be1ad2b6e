"""On the stream, an opening that only announces a look-up is held until it is known whether one follows."""

import re
from typing import Final

MOST_HELD: Final = 160  # characters; a longer one is an answer
_SURE_AFTER: Final = 12  # characters within which an announcement has begun
# What models say before they look something up, by their first words.
_ANNOUNCES = re.compile(
    r"\s*(?:I['’]ll|I will|I['’]m (?:going|checking|looking)|I am (?:going|checking)|I need to|"
    r"I can (?:look|check)|Let me|Let['’]s|One moment|Just a|Give me|Please (?:wait|hold)|"
    r"Checking|Looking|Searching|Sure|Of course|"
    r"Certainly|Okay|OK\b|Alright|Great|Happy to|Voy a|D[ée]jame|Perm[íi]t[ae]me|Un momento|Dame un|Claro|"
    r"Por supuesto|Ahora|Enseguida|Veamos|Estoy|Buscando|Consult)",
    re.IGNORECASE,
)
_CITED = re.compile(r"[\[【]\^?\d")


class Opening:
    """Holds what sounds like an announcement ("Let me look that up."), at most a sentence or two.

    Text that comes before a model's calls is no part of the answer. Nearly always there is none, or it
    sounds like this; whatever does not is shown at once, and taken back by ``turn.restarted`` if calls follow
    after all. A source's mark ends the doubt: announcements cite nothing.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_through = False

    def feed(self, piece: str) -> str:
        """Return what may be shown."""
        if self._is_through:
            return piece
        self._held += piece
        if self._may_announce():
            return ""
        self._is_through = True
        return self.finish()

    def finish(self) -> str:
        """Return what was held; it was the answer after all."""
        held, self._held = self._held, ""
        return held

    def _may_announce(self) -> bool:
        if len(self._held) < _SURE_AFTER:
            return "[" not in self._held
        is_short = len(self._held) <= MOST_HELD and not _CITED.search(self._held)
        return is_short and bool(_ANNOUNCES.match(self._held))
