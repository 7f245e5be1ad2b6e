"""On the stream: the mark by which a model says that its sources do not hold the answer."""

import re

NO_ANSWER = "[no-answer]"
_MARK = re.compile(re.escape(NO_ANSWER), re.IGNORECASE)
# The mark as far as it may have come: "[", "[n", "[no", …
_OPEN = re.compile(
    "(?:" + "|".join(re.escape(NO_ANSWER[:length]) for length in range(len(NO_ANSWER) - 1, 0, -1)) + r")\Z",
    re.IGNORECASE,
)


class Insufficient(Exception):
    """The model found that the sources it was given do not hold the answer."""


class Verdict:
    """Finds the mark at the beginning of an answer, before anything of it is shown; the rest is swallowed.

    An answer that has begun stays: a mark further on is taken out.
    """

    def __init__(self) -> None:
        self.is_insufficient = False
        self._held = ""
        self._begun = False

    def feed(self, piece: str) -> str:
        """Return what is settled; what may become the mark is held back."""
        if self.is_insufficient:
            return ""
        text = self._held + piece
        if not self._begun and (beginning := text.lstrip().lower()):
            self.is_insufficient = beginning.startswith(NO_ANSWER)
            self._begun = not (self.is_insufficient or NO_ANSWER.startswith(beginning))
        if not self._begun:
            self._held = "" if self.is_insufficient else text
            return ""
        text = _MARK.sub("", text)
        open_mark = _OPEN.search(text)
        self._held = open_mark[0] if open_mark else ""
        return text[: open_mark.start()] if open_mark else text

    def finish(self) -> str:
        """Return what was held back."""
        rest, self._held = self._held, ""
        return rest
