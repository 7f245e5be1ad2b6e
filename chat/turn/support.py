"""On the stream, every sentence with a figure or a promise is shown only when what it cites bears it out.

A sentence is held from its first word that may be a figure, a name or a promise until it is whole; what
stands before that word is shown at once. Where a claim is to be dropped, whole sentences are held.
"""

import re
from typing import Final, Protocol

from chat.safety.support.figures import WORDS
from chat.safety.support.promises import CUES
from chat.turn.context import Support

MARK: Final = "[^?]"  # behind a sentence that nothing bears out; docs/protocol.md
MOST_HELD: Final = 600  # characters; a longer sentence is judged as far as it came
_UNIT = re.compile(r"(\S*)(\s+)(?=[^\s\[]|\[[\s\S])")
_LAST_UNIT = re.compile(r"(\S+)(\s*)")
_NOTES = re.compile(r"\[\^[\d?]+\]")
_OUTSIDE: Final = "()[]{}*_\"'«»“”‘’¿¡.,;:!?…-–—~>`"
_BREAK = re.compile(r"[@/—–(=+€$£|]")
_LETTERS = re.compile(r"[^\W_]+")
_BULLET = re.compile(r"[-*+>#|]+|\d{1,2}[.)]")
_CLOSING: Final = "\"'»”’)]*_"
_TITLES: Final = (
    "mr mrs ms dr sr sra dra don doña name named nombre passenger pasajero pasajera called llamado llamada"
)
_HOLD: Final = frozenset((*CUES, *WORDS, *_TITLES.split()))
_BEGINNINGS: Final = frozenset(word[:length] for word in _HOLD for length in range(1, len(word) + 1))
_ABBREVIATIONS: Final = frozenset(
    "e.g i.e eg ie approx no nos nr art arts sec fig vs mr mrs ms dr st cf incl excl max min tel ext p.ej ej "
    "aprox núm num nº n.º pág págs sr sra dra sres máx mín ee.uu ee uu av avda".split()
)
_ALSO_LAST: Final = frozenset("a.m p.m am pm etc".split())


class Judge(Protocol):
    """Says what may be shown of a sentence."""

    def __call__(self, sentence: str, since: int) -> str | None:
        """Return the sentence as it may be shown from ``since`` on, or None to withhold that part."""
        ...


class Supporter:
    """Lets through what is borne out.

    Args:
        judge: asked of each sentence that needs it.
        support: where it is counted that something was withheld.
        whole_sentences: nothing of a sentence is shown before it is whole.
    """

    def __init__(self, judge: Judge, support: Support, *, whole_sentences: bool = False):
        self._judge, self._support, self._whole = judge, support, whole_sentences
        self._rest = ""  # a word that has not ended, or the space before one that has not begun
        self._gap = ""  # the space behind a sentence, shown with what follows
        self._begin()

    def _begin(self) -> None:
        self._sentence, self._shown = "", 0
        self._held_from: int | None = 0 if self._whole else None
        self._needs_judging = self._has_word = self._ended = False

    def feed(self, piece: str) -> str:
        """Return what is settled; from a figure on, a sentence is held until it is whole."""
        text, at, out = self._rest + piece, 0, ""
        while (unit := _UNIT.match(text, at)) is not None:
            at = unit.end()
            out += self._take(unit[1], unit[2], text[at : at + 2])
        self._rest = text[at:]
        return out + self._beginning_of_word()

    def finish(self) -> str:
        """Return the rest, its last sentence taken as whole."""
        out = ""
        for word, space in _LAST_UNIT.findall(self._rest.lstrip() if not self._sentence else self._rest):
            out += self._take(word, space, "")
        self._rest = ""
        return (out + self._close()) if self._sentence else out

    # --- holding ----------------------------------------------------------------------------------

    def _take(self, word: str, space: str, following: str) -> str:
        place = len(self._sentence)
        self._sentence += word + space
        is_opening = not self._has_word and bool(_BULLET.fullmatch(word))
        if word and not is_opening:
            risk = _risk(word, is_first=not self._has_word)
            if risk is not None:
                self._needs_judging = True
                if self._held_from is None:
                    self._held_from = place + risk
            self._has_word = self._has_word or any(letter.isalnum() for letter in _NOTES.sub("", word))
        out = "" if is_opening else self._released(place + len(word))
        return out + (self._close() if self._ends(word, space, following, is_opening) else "")

    def _released(self, end: int) -> str:
        if self._held_from is not None:
            end = min(end, self._held_from)
        if end <= self._shown:
            return ""
        begin, self._shown = self._shown, end
        return self._emit(self._sentence[begin:end])

    def _emit(self, text: str) -> str:
        gap, self._gap = (self._gap, "") if text else ("", self._gap)
        return gap + text

    def _beginning_of_word(self) -> str:
        """Return as much of a word that has not ended as can be no figure, name or promise."""
        found = _LETTERS.match(self._rest)
        if found is None or self._held_from is not None:
            return ""
        word = found[0]
        is_plain = word[0].islower() or (not self._has_word and len(word) > 1 and word[1].islower())
        if not is_plain or word.lower() in _BEGINNINGS:
            return ""
        whole, place = self._sentence, len(self._sentence)
        self._sentence += word
        out = self._released(place + len(word))
        self._sentence = whole
        return out

    # --- sentences --------------------------------------------------------------------------------

    def _ends(self, word: str, space: str, following: str, is_opening: bool) -> bool:
        if "\n" in space or len(self._sentence) > MOST_HELD:
            return True
        if is_opening:
            return False
        bare = _NOTES.sub("", word).rstrip(_CLOSING)
        if bare:
            is_title = word.endswith("**")  # of a list item: what it says comes behind
            is_last = bare[-1] in "!?…" or (bare[-1] == "." and not _is_abbreviation(bare, following))
            self._ended = is_last and not is_title
        if following == "[^" or following[:1].islower():
            return False
        return self._ended

    def _close(self) -> str:
        sentence, shown = self._sentence, self._shown
        body = sentence.rstrip()
        space = sentence[len(body) :]
        fit: str | None = sentence[shown : len(body)]
        if self._needs_judging and body:
            fit = self._judge(body, shown)
        if fit is None:
            self._support.withheld += 1
            fit = f"… {MARK}" if shown else ""
        out = self._emit(fit)
        self._gap = max(space, self._gap, key=lambda one: one.count("\n"))
        self._begin()
        return out


def _risk(word: str, *, is_first: bool) -> int | None:
    """Return from which of its letters on a word may be a figure, a name or a promise; None: none."""
    bare = _NOTES.sub("", word)
    core = bare.strip(_OUTSIDE)
    if not core:
        return 0 if any(sign in bare for sign in "€$£") else None
    if not core[0].isalpha() or core.lower() in _HOLD:
        return 0
    if core[0].isupper() and not (is_first and (len(core) == 1 or core[1].islower() or core[1] in "'’")):
        return 0
    found = _BREAK.search(word, word.find(core[0]) + 1)
    return found.start() if found and found.start() < len(word.rstrip(_OUTSIDE)) else None


def _is_abbreviation(word: str, following: str) -> bool:
    bare = word.strip(_OUTSIDE).lower()
    if bare in _ALSO_LAST:
        return not (following[:1].isupper() or not following)
    return bare in _ABBREVIATIONS or (len(bare) == 1 and bare.isalpha())
