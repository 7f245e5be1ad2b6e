"""On the stream: the rules that a model was given must not come out again."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from chat.llm.errors import ProviderError

LEAKS: Final = "injection:leaks"  # in the cache: how many answers were ended because they told the rules
_WORD = re.compile(r"[^\W_]+(?=[\W_])")
_RANDOM = re.compile(r"\b[0-9a-f]{16}\b")
_LAST_WORD = re.compile(r"[^\W_]+\Z")
_NOT_LETTERS = re.compile(r"[\W_]+")
_HELD_WORDS: Final = 4  # in a row that stand in the rules so: from here on the text is held
_TOLD_WORDS: Final = 10  # and here it is the rules
_HELD_LETTERS: Final = 4  # the same for the random marks


@lru_cache(maxsize=64)
def _runs_of(rules: str) -> frozenset[tuple[str, ...]]:
    """Return all that stands beside each other in the rules; kept, because they change once a day."""
    words = [found[0].lower() for found in _WORD.finditer(rules + " ")]
    return frozenset(zip(*(words[at:] for at in range(_HELD_WORDS)), strict=False))


class PromptLeaked(ProviderError):
    """A model began to tell its rules; what it wrote is not shown."""

    code = "prompt_leaked"


class LeakGuard:
    """Ends an answer that gives away the prompt's random marks, or its rules word for word.

    Args:
        marks: random words of the prompt, in lower-case letters and digits.
        rules: the system prompt.
    """

    def __init__(self, marks: Sequence[str], rules: str):
        self._marks = [mark for mark in marks if len(mark) > _HELD_LETTERS]
        self._runs = _runs_of(_RANDOM.sub(" ", rules))
        self._last: tuple[str, ...] = ()
        self._matched = 0
        self._matched_at = 0  # where in the held text the rules' words begin
        self._held = self._unread = ""  # what may not be shown yet; the last word, as far as it came
        self._tail = ""  # the last letters and digits, without what stands between them

    def feed(self, piece: str) -> str:
        """Return what is neither the rules nor the beginning of a mark.

        Raises:
            PromptLeaked: it is.
        """
        self._held += piece
        self._unread += piece
        self._read_words(_WORD)
        keep = len(self._held) - self._beginning_of_mark(piece)
        if self._matched:
            keep = min(keep, self._matched_at)
        keep = max(0, keep)
        out, self._held = self._held[:keep], self._held[keep:]
        self._matched_at -= keep
        return out

    def finish(self) -> str:
        """Return the rest.

        Raises:
            PromptLeaked: it ends the rules.
        """
        self._read_words(_LAST_WORD)
        rest, self._held = self._held, ""
        return rest

    def _read_words(self, pattern: re.Pattern[str]) -> None:
        end = 0
        before = len(self._held) - len(self._unread)
        for word in pattern.finditer(self._unread):
            end = word.end()
            self._last = (*self._last[1 - _HELD_WORDS :], word[0].lower())
            if self._last not in self._runs:
                self._matched = 0
            elif self._matched:
                self._matched += 1
            else:
                self._matched, self._matched_at = _HELD_WORDS, max(0, before + word.start())
            if self._matched >= _TOLD_WORDS:
                raise PromptLeaked("the answer holds the prompt's rules")
        self._unread = self._unread[end:]

    def _beginning_of_mark(self, piece: str) -> int:
        """Return how many characters at the end may begin a mark, however it is spaced."""
        letters = self._tail + _NOT_LETTERS.sub("", piece).lower()
        longest = 0
        for mark in self._marks:
            self._tail = letters[-len(mark) :]
            if mark[:_HELD_LETTERS] not in letters:
                continue
            if mark in letters:
                raise PromptLeaked("the answer holds a mark of the prompt")
            for length in range(min(len(mark) - 1, len(letters)), _HELD_LETTERS - 1, -1):
                if letters.endswith(mark[:length]):
                    longest = max(longest, length)
                    break
        return self._with_what_is_between(longest) if longest else 0

    def _with_what_is_between(self, letters: int) -> int:
        at = len(self._held)
        while letters and at:
            at -= 1
            letters -= self._held[at].isalnum()
        return len(self._held) - at
