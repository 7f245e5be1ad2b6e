"""Small words that turn a rule round: not, may and must, free and fee, before and after.

English and Spanish; sentences in other languages are compared by their numbers alone.
"""

import re
from typing import Final

# Sides of what can be said; a sentence that takes one side may contradict one that takes only the other.
_SIDES: Final[dict[tuple[str, str], str]] = {
    (
        "cost",
        "free",
    ): r"free(?! to\b)|gratis|gratuit[oa]s?|gratuitamente|sin (?:cargo|coste)|waived?|complimentary|"
    r"(?:no|without) (?:a |any |extra )?(?:fees?|charges?|costs?)",
    ("cost", "charged"): r"(?<!free of )(?<!no )(?<!without )(?:fees?|charges?|charged|costs?|surcharges?|"
    r"cuestan?|tasas?|recargos?|se cobran?)",
    ("duty", "may"): r"(?<!\d )may(?! \d)|can|could|optional(?:ly)?|allowed to|pueden?|podrán?|opcional",
    (
        "duty",
        "must",
    ): r"must|ha(?:ve|s) to|required|mandatory|obligatory|shall|deben?|deberán?|obligatori[oa]s?|"
    r"tienen? que",
    ("order", "before"): r"before|prior to|antes",
    ("order", "after"): r"after|después|tras",
    (
        "limit",
        "most",
    ): r"at (?:the )?most|up to|no(?:t)? (?:more|longer|later) than|maximum|como máximo|máxim[oa]|"
    r"a más tardar",
    ("limit", "least"): r"at (?:the )?least|minimum|no(?:t)? less than|al menos|como mínimo|mínim[oa]",
    ("side", "over"): r"more than|over|above|longer than|más de|superior(?:es)?",
    ("side", "under"): r"less than|under|below|fewer than|shorter than|menos de|inferior(?:es)?",
    ("welcome", "accepted"): r"accept(?:ed|s)?|allow(?:ed|s)?|permit(?:ted|s)?|aceptan?|aceptad[oa]s?|"
    r"admit(?:e|en|ed|id[oa]s?)|permitid[oa]s?",
    ("welcome", "refused"): r"refused?|reject(?:ed)?|forbidden|prohibit(?:ed|s)?|banned|prohibid[oa]s?|"
    r"rechazad[oa]s?",
    ("part", "included"): r"includ(?:ed|es?|ing)|incluid[oa]s?|incluyen?",
    ("part", "excluded"): r"exclud(?:ed|es?|ing)|except(?:ed)?|excluid[oa]s?|excepto|salvo",
}
# Not a denial: limits, names, and phrases that leave the rule as it is.
_NO_DENIAL = re.compile(
    r"\b(?:no(?:t)? (?:more|less|longer|later|fewer) than|not only|no[- ]shows?|whether or not|if not|or not|"
    r"(?:no|without) (?:a |any |extra )?(?:fees?|charges?|costs?)|sin (?:cargo|coste)|no s[oó]lo|si no)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|nobody|none|without|nunca|jamás|sin|ni|ningun[oa]?|ningún|nadie|non)\b"
    r"|n[’' ]t\b",
    re.IGNORECASE,
)
# A denial turns these round, so that a denied one and its opposite say the same.
_TURNED_BY_DENIAL: Final = frozenset(("cost", "order", "limit", "side", "welcome", "part"))
_PATTERNS: Final = {
    side: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for side, pattern in _SIDES.items()
}
_ANY_SIDE = re.compile(rf"\b(?:{'|'.join(_SIDES.values())})\b", re.IGNORECASE)


def leanings_of(text: str) -> frozenset[tuple[str, str]]:
    """Return the sides that a sentence takes, as pairs of axis and side."""
    sides = {side for side, pattern in _PATTERNS.items() if pattern.search(text)}
    if _DENIAL.search(_NO_DENIAL.sub(" ", text)):
        sides.add(("denial", "denied"))
    return frozenset(sides)


def opposed(first: frozenset[tuple[str, str]], second: frozenset[tuple[str, str]]) -> frozenset[str]:
    """Return the axes on which two sentences take different sides; a denial is a side by itself.

    Turned round twice a sentence is what it was: "not after" says the same as "before".
    """
    axes = {axis for axis, _ in first | second}
    differing = frozenset(axis for axis in axes if _differ(_sides(first, axis), _sides(second, axis), axis))
    return frozenset() if "denial" in differing and len(differing & _TURNED_BY_DENIAL) == 1 else differing


def without_leanings(text: str) -> str:
    """Return the sentence without the words that take sides."""
    return _DENIAL.sub(" ", _ANY_SIDE.sub(" ", _NO_DENIAL.sub(" ", text)))


def turning_words(text: str, axes: frozenset[str]) -> list[tuple[int, int]]:
    """Return where the words stand that take sides on the axes, as offsets in the text."""
    places = [
        found.span() for (axis, _), p in _PATTERNS.items() if axis in axes for found in p.finditer(text)
    ]
    if "denial" in axes:
        places += [found.span() for found in _DENIAL.finditer(text)]
    return places


def _sides(leanings: frozenset[tuple[str, str]], axis: str) -> set[str]:
    return {side for of, side in leanings if of == axis}


def _differ(first: set[str], second: set[str], axis: str) -> bool:
    if axis == "denial":
        return first != second
    return bool(first) and bool(second) and not (first & second)
