"""Which language a person is answered in.

The profile's, whatever language they write in: it was chosen. Without one, the language that a conversation
is held in: told by the small words of its first message, which is instant and good enough for a sentence, and
kept until a message is clearly in another.
"""

import re
from typing import Final

from django.conf import settings
from django.utils import translation

from accounts.language import known, preferred

# The commonest words that the other languages do not share.
_WORDS: Final[dict[str, frozenset[str]]] = {
    "en": frozenset(
        "the is are my i can what how to of and for do does with you have if when where much many it be "
        "will was there please would about hello hi thanks flight bag and "
        "this not need".split()
    ),
    "es": frozenset(
        "el la los las qué que cómo cuánto cuántos cuánta cuesta mi mis puedo con para por una un del al es "
        "está son hay si cuándo dónde quiero necesito hola gracias vuelo equipaje maleta tengo y su "
        "cuál pero también".split()
    ),
    "pt": frozenset(
        "o os as que como quanto posso com para por uma um do da no na é são há se quando onde quero preciso "
        "olá obrigado obrigada voo bagagem tenho meu minha não está você".split()
    ),
    "fr": frozenset(
        "le la les des quel quelle comment combien puis je mon ma mes avec pour par une un du est sont il y "
        "si quand où veux bonjour merci vol bagage ai et vous nous".split()
    ),
    "de": frozenset(
        "der die das den dem ein eine wie was viel kann ich mein meine mit für von ist sind es wenn wann wo "
        "möchte hallo danke flug gepäck habe und sie wir nicht".split()
    ),
    "it": frozenset(
        "il lo la i gli le che come quanto posso con per una un del della è sono c'è se quando dove voglio "
        "ciao grazie volo bagaglio ho mio mia e non di".split()
    ),
}
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# So many words more than the present language has speak for another: one alone is "thanks", or a flight's.
_CLEAR: Final = 2


def detect(text: str, default: str) -> str:
    """Return the language code whose small words ``text`` uses most; ``default`` when none stands out."""
    return _leader(_counts(text), default)


def of_turn(text: str, *, profile: str, before: str, accept_language: str) -> str:
    """Return the language to answer a message in.

    Args:
        text: the message.
        profile: the language that the person has chosen; empty: none.
        before: of the conversation so far; empty at its beginning.
        accept_language: what the browser asked for, where the first message does not tell.
    """
    if profile:
        return profile
    if not before:
        return detect(text, preferred(accept_language) or settings.LANGUAGE_CODE)
    counts = _counts(text)
    found = _leader(counts, before)
    return found if counts.get(found, 0) - counts.get(before, 0) >= _CLEAR else before


def of_words(text: str, *, profile: str, accept_language: str) -> str:
    """Return the language for the desk's words about a message that nobody has understood yet."""
    guess = known(profile) or preferred(accept_language) or known(detect(text, settings.LANGUAGE_CODE))
    return guess or settings.LANGUAGE_CODE


def speak(language: str) -> None:
    """Let the desk's words be in the language of the answer from here on, in the task that calls this.

    In English beside an answer in a language that the interface does not have.
    """
    translation.activate(known(language) or settings.LANGUAGE_CODE)


def _leader(counts: dict[str, int], default: str) -> str:
    best = max(counts.values())
    leaders = [code for code, count in counts.items() if count == best]
    if best == 0 or (len(leaders) > 1 and default in leaders):
        return default
    return leaders[0]


def _counts(text: str) -> dict[str, int]:
    """Return how many of the message's words speak for each language."""
    words = _LETTERS.findall(text.lower())
    counts = {code: sum(word in small for word in words) for code, small in _WORDS.items()}
    if "¿" in text or "¡" in text:
        counts["es"] += 2
    return counts
