"""What may be shown of a sentence: its figures must stand in what it cites, its promises in a source."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import structlog
from django.conf import settings

from chat.safety.personal import detect
from chat.safety.support.figures import (
    Figure,
    compacted,
    compacted_source,
    figures,
    figures_of_source,
    is_borne_out,
    is_code,
    of_day,
)
from chat.safety.support.promises import CUES, promise_in
from chat.turn.context import Evidence, Footnote, Support, TurnContext
from chat.turn.support import MARK

logger = structlog.get_logger(__name__)

_NOTE = re.compile(r"\[\^(\d+)\]")
_PERSONAL = re.compile(
    r"@|\d{4}|[A-Z]\d|\d[A-Z]|\b(?:name|nombre|[Mm]rs?|[Mm]s|[Ss]ra?|passenger|pasajer[oa])\b"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SHOUTED = re.compile(r"[\W_]*(?:[A-Z0-9-]{5,}[\W_]*)+")
# Stems that tell nothing of what a sentence is about.
_EVERYWHERE: Final = frozenset(
    "what when where which does have with from that this they them then your will would could shoul must "
    "many much long tell there custo passe cuant cuánt cuand cuánd como cómo dónde donde puedo tengo para "
    "sobre desde esta este tiene clien pasaj".split()
)
HIDDEN: Final = "•••"  # stands for what belongs to somebody else
LONG: Final = 7  # letters; names of aircraft and forms are shorter, references of strangers are not
ALIKE: Final = 2  # words that a sentence with a code must share with the source's sentence it comes from


class SentenceJudge:
    """Judges the sentences of one answer.

    Args:
        context: the attempt; its footnotes grow while the answer does.
        footnotes: those of the answer so far.
        support: where claims are counted.
    """

    def __init__(self, context: TurnContext, footnotes: Sequence[Footnote], support: Support):
        self._context, self._footnotes, self._support = context, footnotes, support

    def __call__(self, sentence: str, since: int) -> str | None:
        """Return the sentence from ``since`` on as it may be shown; None withholds it."""
        try:
            return self._judged(sentence, since)
        except Exception as error:  # noqa: BLE001 - whatever ails the check: said to be unchecked, and counted
            # No traceback and no message: either may hold the text.
            logger.error("sentence_not_judged", reason=type(error).__name__)
            self._support.failures += 1
            return self._marked(sentence, since)

    def _judged(self, sentence: str, since: int) -> str | None:
        sentence = self._without_others_data(sentence, since)
        claims = figures(sentence, language=self._context.language)
        promise = promise_in(sentence)
        if claims or promise:
            self._support.claims += 1
        cited = self._cited(sentence)
        if self._is_odd(sentence, claims):
            return self._refused(sentence, since, "drop")
        if promise and not _says(promise, cited):
            self._support.promises += 1
            return self._refused(sentence, since, settings.UNSUPPORTED_PROMISES)
        if self._are_borne_out(claims, cited):
            return sentence[since:]
        return self._refused(sentence, since, settings.UNSUPPORTED_CLAIMS)

    def _refused(self, sentence: str, since: int, treatment: str) -> str | None:
        self._support.unsupported += 1
        return None if treatment == "drop" else self._marked(sentence, since)

    def _marked(self, sentence: str, since: int) -> str:
        self._support.marked += 1
        return f"{sentence[since:]} {MARK}"

    # --- figures ----------------------------------------------------------------------------------

    def _cited(self, sentence: str) -> list[Evidence]:
        numbers = {int(number) for number in _NOTE.findall(sentence)}
        return [note.evidence for note in self._footnotes if note.number in numbers]

    def _are_borne_out(self, claims: Sequence[Figure], cited: Sequence[Evidence]) -> bool:
        left = [claim for claim in claims if not is_borne_out(claim, *self._asked)]
        if not left:
            return True
        if not cited and settings.UNCITED_CLAIMS == "any_source":
            cited = self._context.evidence
        found = [figure for item in cited for figure in figures_of_source(_text(item))]
        compact = [compacted_source(_text(item)) for item in cited]
        return all(is_borne_out(claim, found, compact) for claim in left)

    @cached_property
    def _asked(self) -> tuple[list[Figure], list[str]]:
        """Figures that the person brought: of the questions, the slots made of them, and today's date."""
        context = self._context
        text = "\n".join((context.concealed.question, context.question, *_slots(context.slots.values()),
                          *(exchange.question for exchange in context.state.exchanges)))  # fmt: skip
        return [*figures(text, is_claim=False), of_day(context.today), *_year(context.today)], [
            compacted(text)
        ]

    # --- codes ------------------------------------------------------------------------------------

    def _is_odd(self, sentence: str, claims: Sequence[Figure]) -> bool:
        """Tell whether there is a code that no source gives in such words, or nothing but capitals."""
        text = _NOTE.sub("", sentence)
        codes = [claim for claim in claims if is_code(claim) and not is_borne_out(claim, *self._asked)]
        if not codes:
            return bool(_SHOUTED.fullmatch(text)) and compacted(text) not in self._asked[1][0]
        words = _stems(text)
        return any(not self._is_given(str(code.values[0]), words) for code in codes)

    def _is_given(self, code: str, words: set[str]) -> bool:
        for item in self._context.evidence:
            text = _text(item)
            if code not in compacted_source(text):
                continue
            if item.fact is not None:
                return True
            for one in _SENTENCE.split(text):
                there = _stems(one)
                is_alike = len(words & there) >= min(ALIKE, len(there))
                is_asked = len(code) < LONG or bool(there & self._asked_about)
                if is_alike and is_asked and code in compacted(one):
                    return True
        return False

    @cached_property
    def _asked_about(self) -> set[str]:
        return _stems(
            " ".join((self._context.question, *(one.question for one in self._context.state.exchanges)))
        )

    # --- personal data ----------------------------------------------------------------------------

    def _without_others_data(self, sentence: str, since: int) -> str:
        if not _PERSONAL.search(sentence):
            return sentence
        strange = [
            span
            for span in detect(sentence, self._context.concealed.known)
            if not span.known
            and span.end > since
            and not self._is_the_readers(sentence[span.start : span.end])
        ]
        for span in reversed(strange):
            self._support.personal += 1
            sentence = sentence[: max(span.start, since)] + HIDDEN + sentence[span.end :]
        return sentence

    def _is_the_readers(self, value: str) -> bool:
        return compacted(value) in self._readable

    @cached_property
    def _readable(self) -> str:
        """Return all that the reader may see in any case: their own words, their records, public passages."""
        return "\n".join(
            (*self._asked[1], *(compacted_source(_text(item)) for item in self._context.evidence))
        )


def _text(item: Evidence) -> str:
    return f"{item.source.title}\n{item.source.section}\n{item.source.text}"


def _stems(text: str) -> set[str]:
    return {word.lower()[:5] for word in _WORD.findall(text)} - _EVERYWHERE


def _says(promise: str, cited: Iterable[Evidence]) -> bool:
    """Tell whether a source says it: a record in any words of the kind, a passage in these."""
    stems = {word[:6] for word in re.findall(r"\w{5,}", promise.lower()) if word in CUES}
    for item in cited:
        text = " ".join(_text(item).lower().split())
        if promise.lower() in text:
            return True
        if item.fact is not None and any(stem in text for stem in stems):
            return True
    return False


def _slots(values: Iterable[object]) -> list[str]:
    return [part for value in values for part in (value if isinstance(value, list | tuple) else [str(value)])]


def _year(day: date) -> list[Figure]:
    return [Figure("number", (float(day.year),))]
